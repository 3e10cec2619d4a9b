/* lib/facts.ts - an answer whose keys this page does not know one by one, as names, values and tables. Pure. */
import { known, num, NONE, words } from './format';
import type { Fact } from '../parts/Facts.svelte';

export interface Told {
    facts: Fact[];
    tables: { name: string; rows: Record<string, unknown>[]; keys: string[] }[];
    unknown: { name: string; reason: string }[];
}

function isRow(v: unknown): v is Record<string, unknown> {
    return typeof v === 'object' && v !== null && !Array.isArray(v);
}

export function plain(v: unknown): string {
    if (v === null || v === undefined || v === '') return NONE;
    if (typeof v === 'boolean') return v ? 'yes' : 'no';
    if (typeof v === 'number') return known(v) ? num(v, Number.isInteger(v) ? 0 : 3) : NONE;
    if (Array.isArray(v)) return v.map(plain).join(', ') || NONE;
    return typeof v === 'string' ? v : JSON.stringify(v);
}

/* Keys of one object; objects within are written behind a point, lists of objects become tables. A null goes to
 * `unknown` with "<key>_reason", or the reason of the whole. */
export function told(answer: unknown, before = '', out: Told = { facts: [], tables: [], unknown: [] }, whole?: string): Told {
    if (!isRow(answer)) return out;
    const reason = typeof answer.reason === 'string' ? answer.reason : whole;
    for (const [key, v] of Object.entries(answer)) {
        if (key === 'reason' || key === 'ok' || key.endsWith('_reason')) continue;
        const name = before + words(key);
        const why = answer[key + '_reason'];
        if (v === null) out.unknown.push({ name, reason: typeof why === 'string' ? why : (reason ?? 'not told') });
        else if (Array.isArray(v) && v.some(isRow)) {
            const rows = v.filter(isRow);
            out.tables.push({ name, rows, keys: [...new Set(rows.flatMap((r) => Object.keys(r)))] });
        } else if (isRow(v)) told(v, name + ' · ', out, reason);
        else out.facts.push({ name, text: plain(v) });
    }
    return out;
}
