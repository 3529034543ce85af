import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Datum } from '../../core/datum.ts';
import { addRows, batchArrays, fillBatch, microBatches, scatterRows } from './batches.ts';

const lengths = fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 60 });
const budget = fc.integer({ min: 1, max: 600 });

describe('micro-batches', () => {
  it('hold every datum exactly once', () => {
    fc.assert(
      fc.property(lengths, budget, (lengths, budget) => {
        const members = microBatches(lengths, budget).flatMap((batch) => batch.members);
        expect(members.toSorted((a, b) => a - b)).toEqual([...lengths.keys()]);
      }),
    );
  });

  it('are long enough for each member, and within the budget unless one sequence alone exceeds it', () => {
    fc.assert(
      fc.property(lengths, budget, (lengths, budget) => {
        for (const { batch, length, members } of microBatches(lengths, budget)) {
          expect(length % 16).toBe(0);
          expect(members.length).toBeGreaterThan(0);
          expect(members.length).toBeLessThanOrEqual(batch);
          for (const index of members) expect(lengths[index]).toBeLessThanOrEqual(length);
          if (batch > 1) expect(batch * length).toBeLessThanOrEqual(budget);
        }
      }),
    );
  });

  it('are the same for the same lengths, and few shapes for many data', () => {
    expect(microBatches([20, 5, 17, 33, 1], 64)).toEqual([
      { batch: 1, length: 48, members: [3] },
      { batch: 2, length: 32, members: [0, 2] },
      { batch: 2, length: 16, members: [1, 4] },
    ]);
    const many = microBatches(
      Array.from({ length: 500 }, (_, i) => 33 + (i % 16)),
      1024,
    );
    expect(new Set(many.map(({ batch, length }) => `${batch}x${length}`)).size).toBe(1);
  });
});

const datum = (input: number[], mask: number[]): Datum => ({
  input: Int32Array.from(input),
  target: Int32Array.from(input, (token) => token + 1),
  mask: Uint8Array.from(mask),
  weight: Float32Array.from(input, (token) => token / 2),
  samplingLogprob: Float32Array.from(input, (token) => -token),
});

describe('the arrays of a micro-batch', () => {
  const data = [datum([7, 8], [0, 1]), datum([4, 5, 6], [0, 1, 1])];
  const batch = { batch: 4, length: 4, members: [1, 0] };

  it('hold the members row after row, padded with token 0, and nothing where the mask is 0', () => {
    const arrays = batchArrays(16);
    // what an earlier batch left
    arrays.tokens.fill(9n);
    arrays.mask.fill(1);
    arrays.weights.fill(9);
    fillBatch(arrays, batch, data);
    expect([...arrays.tokens].map(Number)).toEqual([4, 5, 6, 0, 7, 8, ...Array(10).fill(0)]);
    expect([...arrays.targets].map(Number)).toEqual([5, 6, 7, 0, 8, 9, ...Array(10).fill(0)]);
    expect([...arrays.mask]).toEqual([0, 1, 1, 0, 0, 1, ...Array(10).fill(0)]);
    expect([...arrays.weights]).toEqual([0, 2.5, 3, 0, 0, 4, ...Array(10).fill(0)]);
    expect([...arrays.samplingLogprobs]).toEqual([0, -5, -6, 0, 0, -8, ...Array(10).fill(0)]);
  });

  it('go back to their data, 0 where the mask is 0', () => {
    const into = [new Float32Array(2).fill(-1), new Float32Array(3).fill(-1)];
    scatterRows(
      Float32Array.from({ length: 16 }, (_, i) => i + 1),
      batch,
      data,
      into,
    );
    expect(into.map((values) => [...values])).toEqual([
      [0, 6],
      [0, 2, 3],
    ]);
  });
});

describe('addRows', () => {
  it('adds each row to its token, rows of one token together', () => {
    const table = Float32Array.of(1, 1, 2, 2, 3, 3);
    addRows(Float32Array.of(10, 20, 30, 40, 50, 60), BigInt64Array.of(2n, 0n, 2n), table);
    expect([...table]).toEqual([31, 41, 2, 2, 63, 83]);
  });
});
