/* lib/format.ts - numbers, money, times and ages as text. What is not known is a dash, never a zero. */
import type { Num } from './types';

export const NONE = '–';
const MINUS = '−';
const TIMES = { exchange: 'America/New_York', local: undefined, utc: 'UTC' } as const;
export type Zone = keyof typeof TIMES;

export function known(v: Num): v is number {
    return typeof v === 'number' && Number.isFinite(v);
}

function grouped(text: string): string {
    const dot = text.indexOf('.');
    const whole = dot < 0 ? text : text.slice(0, dot);
    return whole.replace(/\B(?=(\d{3})+$)/g, ',') + (dot < 0 ? '' : text.slice(dot));
}

/* A number with so many digits behind the point, a true minus and groups of three. */
export function num(v: Num, digits = 0): string {
    if (!known(v)) return NONE;
    const text = Math.abs(v).toFixed(digits);
    return (v < 0 && Number(text) !== 0 ? MINUS : '') + grouped(text);
}

/* The same with a plus when it is above zero. */
export function signed(v: Num, digits = 0): string {
    return known(v) && Number(v.toFixed(digits)) > 0 ? '+' + num(v, digits) : num(v, digits);
}

/* A price with the digits it needs: two at least, four at most. */
export function price(v: Num): string {
    if (!known(v)) return NONE;
    const four = Math.abs(v).toFixed(4);
    return num(v, four.endsWith('00') ? 2 : four.endsWith('0') ? 3 : 4);
}

export function qty(v: Num): string {
    if (!known(v)) return NONE;
    return num(v, Number.isInteger(v) ? 0 : 4);
}

const SIGNS: Record<string, string> = { USD: '$', EUR: '€', GBP: '£' };

/* Money with its currency: −$1,234.50. */
export function money(v: Num, currency = 'USD', digits = 2): string {
    if (!known(v)) return NONE;
    const text = num(v, digits);
    const minus = text.startsWith(MINUS);
    const sign = SIGNS[currency] ?? currency + ' ';
    return (minus ? MINUS : '') + sign + (minus ? text.slice(1) : text);
}

export function moneySigned(v: Num, currency = 'USD', digits = 2): string {
    return known(v) && Number(v.toFixed(digits)) > 0 ? '+' + money(v, currency, digits) : money(v, currency, digits);
}

/* Microseconds in the unit that fits: 850 ns, 12.3 µs, 4.56 ms, 1.20 s. Three digits. */
export function micros(v: Num): string {
    if (!known(v)) return NONE;
    const [scale, unit] = v < 1 ? [1e3, 'ns'] : v < 1e3 ? [1, 'µs'] : v < 1e6 ? [1e-3, 'ms'] : [1e-6, 's'];
    const x = v * scale;
    return `${num(x, unit === 'ns' || x >= 100 ? 0 : x >= 10 ? 1 : 2)} ${unit}`;
}

/* A part of one as percent. */
export function percent(v: Num, digits = 1): string {
    return known(v) ? num(v * 100, digits) + ' %' : NONE;
}

/* A span in seconds in its two largest units: 350 ms, 4.2 s, 3 m 05 s, 2 h 10 m. */
export function span(seconds: Num): string {
    if (!known(seconds)) return NONE;
    const s = Math.abs(seconds);
    const minus = seconds < 0 ? MINUS : '';
    if (s < 1) return `${minus}${Math.round(s * 1000)} ms`;
    if (s < 10) return `${minus}${s.toFixed(1)} s`;
    if (s < 60) return `${minus}${Math.floor(s)} s`;
    if (s < 3600) return `${minus}${Math.floor(s / 60)} m ${String(Math.floor(s % 60)).padStart(2, '0')} s`;
    if (s < 86400) return `${minus}${Math.floor(s / 3600)} h ${String(Math.floor((s % 3600) / 60)).padStart(2, '0')} m`;
    return `${minus}${Math.floor(s / 86400)} d ${Math.floor((s % 86400) / 3600)} h`;
}

export function bytes(v: Num): string {
    if (!known(v)) return NONE;
    const units = ['B', 'kB', 'MB', 'GB', 'TB'];
    let n = v;
    let u = 0;
    while (Math.abs(n) >= 1000 && u < units.length - 1) {
        n /= 1000;
        u++;
    }
    return `${num(n, u === 0 || Math.abs(n) >= 100 ? 0 : 1)} ${units[u]}`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: Zone, what: 'parts' | 'name'): Intl.DateTimeFormat {
    const key = zone + what;
    let f = formats.get(key);
    if (!f) {
        f = new Intl.DateTimeFormat('en-US', {
            timeZone: TIMES[zone],
            hourCycle: 'h23',
            year: 'numeric',
            month: '2-digit',
            day: '2-digit',
            hour: '2-digit',
            minute: '2-digit',
            second: '2-digit',
            ...(what === 'name' ? { timeZoneName: 'short' as const } : {}),
        });
        formats.set(key, f);
    }
    return f;
}

export interface Clock {
    day: string; /* 2026-11-20 */
    hms: string; /* 09:31:05 */
    ms: string; /* 042 */
    minutes: number; /* since midnight there */
}

/* Offsets of a zone change on the quarter of an hour at most: one look at Intl for each quarter is enough. */
const quarters = new Map<string, number>();

function offsetMs(ms: number, zone: Zone): number {
    if (zone === 'utc') return 0;
    const quarter = Math.floor(ms / 900_000);
    const key = zone + quarter;
    let offset = quarters.get(key);
    if (offset === undefined) {
        const at = quarter * 900_000;
        const p: Record<string, number> = {};
        for (const part of format(zone, 'parts').formatToParts(at)) p[part.type] = Number(part.value);
        offset = Date.UTC(p.year!, p.month! - 1, p.day!, p.hour!, p.minute!, p.second!) - at;
        if (quarters.size > 4096) quarters.clear();
        quarters.set(key, offset);
    }
    return offset;
}

/* A moment as a clock of that zone shows it; null for what is no time. */
export function clock(at: string | number | null | undefined, zone: Zone): Clock | null {
    const ms = typeof at === 'number' ? at : at ? Date.parse(at) : NaN;
    if (!Number.isFinite(ms)) return null;
    const shown = new Date(ms + offsetMs(ms, zone)).toISOString();
    return {
        day: shown.slice(0, 10),
        hms: shown.slice(11, 19),
        ms: shown.slice(20, 23),
        minutes: Number(shown.slice(11, 13)) * 60 + Number(shown.slice(14, 16)),
    };
}

/* 09:31:05, or with thousandths. */
export function time(at: string | number | null | undefined, zone: Zone, thousandths = false): string {
    const c = clock(at, zone);
    return c ? c.hms + (thousandths ? '.' + c.ms : '') : NONE;
}

export function dayTime(at: string | number | null | undefined, zone: Zone): string {
    const c = clock(at, zone);
    return c ? `${c.day} ${c.hms}` : NONE;
}

/* "EST", "UTC", "GMT+2": what the times are in. */
export function zoneName(zone: Zone, at = Date.now()): string {
    return format(zone, 'name').formatToParts(at).find((p) => p.type === 'timeZoneName')?.value ?? zone;
}

/* Sign as a class name, for colour beside the sign itself. */
export function tone(v: Num): string {
    return known(v) && v !== 0 ? (v > 0 ? 'up' : 'down') : '';
}

/* Words of keys: "orders_today" is "orders today". */
export function words(key: string): string {
    return key.replaceAll('_', ' ');
}
