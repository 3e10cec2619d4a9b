/* lib/heatmarks.ts - what is drawn over the heatmap: best prices, prints as bubbles, the lane of quality, the axes. */
import { price, time, type Zone } from './format';
import { COLUMN_MS, COLUMNS, lastOf, PRINTS, type HeatStore, type HeatView } from './heat';
import { colour } from './look';

const BUBBLES_MAX = 1500; /* a frame */
const LANE = 7;

interface Pen {
    c: CanvasRenderingContext2D;
    w: number;
    h: number;
    scale: number;
}

const xOf = (v: HeatView, w: number, ms: number) => w - (v.endMs - ms) / v.msPerPx;
const yOf = (v: HeatView, h: number, p: number) => h / 2 - ((p - v.middle) / v.tick) * v.tickPx;

function bestLine(p: Pen, store: HeatStore, v: HeatView, values: Float64Array, name: string): void {
    p.c.strokeStyle = colour(name);
    p.c.lineWidth = p.scale;
    p.c.beginPath();
    const from = Math.max(store.first, Math.floor((v.endMs - p.w * v.msPerPx) / COLUMN_MS));
    const to = Math.min(lastOf(store, v), Math.floor(v.endMs / COLUMN_MS));
    const step = Math.max(1, Math.floor(v.msPerPx / COLUMN_MS));
    for (let c = from; c <= to; c += step) {
        const value = values[c % COLUMNS]!;
        if (!Number.isFinite(value)) continue;
        const y = yOf(v, p.h, value);
        p.c.lineTo(xOf(v, p.w, c * COLUMN_MS), y);
        p.c.lineTo(xOf(v, p.w, (c + step) * COLUMN_MS), y);
    }
    p.c.stroke();
}

/* One disc of each tone and size is drawn, and copied from then on. */
const discs = new Map<string, HTMLCanvasElement>();
function disc(tone: string, radius: number): HTMLCanvasElement {
    const key = tone + radius;
    let d = discs.get(key);
    if (!d) {
        if (discs.size > 200) discs.clear(); /* themes, palettes and screens that were left */
        d = document.createElement('canvas');
        d.width = d.height = 2 * radius + 2;
        const c = d.getContext('2d')!;
        c.fillStyle = tone;
        c.arc(radius + 1, radius + 1, radius, 0, 6.2832);
        c.fill();
        discs.set(key, d);
    }
    return d;
}

function bubbles(p: Pen, store: HeatStore, v: HeatView): void {
    const n = Math.min(store.prints, PRINTS);
    const tones = [colour('down'), colour('muted'), colour('up')];
    let told = 0;
    p.c.globalAlpha = 0.65;
    for (let k = 1; k <= n && told < BUBBLES_MAX; k++) {
        const i = (store.prints - k) % PRINTS;
        const x = xOf(v, p.w, store.printTime[i]!);
        if (x < 0) break;
        const y = yOf(v, p.h, store.printPrice[i]!);
        if (x > p.w || y < 0 || y > p.h) continue;
        const radius = Math.round(Math.min(11, 1.5 + Math.sqrt(store.printSize[i]!) * 0.3) * p.scale);
        p.c.drawImage(disc(tones[store.printSide[i]! + 1]!, radius), Math.round(x) - radius - 1, Math.round(y) - radius - 1);
        told++;
    }
    p.c.globalAlpha = 1;
}

/* Along the bottom: a block for each span in which the book could not be trusted. */
function lane(p: Pen, store: HeatStore, v: HeatView): void {
    const height = LANE * p.scale;
    p.c.fillStyle = colour('line');
    p.c.fillRect(0, p.h - height, p.w, height);
    const step = Math.max(1, Math.round(p.scale * 2));
    const [good, wrong] = [colour('good'), colour('bad')];
    for (let x = 0; x < p.w; x += step) {
        const from = Math.max(store.first, Math.floor((v.endMs - (p.w - x) * v.msPerPx) / COLUMN_MS));
        const to = Math.min(lastOf(store, v), Math.floor((v.endMs - (p.w - x - step) * v.msPerPx) / COLUMN_MS));
        if (to < from) continue;
        let bad = 0;
        for (let c = from; c <= to; c++) bad |= store.bad[c % COLUMNS]!;
        p.c.fillStyle = bad ? wrong : good;
        p.c.fillRect(x, p.h - height, step, bad ? height : Math.max(1, height / 3));
    }
}

function niceStep(raw: number, steps: number[]): number {
    return steps.find((s) => s >= raw) ?? steps.at(-1)!;
}

function axes(p: Pen, v: HeatView, zone: Zone): void {
    p.c.font = `${11 * p.scale}px sans-serif`;
    p.c.textBaseline = 'middle';
    p.c.textAlign = 'right';
    const every = niceStep((26 * p.scale) / v.tickPx, [1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000, 5000]) * v.tick;
    const half = ((p.h / 2) / v.tickPx) * v.tick;
    const width = 62 * p.scale;
    p.c.fillStyle = colour('panel');
    p.c.globalAlpha = 0.72;
    p.c.fillRect(p.w - width, 0, width, p.h - LANE * p.scale);
    p.c.globalAlpha = 1;
    p.c.fillStyle = colour('text');
    for (let at = Math.ceil((v.middle - half) / every) * every; at <= v.middle + half; at += every)
        p.c.fillText(price(Math.round(at * 1e6) / 1e6), p.w - 6 * p.scale, yOf(v, p.h, at));
    const spanMs = niceStep(110 * p.scale * v.msPerPx, [5e3, 1e4, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5, 18e5, 36e5]);
    p.c.textAlign = 'center';
    p.c.fillStyle = colour('muted');
    for (let t = Math.floor(v.endMs / spanMs) * spanMs; xOf(v, p.w, t) > 20; t -= spanMs)
        if (xOf(v, p.w, t) < p.w - width - 30) p.c.fillText(time(t, zone), xOf(v, p.w, t), p.h - (LANE + 8) * p.scale);
}

export function drawMarks(canvas: HTMLCanvasElement, store: HeatStore, v: HeatView, zone: Zone, scale: number): void {
    const c = canvas.getContext('2d');
    if (!c) return;
    const p: Pen = { c, w: canvas.width, h: canvas.height, scale };
    bestLine(p, store, v, store.bid, 'up');
    bestLine(p, store, v, store.ask, 'down');
    bubbles(p, store, v);
    lane(p, store, v);
    axes(p, v, zone);
}
