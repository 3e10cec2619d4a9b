/* tests/scan.test.ts - the scanner's rows: who is recorded stays in sight, and each status says what it is. */
import { expect, test } from 'vitest';
import { movers, statusHint, statusText, statusTone, type Recorded, type Scan } from '../src/lib/scan';

const session = (symbol: string, more: Partial<Recorded> = {}): Recorded => ({ symbol, status: 'L2', depth_comes: true, place: null, started: '2026-11-20T15:00:00Z', ticks: 3, messages: 2, snapshots: 1, gaps: 0, trouble: null, ...more });
const scan = (sessions: Recorded[]): Scan => ({ rows: [{ symbol: 'AAA', gap_pct: 5, status: 'Idle' }, { symbol: 'BBB', gap_pct: 4, status: 'L2' }], sessions });

test('what is recorded and not listed stands behind the list, once', () => {
    const rows = movers(scan([session('BBB'), session('CCC')]));
    expect(rows.map((r) => r.symbol)).toEqual(['AAA', 'BBB', 'CCC']);
    expect(rows[1]?.session?.ticks).toBe(3);
    expect(rows[2]).toMatchObject({ status: 'L2', why: 'recorded, not listed now' });
    expect(rows[2]?.gap_pct).toBeUndefined(); /* never a number that nobody told */
    expect(movers(null)).toEqual([]);
    expect(movers({ rows: null })).toEqual([]);
});

test('a status says where it waits, whether depth came, and what is wrong', () => {
    const of = (s?: Recorded) => ({ symbol: 'X', status: s?.status ?? 'Idle', session: s });
    expect(statusText(of())).toBe('Idle');
    expect(statusText(of(session('X')))).toBe('L2');
    expect(statusText(of(session('X', { depth_comes: false })))).toBe('L2 …');
    expect(statusText(of(session('X', { status: 'Queued', place: 2, depth_comes: false })))).toBe('Queued 2');
    expect(statusText(of(session('X', { status: 'Tick', depth_comes: false })))).toBe('Tick');
    expect(statusTone(of())).toBe('muted');
    expect(statusTone(of(session('X')))).toBe('good');
    expect(statusTone(of(session('X', { status: 'Queued', depth_comes: false, trouble: 'no line' })))).toBe('warn');
    expect(statusHint(of(session('X', { trouble: 'no line' })))).toMatch(/^no line; 3 ticks/);
});
