import { expect, test } from 'vitest';
import { told } from '../src/lib/facts';
import { COLUMN_MS, COLUMNS, HeatStore, isBad } from '../src/lib/heat';
import { limitNumber, limitRows, nearest, partOf } from '../src/lib/limits';
import { hashOf, PAGES, placeOf } from '../src/lib/pages';
import { drawdown, phaseOf, tickOf, vwap } from '../src/lib/series';
import type { Book, Gate, Status } from '../src/lib/types';

const gate = (limit: string, value: string): Gate => ({ gate: limit, open: true, closed_for: [], limit, value, setting: 'MAX_' + limit, reducing: 'pass', looks_at: '', closed_means: '' });
const book = (ms: number, bid: number, size: number, quality: string[] = []): Book => ({ symbol: 'X', time: new Date(ms).toISOString(), quality, bids: [[bid, size]], asks: [[bid + 0.01, size * 2]], microprice: null, imbalance: null, ofi: null, cvd: null });

test('limits: what is used, what is not told, and the breaker that is nearest', () => {
    const s: Status = { ok: true, pnl_today: -500, orders_today: 5, equity: 1000, gross_position_value: 1500, positions: [{ symbol: 'A', quantity: -3, average: 1, mark: 1, realized: 0, unrealized: 0, fees: 0, open_orders: 0 }], orders: [], kill_switch: { drawdown: 0.08, losing_streak: 1 } };
    const rows = limitRows(s, [gate('DAY_LOSS', '2000'), gate('TRADES', '20'), gate('LEVERAGE', '2'), gate('RATE', '10'), gate('POSITION', 'off')], [{ key: 'KILL_DRAWDOWN_PCT', value: '0.1' }, { key: 'KILL_LOSING_STREAK', value: 5 }]);
    const by = (id: string) => rows.find((r) => r.id === id)!;
    expect(partOf(by('DAY_LOSS'))).toBe(0.25);
    expect(by('LEVERAGE').used).toBe(1.5);
    expect(by('POSITION')).toMatchObject({ used: 3, allowed: null });
    expect(by('RATE').used).toBeNull(); /* not told: not made up */
    const own = limitRows({ ...s, kill_switch: { drawdown: 0.08, losing_streak: 1, limits: { drawdown: 0.2, losing_streak: 0 } } }, [], [{ key: 'KILL_DRAWDOWN_PCT', value: '0.1' }]);
    expect(own.map((r) => r.allowed)).toEqual([null, 0.2]); /* the desk's own word before the settings; 0 is off */
    expect(nearest(rows)!.id).toBe('drawdown'); /* LEVERAGE is nearer but only refuses */
    expect(limitNumber('100 ms')).toBe(100);
    expect(limitNumber('off')).toBeNull();
    expect(limitRows({ ok: false }, [], [])).toEqual([]);
});

test('a day of profit uses nothing of the loss limit; an unknown one is unknown', () => {
    const used = (pnl: number | null) => limitRows({ ok: true, pnl_today: pnl }, [gate('DAY_LOSS', '10')], [])[0]!.used;
    expect(used(40)).toBe(0);
    expect(used(null)).toBeNull();
});

test('answers of unknown keys become facts and tables; nulls keep their reason', () => {
    const t = told({ ok: true, reason: 'not measured', a_b: 1.5, p99: null, c: null, c_reason: 'no clock', in: { x: true }, rows: [{ q: 1 }, { r: 2 }] });
    expect(t.facts).toEqual([{ name: 'a b', text: '1.500' }, { name: 'in · x', text: 'yes' }]);
    expect(t.unknown).toEqual([{ name: 'p99', reason: 'not measured' }, { name: 'c', reason: 'no clock' }]);
    expect(t.tables[0]).toMatchObject({ name: 'rows', keys: ['q', 'r'] });
});

test('addresses are pages with a rest; what is none is the overview', () => {
    expect(placeOf('#/blotter/orders/12?filter=SPY%20BUY')).toMatchObject({ page: 'blotter', rest: ['orders', '12'] });
    expect(placeOf('#/blotter/orders/12?filter=SPY%20BUY').query.get('filter')).toBe('SPY BUY');
    expect(placeOf('#/nowhere/x')).toMatchObject({ page: 'overview', rest: [] });
    expect(placeOf('#/trade/%E0%A4%A')).toMatchObject({ page: 'trade', rest: [] });
    expect(placeOf(hashOf('trade', ['BRK B']))).toMatchObject({ rest: ['BRK B'] });
    expect(new Set(PAGES.map((p) => p.key)).size).toBe(PAGES.length);
});

test('series: phases by New York, VWAP from each day on, drawdown, tick', () => {
    const at = (iso: string) => Date.parse(iso) / 1000;
    expect([at('2026-01-05T14:29:00Z'), at('2026-01-05T14:30:00Z'), at('2026-01-05T21:00:00Z'), at('2026-01-06T02:00:00Z')].map(phaseOf)).toEqual(['pre', 'regular', 'post', 'closed']);
    const bar = (time: number, p: number, volume: number) => ({ time, open: p, high: p, low: p, close: p, volume });
    expect(vwap([bar(at('2026-01-05T15:00:00Z'), 10, 1), bar(at('2026-01-05T15:01:00Z'), 20, 3), bar(at('2026-01-06T15:00:00Z'), 5, 1)]).map((v) => v.value)).toEqual([10, 17.5, 5]);
    expect(vwap([bar(at('2026-01-05T15:00:00Z'), 10, 0)])).toEqual([]); /* no volume: no average */
    expect(drawdown([1, 3, null, 2, 4])).toEqual([0, 0, null, -1, 0]);
    expect(tickOf([10.25, 10, 10.75])).toBe(0.25);
    expect(tickOf([10])).toBe(0.01);
});

test('heatmap: a column stands until the next image, and what cannot be trusted is marked', () => {
    const s = new HeatStore();
    const t = 1_700_000_000_000;
    s.takeBook(book(t, 10, 100));
    s.takeBook(book(t + 3 * COLUMN_MS, 10.05, 300, ['GAP', 'GENERATED']));
    expect(s.last - s.first).toBe(3);
    expect(s.sizeAt(t + 2 * COLUMN_MS, 10, 0.01)).toBe(100);
    expect(s.sizeAt(t + 2 * COLUMN_MS, 10.01, 0.01)).toBe(200);
    expect(s.sizeAt(t + 3 * COLUMN_MS, 10, 0.01)).toBe(0);
    expect(s.sizeAt(t - COLUMN_MS, 10, 0.01)).toBeNull();
    expect(s.bookAt(t + 3 * COLUMN_MS)).toMatchObject({ quality: ['GAP'], bids: [[10.05, 300]] });
    expect(s.bookAt(t + COLUMN_MS)).toMatchObject({ quality: [], bids: [[10, 100]] });
    expect(s.bookAt(t - COLUMN_MS)).toBeNull();
    expect(isBad(['GENERATED'])).toBe(false);
    s.takeBook(book(t, 9, 1)); /* late: it changes nothing */
    expect(s.sizeAt(t + 3 * COLUMN_MS, 10.05, 0.01)).toBe(300);
});

test('heatmap: an hour is kept and no more, prints once', () => {
    const s = new HeatStore();
    const t = 1_700_000_000_000;
    for (let i = 0; i < COLUMNS + 100; i++) s.takeBook(book(t + i * COLUMN_MS, 10, 100));
    expect(s.last - s.first).toBe(COLUMNS - 1);
    expect(s.sizeAt(t, 10, 0.01)).toBeNull();
    const print = (n: number) => ({ n, time: new Date(t).toISOString(), price: 10, size: 1, aggressor: 'buy' as const, exchange: null });
    s.takePrints([print(1), print(2)]);
    s.takePrints([print(2), print(3)]);
    expect(s.prints).toBe(3);
    s.takeBook(book(t + 10 * COLUMNS * COLUMN_MS, 11, 5)); /* a day later: begun anew */
    expect(s.first).toBe(s.last);
});
