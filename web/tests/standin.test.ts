/* The stand-in is only worth something when it plays the agreed shapes; and its session is the same every time. */
import { expect, test } from 'vitest';
// @ts-expect-error: plain JavaScript of dev/
import { Session } from '../dev/market.mjs';

test('two sessions of one seed are one session, another seed is another', () => {
    const of = (seed: number) => JSON.stringify([new Session({ seed, warmMinutes: 20 }).status(), new Session({ seed, warmMinutes: 20 }).events]);
    expect(of(3)).toBe(of(3));
    expect(of(3)).not.toBe(of(4));
});

test('a halt closes its gate and works no order', () => {
    const s = new Session({ warmMinutes: 20 });
    s.halted = 'test';
    expect(s.gates().gates.find((g: { gate: string }) => g.gate === 'HALT').open).toBe(false);
    expect(s.status().orders.filter((o: { state: string }) => o.state === 'working')).toEqual([]);
});
