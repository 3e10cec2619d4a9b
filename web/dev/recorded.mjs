/* web/dev/recorded.mjs - recorded days of the stand-in: two sessions with a hole between them, a snapshot each 100 ms, made from
 * its time alone. Test material for the pages; no part of the program. */
const DAYS = [['2026-11-18', 'good', 0.002], ['2026-11-19', 'fair', 0.04], ['2026-11-20', 'bad', 0.31]];
const SESSIONS = [[0, 600_000], [900_000, 1_200_000]]; /* ms from 10:30 in New York */
const STEP = 100;
const LEVELS = 20;

const beginOf = (day) => Date.parse(day + 'T15:30:00Z');
const iso = (ms) => new Date(ms).toISOString().replace('Z', '125+00:00'); /* microseconds, as the server tells them */

function book(day, n, at) {
    const mid = 59840 + Math.round(40 * Math.sin(n / 400)) + (n % 3);
    const side = (from, by) => Array.from({ length: LEVELS }, (_, i) => [(mid + from + by * i) / 100, 100 * (1 + ((n + 7 * (mid + from + by * i)) % 23))]);
    return { time: iso(at), quality: n % 1000 < 40 ? ['gap', 'generated'] : ['generated'], bids: side(0, -1), asks: side(1, 1) };
}

/* Times of snapshots within from <= t <= to. */
function* snapshots(day, from, to) {
    const begin = beginOf(day);
    for (const [a, b] of SESSIONS)
        for (let n = Math.max(a / STEP, Math.ceil((from - begin) / STEP)); n <= b / STEP && begin + n * STEP <= to; n++) yield [n, begin + n * STEP];
}

export function recordings() {
    const day = ([d, grade, part]) => {
        const begin = beginOf(d);
        const sessions = SESSIONS.map(([a, b]) => ({ first: iso(begin + a), last: iso(begin + b), rows: (b - a) / STEP + 1 }));
        return { day: d, looked: true, bytes: 4_200_000, rows: 9002, bad: Math.round(9002 * part), grade, first: sessions[0].first, last: sessions.at(-1).last, problem: null, sessions };
    };
    return { folder: './data/level2', complete: true, cut: false, symbols: [{ symbol: 'AAPL', days: [day(DAYS[0])] }, { symbol: 'SPY', days: DAYS.map(day) }], reason: 'made' };
}

/* The answer of /recordings/SYMBOL[/at]?...; undefined: there is none. */
export function recording(symbol, what, query) {
    const known = recordings().symbols.find((s) => s.symbol === symbol)?.days.find((d) => d.day === query.get('day'));
    if (!known) return undefined;
    if (what === 'at') {
        const at = Date.parse(query.get('time'));
        const all = [...snapshots(known.day, 0, Infinity)];
        const i = all.findLastIndex(([, t]) => t < at);
        return i < 0 ? undefined : { symbol, day: known.day, ...book(known.day, ...all[i]), before: all[i - 1] ? iso(all[i - 1][1]) : null, after: all[i + 1] ? iso(all[i + 1][1]) : null, reason: 'null: no snapshot' };
    }
    const [from, to] = [Date.parse(query.get('from')), Date.parse(query.get('to'))];
    const step = (to - from) / Number(query.get('columns'));
    const columns = new Map();
    for (const [n, t] of snapshots(known.day, from, to - 1)) columns.set(Math.floor((t - from) / step), book(known.day, n, t));
    return { symbol, day: known.day, step_ms: step, until: iso(to - 1), columns: [...columns.values()], trades: null, trades_reason: 'prints of recordings (their ticks files) are not read here' };
}
