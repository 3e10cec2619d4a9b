import { expect, test } from 'vitest';
import { bytes, clock, micros, money, moneySigned, NONE, num, percent, price, qty, signed, span, time, zoneName } from '../src/lib/format';

test('numbers have a true minus, groups and the digits asked for', () => {
    expect(num(-1234567.891, 2)).toBe('−1,234,567.89');
    expect(num(999)).toBe('999');
    expect(num(-0.004, 2)).toBe('0.00'); /* no minus before a zero */
    expect(signed(3.25, 1)).toBe('+3.3');
    expect(signed(0)).toBe('0');
    expect(percent(0.12345, 2)).toBe('12.35 %');
    expect([0, 0.85, 5.5, 12.34, 999, 4560, 1.2e6].map(micros)).toEqual(['0 ns', '850 ns', '5.50 µs', '12.3 µs', '999 µs', '4.56 ms', '1.20 s']);
    expect(micros(null)).toBe(NONE);
});

test('what is not known is a dash, never a zero', () => {
    for (const v of [null, undefined, NaN, Infinity]) {
        expect(num(v)).toBe(NONE);
        expect(price(v)).toBe(NONE);
        expect(money(v)).toBe(NONE);
        expect(span(v)).toBe(NONE);
        expect(qty(v)).toBe(NONE);
    }
    expect(time(null, 'utc')).toBe(NONE);
    expect(time('nonsense', 'utc')).toBe(NONE);
});

test('prices keep two to four digits, money its currency', () => {
    expect(price(598.4)).toBe('598.40');
    expect(price(598.405)).toBe('598.405');
    expect(price(0.1234)).toBe('0.1234');
    expect(money(-1234.5)).toBe('−$1,234.50');
    expect(moneySigned(9.94)).toBe('+$9.94');
    expect(money(5, 'CHF')).toBe('CHF 5.00');
});

test('times are of New York with its changes of clocks, or of UTC', () => {
    expect(time('2026-01-05T14:30:00Z', 'exchange')).toBe('09:30:00');
    expect(time('2026-07-06T13:30:00.042Z', 'exchange', true)).toBe('09:30:00.042');
    expect(time('2026-03-08T06:59:59Z', 'exchange')).toBe('01:59:59');
    expect(time('2026-03-08T07:00:00Z', 'exchange')).toBe('03:00:00');
    expect(time('2026-11-01T06:00:00Z', 'exchange')).toBe('01:00:00');
    expect(clock('2026-01-06T02:00:00Z', 'exchange')).toMatchObject({ day: '2026-01-05', minutes: 21 * 60 });
    expect(time('2026-01-05T14:30:00Z', 'utc')).toBe('14:30:00');
    expect(zoneName('exchange', Date.parse('2026-01-05T14:30:00Z'))).toBe('EST');
    expect(zoneName('exchange', Date.parse('2026-07-06T14:30:00Z'))).toBe('EDT');
});

test('spans and bytes use units a person reads', () => {
    expect([0.35, 4.21, 59.9, 185, 7800, 200000].map((s) => span(s))).toEqual(['350 ms', '4.2 s', '59 s', '3 m 05 s', '2 h 10 m', '2 d 7 h']);
    expect([12, 1500, 81e9].map((b) => bytes(b))).toEqual(['12 B', '1.5 kB', '81.0 GB']);
});
