/* lib/scan.ts - the scanner that serves, as GET /api/v1/scanner tells it: rows of its table, with those that are recorded and
 * are not in the list now behind them. Pure. */
import type { Num } from './types';

export interface Mover {
    symbol: string;
    last?: Num;
    gap_pct?: Num;
    previous_close?: Num;
    volume?: Num;
    adv20?: Num;
    rvol?: Num;
    spread?: Num;
    halted?: boolean | null;
    exchange?: string | null;
    status: string | null;
    updated?: string | null;
    why?: string | null;
    reason?: string | null;
    session?: Recorded;
}

export interface Recorded {
    symbol: string;
    status: string;
    depth_comes: boolean;
    place: Num;
    started: string;
    ticks: number;
    messages: number;
    snapshots: number;
    gaps: number;
    trouble: string | null;
}

export interface Scan {
    rows: Mover[] | null;
    reason?: string;
    scan?: { note?: string | null; seen?: number; listed?: number };
    last_scan?: string | null;
    slots?: { held: number; of: number; granted: number; queued: number };
    etfs?: { excluded: boolean; known: number };
    sessions?: Recorded[];
    hidden?: string[];
    output?: string;
    ended?: string | null;
    recorder_connected?: boolean;
    scanner_connected?: boolean;
}

export function movers(scan: Scan | null): Mover[] {
    const by = new Map((scan?.sessions ?? []).map((s) => [s.symbol, s] as const));
    const listed = scan?.rows ?? [];
    const here = new Set(listed.map((r) => r.symbol));
    const others = [...by.values()].filter((s) => !here.has(s.symbol)).map((s) => ({ symbol: s.symbol, status: s.status, why: 'recorded, not listed now' }));
    return [...listed, ...others].map((r) => ({ ...r, session: by.get(r.symbol) }));
}

/* The status as it is shown: where it waits, and whether asked-for depth has come. */
export function statusText(m: Mover): string {
    const s = m.session;
    if (!s) return m.status ?? 'Idle';
    if (s.place) return `${s.status} ${s.place}`;
    return s.status === 'L2' && !s.depth_comes ? 'L2 …' : s.status;
}

export function statusTone(m: Mover): string {
    const s = m.session;
    return !s ? 'muted' : s.status === 'L2' && s.depth_comes ? 'good' : s.trouble ? 'warn' : '';
}

export function statusHint(m: Mover): string {
    const s = m.session;
    if (!s) return 'Not recorded';
    const counts = `${s.ticks} ticks, ${s.messages} depth messages, ${s.snapshots} snapshots, ${s.gaps} gaps since ${s.started}`;
    return s.trouble ? `${s.trouble}; ${counts}` : counts;
}
