/* lib/player.svelte.ts - one recorded day being played: the playhead, the heat around it, the book at it. */
import { get } from './api';
import { COLUMN_MS, HeatStore } from './heat';
import { advance, clampTo, HOLE_MS, measured, msOf, plan, spansOf, WINDOW_COLUMNS, type RecordedDay, type Span } from './replay';
import type { Book } from './types';

const FRAME_MS = 50;
const STEPS_MAX = 50; /* keys that are held faster than the server answers */
const WINDOWS_MAX = 8; /* fetched in a row; the next frame or move goes on */
const UNKNOWN = { microprice: null, imbalance: null, ofi: null, cvd: null }; /* files do not tell what happened between two snapshots */

type Image = Pick<Book, 'time' | 'quality' | 'bids' | 'asks'>;

export class Player {
    at = $state(0); /* ms */
    playing = $state(false);
    speed = $state(1);
    book = $state.raw<Book | null>(null);
    exact = $state(false); /* the book is the recorded one of this instant, not the last one of its column */
    error = $state<string | null>(null);
    store = new HeatStore();
    spans: Span[];
    onsettled: (at: number) => void = () => {};

    private symbol: string;
    private path: string;
    private day: string;
    private have: Span | null = null;
    private before = 0; /* of the exact book's neighbours */
    private after = 0;
    private known = false; /* they are of where the playhead is */
    private steps = 0; /* that wait until they are known */
    private newest = 0; /* instant of the newest image in the store */
    private filling = false;
    private asking = false;
    private dead = false;
    private timer: ReturnType<typeof setInterval> | undefined;

    constructor(symbol: string, day: RecordedDay, at: string | null) {
        this.symbol = symbol;
        this.day = day.day;
        this.spans = spansOf(day);
        this.path = `/api/v1/recordings/${encodeURIComponent(symbol)}`;
        const wanted = Date.parse(at ?? '');
        this.seek(Number.isFinite(wanted) ? wanted : this.spans[0]![0]);
    }

    get first(): number {
        return this.spans[0]![0];
    }
    get last(): number {
        return this.spans.at(-1)![1];
    }

    stop(): void {
        this.dead = true;
        clearInterval(this.timer);
    }

    seek(ms: number): void {
        this.steps = 0;
        this.move(ms);
    }

    private move(ms: number): void {
        const to = clampTo(this.spans, ms);
        if (to !== this.at) this.known = false;
        this.at = to;
        this.show();
        void this.fill();
        if (!this.playing) void this.ask();
    }

    play(on: boolean): void {
        if (on === this.playing) return;
        clearInterval(this.timer);
        if (on && this.at >= this.last) this.seek(this.first);
        this.playing = on;
        this.known = false;
        let then = performance.now();
        if (on)
            this.timer = setInterval(() => {
                const now = performance.now();
                if (!this.have || this.have[1] > this.at || this.error) this.at = advance(this.spans, this.at, (now - then) * this.speed);
                then = now;
                this.show();
                void this.fill();
                if (this.at >= this.last) this.play(false);
            }, FRAME_MS);
        else void this.ask();
    }

    /* To the snapshot before or behind. */
    step(by: 1 | -1): void {
        this.play(false);
        this.steps = Math.max(-STEPS_MAX, Math.min(STEPS_MAX, this.steps + by));
        this.walk();
    }

    private walk(): void {
        if (!this.known || !this.steps) return;
        const by = Math.sign(this.steps);
        const to = by > 0 ? this.after : this.before;
        this.steps = Number.isNaN(to) ? 0 : this.steps - by;
        if (!Number.isNaN(to)) this.move(to);
    }

    private show(): void {
        const image = this.store.bookAt(this.at);
        if (image) this.take(image, false);
    }

    private take(image: Image, exact: boolean): void {
        this.book = { symbol: this.symbol, ...UNKNOWN, ...measured(image), ...image };
        this.exact = exact;
    }

    /* The recorded book of where one stopped. */
    private async ask(): Promise<void> {
        if (this.asking) return;
        this.asking = true;
        for (let at = NaN; !this.dead && !this.playing && at !== this.at; ) {
            at = this.at;
            try {
                const b = await get<Image & { before: string | null; after: string | null }>(`${this.path}/at?day=${this.day}&time=${new Date(at).toISOString()}`);
                if (this.dead || this.playing || at !== this.at) continue;
                this.before = msOf(b.before);
                this.after = msOf(b.after);
                this.take({ time: b.time, quality: b.quality, bids: b.bids, asks: b.asks }, true);
                this.error = null;
                this.known = true;
                this.onsettled(at);
                this.walk();
            } catch (e) {
                this.steps = 0;
                this.error = (e as Error).message;
            }
        }
        this.asking = false;
    }

    /* Windows until what is needed is there, one at a time. */
    private async fill(): Promise<void> {
        if (this.filling) return;
        this.filling = true;
        try {
            for (let next, n = 0; n < WINDOWS_MAX && !this.dead && (next = plan(this.have, this.at, this.last, this.speed)); n++) {
                const time = (ms: number) => new Date(ms).toISOString();
                const w = await get<{ until: string; columns: Image[] }>(`${this.path}?day=${this.day}&from=${time(next.from)}&to=${time(next.to)}&columns=${WINDOW_COLUMNS}`);
                if (this.dead) return;
                if (next.reset) {
                    this.store.clear();
                    this.have = [next.from, next.from];
                    this.newest = 0;
                }
                this.takeWindow(w.columns);
                const until = Date.parse(w.until);
                this.have![1] = until > next.from ? until : next.to;
                if (this.store.first * COLUMN_MS > this.have![0] && this.newest) this.have![0] = Math.min(this.store.first * COLUMN_MS, this.at);
                this.error = null;
                if (!this.exact) this.show();
            }
        } catch (e) {
            this.error = (e as Error).message;
        }
        this.filling = false;
    }

    private takeWindow(columns: Image[]): void {
        for (const c of columns) {
            const at = Date.parse(c.time!);
            if (this.newest && at - this.newest > HOLE_MS) this.store.takeNothing(at - COLUMN_MS);
            this.store.takeBook({ symbol: this.symbol, ...UNKNOWN, ...c });
            this.newest = at;
        }
    }
}
