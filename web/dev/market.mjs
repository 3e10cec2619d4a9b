/* web/dev/market.mjs - the stand-in's session: a made market and made orders, the same for the same seed. Test material
 * for the pages; no part of the program and never shipped with it. */

function randomOf(seed) {
    let a = seed >>> 0;
    return () => {
        a = (a + 0x6d2b79f5) >>> 0;
        let t = Math.imul(a ^ (a >>> 15), a | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
    };
}

const LEVELS = 20;
const round = (v, d = 2) => Math.round(v * 10 ** d) / 10 ** d;
const BAR_S = 60;

class Line {
    constructor(symbol, price, random) {
        this.symbol = symbol;
        this.random = random;
        this.mid = Math.round(price * 100);
        this.sizes = new Map();
        this.prints = [];
        this.n = 0;
        this.bars = [];
        this.events = 0;
        this.cvd = 0;
        this.ofi = 0;
        this.gaps = 0;
        this.badUntil = 0;
    }

    size(tick) {
        let s = this.sizes.get(tick);
        if (s === undefined) {
            s = Math.round(100 * (1 + this.random() * 8) * (tick % 25 === 0 ? 4 : 1));
            this.sizes.set(tick, s);
        }
        return s;
    }

    step(ms) {
        const r = this.random();
        if (r < 0.12) this.mid += this.random() < 0.5 ? 1 : -1;
        for (let k = 0; k < 6; k++) {
            const tick = this.mid - LEVELS + Math.floor(this.random() * LEVELS * 2);
            this.sizes.set(tick, Math.max(100, Math.round(this.size(tick) * (0.7 + this.random() * 0.6))));
            this.events++;
        }
        if (this.sizes.size > 4000) this.sizes.clear();
        this.ofi = round(this.ofi * 0.98 + (this.random() - 0.5) * 400, 0);
        if (this.random() < 0.0008) {
            this.badUntil = ms + 6000;
            this.gaps++;
        }
        if (this.random() < 0.35) this.print(ms);
        this.bar(ms);
    }

    print(ms) {
        const buy = this.random() < 0.5;
        const size = Math.max(1, Math.round(Math.exp(this.random() * 7)));
        this.n++;
        this.cvd += buy ? size : -size;
        this.prints.push({ n: this.n, time: new Date(ms).toISOString(), price: (this.mid + (buy ? 1 : 0)) / 100, size, aggressor: buy ? 'buy' : 'sell', exchange: 'NYSE' });
        if (this.prints.length > 512) this.prints.shift();
        this.volume = size;
    }

    bar(ms) {
        const start = Math.floor(ms / 1000 / BAR_S) * BAR_S;
        const price = this.mid / 100;
        let b = this.bars.at(-1);
        if (!b || b.time !== start) {
            b = { time: start, open: price, high: price, low: price, close: price, volume: 0 };
            this.bars.push(b);
            if (this.bars.length > 2048) this.bars.shift();
        }
        b.high = Math.max(b.high, price);
        b.low = Math.min(b.low, price);
        b.close = price;
        b.volume += this.volume ?? 0;
        this.volume = 0;
    }

    book(ms) {
        const side = (from, by) => Array.from({ length: LEVELS }, (_, i) => [(this.mid + from + by * i) / 100, this.size(this.mid + from + by * i)]);
        const bids = side(0, -1);
        const asks = side(1, 1);
        const b = bids[0][1];
        const a = asks[0][1];
        return {
            symbol: this.symbol, time: new Date(ms).toISOString(), quality: ms < this.badUntil ? ['GAP', 'GENERATED'] : ['GENERATED'], bids, asks,
            microprice: round((bids[0][0] * a + asks[0][0] * b) / (a + b), 4), imbalance: round((b - a) / (a + b), 4), ofi: this.ofi, cvd: this.cvd,
        };
    }

    quote(ms) {
        return {
            symbol: this.symbol, last: this.prints.at(-1)?.price ?? null, bid: this.mid / 100, ask: (this.mid + 1) / 100, bid_size: this.size(this.mid), ask_size: this.size(this.mid + 1),
            time: new Date(ms).toISOString(), age_ms: 40, generated: true, status: 'open', events: this.events, gaps: this.gaps,
        };
    }
}

const GATES = [
    ['FORM', null, null, 'the intent', 'the intent is malformed'], ['ALLOW_ORDERS', null, null, 'ALLOW_ORDERS', 'ALLOW_ORDERS is not 1'], ['SESSION', null, null, 'connection and start-up checks', 'the broker session is not ready'],
    ['JOURNAL', null, null, 'the journal', 'the journal cannot be written'], ['HALT', null, null, 'our halt', 'trading is halted'], ['DISK', null, null, 'free disk space', 'too little disk space'],
    ['QUOTE', 'QUOTE_AGE', '2000 ms', 'the quote and its age', 'no fresh, live, uncrossed quote'], ['ORDER_SIZE', 'ORDER_SIZE', '400', 'quantity', 'the order is larger than the size limit'],
    ['DAY_VALUE', 'DAY_VALUE', '100000', 'order values of the day', 'the day’s order value is used up'], ['POSITION', 'POSITION', '1000', 'position and working orders', 'the position would pass its limit'],
    ['OPEN_POSITIONS', 'OPEN_POSITIONS', '20', 'positions', 'too many symbols are held'], ['LEVERAGE', 'LEVERAGE', '2', 'positions, prices, equity', 'the leverage would pass its limit'],
    ['SECTOR', 'SECTOR_EXPOSURE', 'off', 'positions of the sector', 'too much would be in this sector'], ['OPEN_ORDERS', 'OPEN_ORDERS', '4', 'working orders', 'too many open orders for the symbol'],
    ['TRADES_TODAY', 'TRADES', '20', 'orders of the day', 'the day’s number of trades is used up'], ['DAY_LOSS', 'DAY_LOSS', '20000', 'profit and loss of the day', 'the day’s loss limit is reached'],
    ['RATE', 'RATE', '10', 'orders of the last minute', 'too many orders in the last minute'],
];

export class Session {
    constructor({ seed = 7, symbols = ['SPY', 'AAPL', 'MSFT', 'ES'], start = Date.parse('2026-11-20T15:30:00Z'), warmMinutes = 120 } = {}) {
        this.random = randomOf(seed);
        this.lines = symbols.map((s, i) => new Line(s, [598.4, 231.15, 417.8, 6021.5][i % 4], this.random));
        this.at = start;
        this.halted = null;
        this.records = 0;
        this.orders = [];
        this.fills = [];
        this.intents = [];
        this.events = [];
        this.points = [];
        this.realized = 0;
        this.acts = [];
        this.seen = new Map(); /* alerts that were acknowledged */
        for (let k = 0; k < warmMinutes * 15; k++) this.step(4000);
    }

    record(event, symbol, order, code, text) {
        const e = { id: ++this.records, time: new Date(this.at).toISOString(), event, symbol, code, text, order };
        this.events.push(e);
        if (this.events.length > 2000) this.events.shift();
        return e.id;
    }

    step(ms) {
        this.at += ms;
        for (const l of this.lines) l.step(this.at);
        if (this.random() < 0.012 && !this.halted) this.trade();
    }

    trade() {
        const l = this.lines[Math.floor(this.random() * 2)];
        const side = this.random() < 0.5 ? 'BUY' : 'SELL';
        const time = new Date(this.at).toISOString();
        const denied = this.random() < 0.25;
        const id = this.record(denied ? 'DENIED' : 'ORDER', l.symbol, null, null, denied ? 'the order is larger than the size limit' : 'fast crossed slow');
        this.intents.push({ id, time, symbol: l.symbol, strategy: 'sma_cross', side, approved: !denied, gate: denied ? 'ORDER_SIZE' : null, reason: denied ? 'the order is larger than the size limit' : 'fast crossed slow' });
        if (denied) return;
        const price = (l.mid + (side === 'BUY' ? 1 : 0)) / 100;
        const status = this.orders.length === 3 ? 'unknown' : this.random() < 0.08 ? 'rejected' : 'filled';
        const o = {
            id, symbol: l.symbol, side, quantity: 100, order_type: 'LMT', status, timestamp: time, order_id: 1000 + this.orders.length, perm_id: 90000 + id, client_id: 2011, account: 'DU1234567', limit_price: price, stop_price: null,
            filled: status === 'filled' ? 100 : 0, average_price: status === 'filled' ? price : null, commission: status === 'filled' ? 1 : null, strategy: 'sma_cross', reason: 'fast crossed slow', ref: `td-${id}`,
            broker_status: status === 'filled' ? 'Filled' : status === 'rejected' ? 'Inactive' : null, error_code: status === 'rejected' ? 201 : null, message: status === 'rejected' ? 'Order rejected - reason: <img src=x onerror=alert(1)>' : null, sent_at: time, done_at: status === 'unknown' ? null : time,
        };
        this.orders.push(o);
        this.record('SENT', l.symbol, id, null, null);
        if (status === 'rejected') this.record('ERROR', l.symbol, id, 201, o.message);
        if (status !== 'filled') return;
        this.record('STATUS', l.symbol, id, null, 'Filled, 100 of 100');
        const pnl = side === 'SELL' ? round((this.random() - 0.45) * 120) : null;
        this.realized += (pnl ?? 0) - 1;
        const fill = this.record('FILL', l.symbol, id, null, `100 @ ${price}`);
        this.fills.push({ id: fill, order_id: id, time: time, price, quantity: 100, commission: 1, symbol: l.symbol, side: side === 'BUY' ? 'BOT' : 'SLD', pnl, exec_id: `0000e0d5.${fill}.01.01`, exec_base: `0000e0d5.${fill}.01`, currency: 'USD', corrected: 0 });
        this.points.push({ time, realized: round(this.realized), equity: round(1e6 + this.realized + (this.random() - 0.5) * 80) });
    }

    line(symbol) {
        return this.lines.find((l) => l.symbol === symbol);
    }

    status() {
        const held = (l, q, dx) => ({ symbol: l.symbol, quantity: q, average: round(l.mid / 100 - dx), mark: round(l.mid / 100 + 0.005, 3), realized: round(this.realized / 2), unrealized: round(dx * q), fees: round(this.fills.length / 2), open_orders: 1 });
        const [a, b] = this.lines;
        const work = (l, key, action, dx, more) => ({
            key, order_id: 1500 + key, perm_id: 70000 + key, client_id: 2011, symbol: l.symbol, action, quantity: 100, filled: 0, type: 'LMT', limit: round((l.mid + dx) / 100), stop: null, state: 'working', broker_status: 'Submitted', role: 'entry', parent: 0, strategy: 'sma_cross', foreign: false, ...more,
        });
        const orders = this.halted ? [] : [work(a, 900001, 'BUY', -4, {}), work(b, 900002, 'SELL', 6, {}), work(a, 0, 'SELL', 12, { foreign: true, client_id: 0, strategy: null, role: null })];
        const lost = this.orders.find((o) => o.status === 'unknown');
        if (lost) orders.push(work(this.line(lost.symbol), lost.id, lost.side, 0, { state: 'unknown', broker_status: null, limit: lost.limit_price }));
        return {
            ok: true, version: '0.1.0', mode: 'paper', account: 'DU1234567', session: 'ready', halted: !!this.halted, halt_reason: this.halted,
            armed: true, settings_refused: null, intents_today: this.intents.length, denied_today: this.intents.filter((i) => !i.approved).length, orders_today: this.orders.length, fills_today: this.fills.length, unknown_orders: lost ? 1 : 0,
            last_denial: 'the order is larger than the size limit', pnl_today: round(this.realized + 100 * 0.31 - 200 * 0.12), equity: round(1e6 + this.realized), gross_position_value: round((300 * a.mid + 200 * b.mid) / 100), day_trades_left: -1, positions_equal: true, positions_pending: 0,
            positions: [held(a, 300, 0.31), held(b, -200, 0.12)], positions_not_told: 0, orders, orders_not_told: 0,
            frozen: [{ symbol: this.lines[2]?.symbol ?? 'X', state: 'reduce-only', reason: 'position changed by somebody else' }], brackets: [{ key: 900001, symbol: a.symbol, filled: 100, target: round(a.mid / 100 + 0.6), stop: round(a.mid / 100 - 0.4) }], guards: [],
            algos: [{ key: 900003, symbol: b.symbol, action: 'BUY', algo: 'twap', exit: false, quantity: 1000, filled: 400, working: 100, children: 4, seconds_left: 1800, average: round(b.mid / 100), arrival: round(b.mid / 100 - 0.02), slippage_bps: 0.8, waits_for: null }],
            strategies: this.lines.map((l) => ({ name: 'sma_cross', symbol: l.symbol, object: null, state: 'running', reason: null })),
            signals: { file: null, lines: 0, kept: 0, VALIDATED: 0, REJECTED: 0, EXECUTED: 0, score: null }, missing: '',
            checklist: ['session', 'account', 'clock', 'order-ids', 'open-orders', 'executions', 'positions', 'contracts', 'quotes', 'journal'].map((item) => ({ item, state: 'ok', waived: false })),
            connection: { state: 'READY', text: 'READY since 2026-11-20T14:25:00Z, tries 0', broker: 'up', outages: 1, reconnects: 1, heartbeats_missed: 0, bad_messages: 0, messages_per_second: 12, clock_jumps: 0, farms: [['usfarm', 'market'], ['ushmds', 'history'], ['secdefnj', 'contracts']].map(([name, kind]) => ({ name, kind, state: 'ok' })) },
            alerts: lost ? [{ word: 'unknown-order', since: lost.timestamp, tries: 2, next_try: null, text: `order ${lost.id}: its fate is not known <b>yet</b>`, action: 'look at the broker’s own list of orders', acknowledged: this.seen.get('unknown-order') ?? null, note: null }] : [],
            market_data: { lines: this.lines.length, live: this.lines.length, refused: 0, stale: 0, waiting_for_a_slot: 0, late_messages_dropped: 3, not_well: [] },
            circuit_breakers: ['orders', 'data', 'broker'].map((name, i) => ({ name, state: 'closed', total_calls: 1000 * (i + 1), successful_calls: 1000 * (i + 1) - i, failed_calls: i, consecutive_failures: 0, consecutive_successes: 90, times_opened: 0, times_recovered: 0, failure_rate: 0, state_duration: 3900.2, last_failure_ago: i ? 1800 : null, last_success_ago: 0.2 })),
            stop_loss: { total_stops: 1, active_stops: 1, stops: [] }, round_trips: { trips: 24, wins: 13, losses: 11, consecutive_losses: 1, net: round(this.realized), fees: this.fills.length, unmatched: 0 },
            clock: { market_hours_by: 'wall', offset_s: 0.003, reason: null }, journal: { last_record: this.records, durable: this.records, waiting: 0, ok: true }, disk_ok: true, last_tick_age_s: 0.04,
            kill_switch: { limits: { daily_loss: 0.05, position_loss: 0.02, losing_streak: 5, drawdown: 0.1, invalid_data: 0 }, daily_loss: 0.0021, position_loss: 0.001, losing_streak: 1, drawdown: 0.0042, invalid_data: 0, worst_drawdown: 0.006 },
        };
    }

    gates() {
        return {
            ok: true, symbols: this.lines.length, symbols_asked: this.lines.length,
            gates: GATES.map(([gate, limit, value, looks_at, closed_means]) => {
                const closed = gate === 'HALT' && this.halted ? this.lines.map((l) => l.symbol) : [];
                return { gate, open: !closed.length, closed_for: closed, limit, value, setting: limit ? 'MAX_' + limit : null, reducing: 'pass', looks_at, closed_means };
            }),
        };
    }
}
