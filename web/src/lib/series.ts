/* lib/series.ts - what follows from bars and points: session VWAP, phases of the day, drawdown. Pure. */
import { clock } from './format';
import type { Bar } from './types';

export type Phase = 'pre' | 'regular' | 'post' | 'closed';

/* Of New York's day: pre-market from 04:00, regular 09:30 to 16:00, after hours to 20:00. */
export function phaseOf(seconds: number): Phase {
    const m = clock(seconds * 1000, 'exchange')!.minutes;
    if (m >= 570 && m < 960) return 'regular';
    if (m >= 240 && m < 570) return 'pre';
    return m >= 960 && m < 1200 ? 'post' : 'closed';
}

/* Sum of typical price x volume over sum of volume, from the first bar of each New York day. */
export function vwap(bars: Bar[]): { time: number; value: number }[] {
    const out: { time: number; value: number }[] = [];
    let day = '';
    let money = 0;
    let volume = 0;
    for (const b of bars) {
        const d = clock(b.time * 1000, 'exchange')!.day;
        if (d !== day) {
            day = d;
            money = 0;
            volume = 0;
        }
        const v = b.volume ?? 0;
        money += ((b.high + b.low + b.close) / 3) * v;
        volume += v;
        if (volume > 0) out.push({ time: b.time, value: money / volume });
    }
    return out;
}

/* How far each value is below the highest before it: 0 or less. */
export function drawdown(values: (number | null)[]): (number | null)[] {
    let top = -Infinity;
    return values.map((v) => {
        if (v === null) return null;
        top = Math.max(top, v);
        return v - top;
    });
}

/* The smallest step between neighbouring prices of a book: its tick as far as is seen. */
export function tickOf(prices: number[]): number {
    const p = [...prices].sort((a, b) => a - b);
    let tick = Infinity;
    for (let i = 1; i < p.length; i++) {
        const d = p[i]! - p[i - 1]!;
        if (d > 1e-9 && d < tick) tick = d;
    }
    return Number.isFinite(tick) ? Math.round(tick * 1e6) / 1e6 : 0.01;
}
