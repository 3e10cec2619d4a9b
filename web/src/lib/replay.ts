/* lib/replay.ts - recorded days: where the playhead may be, how it moves on, which window is fetched next. Pure. */
import { COLUMN_MS } from './heat';
import type { Book, Num } from './types';

export interface RecordedDay {
    day: string;
    looked: boolean;
    bytes: number;
    rows: number;
    bad: Num;
    grade: 'good' | 'fair' | 'bad' | null;
    first: string | null;
    last: string | null;
    problem: string | null;
    sessions: { first: string | null; last: string | null; rows: number }[];
}

export interface Recordings {
    folder: string | null;
    complete: boolean;
    cut: boolean;
    symbols: { symbol: string; days: RecordedDay[] }[] | null;
    symbols_reason?: string;
    reason?: string;
}

export type Span = [number, number]; /* ms, both ends are there */

export const SPEEDS = [1, 2, 5, 10, 30, 60];
export const WINDOW_COLUMNS = 1200;
const WINDOW_MS = WINDOW_COLUMNS * COLUMN_MS;
const BACK_MS = 600_000; /* of heat to the left of where one jumps to */
export const HOLE_MS = 5_000; /* without a snapshot: nothing is known of then */

/* A square of the calendar: never colour alone. Bad is a snapshot of a book that could not be trusted. */
export const GRADES = {
    good: { icon: '●', tone: 'good', text: 'below 1 % bad' },
    fair: { icon: '▲', tone: 'warn', text: 'below 10 %' },
    bad: { icon: '■', tone: 'bad', text: '10 % and more, or unreadable' },
    none: { icon: '○', tone: 'muted', text: 'not known' },
};

export const gradeOf = (d: RecordedDay) => GRADES[d.grade ?? 'none'];

/* The first whole millisecond that is not before an instant of the server, which tells microseconds. */
export function msOf(iso: string | null): number {
    const ms = Date.parse(iso ?? '');
    return /\.\d{3}0*(?!\d)/.test(iso ?? '') || !/\.\d/.test(iso ?? '') ? ms : ms + 1;
}

/* When something was recorded; sessions that touch or overlap are one. */
export function spansOf(day: RecordedDay): Span[] {
    const all = day.sessions
        .map((s): Span => [msOf(s.first), msOf(s.last)])
        .filter(([a]) => Number.isFinite(a))
        .sort((a, b) => a[0] - b[0]);
    const out: Span[] = [];
    for (const s of all) {
        const before = out.at(-1);
        if (before && s[0] - before[1] <= HOLE_MS) before[1] = Math.max(before[1], s[1]);
        else out.push([...s]);
    }
    return out;
}

/* Into the day, and into the newest span that has begun. */
export function clampTo(spans: Span[], ms: number): number {
    if (!spans.length) return NaN;
    const span = spans.findLast((s) => s[0] <= ms) ?? spans[0]!;
    return Math.min(Math.max(ms, span[0]), span[1]);
}

/* Where the playhead is after `ms`: what was not recorded is passed over, and the end is the end. */
export function advance(spans: Span[], at: number, ms: number): number {
    let i = spans.findLastIndex((s) => s[0] <= at);
    let left = ms;
    while (i >= 0 && i < spans.length) {
        const room = spans[i]![1] - at;
        if (left <= room) return at + left;
        if (i === spans.length - 1) return spans[i]![1];
        left -= Math.max(0, room);
        at = spans[++i]![0];
    }
    return at;
}

/* The window to fetch next so that `at` and what comes soon are there; null: nothing is needed. `have` is what is there. */
export function plan(have: Span | null, at: number, last: number, speed: number): { reset: boolean; from: number; to: number } | null {
    const window = (from: number, reset: boolean) => ({ reset, from, to: from + WINDOW_MS });
    if (!have || at < have[0] || at > have[1] + BACK_MS) return window(Math.floor((at - BACK_MS) / COLUMN_MS) * COLUMN_MS, true);
    const soon = Math.min(last, at + Math.max(30_000, speed * 10_000));
    return have[1] <= soon ? window(have[1], false) : null;
}

/* What the server tells of a live book, by the same formulas. */
export function measured(b: Pick<Book, 'bids' | 'asks'>): Partial<Book> {
    const [bid, ask] = [b.bids[0], b.asks[0]];
    if (!bid || !ask) return {};
    const both = bid[1] + ask[1];
    return { microprice: bid[0] + ((ask[0] - bid[0]) * bid[1]) / both, imbalance: (bid[1] - ask[1]) / both };
}

/* Weekdays from the first to the last recorded day, and other days that have a recording; the newest `most`. */
export function calendarDays(recorded: string[], most: number): string[] {
    const has = new Set(recorded);
    const sorted = [...has].sort();
    const out: string[] = [];
    for (let t = Date.parse(sorted[0] ?? ''); out.length < 1000 && t <= Date.parse(sorted.at(-1) ?? ''); t += 86_400_000) {
        const day = new Date(t).toISOString().slice(0, 10);
        if (has.has(day) || new Date(t).getUTCDay() % 6) out.push(day);
    }
    return out.slice(-most);
}
