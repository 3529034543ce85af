import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { overTokens, toDatum } from './datums.ts';

describe('toDatum', () => {
  it('shifts by one: prompt [5,6], completion [7,8] -> 5,6,7 predicts 6,7,8, of which 7 and 8 count', () => {
    const datum = toDatum(Int32Array.of(5, 6), Int32Array.of(7, 8), [0.5, -0.25], [-1, -2]);
    expect({
      input: [...datum.input],
      target: [...datum.target],
      mask: [...datum.mask],
      weight: [...datum.weight],
      samplingLogprob: [...datum.samplingLogprob],
    }).toEqual({
      input: [5, 6, 7],
      target: [6, 7, 8],
      mask: [0, 1, 1],
      weight: [0, 0.5, -0.25],
      samplingLogprob: [0, -1, -2],
    });
  });

  it('takes a prompt of one token', () => {
    const datum = toDatum(Int32Array.of(5), Int32Array.of(7), [1], [-1]);
    expect([[...datum.input], [...datum.target], [...datum.mask]]).toEqual([[5], [7], [1]]);
  });

  it('lays every completion token on the position that predicts it', () => {
    const tokens = fc.array(fc.nat(20), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(tokens, tokens, (prompt, completion) => {
        const ones = completion.map(() => 1);
        const datum = toDatum(Int32Array.from(prompt), Int32Array.from(completion), ones, ones);
        const evaluated = [...datum.target].filter((_, i) => datum.mask[i] === 1);
        expect(evaluated).toEqual(completion);
        expect(overTokens(datum, Float32Array.from(datum.target))).toEqual(Float32Array.from(completion));
      }),
    );
  });
});
