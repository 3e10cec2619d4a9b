/* lib/heat.ts - the depth heatmap: what is kept of a book over time, and the picture of it.
 *
 * HeatStore keeps a column every COLUMN_MS for an hour, in typed arrays taken once: twenty levels a side, best prices and
 * what was wrong with the book; and the newest prints. HeatPicture draws it: one pixel column is one span of time,
 * and only columns that changed are drawn again, so a frame costs the new columns and two copies. Drawn anew, it costs a
 * visit to each size and a look-up for each pixel: positive floats are ordered as their bits are, so the largest size
 * of a price is found in integers, and its upper bits are the index of its colour.
 */
import type { Book, Print } from './types';

export const COLUMN_MS = 250;
export const COLUMNS = 14_400; /* one hour */
export const LEVELS = 20;
export const PRINTS = 8192;
const ROW = LEVELS * 2;
const LOG_RANGE = 50; /* of the logarithmic scale: a fiftieth of the largest size still has colour */

/* Words of quality that make a book one not to look at; GENERATED and LOCKED are only said. A bit each. */
const BAD = ['EMPTY', 'CROSSED', 'DISORDER', 'GAP', 'STALE'];

const badBits = (quality: string[]) => quality.reduce((bits, q) => bits | ((1 << (BAD.indexOf(q.toUpperCase()) + 1)) >> 1), 0);

export function isBad(quality: string[]): boolean {
    return badBits(quality) !== 0;
}

export class HeatStore {
    price = new Float64Array(COLUMNS * ROW);
    size = new Float32Array(COLUMNS * ROW);
    bits = new Uint32Array(this.size.buffer);
    bid = new Float64Array(COLUMNS);
    ask = new Float64Array(COLUMNS);
    bad = new Uint8Array(COLUMNS);
    first = 0; /* number of the oldest column: its time / COLUMN_MS */
    last = -1; /* of the newest; first > last: nothing yet */
    changes = 0;
    largest = 1; /* decaying scale of sizes */
    printTime = new Float64Array(PRINTS);
    printPrice = new Float64Array(PRINTS);
    printSize = new Float32Array(PRINTS);
    printSide = new Int8Array(PRINTS);
    prints = 0; /* taken in all; the newest PRINTS are there */
    private newestPrint = 0;

    get isEmpty(): boolean {
        return this.last < 0;
    }

    takeBook(book: Book): void {
        const ms = book.time ? Date.parse(book.time) : NaN;
        if (!Number.isFinite(ms)) return;
        const column = Math.floor(ms / COLUMN_MS);
        if (this.last < 0 || column < this.first || column - this.last > COLUMNS) {
            this.first = column;
            this.last = column;
        }
        if (column < this.last) return; /* a late image is none */
        /* Between two images the book stood as it was. */
        for (let c = this.last + 1; c <= column; c++) this.copy(c - 1, c);
        this.last = column;
        if (this.last - this.first >= COLUMNS) this.first = this.last - COLUMNS + 1;
        this.put(column, book);
        this.changes++;
    }

    private copy(from: number, to: number): void {
        const f = from % COLUMNS;
        const t = to % COLUMNS;
        this.price.copyWithin(t * ROW, f * ROW, (f + 1) * ROW);
        this.size.copyWithin(t * ROW, f * ROW, (f + 1) * ROW);
        this.bid[t] = this.bid[f]!;
        this.ask[t] = this.ask[f]!;
        this.bad[t] = this.bad[f]!;
    }

    private put(column: number, book: Book): void {
        const at = (column % COLUMNS) * ROW;
        this.size.fill(0, at, at + ROW);
        let top = 0;
        for (let side = 0; side < 2; side++) {
            const levels = side ? book.asks : book.bids;
            const n = Math.min(levels.length, LEVELS);
            for (let i = 0; i < n; i++) {
                this.price[at + side * LEVELS + i] = levels[i]![0];
                this.size[at + side * LEVELS + i] = levels[i]![1];
                if (levels[i]![1] > top) top = levels[i]![1];
            }
        }
        this.bid[column % COLUMNS] = book.bids[0]?.[0] ?? NaN;
        this.ask[column % COLUMNS] = book.asks[0]?.[0] ?? NaN;
        this.bad[column % COLUMNS] = badBits(book.quality);
        this.largest = Math.max(this.largest * 0.9995, top, 1);
    }

    takePrints(rows: Print[]): void {
        for (const p of rows) {
            if (p.n <= this.newestPrint && this.newestPrint - p.n < PRINTS) continue;
            const at = this.prints++ % PRINTS;
            this.printTime[at] = Date.parse(p.time);
            this.printPrice[at] = p.price;
            this.printSize[at] = p.size;
            this.printSide[at] = p.aggressor === 'buy' ? 1 : p.aggressor === 'sell' ? -1 : 0;
            this.newestPrint = p.n;
        }
    }

    /* Nothing is known of what came before `ms`: columns without a level, up to the one of it. */
    takeNothing(ms: number): void {
        const column = Math.floor(ms / COLUMN_MS);
        if (this.isEmpty || column - this.last > COLUMNS) return;
        while (this.last < column) {
            const i = ++this.last % COLUMNS;
            this.size.fill(0, i * ROW, (i + 1) * ROW);
            this.bid[i] = this.ask[i] = NaN;
            this.bad[i] = 1;
        }
        this.first = Math.max(this.first, this.last - COLUMNS + 1);
        this.changes++;
    }

    clear(): void {
        this.first = this.prints = this.newestPrint = 0;
        this.last = -1;
        this.largest = 1;
        this.changes++;
    }

    /* The book of a column as it was taken, but for what only an image tells. */
    bookAt(ms: number): Pick<Book, 'time' | 'quality' | 'bids' | 'asks'> | null {
        const column = Math.min(Math.floor(ms / COLUMN_MS), this.last);
        if (this.isEmpty || column < this.first) return null;
        const side = (from: number) => {
            const out: [number, number][] = [];
            for (let i = from; i < from + LEVELS && this.size[i]! > 0; i++) out.push([this.price[i]!, this.size[i]!]);
            return out;
        };
        const at = (column % COLUMNS) * ROW;
        const bad = this.bad[column % COLUMNS]!;
        return { time: new Date(column * COLUMN_MS).toISOString(), quality: BAD.filter((_, i) => bad & (1 << i)), bids: side(at), asks: side(at + LEVELS) };
    }

    /* What rested at a time and price, to the nearest level within half a tick; null: nothing is known of then. */
    sizeAt(ms: number, price: number, tick: number): number | null {
        const column = Math.floor(ms / COLUMN_MS);
        if (this.isEmpty || column < this.first || column > this.last) return null;
        const at = (column % COLUMNS) * ROW;
        let sum = 0;
        for (let i = 0; i < ROW; i++)
            if (this.size[at + i]! > 0 && Math.abs(this.price[at + i]! - price) < tick / 2) sum += this.size[at + i]!;
        return sum;
    }
}

export interface HeatView {
    endMs: number; /* time at the right edge */
    untilMs?: number; /* what came later is not drawn */
    msPerPx: number;
    middle: number; /* price in the middle */
    tick: number;
    tickPx: number; /* height of one tick */
    contrast: number; /* 0.2 to 4 */
    log: boolean;
}

type Ramp = Uint32Array; /* 256 colours, ABGR as ImageData has it in little-endian machines */

function rampOf(stops: [number, number, number][]): Ramp {
    const out = new Uint32Array(256);
    for (let i = 0; i < 256; i++) {
        const at = (i / 255) * (stops.length - 1);
        const a = stops[Math.floor(at)]!;
        const b = stops[Math.min(Math.floor(at) + 1, stops.length - 1)]!;
        const mix = (k: number) => Math.round(a[k]! + (b[k]! - a[k]!) * (at % 1));
        out[i] = (255 << 24) | (mix(2) << 16) | (mix(1) << 8) | mix(0);
    }
    return out;
}

export const RAMPS: Record<string, Ramp> = {
    dark: rampOf([[13, 17, 23], [18, 42, 78], [28, 84, 140], [60, 148, 170], [190, 196, 120], [240, 176, 60], [248, 240, 220]]),
    light: rampOf([[250, 251, 252], [214, 228, 242], [160, 196, 226], [92, 150, 200], [44, 98, 164], [150, 70, 90], [120, 20, 30]]),
};
/* A book that cannot be trusted: the same without colour. */
export const GREYS: Record<string, Ramp> = {
    dark: rampOf([[26, 28, 31], [50, 53, 58], [92, 96, 102], [130, 134, 140]]),
    light: rampOf([[236, 237, 239], [206, 208, 212], [168, 171, 176], [120, 124, 130]]),
};

/* Colours by the upper bits of a size: its exponent and six bits of its fraction, steps of 1.6 %. */
const SHIFT = 17;
const TONES = 1 << (31 - SHIFT);

export class HeatPicture {
    private canvas: HTMLCanvasElement;
    private ring: HTMLCanvasElement;
    private image: ImageData | null = null;
    private pixels = new Uint32Array(0);
    private colours = new Uint32Array(2 * TONES); /* those of a book that cannot be trusted behind the others */
    private coloursKey = '';
    private heat = new Uint32Array(0); /* [tick][pixel column] bits of the largest size there */
    private grey = new Uint16Array(0); /* [pixel column] where its colours begin */
    private key = '';
    private drawn = -1; /* newest bucket in the ring */
    private drawnChanges = -1;
    private drawnColumn = -1; /* newest column of the store then: what comes later is drawn again from there */
    frames = 0;
    columnsDrawn = 0;

    constructor(canvas: HTMLCanvasElement) {
        this.canvas = canvas;
        this.ring = document.createElement('canvas');
    }

    draw(store: HeatStore, v: HeatView, theme: string): void {
        const w = this.canvas.width;
        const h = this.canvas.height;
        const context = this.canvas.getContext('2d');
        if (!w || !h || !context) return;
        const ring = this.ringOf(w, h);
        const end = Math.floor(v.endMs / v.msPerPx);
        const last = lastOf(store, v);
        const key = [w, h, v.msPerPx, v.middle, v.tick, v.tickPx, v.contrast, v.log, theme].join();
        const isNew = key !== this.key || end < this.drawn || end - this.drawn >= w || last < this.drawnColumn;
        const isStale = store.changes !== this.drawnChanges || last !== this.drawnColumn;
        const stale = isStale ? Math.floor((this.drawnColumn * COLUMN_MS) / v.msPerPx) : end + 1;
        const from = isNew ? end - w + 1 : Math.max(end - w + 1, Math.min(this.drawn + 1, stale));
        this.mix(store, v, theme);
        for (let b = from; b <= end; ) {
            const x = ((b % w) + w) % w;
            const n = Math.min(end - b + 1, w - x);
            this.run(store, v, b, x, n, w, h);
            ring.putImageData(this.image!, 0, 0, x, 0, n, h);
            b += n;
        }
        this.key = key;
        this.drawn = end;
        this.drawnChanges = store.changes;
        this.drawnColumn = last;
        const cut = ((end + 1) % w + w) % w; /* ring: the oldest bucket is at `cut` */
        context.drawImage(this.ring, cut, 0, w - cut, h, 0, 0, w - cut, h);
        if (cut) context.drawImage(this.ring, 0, 0, cut, h, w - cut, 0, cut, h);
        this.frames++;
    }

    private ringOf(w: number, h: number): CanvasRenderingContext2D {
        if (this.ring.width !== w || this.ring.height !== h || !this.image) {
            this.ring.width = w;
            this.ring.height = h;
            this.image = new ImageData(w, h);
            this.pixels = new Uint32Array(this.image.data.buffer);
            this.grey = new Uint16Array(w);
            this.key = '';
        }
        return this.ring.getContext('2d')!;
    }

    /* The colour of each size, when the scale has moved by a hundredth or something else changed. */
    private mix(store: HeatStore, v: HeatView, theme: string): void {
        const step = Math.round(Math.log2(store.largest) * 64);
        const key = [step, v.contrast, v.log, theme].join();
        if (key === this.coloursKey) return;
        this.coloursKey = key;
        const bits = new Uint32Array(1);
        const size = new Float32Array(bits.buffer);
        const scale = 255 * v.contrast * (v.log ? 1 / Math.log1p(LOG_RANGE) : 1);
        const ramps = [RAMPS[theme] ?? RAMPS.dark!, GREYS[theme] ?? GREYS.dark!];
        for (let i = 0; i < TONES; i++) {
            bits[0] = i << SHIFT;
            const part = size[0]! / 2 ** (step / 64);
            const tone = i && Math.max(8, Math.min(255, (v.log ? Math.log1p(part * LOG_RANGE) : part) * scale)) | 0;
            for (let r = 0; r < 2; r++) this.colours[r * TONES + i] = ramps[r]![tone]!;
        }
    }

    /* Pixel columns side by side, from `bucket` on. Of the columns in its span the largest size of each price wins, so that no
     * wall is missed. */
    private run(store: HeatStore, v: HeatView, bucket: number, x: number, n: number, w: number, h: number): void {
        const centre = Math.ceil(h / 2 / v.tickPx) + 2;
        const ticks = 2 * centre + 1;
        const low = Math.round(v.middle / v.tick) - centre; /* tick of the lowest row of `heat` */
        const last = lastOf(store, v);
        if (this.heat.length < ticks * w) this.heat = new Uint32Array(ticks * w);
        this.heat.fill(0, 0, ticks * n);
        for (let i = 0; i < n; i++) {
            const begin = Math.floor(((bucket + i) * v.msPerPx) / COLUMN_MS);
            const to = Math.min(last, Math.max(begin, Math.ceil(((bucket + i + 1) * v.msPerPx) / COLUMN_MS) - 1));
            let bad = 0;
            for (let c = Math.max(store.first, begin); c <= to; c++) {
                bad |= store.bad[c % COLUMNS]!;
                this.levels(store, c % COLUMNS, 1 / v.tick, 0.5 - low, i, n, ticks);
            }
            this.grey[i] = bad ? TONES : 0;
        }
        this.columnsDrawn += n;
        const { heat, grey, colours, pixels } = this;
        let before = -1;
        for (let y = 0, to = x; y < h; y++, to += w) {
            const tick = Math.round(v.middle / v.tick + (h / 2 - y - 0.5) / v.tickPx) - low;
            if (tick === before) {
                pixels.copyWithin(to, to - w, to - w + n);
                continue;
            }
            before = tick;
            for (let i = 0, at = tick * n; i < n; i++, at++) pixels[to + i] = colours[grey[i]! + (heat[at]! >>> SHIFT)]!;
        }
    }

    private levels(store: HeatStore, slot: number, perTick: number, offset: number, i: number, n: number, ticks: number): void {
        const { price, bits } = store;
        const heat = this.heat;
        const end = (slot + 1) * ROW;
        for (let k = end - ROW; k < end; k++) {
            const size = bits[k]!;
            const tick = (price[k]! * perTick + offset) | 0;
            if (!size || tick < 0 || tick >= ticks) continue;
            const at = tick * n + i;
            if (size > heat[at]!) heat[at] = size;
        }
    }
}

/* The newest column that is drawn. */
export function lastOf(store: HeatStore, v: HeatView): number {
    return v.untilMs === undefined ? store.last : Math.min(store.last, Math.floor(v.untilMs / COLUMN_MS));
}
