import { expect, test } from 'vitest';
import type { Datum, Loss } from '../../core/datum.ts';
import {
  exactPass,
  forwardPass,
  isFinitePass,
  isStock,
  lossValue,
  maskedLogprobs,
  scaled,
  stockPass,
  strayTarget,
} from './passes.ts';
import { PROFILES } from './profile.ts';

const { hosted } = PROFILES;
const jax = PROFILES['skyrl-jax'];
const train = PROFILES['skyrl-train'];

/** Prompt 1 2, completion 3 4, of weight 0.5 each. */
const DATUM: Datum = {
  input: Int32Array.of(1, 2, 3),
  target: Int32Array.of(2, 3, 4),
  mask: Uint8Array.of(0, 1, 1),
  weight: Float32Array.of(9, 0.5, 0.5),
  samplingLogprob: Float32Array.of(9, -1, -2),
};
const CE: Loss = { kind: 'cross_entropy' };
const IS: Loss = { kind: 'importance_sampling' };
const PPO: Loss = { kind: 'ppo', ratioMin: 0.5, ratioMax: 1.5 };
const CISPO: Loss = { kind: 'cispo', ratioMin: 0, ratioMax: Number.POSITIVE_INFINITY };

test('what stands at masked positions does not travel', () => {
  const [sent] = stockPass([DATUM], IS, hosted).data;
  expect(sent).toEqual({
    tokens: Int32Array.of(1, 2, 3),
    inputs: {
      target_tokens: Int32Array.of(0, 3, 4),
      logprobs: Float32Array.of(0, -1, -2),
      advantages: Float32Array.of(0, 0.5, 0.5),
    },
  });
  expect(forwardPass([DATUM], hosted).data[0]!.inputs['weights']).toEqual(Float32Array.of(0, 1, 1));
  expect(maskedLogprobs([DATUM], { outputs: [{ logprobs: Float32Array.of(-7, -1, -2) }], metrics: {} })).toEqual([
    Float32Array.of(0, -1, -2),
  ]);
});

test('where targets come from the input, they are sent as they are, and others are found', () => {
  expect(stockPass([DATUM], IS, train).data[0]!.inputs['target_tokens']).toEqual(Int32Array.of(2, 3, 4));
  expect(strayTarget([DATUM])).toBeUndefined();
  // the last target is none of the inputs, and a masked one does not matter
  expect(strayTarget([{ ...DATUM, target: Int32Array.of(8, 3, 8) }])).toBeUndefined();
  expect(strayTarget([DATUM, { ...DATUM, target: Int32Array.of(2, 8, 4) }])).toEqual({ datum: 1, position: 1 });
});

test.each<[string, Loss, boolean, boolean, boolean]>([
  ['cross_entropy', CE, true, true, true],
  ['importance_sampling', IS, true, true, true],
  ['ppo', PPO, true, true, false],
  ['ppo with dual clip, which the protocol does not have,', { ...PPO, dualClip: 3 }, false, false, false],
  ['cispo', CISPO, true, true, false],
])('%s is stock where it means the same', (_, loss, onHosted, onJax, onTrain) => {
  expect([hosted, jax, train].map((profile) => isStock(loss, [DATUM], profile))).toEqual([onHosted, onJax, onTrain]);
});

test('a ratio that float32 may not hold takes the exact route', () => {
  const far = { ...DATUM, samplingLogprob: Float32Array.of(-900, -1, -100) };
  expect(isStock(IS, [far], hosted)).toBe(false);
  expect(isStock(IS, [{ ...far, mask: Uint8Array.of(0, 1, 0) }], hosted)).toBe(true);
});

test('bounds are absolute ratios; no upper bound is one that no ratio reaches', () => {
  expect(stockPass([DATUM], PPO, hosted).loss).toEqual({
    lossFn: 'ppo',
    lossFnConfig: { clip_low_threshold: 0.5, clip_high_threshold: 1.5 },
  });
  expect(stockPass([DATUM], CISPO, hosted).loss.lossFnConfig).toEqual({
    clip_low_threshold: 0,
    clip_high_threshold: 1e30,
  });
});

test('where cross_entropy is divided by its weights it travels as cispo at ratio 1', () => {
  expect(stockPass([DATUM], CE, hosted).loss).toEqual({ lossFn: 'cross_entropy' });
  const { data, loss } = stockPass([DATUM], CE, jax);
  expect(loss).toEqual({ lossFn: 'cispo', lossFnConfig: { clip_low_threshold: 1, clip_high_threshold: 1 } });
  expect(data[0]!.inputs['advantages']).toEqual(Float32Array.of(0, 0.5, 0.5));
});

test('the exact route hands minus the slopes over, at ratio 1', () => {
  // ratios e^0.5 = 1.65 above the bound, slope 0; and 1, slope -weight
  const current = [Float32Array.of(0, -0.5, -2)];
  const { data, loss } = exactPass([DATUM], PPO, current, hosted);
  expect(loss).toEqual({ lossFn: 'importance_sampling' });
  expect(data[0]!.inputs['logprobs']).toEqual(Float32Array.of(0, -0.5, -2));
  // -0 and 0 are one weight
  expect(data[0]!.inputs['advantages']!.map((advantage) => advantage + 0)).toEqual(Float32Array.of(0, 0, 0.5));
});

test('advantages are scaled by datum, nothing else is', () => {
  const pass = stockPass([DATUM], IS, hosted);
  const [sent] = scaled(pass, ({ tokens }) => tokens.length * 2).data;
  expect(sent!.inputs['advantages']).toEqual(Float32Array.of(0, 3, 3));
  expect(sent!.inputs['logprobs']).toEqual(pass.data[0]!.inputs['logprobs']);
});

test('weights and log-probabilities that are no numbers are seen before they are sent', () => {
  expect(isFinitePass(stockPass([DATUM], IS, hosted))).toBe(true);
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const weight = Float32Array.of(bad, 1, 1);
    expect(isFinitePass(stockPass([{ ...DATUM, weight }], CE, hosted))).toBe(true);
    expect(isFinitePass(stockPass([{ ...DATUM, weight: Float32Array.of(1, 1, bad) }], CE, hosted))).toBe(false);
  }
});

test('the loss is its definition on the returned log-probabilities', () => {
  // -0.5 (-1) - 0.5 (-3) = 2
  expect(lossValue([DATUM], CE, [Float32Array.of(-50, -1, -3)])).toBe(2);
});
