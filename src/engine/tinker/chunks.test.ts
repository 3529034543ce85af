import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chunked, combined, datumBytes } from './chunks.ts';
import type { ForwardBackwardOutput, WireDatum } from './wire.ts';

/** 3 tokens: 12 bytes, 3 int64 targets: 24, 3 float32: 12. */
const datum = (length: number, advantage = 1): WireDatum => ({
  tokens: new Int32Array(length),
  inputs: { target_tokens: new Int32Array(length), advantages: new Float32Array(length).fill(advantage) },
});

test('a datum of 3 positions with targets and one float each is 48 bytes', () => {
  expect(datumBytes(datum(3))).toBe(48);
});

test('greedy and in order: by count, by bytes, and one that is too large alone', () => {
  const sizes = (lengths: number[], mostDatums: number, mostBytes: number) =>
    chunked(
      lengths.map((length) => datum(length)),
      { mostDatums, mostBytes },
    ).map((chunk) => chunk.map(({ tokens }) => tokens.length));
  expect(sizes([1, 1, 1, 1, 1], 2, 1e9)).toEqual([[1, 1], [1, 1], [1]]);
  expect(sizes([2, 2, 2], 100, 64)).toEqual([[2, 2], [2]]);
  expect(sizes([1, 50, 1, 1], 100, 64)).toEqual([[1], [50], [1, 1]]);
  expect(sizes([], 2, 64)).toEqual([]);
});

/** What a server of sums answers: log-probabilities by datum, the loss's sum. */
function served(data: readonly WireDatum[]): ForwardBackwardOutput {
  const advantage = ({ inputs }: WireDatum) => inputs['advantages']![0] ?? 0;
  return {
    outputs: data.map((each) => ({ logprobs: new Float32Array(each.tokens.length).fill(-advantage(each)) })),
    metrics: {
      'loss:sum': data.reduce((sum, each) => sum + advantage(each), 0),
      'advantage:mean': data.reduce((sum, each) => sum + advantage(each), 0) / data.length,
      'advantage:max': Math.max(...data.map(advantage)),
      'advantage:min': Math.min(...data.map(advantage)),
    },
  };
}

test('splitting changes neither results nor metrics', () => {
  const limits = fc.record({ mostDatums: fc.integer({ min: 1, max: 9 }), mostBytes: fc.integer({ min: 1, max: 900 }) });
  const lengths = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(lengths, limits, (all, limit) => {
      const data = all.map((length, i) => datum(length, (i % 7) + 1));
      const chunks = chunked(data, limit);
      expect(chunks.flat()).toEqual(data);
      for (const chunk of chunks) {
        expect(chunk.length).toBeLessThanOrEqual(limit.mostDatums);
        const bytes = chunk.reduce((sum, each) => sum + datumBytes(each), 0);
        expect(chunk.length === 1 || bytes <= limit.mostBytes).toBe(true);
      }
      const [split, whole] = [combined(chunks.map(served)), served(data)];
      expect(split.outputs).toEqual(whole.outputs);
      for (const [name, value] of Object.entries(whole.metrics)) expect(split.metrics[name]).toBeCloseTo(value, 9);
    }),
  );
});

test('a metric that one part lacks, or that cannot be put together, is left out', () => {
  const part = (metrics: Record<string, number>): ForwardBackwardOutput => ({ outputs: [], metrics });
  expect(combined([part({ 'a:sum': 1, 'b:sum': 1, 'c:odd': 1 }), part({ 'a:sum': 2, 'c:odd': 1 })]).metrics).toEqual({
    'a:sum': 3,
  });
});
