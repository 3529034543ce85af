import { describe, expect, it } from 'vitest';
import type { MetricsReply } from '../api.ts';
import { NO_METRICS, questions, withReply } from './metrics.ts';

const reply = (steps: number[], columns: MetricsReply['columns'], generation = 0): MetricsReply => ({
  steps,
  columns,
  keys: ['a', 'b'],
  generation,
  damaged: 0,
  tornBytes: 0,
});

describe('withReply', () => {
  it('goes on where a column ended, and knows a step it has already', () => {
    const first = withReply(NO_METRICS, reply([1, 2], { a: [10, 20] }), ['a'], 0);
    const second = withReply(first, reply([2, 3], { a: [20, 'NaN'] }), ['a'], 2);
    expect(second.columns.get('a')).toEqual({ steps: [1, 2, 3], values: [10, 20, Number.NaN] });
  });

  it('keeps absent values absent: of a key that no step of the answer has, too', () => {
    const held = withReply(NO_METRICS, reply([1, 2], { a: [10, null] }), ['a', 'b'], 0);
    expect(held.columns.get('a')?.values).toEqual([10, null]);
    expect(held.columns.get('b')).toEqual({ steps: [1, 2], values: [null, null] });
  });

  it('forgets everything when the run was taken back', () => {
    const first = withReply(NO_METRICS, reply([1, 2], { a: [10, 20] }), ['a'], 0);
    const resumed = withReply(first, reply([3], { a: [31] }, 1), ['a'], 3);
    expect(resumed.columns.size).toBe(0);
    expect(resumed.generation).toBe(1);
    expect(withReply(first, reply([1], { a: [11] }, 1), ['a'], 0).columns.get('a')?.values).toEqual([11]);
  });
});

describe('questions', () => {
  it('ask for new keys from the beginning and for known ones from where they end', () => {
    const held = withReply(NO_METRICS, reply([1, 2], { a: [10, 20] }), ['a'], 0);
    expect(questions(held, ['a', 'b'])).toEqual([
      { from: 3, keys: ['a'] },
      { from: 0, keys: ['b'] },
    ]);
  });

  it('are split where the server would not take as many keys', () => {
    const keys = Array.from({ length: 450 }, (_, i) => `k${i}`);
    expect(questions(NO_METRICS, keys).map((question) => question.keys.length)).toEqual([200, 200, 50]);
  });
});
