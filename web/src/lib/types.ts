/* lib/types.ts - what the server sends, as docs/api.md has it. A value that is not known is null. */
export type Num = number | null | undefined;

export interface Session {
    version: string;
    mode: string | null;
    scopes: string[];
    trade_token_needed: boolean;
    now: string;
}

export interface Position {
    symbol: string;
    quantity: Num;
    average: Num;
    mark: Num;
    realized: Num;
    unrealized: Num;
    fees: Num;
    open_orders: number;
}

/* An order as the desk holds it (`status`). */
export interface LiveOrder {
    key: number;
    order_id: number;
    perm_id: number;
    client_id: number;
    symbol: string;
    action: string;
    quantity: Num;
    filled: Num;
    type: string;
    limit: Num;
    stop: Num;
    state: string;
    broker_status: string | null;
    role: string | null;
    strategy: string | null;
    foreign: boolean;
}

export interface Alert {
    word: string;
    since: string;
    tries: number;
    next_try: string | null;
    text: string;
    action: string;
    acknowledged?: string | null;
    note?: string | null;
}

export interface Breaker {
    name: string;
    state: string;
    total_calls: number;
    failed_calls: number;
    consecutive_failures: number;
    times_opened: number;
    failure_rate: Num;
    state_duration: Num;
    last_failure_ago: Num;
}

export interface Status {
    ok: boolean;
    reason?: string;
    version?: string;
    mode?: string;
    account?: string;
    session?: string;
    halted?: boolean;
    halt_reason?: string | null;
    kill_switch?: Record<string, Num | Record<string, Num>> | string | null;
    clock?: { offset_s: Num; reason?: string | null };
    journal?: { last_record: number; durable: number; waiting: number; ok: boolean };
    disk_ok?: boolean;
    last_tick_age_s?: Num;
    armed?: boolean;
    settings_refused?: string | null;
    intents_today?: number;
    denied_today?: number;
    orders_today?: number;
    fills_today?: number;
    unknown_orders?: number;
    last_denial?: string | null;
    pnl_today?: Num;
    equity?: Num;
    gross_position_value?: Num;
    day_trades_left?: Num;
    positions_equal?: boolean | null;
    positions_pending?: number;
    positions?: Position[];
    orders?: LiveOrder[];
    frozen?: { symbol: string; state: string; reason: string }[];
    brackets?: { key: number; symbol: string; filled: Num; target: Num; stop: Num }[];
    guards?: { symbol: string; action: string; quantity: Num; stop: Num; trail: Num; triggered: boolean }[];
    algos?: Record<string, unknown>[];
    strategies?: { name: string; symbol: string; object: string | null; state: string; reason: string | null }[];
    signals?: Record<string, unknown>;
    missing?: string;
    checklist?: { item: string; state: string; waived: boolean }[];
    connection?: {
        state: string;
        text: string;
        broker: string;
        outages: number;
        reconnects: number;
        messages_per_second: number;
        clock_jumps: number;
        farms: { name: string; kind: string; state: string }[];
    };
    alerts?: Alert[];
    market_data?: {
        lines: number;
        live: number;
        refused: number;
        stale: number;
        waiting_for_a_slot: number;
        late_messages_dropped: number;
        not_well: { symbol: string; state: string; stale: boolean; asked_again: number }[];
    };
    circuit_breakers?: Breaker[];
    stop_loss?: { stops: { symbol: string; type: string; state: string; quantity: Num; stop: Num; stale: boolean }[] };
    data_validation?: Record<string, Num>;
    round_trips?: Record<string, Num>;
}

export interface Gate {
    gate: string;
    open: boolean;
    closed_for: string[];
    limit: string | null;
    value: string | null;
    setting: string | null;
    reducing: string;
    looks_at: string;
    closed_means: string;
}

export interface Quote {
    symbol: string;
    last: Num;
    bid: Num;
    ask: Num;
    bid_size: Num;
    ask_size: Num;
    time: string | null;
    age_ms: Num;
    generated: boolean;
    status: string | null;
    events: number;
    gaps: number;
}

export interface Book {
    symbol: string;
    time: string | null;
    quality: string[];
    bids: [number, number][];
    asks: [number, number][];
    microprice: Num;
    imbalance: Num;
    ofi: Num;
    cvd: Num;
}

export interface Bar {
    time: number;
    open: number;
    high: number;
    low: number;
    close: number;
    volume: Num;
}

export interface Print {
    n: number;
    time: string;
    price: number;
    size: number;
    aggressor: 'buy' | 'sell' | null;
    exchange: string | null;
}

export interface Order {
    id: number;
    symbol: string;
    side: string;
    quantity: Num;
    order_type: string;
    status: string;
    timestamp: string;
    order_id: number;
    perm_id?: Num;
    client_id?: Num;
    account?: string | null;
    limit_price?: Num;
    stop_price?: Num;
    filled?: Num;
    average_price?: Num;
    commission?: Num;
    strategy?: string | null;
    reason?: string | null;
    ref?: string | null;
    broker_status?: string | null;
    error_code?: Num;
    message?: string | null;
    sent_at?: string | null;
    done_at?: string | null;
}

export interface Fill {
    id: number;
    order_id: number | null;
    time: string;
    price: number;
    quantity: number;
    commission: Num;
    symbol: string;
    side: string;
    pnl: Num;
    exec_id: string;
    currency?: string | null;
    corrected?: number;
    strategy?: string | null;
}

export interface Intent {
    id: number;
    time: string;
    symbol: string;
    strategy: string | null;
    side: string;
    approved: boolean | number;
    gate: string | null;
    reason: string | null;
}

export interface Event {
    id: number;
    time: string;
    event: string;
    symbol: string | null;
    code: Num;
    text: string | null;
}
