/* lib/state.svelte.ts - everything the pages show, in one place. Values from the server are replaced whole ($state.raw):
 * a frame costs what it changes and nothing is copied into proxies. Lists are bounded. */
import { get } from './api';
import { HeatStore } from './heat';
import { Link, type LinkState } from './link';
import type { Zone } from './format';
import { placeOf, type Place } from './pages';
import { mergeNewest, mergeSeries } from './rows';
import type { Bar, Book, Event, Order, Print, Quote, Session, Status } from './types';

const ORDERS_MAX = 2000;
const EVENTS_MAX = 1000;
const PRINTS_MAX = 5000;
const BARS_MAX = 2048;
const STORES_MAX = 3;

function kept(key: string, preset: string): string {
    try {
        return localStorage.getItem('tapedeck.' + key) ?? preset;
    } catch {
        return preset;
    }
}

function keep(key: string, value: string): void {
    try {
        localStorage.setItem('tapedeck.' + key, value);
    } catch {
        /* a browser that keeps nothing: the choice holds until the page is closed */
    }
}

class App {
    session = $state.raw<Session | null>(null);
    sessionError = $state<string | null>(null);
    status = $state.raw<Status | null>(null);
    statusAt = $state(0);
    symbols = $state.raw<Quote[]>([]);
    symbolsAt = $state(0);
    books = $state.raw<Record<string, Book>>({});
    bars = $state.raw<Record<string, Bar[]>>({});
    prints = $state.raw<Record<string, Print[]>>({});
    orders = $state.raw<Order[] | null>(null);
    events = $state.raw<Event[] | null>(null);
    link = $state<LinkState>('connecting');
    retryAt = $state<number | null>(null);
    now = $state(Date.now()); /* twice a second: ages */
    place = $state.raw<Place>(placeOf(location.hash));
    replaying = $state(false); /* the page shows a recorded day */
    dialog = $state<string | null>(null); /* the one dialog that is open */
    afterLogin: (() => void) | null = null;

    theme = $state(kept('theme', matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark'));
    palette = $state(kept('palette', 'green-red'));
    zone = $state<Zone>(kept('zone', 'exchange') as Zone);

    canTrade = $derived(this.session?.scopes.includes('trade') ?? false);
    mode = $derived(this.status?.mode ?? this.session?.mode ?? null);
    heat = new Map<string, HeatStore>();

    private wants = new Map<symbol, string[]>();
    private socket = new Link({
        open: () => new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`) as never,
        onTopic: (topic, value, full) => this.take(topic, value, full),
        onState: (state, retryAt) => {
            this.link = state;
            this.retryAt = retryAt;
        },
    });

    get counters() {
        return { gaps: this.socket.gaps, frames: this.socket.frames, connects: this.socket.connects };
    }

    start(): void {
        addEventListener('hashchange', () => (this.place = placeOf(location.hash)));
        setInterval(() => (this.now = Date.now()), 500);
        void this.refreshSession();
        this.apply();
        this.tell();
        this.socket.start();
    }

    async refreshSession(): Promise<void> {
        try {
            this.session = await get<Session>('/api/v1/session');
            this.sessionError = null;
        } catch (e) {
            this.sessionError = (e as Error).message;
        }
    }

    async loggedIn(): Promise<void> {
        const then = this.afterLogin;
        this.afterLogin = null;
        then?.();
        await this.refreshSession();
        this.socket.restart();
    }

    choose(what: 'theme' | 'palette' | 'zone', value: string): void {
        if (what === 'zone') this.zone = value as Zone;
        else this[what] = value;
        keep(what, value);
        this.apply();
    }

    private apply(): void {
        document.documentElement.dataset.theme = this.theme;
        document.documentElement.dataset.palette = this.palette;
    }

    /* What a page wants while it is shown; gives the call that ends it. */
    want(topics: string[]): () => void {
        const id = Symbol();
        this.wants.set(id, topics);
        this.tell();
        return () => {
            this.wants.delete(id);
            this.tell();
        };
    }

    private tell(): void {
        queueMicrotask(() => this.socket.want(['status', 'symbols', ...[...this.wants.values()].flat()]));
    }

    heatOf(symbol: string): HeatStore {
        let store = this.heat.get(symbol);
        if (!store) {
            store = new HeatStore();
            if (this.heat.size >= STORES_MAX) this.heat.delete(this.heat.keys().next().value!);
            this.heat.set(symbol, store);
        }
        return store;
    }

    private take(topic: string, value: unknown, full: boolean): void {
        const colon = topic.indexOf(':');
        const kind = colon < 0 ? topic : topic.slice(0, colon);
        const symbol = colon < 0 ? '' : topic.slice(colon + 1);
        if (value === null || typeof value !== 'object') return;
        if (kind === 'status') this.takeStatus(value as Status);
        else if (kind === 'symbols') this.takeSymbols((value as { symbols?: Quote[] }).symbols ?? [], full);
        else if (kind === 'book') this.takeBook(symbol, value as Book);
        else if (kind === 'bars') this.takeBars(symbol, (value as { bars?: Bar[] }).bars ?? [], full);
        else if (kind === 'trades') this.takePrints(symbol, (value as { trades?: Print[] }).trades ?? [], full);
        else if (kind === 'orders') {
            const rows = (value as { orders?: Order[] }).orders ?? [];
            this.orders = mergeNewest(full ? [] : (this.orders ?? []), rows, (o) => o.id, ORDERS_MAX);
        } else if (kind === 'events') {
            const rows = (value as { events?: Event[] }).events ?? [];
            this.events = mergeNewest(this.events ?? [], rows, (e) => e.id, EVENTS_MAX);
        }
    }

    private takeStatus(s: Status): void {
        this.status = s;
        this.statusAt = Date.now();
    }

    private takeSymbols(rows: Quote[], full: boolean): void {
        const bySymbol = new Map(full ? [] : this.symbols.map((q) => [q.symbol, q] as const));
        for (const q of rows) bySymbol.set(q.symbol, q);
        this.symbols = [...bySymbol.values()];
        this.symbolsAt = Date.now();
    }

    private takeBook(symbol: string, book: Book): void {
        this.books = { ...this.books, [symbol]: book };
        this.heatOf(symbol).takeBook(book);
    }

    private takeBars(symbol: string, rows: Bar[], full: boolean): void {
        const prev = full ? [] : (this.bars[symbol] ?? []);
        this.bars = { ...this.bars, [symbol]: mergeSeries(prev, rows, (b) => b.time, BARS_MAX) };
    }

    private takePrints(symbol: string, rows: Print[], full: boolean): void {
        const prev = this.prints[symbol] ?? [];
        const restarted = full && rows.length > 0 && prev.length > 0 && rows.at(-1)!.n < prev.at(-1)!.n;
        const next = mergeSeries(restarted ? [] : prev, rows, (p) => p.n, PRINTS_MAX);
        this.prints = { ...this.prints, [symbol]: next };
        this.heatOf(symbol).takePrints(rows);
    }
}

export const app = new App();

/* The answer of a GET, asked again every so often while a page shows it. Call it while a component is made. */
export class Polled<T> {
    value = $state.raw<T | null>(null);
    error = $state<string | null>(null);

    constructor(path: () => string | null, seconds: number) {
        $effect(() => {
            const address = path();
            let dead = false;
            let timer: ReturnType<typeof setTimeout> | undefined;
            const ask = async () => {
                if (address && !document.hidden) {
                    try {
                        const answer = await get<T>(address);
                        if (dead) return;
                        this.value = answer;
                        this.error = null;
                    } catch (e) {
                        if (dead) return;
                        this.error = (e as Error).message;
                    }
                }
                if (!dead && seconds > 0) timer = setTimeout(ask, seconds * 1000);
            };
            void ask();
            return () => {
                dead = true;
                clearTimeout(timer);
            };
        });
    }
}
