import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scrollTopFor, visibleRows } from './visible-rows.ts';

const lists = fc.record({
  count: fc.integer({ min: 1, max: 50_000_000 }),
  rowHeight: fc.integer({ min: 10, max: 60 }),
  height: fc.integer({ min: 100, max: 2000 }),
  share: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe('rows in sight', () => {
  it('a short list: those between the edges, and some beyond', () => {
    expect(visibleRows(100, 20, { scrollTop: 200, height: 100 }, 2)).toEqual({
      first: 8,
      end: 17,
      top: 160,
      height: 2000,
    });
  });

  it('an empty list has none', () => {
    expect(visibleRows(0, 20, { scrollTop: 0, height: 100 })).toEqual({ first: 0, end: 0, top: 0, height: 0 });
  });

  it('the end of a list of any length can be reached, and no element is too tall', () => {
    fc.assert(
      fc.property(lists, ({ count, rowHeight, height }) => {
        const tall = visibleRows(count, rowHeight, { scrollTop: 0, height }).height;
        expect(tall).toBeLessThanOrEqual(12_000_000);
        expect(visibleRows(count, rowHeight, { scrollTop: Math.max(0, tall - height), height }).end).toBe(count);
      }),
    );
  });

  it('what is drawn fills the viewport', () => {
    fc.assert(
      fc.property(lists, ({ count, rowHeight, height, share }) => {
        const tall = Math.min(count * rowHeight, 12_000_000);
        const scrollTop = Math.floor(share * Math.max(0, tall - height));
        const { first, end, top } = visibleRows(count, rowHeight, { scrollTop, height });
        if (first > 0) expect(top).toBeLessThanOrEqual(scrollTop);
        if (end < count) expect(top + (end - first) * rowHeight).toBeGreaterThanOrEqual(scrollTop + height);
      }),
    );
  });

  it('scrolling to a row brings it into sight', () => {
    fc.assert(
      fc.property(lists, ({ count, rowHeight, height, share }) => {
        const row = Math.floor(share * (count - 1));
        const scrollTop = scrollTopFor(row, count, rowHeight, { scrollTop: 0, height });
        const { first, end } = visibleRows(count, rowHeight, { scrollTop, height }, 1);
        expect(first).toBeLessThanOrEqual(row);
        expect(end).toBeGreaterThan(row);
      }),
    );
  });
});
