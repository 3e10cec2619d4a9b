import { expect, test } from 'vitest';
import { csv, filtered, mergeNewest, mergeSeries, sorted } from '../src/lib/rows';

const key = (r: { id: number }) => r.id;

test('pushed rows replace by key, newest first, bounded', () => {
    const a = [{ id: 3, v: 'c' }, { id: 2, v: 'b' }];
    expect(mergeNewest(a, [{ id: 2, v: 'B' }, { id: 4, v: 'd' }], key, 3)).toEqual([{ id: 4, v: 'd' }, { id: 3, v: 'c' }, { id: 2, v: 'B' }]);
    expect(mergeNewest(a, [{ id: 9, v: 'x' }], key, 2).map(key)).toEqual([9, 3]);
    expect(mergeNewest(a, [], key, 9)).toBe(a);
});

test('a series changes its last value, grows, and heals when it comes out of order', () => {
    const a = [{ id: 1, v: 1 }, { id: 2, v: 2 }];
    expect(mergeSeries(a, [{ id: 2, v: 5 }, { id: 3, v: 3 }], key, 9).map((r) => r.v)).toEqual([1, 5, 3]);
    expect(mergeSeries(a, [{ id: 5, v: 5 }], key, 2).map(key)).toEqual([2, 5]);
    expect(mergeSeries(a, [{ id: 1, v: 9 }, { id: 4, v: 4 }], key, 9).map(key)).toEqual([1, 2, 4]);
});

test('sorting puts numbers by size, text by letter and number, and the unknown last both ways', () => {
    const rows = [{ v: 10 }, { v: null }, { v: 9 }, { v: -1 }];
    expect(sorted(rows, (r) => r.v, 1).map((r) => r.v)).toEqual([-1, 9, 10, null]);
    expect(sorted(rows, (r) => r.v, -1).map((r) => r.v)).toEqual([10, 9, -1, null]);
    expect(sorted(['a10', 'a9', ''], (r) => r, 1)).toEqual(['a9', 'a10', '']);
});

test('CSV quotes what must be and disarms what a spreadsheet would run', () => {
    expect(csv(['a', 'b'], [['x,"y"', -1.5], ['=SUM(A1)', null], ['-2+3', true]])).toBe('a,b\r\n"x,""y""",-1.5\r\n\'=SUM(A1),\r\n\'-2+3,true\r\n');
});

test('a filter wants every word', () => {
    expect(filtered(['SPY BUY filled', 'SPY SELL'], 'spy  buy', (r) => r)).toEqual(['SPY BUY filled']);
    expect(filtered(['a'], ' ', (r) => r)).toEqual(['a']);
});
