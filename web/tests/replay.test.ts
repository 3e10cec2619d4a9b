import { expect, test } from 'vitest';
import { COLUMN_MS, COLUMNS, HeatStore, lastOf } from '../src/lib/heat';
import { advance, calendarDays, clampTo, gradeOf, GRADES, measured, msOf, plan, spansOf, WINDOW_COLUMNS, type RecordedDay, type Span } from '../src/lib/replay';

const T = Date.parse('2026-11-20T15:30:00Z');
const iso = (ms: number) => new Date(ms).toISOString();
const day = (...spans: [number, number][]): RecordedDay => ({
    day: '2026-11-20', looked: true, bytes: 1, rows: 1, bad: 0, grade: 'good', first: null, last: null, problem: null,
    sessions: spans.map(([a, b]) => ({ first: iso(T + a), last: iso(T + b), rows: 1 })),
});

test('an instant of the server is never rounded before itself', () => {
    expect(msOf('2026-11-20T15:30:00.131125+00:00')).toBe(T + 132);
    expect(msOf('2026-11-20T15:30:00.131000+00:00')).toBe(T + 131);
    expect(msOf('2026-11-20T15:30:00.131Z')).toBe(T + 131);
    expect(msOf('2026-11-20T15:30:00Z')).toBe(T);
    expect(msOf('2026-11-20T15:30:00.1Z')).toBeGreaterThanOrEqual(T + 100);
    expect(msOf(null)).toBeNaN();
});

test('sessions in any order, those that touch are one, those without rows none', () => {
    const d = day([60_000, 90_000], [0, 59_900], [200_000, 300_000], [210_000, 220_000]);
    d.sessions.push({ first: null, last: null, rows: 0 });
    expect(spansOf(d)).toEqual([[T, T + 90_000], [T + 200_000, T + 300_000]]);
});

test('the playhead stays in what was recorded, passes over holes and ends at the end', () => {
    const spans: Span[] = [[100, 200], [500, 600], [900, 950]];
    expect([0, 150, 300, 500, 700, 2000].map((t) => clampTo(spans, t))).toEqual([100, 150, 200, 500, 600, 950]);
    expect(clampTo([], 5)).toBeNaN();
    expect(advance(spans, 150, 50)).toBe(200);
    expect(advance(spans, 150, 60)).toBe(510);
    expect(advance(spans, 150, 160)).toBe(910);
    expect(advance(spans, 940, 100)).toBe(950);
    expect(advance(spans, 200, 0)).toBe(200);
});

test('windows: begun again after a jump, else the next one, and none past the end', () => {
    const length = WINDOW_COLUMNS * COLUMN_MS;
    const first = plan(null, T, T + 3_600_000, 1)!;
    expect(first.reset).toBe(true);
    expect(first.from % COLUMN_MS).toBe(0);
    expect(first.from).toBeLessThanOrEqual(T - 600_000);
    const have: Span = [T - 600_000, T + 20_000];
    expect(plan(have, T, T + 3_600_000, 1)).toEqual({ reset: false, from: T + 20_000, to: T + 20_000 + length });
    expect(plan([have[0], T + 31_000], T, T + 3_600_000, 1)).toBeNull();
    expect(plan([have[0], T + 31_000], T, T + 3_600_000, 60)).not.toBeNull(); /* faster: more is needed soon */
    expect(plan(have, T, T + 10_000, 60)).toBeNull(); /* the day ends before */
    expect(plan(have, T - 600_001, T + 10_000, 1)!.reset).toBe(true);
    expect(plan(have, T + 20_001 + 2 * length, T + 3_600_000, 1)!.reset).toBe(true);
    for (const t of [T, T + 1, T + 116, T + 249]) { /* whatever lies between two columns: it comes to an end */
        let at: Span | null = null;
        let calls = 0;
        for (let next; calls < 9 && (next = plan(at, t, T + 3_600_000, 1)); calls++) at = [next.reset ? next.from : at![0], next.to];
        expect(calls).toBeLessThan(5);
    }
});

test('the calendar has weekdays, and other days that were recorded; each square has an icon', () => {
    expect(calendarDays(['2026-11-23', '2026-11-19', '2026-11-21'], 9)).toEqual(['2026-11-19', '2026-11-20', '2026-11-21', '2026-11-23']);
    expect(calendarDays(['2026-11-23', '2026-11-19'], 2)).toEqual(['2026-11-20', '2026-11-23']);
    expect(calendarDays([], 9)).toEqual([]);
    expect(gradeOf({ ...day(), grade: null })).toBe(GRADES.none);
    expect(new Set(Object.values(GRADES).map((g) => g.icon)).size).toBe(4);
});

test('the measures of a recorded book are those of a live one', () => {
    expect(measured({ bids: [[100, 300]], asks: [[101, 100]] })).toEqual({ microprice: 100.75, imbalance: 0.5 });
    expect(measured({ bids: [], asks: [[101, 100]] })).toEqual({});
});

test('heat: a hole has no level and is marked, the playhead hides what came later', () => {
    const s = new HeatStore();
    const book = (ms: number, bid: number) => ({ symbol: 'X', time: iso(ms), quality: ['generated'], bids: [[bid, 100]] as [number, number][], asks: [[bid + 1, 50]] as [number, number][], microprice: null, imbalance: null, ofi: null, cvd: null });
    s.takeBook(book(T, 10));
    s.takeNothing(T + 9 * COLUMN_MS);
    s.takeBook(book(T + 10 * COLUMN_MS, 12));
    expect(s.sizeAt(T, 10, 1)).toBe(100);
    expect(s.sizeAt(T + 5 * COLUMN_MS, 10, 1)).toBe(0);
    expect(s.bad[(s.last - 1) % COLUMNS]).toBeTruthy();
    expect(s.bookAt(T + 5 * COLUMN_MS)).toMatchObject({ bids: [], asks: [], quality: ['EMPTY'] });
    expect(s.bookAt(T + 99 * COLUMN_MS)).toMatchObject({ bids: [[12, 100]], quality: [] });
    const view = { endMs: T, msPerPx: 250, middle: 10, tick: 1, tickPx: 5, contrast: 1, log: true };
    expect(lastOf(s, view)).toBe(s.last);
    expect(lastOf(s, { ...view, untilMs: T + 2 * COLUMN_MS })).toBe(s.first + 2);
    s.takeNothing(T + 2 * COLUMNS * COLUMN_MS); /* too far: it is begun anew by the next image */
    expect(s.last - s.first).toBe(10);
    s.clear();
    expect([s.isEmpty, s.sizeAt(T, 10, 1)]).toEqual([true, null]);
});
