import { expect, test } from 'vitest';
import { BACKOFF_MS, Link, type LinkSocket } from '../src/lib/link';

class Wire implements LinkSocket {
    sent: string[] = [];
    closed = false;
    onopen: (() => void) | null = null;
    onmessage: ((e: { data: string }) => void) | null = null;
    onclose: (() => void) | null = null;
    send(text: string) {
        this.sent.push(text);
    }
    close() {
        this.closed = true;
    }
    frame(seq: number, topics: object, full = false) {
        this.onmessage!({ data: JSON.stringify({ type: 'update', seq, topics, ...(full ? { full: true } : {}) }) });
    }
}

function scene() {
    const wires: Wire[] = [];
    const taken: [string, unknown, boolean][] = [];
    const states: string[] = [];
    const waits: { ms: number; what: () => void }[] = [];
    const link = new Link({
        open: () => (wires.push(new Wire()), wires.at(-1)!),
        onTopic: (t, v, f) => taken.push([t, v, f]),
        onState: (s) => states.push(s),
        later: (ms, what) => (waits.push({ ms, what }), () => {}),
        now: () => 0,
    });
    return { wires, taken, states, waits, link };
}

test('subscribes when open, takes the full frame and what follows in order', () => {
    const s = scene();
    s.link.want(['symbols', 'status', 'status']);
    s.link.start();
    expect(s.wires[0]!.sent).toEqual([]);
    s.wires[0]!.onopen!();
    expect(JSON.parse(s.wires[0]!.sent[0]!)).toEqual({ type: 'subscribe', topics: ['status', 'symbols'] });
    s.wires[0]!.frame(1, { status: 1 }); /* before the full one: worth nothing */
    s.wires[0]!.frame(2, { status: 2 }, true);
    s.wires[0]!.frame(3, { status: 3 });
    expect(s.taken).toEqual([['status', 2, true], ['status', 3, false]]);
    expect(s.states).toEqual(['connecting', 'live']);
});

test('a gap asks again and nothing is shown until a full frame', () => {
    const s = scene();
    s.link.want(['book:SPY']);
    s.link.start();
    s.wires[0]!.onopen!();
    s.wires[0]!.frame(1, { 'book:SPY': 'a' }, true);
    s.wires[0]!.frame(3, { 'book:SPY': 'c' });
    s.wires[0]!.frame(4, { 'book:SPY': 'd' });
    expect(s.taken.length).toBe(1);
    expect(s.link.gaps).toBe(1);
    expect(s.states.at(-1)).toBe('resync');
    expect(s.wires[0]!.sent.length).toBe(2); /* once, not for each frame behind it */
    s.wires[0]!.frame(5, { 'book:SPY': 'e' }, true);
    s.wires[0]!.frame(6, { 'book:SPY': 'f' });
    expect(s.taken.map((t) => t[1])).toEqual(['a', 'e', 'f']);
    expect(s.states.at(-1)).toBe('live');
});

test('a repeated frame and one that is no JSON are gaps too; other types are passed over', () => {
    const s = scene();
    s.link.start();
    s.wires[0]!.onopen!();
    s.wires[0]!.frame(1, { status: 1 }, true);
    s.wires[0]!.frame(1, { status: 1 });
    expect(s.link.gaps).toBe(1);
    s.wires[0]!.onmessage!({ data: '{' });
    expect(s.link.gaps).toBe(2);
    s.wires[0]!.onmessage!({ data: '{"type":"log","text":"x"}' });
    expect(s.link.gaps).toBe(2);
});

test('reconnects with a wait that grows to its bound and starts anew after a full frame', () => {
    const s = scene();
    s.link.start();
    for (let i = 0; i < BACKOFF_MS.length + 3; i++) {
        s.wires.at(-1)!.onclose!();
        s.waits.at(-1)!.what();
    }
    expect(s.waits.map((w) => w.ms)).toEqual([...BACKOFF_MS, 8000, 8000, 8000]);
    const w = s.wires.at(-1)!;
    w.onopen!();
    w.frame(70, { status: 1 }, true); /* numbers are of the connection */
    w.onclose!();
    expect(s.waits.at(-1)!.ms).toBe(BACKOFF_MS[0]);
});

test('the same topics again ask for nothing, others replace them; an old socket is deaf', () => {
    const s = scene();
    s.link.want(['status']);
    s.link.start();
    const old = s.wires[0]!;
    old.onopen!();
    s.link.want(['status']);
    expect(old.sent.length).toBe(1);
    s.link.want(['status', 'orders']);
    expect(old.sent.length).toBe(2);
    const deaf = old.onmessage!;
    s.link.restart();
    expect(old.closed).toBe(true);
    deaf({ data: JSON.stringify({ type: 'update', seq: 1, full: true, topics: { status: 9 } }) });
    expect(s.taken).toEqual([]);
});
