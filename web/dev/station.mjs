/* web/dev/station.mjs - the scanner that serves, for the stand-in: a fixed table, and slots that go as the program's do. */
const MOVERS = [['TSLA', 4.17, 2], ['NVDA', 2.06, 1.4], ['META', 1.95, 1.9], ['AAPL', 1.58, 1.9], ['MSFT', 0.9, 1.9], ['GOOG', 0.78, 1.9], ['INTC', 0.42, 1.8], ['AMZN', 0.28, 2.04]];
const SLOTS = 5;

export class Station {
    sessions = []; /* in the order of their start */
    hidden = [];

    slots() {
        const held = this.sessions.filter((s) => s.depth).length;
        return { held, of: SLOTS, granted: SLOTS, queued: this.sessions.length - held };
    }
    promote() {
        for (const s of this.sessions) if (!s.depth && this.slots().held < SLOTS) Object.assign(s, { depth: true, asked: Date.now() });
    }
    status(symbol) {
        const s = this.sessions.find((o) => o.symbol === symbol);
        return !s ? 'Idle' : s.depth ? 'L2' : 'Queued';
    }
    list() {
        let place = 0;
        return this.sessions.map((s) => ({ symbol: s.symbol, status: this.status(s.symbol), depth_comes: !!s.depth && Date.now() - s.asked > 300, place: s.depth ? null : ++place, started: s.started, ticks: 10, messages: s.depth ? 100 : 0, snapshots: s.depth ? 20 : 0, gaps: 0, dropped: 0, attempts: 0, trouble: null }));
    }
    rest() {
        return { slots: this.slots(), etfs: { excluded: true, known: 12 }, sessions: this.list(), hidden: this.hidden, output: './data/level2', ended: null, recorder_connected: true, scanner_connected: true };
    }
    told() {
        const now = new Date().toISOString();
        const rows = MOVERS.filter(([s]) => !this.hidden.includes(s)).map(([symbol, gap_pct, rvol], i) => ({ symbol, price: 20 + i, gap_pct, rvol, volume: 1.2e6 - i * 1e4, adv20: 9e6, previous_close: 19 + i, open: 20 + i, last: 20.5 + i, spread: 0.02, halted: i === 6 ? null : false, why: 'gainer active', reason: i === 6 ? 'halts are not known' : null, exchange: 'NASDAQ', updated: now, status: this.status(symbol) }));
        return { rows, scan: { day: now.slice(0, 10), time: '10:31', note: null, seen: 30, listed: rows.length, dropped: {} }, last_scan: now, ...this.rest() };
    }
    say(word, { symbols = [], all = false }) {
        if (word === 'start') for (const symbol of symbols) if (this.status(symbol) === 'Idle') this.sessions.push({ symbol, depth: false, started: new Date().toISOString() });
        if (word === 'stop') this.sessions = all ? [] : this.sessions.filter((s) => !symbols.includes(s.symbol));
        if (word === 'hide') this.hidden = [...new Set([...this.hidden, ...symbols])];
        if (word === 'unhide') this.hidden = all ? [] : this.hidden.filter((s) => !symbols.includes(s));
        this.promote();
        return { ok: true, ...this.rest() };
    }
}
