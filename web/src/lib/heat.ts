/* lib/heat.ts - the depth heatmap: what is kept of a book over time, and the picture of it.
 *
 * HeatStore keeps a column every COLUMN_MS for an hour, in typed arrays taken once: twenty levels a side, best prices and
 * whether the book could be trusted; and the newest prints. HeatPicture draws it: one pixel column is one span of time,
 * and only columns that changed are drawn again, so a frame costs the new columns and two copies.
 */
import type { Book, Print } from './types';

export const COLUMN_MS = 250;
export const COLUMNS = 14_400; /* one hour */
export const LEVELS = 20;
export const PRINTS = 8192;
const ROW = LEVELS * 2;
const LOG_RANGE = 50; /* of the logarithmic scale: a fiftieth of the largest size still has colour */

/* Words of quality that make a book one not to look at. GENERATED is only said. */
const BAD = new Set(['EMPTY', 'CROSSED', 'DISORDER', 'GAP', 'STALE']);

export function isBad(quality: string[]): boolean {
    return quality.some((q) => BAD.has(q.toUpperCase()));
}

export class HeatStore {
    price = new Float64Array(COLUMNS * ROW);
    size = new Float32Array(COLUMNS * ROW);
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
        this.bad[column % COLUMNS] = isBad(book.quality) ? 1 : 0;
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

export class HeatPicture {
    private canvas: HTMLCanvasElement;
    private ring: HTMLCanvasElement;
    private image: ImageData | null = null;
    private pixels = new Uint32Array(0);
    private heat = new Float32Array(0); /* of the pixel column at work */
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
        const key = [w, h, v.msPerPx, v.middle, v.tick, v.tickPx, v.contrast, v.log, theme].join();
        const isNew = key !== this.key || end < this.drawn || end - this.drawn >= w;
        const stale = store.changes === this.drawnChanges ? end + 1 : Math.floor((this.drawnColumn * COLUMN_MS) / v.msPerPx);
        const from = isNew ? end - w + 1 : Math.max(end - w + 1, Math.min(this.drawn + 1, stale));
        for (let b = from; b <= end; b++) this.column(store, v, b, w, h, theme);
        this.copyToRing(ring, from, end, w, h);
        this.key = key;
        this.drawn = end;
        this.drawnChanges = store.changes;
        this.drawnColumn = store.last;
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
            this.heat = new Float32Array(h);
            this.key = '';
        }
        return this.ring.getContext('2d')!;
    }

    private copyToRing(ring: CanvasRenderingContext2D, from: number, end: number, w: number, h: number): void {
        const n = end - from + 1;
        if (n <= 0 || !this.image) return;
        const a = ((from % w) + w) % w;
        const first = Math.min(n, w - a);
        ring.putImageData(this.image, 0, 0, a, 0, first, h);
        if (n > first) ring.putImageData(this.image, 0, 0, 0, 0, n - first, h);
    }

    /* One pixel column: of the columns in its span the largest size of each price wins, so that no wall is missed. */
    private column(store: HeatStore, v: HeatView, bucket: number, w: number, h: number, theme: string): void {
        const x = ((bucket % w) + w) % w;
        const begin = Math.floor((bucket * v.msPerPx) / COLUMN_MS);
        const from = Math.max(store.first, begin);
        const to = Math.min(store.last, Math.max(begin, Math.ceil(((bucket + 1) * v.msPerPx) / COLUMN_MS) - 1));
        let bad = 0;
        for (let c = from; c <= to; c++) bad |= store.bad[c % COLUMNS]!;
        const ramp = (bad ? GREYS : RAMPS)[theme] ?? RAMPS.dark!;
        const heat = this.heat.fill(0);
        for (let c = from; c <= to && !store.isEmpty; c++) this.levels(store, v, c, h);
        for (let y = 0, i = x; y < h; y++, i += w) this.pixels[i] = ramp[heat[y]! > 0 ? Math.max(8, heat[y]! | 0) : 0]!;
        this.columnsDrawn++;
    }

    private levels(store: HeatStore, v: HeatView, column: number, h: number): void {
        const heat = this.heat;
        const scale = 255 * v.contrast * (v.log ? 1 / Math.log1p(LOG_RANGE) : 1);
        const height = Math.max(1, Math.round(v.tickPx));
        const at = (column % COLUMNS) * ROW;
        for (let i = 0; i < ROW; i++) {
            const size = store.size[at + i]!;
            if (size <= 0) continue;
            const y = Math.round(h / 2 - ((store.price[at + i]! - v.middle) / v.tick) * v.tickPx - height / 2);
            if (y + height <= 0 || y >= h) continue;
            const part = size / store.largest;
            const value = Math.min(255, (v.log ? Math.log1p(part * LOG_RANGE) : part) * scale);
            for (let r = Math.max(0, y); r < Math.min(h, y + height); r++) if (value > heat[r]!) heat[r] = value;
        }
    }
}
