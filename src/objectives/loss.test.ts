import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sentence } from '../../test/fixtures/samples.ts';
import { randomKey } from '../core/random.ts';
import { aggregationScales } from './aggregate.ts';
import { type LossRollout, minibatchLoss } from './loss.ts';
import type { ResolvedSentence } from './schema.ts';

const key = randomKey(1);
const logprob = fc.double({ min: -4, max: -0.01, noNaN: true });
const token = fc.record({
  advantage: fc.double({ min: -2, max: 2, noNaN: true }),
  logprob,
  oldLogprob: logprob,
  samplerLogprob: logprob,
  referenceLogprob: logprob,
  mask: fc.constantFrom(0, 1, 1, 1),
});

/** A minibatch of random rollouts with the aggregation's scales. */
const arbitraryMinibatch = (aggregation: ResolvedSentence['aggregation']) =>
  fc.array(fc.array(token, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 }).map((rollouts) => {
    const scales = aggregationScales(
      aggregation,
      rollouts.map((tokens) => tokens.filter(({ mask }) => mask === 1).length),
    );
    return rollouts.map(
      (tokens, i): LossRollout => ({
        advantages: Float32Array.from(tokens, ({ advantage }) => advantage),
        mask: Uint8Array.from(tokens, ({ mask }) => mask),
        scale: scales[i]!,
        logprobs: Float32Array.from(tokens, (t) => t.logprob),
        oldLogprobs: Float32Array.from(tokens, (t) => t.oldLogprob),
        samplerLogprobs: Float32Array.from(tokens, (t) => t.samplerLogprob),
        referenceLogprobs: Float32Array.from(tokens, (t) => t.referenceLogprob),
      }),
    );
  });

/** What may not move while differentiating: the covariance choice, and stop-gradient factors. */
const differentiable: [string, object][] = [
  ['reinforce', { surrogate: { kind: 'reinforce' } }],
  ['importance-sampling', { surrogate: { kind: 'importance-sampling' } }],
  ['ppo', { surrogate: { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.28 } }],
  ['dual clip', { surrogate: { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.28, dualClip: 1.5 } }],
  ['sapo', { surrogate: { kind: 'sapo', temperaturePositive: 1, temperatureNegative: 1.05 } }],
  ['dppo', { surrogate: { kind: 'dppo', maxRise: 0.1, maxFall: 0.2 } }],
  ['geometric-mean', { surrogate: { kind: 'geometric-mean', ratioMin: 0.7, ratioMax: 1.5 } }],
  ['kl k2', { penalties: [{ penalty: 'kl', estimator: 'k2', coefficient: 0.5 }] }],
  ['kl k3', { penalties: [{ penalty: 'kl', estimator: 'k3', coefficient: 0.5 }] }],
  ['kl abs', { penalties: [{ penalty: 'kl', estimator: 'abs', coefficient: 0.5 }] }],
  ['truncate', { oldPolicy: 'trainer', mismatch: { kind: 'truncate', max: 2 } }],
  ['mask', { oldPolicy: 'trainer', mismatch: { kind: 'mask', min: 0.5, max: 2, level: 'sequence' } }],
];

/** d(loss)/d(logprob of rollout i, token t) by differences to the right and to the left. */
function difference(spec: ResolvedSentence, batch: readonly LossRollout[], i: number, t: number): [number, number] {
  const h = 2 ** -9;
  const moved = (sign: number) =>
    minibatchLoss(
      spec,
      batch.map((rollout, r) =>
        r === i ? { ...rollout, logprobs: rollout.logprobs.map((x, u) => (u === t ? x + sign * h : x)) } : rollout,
      ),
      key,
    ).loss;
  const here = minibatchLoss(spec, batch, key).loss;
  return [(moved(1) - here) / h, (here - moved(-1)) / h];
}

describe.each(differentiable)('the closed form of %s', (_, slots) => {
  it('equals finite differences', () => {
    const spec = sentence({ recipe: 'grpo', ...slots });
    fc.assert(
      fc.property(arbitraryMinibatch(spec.aggregation), (batch) => {
        const { gradients } = minibatchLoss(spec, batch, key);
        for (const [i, { mask }] of batch.entries())
          for (const [t, bit] of mask.entries()) {
            if (bit === 0) {
              expect(gradients[i]![t]).toBe(0);
              continue;
            }
            // at a corner the slope lies between the one-sided ones; elsewhere they differ by h times the curvature
            const [right, left] = difference(spec, batch, i, t);
            const tolerance = 1e-3 * Math.max(1, Math.abs(right), Math.abs(left));
            expect(gradients[i]![t]!).toBeGreaterThan(Math.min(right, left) - tolerance);
            expect(gradients[i]![t]!).toBeLessThan(Math.max(right, left) + tolerance);
          }
      }),
    );
  });
});

it('cispo and sequence ratios have stop-gradient parts: their slopes are -A clip(r) and -A s', () => {
  const one = (slots: object, advantages: number[], logprobs: number[]) =>
    minibatchLoss(
      sentence({ recipe: 'grpo', aggregation: 'seq-mean-token-sum', ...slots }),
      [
        {
          advantages: Float32Array.from(advantages),
          mask: new Uint8Array(advantages.length).fill(1),
          scale: 1,
          logprobs: Float32Array.from(logprobs),
          oldLogprobs: new Float32Array(advantages.length).fill(-1),
        },
      ],
      key,
    );
  const cispo = one({ surrogate: { kind: 'cispo', ratioMin: 0, ratioMax: 2 } }, [3], [0]);
  expect(cispo.gradients[0]![0]).toBe(-6);
  expect(cispo.clippedShare).toBe(1);
  expect([...cispo.clipped[0]!]).toEqual([1]);
  // token log ratios 0.5 and -0.5: geometric mean 1
  const sequence = one({ ratioLevel: 'sequence', surrogate: { kind: 'importance-sampling' } }, [3, -2], [-0.5, -1.5]);
  expect([...sequence.gradients[0]!]).toEqual([-3, 2]);
});

it('says which tokens the bounds decided, and on which side of ratio 1', () => {
  const spec = sentence({ recipe: 'grpo', surrogate: { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.2 } });
  const ratios = [1.3, 0.7, 1.3, 0.7, 1];
  const rollout = {
    // clipped where the ratio has gone far in the advantage's direction
    advantages: Float32Array.of(1, 1, -1, -1, 1),
    mask: new Uint8Array(5).fill(1),
    scale: 1,
    logprobs: Float32Array.from(ratios, Math.log),
    oldLogprobs: new Float32Array(5),
  };
  const { clipped, clippedShare } = minibatchLoss(spec, [rollout], key);
  expect([...clipped[0]!]).toEqual([1, 0, 0, -1, 0]);
  expect(clippedShare).toBe(2 / 5);
});

it('a non-negative token weight on the advantage is a weight on the loss, for every surrogate of one token', () => {
  const surrogates = differentiable.slice(0, 6).map(([, slots]) => slots);
  surrogates.push({ surrogate: { kind: 'cispo', ratioMin: 0.5, ratioMax: 2 } });
  fc.assert(
    fc.property(
      fc.constantFrom(...surrogates),
      arbitraryMinibatch('token-mean'),
      fc.integer({ min: 0, max: 8 }),
      (slots, batch, weight) => {
        const spec = sentence({ recipe: 'grpo', ...slots });
        const plain = minibatchLoss(spec, batch, key);
        const weighted = minibatchLoss(
          spec,
          batch.map((rollout) => ({ ...rollout, advantages: rollout.advantages.map((a) => a * weight) })),
          key,
        );
        expect(weighted.loss).toBeCloseTo(weight * plain.loss, 3);
        for (const [i, row] of plain.gradients.entries())
          for (const [t, slope] of row.entries()) expect(weighted.gradients[i]![t]!).toBeCloseTo(weight * slope, 3);
      },
    ),
  );
});

describe('mismatch corrections by hand', () => {
  const weighted = (mismatch: object) =>
    [
      ...minibatchLoss(
        sentence({ recipe: 'grpo', surrogate: { kind: 'importance-sampling' }, oldPolicy: 'trainer', mismatch }),
        [
          {
            advantages: Float32Array.of(1, 1),
            mask: Uint8Array.of(1, 1),
            scale: 1,
            logprobs: Float32Array.of(-1, -1),
            oldLogprobs: Float32Array.of(-1, -1),
            samplerLogprobs: Float32Array.of(-1 - Math.log(4), -1 + Math.log(2)),
          },
        ],
        key,
      ).gradients[0]!,
    ].map((g) => Number((-g).toFixed(5)));
  it('ratios 4 and 1/2', () => {
    expect(weighted({ kind: 'truncate', max: 2 })).toEqual([2, 0.5]);
    expect(weighted({ kind: 'mask', min: 0.25, max: 2 })).toEqual([0, 0.5]);
    expect(weighted({ kind: 'truncate', max: 9, level: 'sequence' })).toEqual([2, 2]);
  });
});

describe('covariance rules', () => {
  const tokens = (count: number): LossRollout => ({
    advantages: Float32Array.from({ length: count }, (_, t) => (t < count / 2 ? 1 : -1)),
    mask: new Uint8Array(count).fill(1),
    scale: 1,
    logprobs: Float32Array.from({ length: count }, (_, t) => (t < count / 2 ? -0.5 : -2.5) - t / 1000),
    oldLogprobs: Float32Array.from({ length: count }, (_, t) => (t < count / 2 ? -0.5 : -2.5) - t / 1000 + 0.01),
  });
  const clipCov = sentence({ recipe: 'clip-cov', ratio: 0.5, low: 0.5, high: 5 });

  it('clip-cov draws anew for another key, alike for the same', () => {
    const dropped = (seed: number) =>
      minibatchLoss(clipCov, [tokens(20)], randomKey(seed))
        .gradients[0]!.map((g) => Number(g === 0))
        .join('');
    expect(dropped(1)).toBe(dropped(1));
    expect(new Set([1, 2, 3, 4].map(dropped)).size).toBeGreaterThan(1);
    expect([...dropped(1)].filter((bit) => bit === '1')).toHaveLength(10);
  });

  it('kl-cov penalises only the tokens of largest covariance', () => {
    const spec = sentence({ recipe: 'kl-cov', ratio: 0.1, coefficient: 10 });
    const base = minibatchLoss({ ...spec, covariance: undefined }, [tokens(20)], key).gradients[0]!;
    const penalised = minibatchLoss(spec, [tokens(20)], key);
    const changed = [...penalised.gradients[0]!].flatMap((g, t) =>
      g === base[t] ? [] : [[t, Math.round(g - base[t]!)]],
    );
    expect(changed).toEqual([
      [0, -10],
      [19, -10],
    ]);
    expect(penalised.covarianceShare).toBe(0.1);
  });
});
