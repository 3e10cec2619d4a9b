/* lib/limits.ts - what is used of each limit and how near each breaker is, from the desk's own answers. Pure.
 * A use that the desk does not tell is null: it is never put together from parts that do not fit (a position's value
 * without its multiplier). */
import { known, money, num, percent, qty } from './format';
import type { Gate, Status } from './types';

export type Unit = 'money' | 'count' | 'part' | 'units';

export interface LimitRow {
    id: string;
    name: string;
    used: number | null;
    allowed: number | null; /* null: off or not told */
    unit: Unit;
    setting: string | null;
    formula: string;
    stops: boolean; /* trading halts there, not only the order that would pass it */
}

export interface Setting {
    key: string;
    value: unknown;
    source?: string;
}

const orNull = (v: unknown): number | null => (typeof v === 'number' && known(v) ? v : null);

/* "2000", "0.02", "100 ms"; "off" is null. */
export function limitNumber(text: string | null): number | null {
    if (!text) return null;
    const v = Number.parseFloat(text);
    return Number.isFinite(v) ? v : null;
}

function openOrders(s: Status): number {
    const bySymbol = new Map<string, number>();
    for (const o of s.orders ?? []) if (!o.foreign) bySymbol.set(o.symbol, (bySymbol.get(o.symbol) ?? 0) + 1);
    return Math.max(0, ...bySymbol.values());
}

type Use = (s: Status) => number | null;
const held = (s: Status) => (s.positions ?? []).filter((p) => p.quantity);
const ratio = (a: number | null, b: number | null) => (a !== null && b !== null && b > 0 ? a / b : null);
const loss = (s: Status) => (known(s.pnl_today) ? Math.max(0, -s.pnl_today) : null);

/* limit of the gates, name, unit, use, formula, halts? */
const FROM_GATES: [string, string, Unit, Use, string, boolean][] = [
    ['DAY_LOSS', 'Day loss', 'money', loss, 'pnl_today below zero (status)', true],
    ['POSITION', 'Largest position', 'units', (s) => Math.max(0, ...held(s).map((p) => Math.abs(p.quantity ?? 0))), 'largest |quantity| of a symbol (status.positions)', false],
    ['LEVERAGE', 'Leverage', 'part', (s) => ratio(orNull(s.gross_position_value), orNull(s.equity)), 'gross position value / equity (status)', false],
    ['OPEN_POSITIONS', 'Symbols held', 'count', (s) => held(s).length, 'positions that are not zero (status.positions)', false],
    ['TRADES', 'Orders today', 'count', (s) => orNull(s.orders_today), 'orders_today (status)', false],
    ['OPEN_ORDERS', 'Working orders of a symbol', 'count', openOrders, 'most own working orders of one symbol (status.orders)', false],
    ['ORDER_SIZE', 'Size of an order', 'units', () => null, 'asked for each order; nothing is used up', false],
    ['ORDER_VALUE', 'Value of an order', 'money', () => null, 'asked for each order; nothing is used up', false],
    ['DAY_VALUE', 'Order value today', 'money', () => null, 'the desk does not tell the sum so far', false],
    ['RATE', 'Orders a minute', 'count', () => null, 'the desk does not tell the last minute’s count', false],
    ['SYMBOL_EXPOSURE', 'Value of a symbol', 'part', () => null, 'needs the multiplier, which status does not tell', false],
    ['SECTOR_EXPOSURE', 'Value of a sector', 'part', () => null, 'needs the sector, which status does not tell', false],
    ['HEAT', 'Risk to all stops', 'part', () => null, 'status does not tell it', false],
];

/* rule of the kill switch, name, unit, setting */
const FROM_SWITCH: [string, string, Unit, string][] = [
    ['daily_loss', 'Loss of the day (kill)', 'part', 'KILL_DAILY_LOSS_PCT'],
    ['position_loss', 'Loss of a position (kill)', 'part', 'KILL_POSITION_LOSS_PCT'],
    ['losing_streak', 'Losses in a row (kill)', 'count', 'KILL_LOSING_STREAK'],
    ['drawdown', 'Drawdown (kill)', 'part', 'KILL_DRAWDOWN_PCT'],
];

function settingOf(settings: Setting[], key: string): number | null {
    const v = Number(settings.find((s) => s.key === key)?.value ?? NaN);
    return Number.isFinite(v) && v > 0 ? v : null;
}

export function limitRows(s: Status | null, gates: Gate[], settings: Setting[]): LimitRow[] {
    if (!s?.ok) return [];
    const rows: LimitRow[] = [];
    for (const [id, name, unit, use, formula, stops] of FROM_GATES) {
        const gate = gates.find((g) => g.limit === id);
        if (gate) rows.push({ id, name, unit, used: use(s), allowed: limitNumber(gate.value), setting: gate.setting, formula, stops });
    }
    const values = typeof s.kill_switch === 'object' && s.kill_switch ? s.kill_switch : {};
    const told = typeof values.limits === 'object' ? values.limits : null; /* 0: off */
    for (const [rule, name, unit, setting] of FROM_SWITCH)
        if (rule in values)
            rows.push({ id: rule, name, unit, used: orNull(values[rule]), allowed: told ? orNull(told[rule]) || null : settingOf(settings, setting), setting, formula: `kill_switch.${rule} (status) against ${setting}`, stops: true });
    return rows;
}

export const partOf = (r: LimitRow) => ratio(r.used, r.allowed);

/* The breaker that is nearest to its end; null when none is known. */
export function nearest(rows: LimitRow[]): LimitRow | null {
    let best: LimitRow | null = null;
    for (const r of rows) {
        const p = partOf(r);
        if (r.stops && p !== null && (best === null || p > partOf(best)!)) best = r;
    }
    return best;
}

export function amount(v: number | null, unit: Unit): string {
    if (unit === 'money') return money(v, 'USD', 0);
    if (unit === 'part') return percent(v, 2);
    return unit === 'units' ? qty(v) : num(v);
}
