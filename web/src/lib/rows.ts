/* lib/rows.ts - lists that grow by what is pushed: merged by key, bounded, never unsorted by accident. Pure. */

/* `next` over `prev`: rows with the same key are replaced, new ones come in front; at most `max` stay. The order is by
 * key, greatest first. */
export function mergeNewest<T>(prev: T[], next: T[], key: (row: T) => number, max: number): T[] {
    if (!next.length) return prev;
    const byKey = new Map<number, T>();
    for (const row of prev) byKey.set(key(row), row);
    for (const row of next) byKey.set(key(row), row);
    return [...byKey.values()].sort((a, b) => key(b) - key(a)).slice(0, max);
}

/* The same for series that go up: oldest first, the newest `max` stay. */
export function mergeSeries<T>(prev: T[], next: T[], key: (row: T) => number, max: number): T[] {
    if (!next.length) return prev;
    const last = prev.at(-1);
    const first = next[0]!;
    if (last && key(first) >= key(last) && next.every((r, i) => i === 0 || key(r) > key(next[i - 1]!))) {
        const base = key(first) === key(last) ? prev.slice(0, -1) : prev;
        return base.concat(next).slice(-max);
    }
    return mergeNewest(prev, next, key, max).reverse();
}

export type Cell = string | number | boolean | null | undefined;
export type Direction = 1 | -1;

/* Numbers by size, texts by letter, what is not known always last. Stable. */
export function sorted<T>(rows: T[], value: (row: T) => Cell, direction: Direction): T[] {
    const isNone = (v: Cell) => v === null || v === undefined || v === '';
    return [...rows].sort((a, b) => {
        const x = value(a);
        const y = value(b);
        if (isNone(x) || isNone(y)) return Number(isNone(x)) - Number(isNone(y));
        if (typeof x === 'number' && typeof y === 'number') return (x - y) * direction;
        return String(x).localeCompare(String(y), 'en', { numeric: true }) * direction;
    });
}

/* RFC 4180, with the cure against cells that a spreadsheet would run: text that begins as a formula gets an apostrophe. */
export function csv(header: string[], rows: Cell[][]): string {
    const one = (v: Cell): string => {
        if (v === null || v === undefined) return '';
        if (typeof v !== 'string') return String(v);
        const safe = /^[=+\-@\t\r]/.test(v) ? "'" + v : v;
        return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
    };
    return [header, ...rows].map((r) => r.map(one).join(',')).join('\r\n') + '\r\n';
}

/* Rows whose text has every word of the filter. */
export function filtered<T>(rows: T[], words: string, text: (row: T) => string): T[] {
    const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
    if (!wanted.length) return rows;
    return rows.filter((r) => {
        const t = text(r).toLowerCase();
        return wanted.every((w) => t.includes(w));
    });
}
