/* web/dev/server.mjs - a stand-in for the dashboard server: the paths, frames and refusals that the pages rely on, over a
 * made session (dev/market.mjs). For unit and browser tests of the pages alone; the program never contains it.
 *   node dev/server.mjs [--port N] [--speed X] [--no-desk]     prints one JSON line: {"url","token"} */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';
import { Session } from './market.mjs';
import { recording, recordings } from './recorded.mjs';
import { Station } from './station.mjs';

const CSP = "default-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
const TYPES = { html: 'text/html; charset=utf-8', js: 'text/javascript', css: 'text/css', svg: 'image/svg+xml' };
const FRAME_MS = 40;
const NO_DESK = 'no desk runs with this state folder';

function optionsOf(argv) {
    const value = (name, preset) => (argv.includes(name) ? argv[argv.indexOf(name) + 1] : preset);
    return { port: Number(value('--port', '0')), speed: Number(value('--speed', '1')), noDesk: argv.includes('--no-desk') };
}

export async function startStandIn({ port = 0, speed = 1, noDesk = false } = {}) {
    const session = new Session();
    const station = new Station();
    const token = randomBytes(32).toString('hex');
    const cookie = randomBytes(16).toString('hex');
    const nonces = new Map();
    const clients = new Set();
    const dist = new URL('../dist/', import.meta.url);

    const mayTrade = (req) => (req.headers.cookie ?? '').includes(`tapedeck=${cookie}`) || req.headers.authorization === `Bearer ${token}`;
    const status = () => (noDesk ? { ok: false, reason: NO_DESK } : session.status());

    function one(path, query) {
        const parts = path.split('/');
        const line = session.line(decodeURIComponent(parts[1] ?? ''));
        const limit = Number(query.get('limit') ?? 500);
        const events = () => session.events.slice(-limit).reverse().map(({ order: _, ...e }) => e);
        if (parts[0] === 'recordings') return noDesk ? (parts[1] ? undefined : { folder: './data/level2', complete: true, cut: false, symbols: null, symbols_reason: 'there is no folder ./data/level2' }) : parts[1] ? recording(parts[1], parts[2], query) : recordings();
        if (parts[0] === 'orders' && parts[1]) {
            const order = session.orders.find((o) => o.id === Number(parts[1]));
            return order ? { order, timeline: session.events.filter((e) => e.order === order.id || e.id === order.id).map(({ id, time, event, code, text }) => ({ id, time, event, code, text })), fills: session.fills.filter((f) => f.order_id === order.id) } : undefined;
        }
        const table = {
            status, gates: () => (noDesk ? status() : session.gates()),
            symbols: () => ({ symbols: noDesk ? [] : session.lines.map((l) => l.quote(session.at)) }),
            books: () => line?.book(session.at), bars: () => line && { symbol: line.symbol, span_s: 60, bars: line.bars }, trades: () => line && { symbol: line.symbol, newest: line.n, trades: line.prints },
            orders: () => ({ orders: noDesk ? [] : session.orders.slice(-limit).reverse() }), fills: () => ({ fills: noDesk ? [] : [...session.fills].reverse() }),
            intents: () => ({ intents: noDesk ? [] : session.intents.slice(-limit).reverse() }), events: () => ({ events: noDesk ? [] : events() }),
            equity: () => (noDesk ? { points: [], reason: 'no execution yet' } : { points: session.points }),
            config: () => ({ settings: [['KILL_DAILY_LOSS_PCT', '0.05', 'preset'], ['KILL_POSITION_LOSS_PCT', '0.02', 'preset'], ['KILL_LOSING_STREAK', '5', 'preset'], ['KILL_DRAWDOWN_PCT', '0.1', 'preset'], ['ALLOW_ORDERS', '1', 'environment'], ['IB_PASSWORD', '***', '.env']].map(([key, value, source]) => ({ key, value, source })) }),
            scanner: () => (noDesk ? { rows: null, reason: 'no scanner runs with this state folder (tapedeck scan --serve starts one)' } : station.told()),
            alerts: () => ({ alerts: status().alerts ?? [] }),
            latency: () => ({ stages: null, reason: 'no stage of the order path is measured yet' }), recorder: () => ({ recorder: null, reason: 'this desk records nothing' }),
            journal: () => (noDesk ? { lag_ms: null, reason: NO_DESK } : { records: session.records, lag_ms: 0.8, disk_free_bytes: 81e9 }),
            gateway: () => (noDesk ? { state: null, reason: NO_DESK } : { state: 'READY', broker: 'up', clock_offset_ms: 3, reconnects: 1, farms: session.status().connection.farms }),
        };
        return table[parts[0]]?.();
    }

    function send(res, code, body, headers = {}) {
        const text = JSON.stringify(body);
        res.writeHead(code, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff', ...headers });
        res.end(text);
    }

    function act(req, res, name, body) {
        if (req.headers['x-tapedeck'] !== '1' || req.headers['content-type'] !== 'application/json') return send(res, 403, { error: 'header X-Tapedeck is missing' });
        if (name === 'login') {
            if (body.token !== token) return send(res, 401, { error: 'this token or password is wrong' });
            return send(res, 200, { ok: true, scopes: ['read', 'trade'] }, { 'Set-Cookie': `tapedeck=${cookie}; HttpOnly; SameSite=Strict; Path=/` });
        }
        if (name === 'logout') return send(res, 200, { ok: true }, { 'Set-Cookie': 'tapedeck=; Max-Age=0; Path=/' });
        if (!mayTrade(req)) return send(res, 401, { error: 'the trade token is needed' });
        if (noDesk) return send(res, 503, { error: NO_DESK });
        if (name.startsWith('scanner/')) return send(res, 200, station.say(name.slice(8), body));
        if (name === 'nonce') {
            const nonce = randomBytes(8).toString('hex');
            nonces.set(nonce, body.action);
            const say = { flatten: 'cancels 3 orders, SELL 300 SPY at market, BUY 200 AAPL at market', resume: `new orders may leave again; halted because: ${session.halted ?? 'it is not halted'}` };
            return send(res, 200, { nonce, expires_in: 60, confirm: body.action.toUpperCase().replace('-', ' '), consequence: say[body.action] ?? `does ${body.action}` });
        }
        if (name === 'ack') {
            session.seen.set(body.id, new Date().toISOString());
            return send(res, 200, session.status());
        }
        if (name !== 'halt') {
            if (nonces.get(body.nonce) !== name || body.confirm !== name.toUpperCase().replace('-', ' ')) return send(res, 403, { error: 'this needs a nonce and its word' });
            nonces.delete(body.nonce);
        }
        session.acts.push({ name, ...body });
        if (name === 'halt') session.halted = `dashboard: ${body.reason || 'by hand'}`;
        if (name === 'resume') session.halted = null;
        session.record(name.toUpperCase(), null, null, null, body.reason);
        return send(res, 200, session.status());
    }

    function file(res, path) {
        const name = path === '/' ? 'index.html' : path.slice(1);
        if (!/^[\w.-]+$/.test(name) || !existsSync(new URL(name + '.gz', dist))) return send(res, 404, { error: 'there is no such page' });
        res.writeHead(200, { 'Content-Type': TYPES[name.split('.').pop()] ?? 'application/octet-stream', 'Content-Encoding': 'gzip', 'Content-Security-Policy': CSP, 'X-Content-Type-Options': 'nosniff', 'Cache-Control': 'no-cache' });
        return res.end(readFileSync(new URL(name + '.gz', dist)));
    }

    const server = createServer((req, res) => {
        const url = new URL(req.url, 'http://localhost');
        if (!url.pathname.startsWith('/api/v1/')) return file(res, url.pathname);
        const name = url.pathname.slice(8);
        if (req.method === 'POST') {
            let text = '';
            req.on('data', (d) => (text += d));
            req.on('end', () => act(req, res, name, JSON.parse(text || '{}')));
            return undefined;
        }
        if (name === 'session') return send(res, 200, { version: '0.1.0', mode: noDesk ? null : 'paper', scopes: mayTrade(req) ? ['read', 'trade'] : ['read'], trade_token_needed: !mayTrade(req), now: new Date().toISOString() });
        const body = one(name, url.searchParams);
        return body === undefined ? send(res, 404, { error: 'there is no such path' }) : send(res, 200, body);
    });

    function valueOf(client, topic, full) {
        const [kind, symbol] = topic.split(':');
        const line = session.line(symbol);
        if (noDesk) return kind === 'status' ? status() : kind === 'symbols' ? { symbols: [] } : undefined;
        if (kind === 'status') return full || client.frames % 12 === 0 ? status() : undefined;
        if (kind === 'symbols') return full || client.frames % 6 === 0 ? one('symbols', new URLSearchParams()) : undefined;
        if (kind === 'book') return line?.book(session.at);
        if (kind === 'trades' && line) {
            const after = full ? 0 : (client.after.get(topic) ?? 0);
            client.after.set(topic, line.n);
            const trades = line.prints.filter((p) => p.n > after);
            return full || trades.length ? { symbol, newest: line.n, trades } : undefined;
        }
        if (kind === 'bars' && line) return full ? { symbol, span_s: 60, bars: line.bars } : { symbol, span_s: 60, bars: line.bars.slice(-1) };
        if (kind === 'orders') return full ? { orders: session.orders.slice(-100) } : undefined;
        if (kind === 'events') {
            const after = full ? 0 : (client.after.get(topic) ?? 0);
            client.after.set(topic, session.records);
            const events = session.events.filter((e) => e.id > after).slice(-100).map(({ order: _, ...e }) => e);
            return events.length ? { events } : undefined;
        }
        return undefined;
    }
    function push(client) {
        const full = client.full;
        const topics = {};
        for (const t of client.topics) {
            const v = valueOf(client, t, full);
            if (v !== undefined) topics[t] = v;
        }
        client.frames++;
        if (!full && !Object.keys(topics).length) return;
        client.full = false;
        client.seq++;
        if (client.skip > 0) {
            client.skip--;
            return;
        }
        client.ws.send(JSON.stringify({ type: 'update', seq: client.seq, time: new Date(session.at).toISOString(), ...(full ? { full: true } : {}), topics }));
    }
    const sockets = new WebSocketServer({ server, path: '/ws' });
    sockets.on('connection', (ws) => {
        const client = { ws, topics: [], seq: 0, full: false, frames: 0, skip: 0, after: new Map() };
        clients.add(client);
        ws.send(JSON.stringify({ type: 'connection', status: 'connected', timestamp: new Date().toISOString() }));
        ws.on('message', (data) => {
            const m = JSON.parse(data.toString());
            if (m.type !== 'subscribe' || !Array.isArray(m.topics)) return;
            client.topics = m.topics;
            client.full = true;
        });
        ws.on('close', () => clients.delete(client));
    });

    const timer = setInterval(() => {
        if (!noDesk) session.step(FRAME_MS * speed);
        for (const c of clients) push(c);
    }, FRAME_MS);
    await new Promise((done) => server.listen(port, '127.0.0.1', done));
    return {
        url: `http://127.0.0.1:${server.address().port}`,
        token, session, clients,
        async close() {
            clearInterval(timer);
            for (const c of clients) c.ws.terminate();
            sockets.close();
            server.closeAllConnections();
            await new Promise((done) => server.close(done));
        },
    };
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
    const s = await startStandIn(optionsOf(process.argv.slice(2)));
    console.log(JSON.stringify({ url: s.url, token: s.token }));
}
