/**
 * The contract's promises about losses, gradients and steps.
 */
import { expect } from 'vitest';
import type { Datum, Loss } from '../../src/core/datum.ts';
import { EngineError, UserError } from '../../src/core/errors.ts';
import { RandomStream, randomKey } from '../../src/core/random.ts';
import type { AdamW, Engine, ForwardOptions } from '../../src/engine/engine.ts';
import type { Promises, Trial } from './engine-contract.ts';
import {
  ADAM,
  datumOf,
  descent,
  lossByFormula,
  lossOf,
  probe,
  randomData,
  randomTokens,
  reweighted,
  stepWithNorm,
} from './engine-material.ts';

const CE: Loss = { kind: 'cross_entropy' };
const IS: Loss = { kind: 'importance_sampling' };
const PPO: Loss = { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.25 };
const DUAL: Loss = { ...PPO, dualClip: 1.4 };
const CISPO: Loss = { kind: 'cispo', ratioMin: 0.8, ratioMax: 1.25 };

function expectRelative(actual: number, expected: number, tolerance: number, scale = Math.abs(expected)): void {
  expect(Math.abs(actual - expected), `${actual} against ${expected}`).toBeLessThanOrEqual(tolerance * scale);
}

function expectSameWeights(actual: readonly number[], expected: readonly number[], tolerance: number): void {
  for (const [i, value] of actual.entries()) expectRelative(value, expected[i]!, tolerance, 1);
}

/** A fresh engine's gradient norm on the data, and its weights (seen through the probe) after one step. */
async function stepOn(trial: Trial, batches: readonly (readonly Datum[])[], loss: Loss, adam: AdamW) {
  const engine = await trial.engine();
  for (const data of batches) await engine.forwardBackward(data, loss);
  const { gradNorm } = await stepWithNorm(engine, adam);
  return { gradNorm, weights: await probe(engine) };
}

async function onPolicyData(engine: Engine, weights: readonly number[]): Promise<Datum[]> {
  const prompt = randomTokens(new RandomStream(randomKey(21)), 4, engine.capabilities.vocabularySize);
  const completions = await (await engine.sampler()).sample({
    prompt,
    count: weights.length,
    maxTokens: 8,
    temperature: 1,
    stopTokens: [0],
    key: randomKey(22),
  });
  return completions.map((completion, i) => datumOf(prompt, completion, weights[i]!));
}

/**
 * Central differences of `loss` on `data` along the gradient h of another loss, against g.h from norms alone:
 * 2 g.h = |g + h|^2 - |g|^2 - |h|^2. Wrong components of g show up as soon as h has them.
 */
async function expectGradient(trial: Trial, loss: Loss, seed: number, options: ForwardOptions = {}) {
  const temperature = options.temperature ?? 1;
  const engine = await trial.engine();
  const data = await randomData(engine, seed, { temperature });
  // other weights on the same positions, so that the two gradients have something in common, clipped tokens included
  const random = new RandomStream(randomKey(seed, 'direction'));
  const along = reweighted(data, (weight) => weight * (0.25 + 1.5 * random.uniform()));
  const normOf = async (withData: boolean, withAlong: boolean) => {
    if (withData) await engine.forwardBackward(data, loss, options);
    if (withAlong) await engine.forwardBackward(along, CE);
    return (await stepWithNorm(engine, { ...ADAM, learningRate: 0 })).gradNorm;
  };
  const g = await normOf(true, false);
  const h = await normOf(false, true);
  const product = ((await normOf(true, true)) ** 2 - g ** 2 - h ** 2) / 2;
  // the loss moves by about 0.01 at most: enough for float32 to see, too little for a token to reach a corner of its clip
  const rate = 0.01 / (Math.max(1, g) * h);
  const lossAt = async (sign: 1 | -1) => {
    const moved = await trial.engine();
    await moved.forwardBackward(
      reweighted(along, (weight) => -sign * weight),
      CE,
    );
    await moved.optimStep(descent(rate));
    return lossOf(moved, data, loss, options);
  };
  const slope = ((await lossAt(1)) - (await lossAt(-1))) / (2 * rate);
  // relative to the largest value g.h could have had
  expectRelative(slope, product, trial.gradientTolerance, g * h);
  expect(Math.abs(product)).toBeGreaterThan(3 * trial.gradientTolerance * g * h);
}

export const training: Promises = {
  'each loss has the value of its formula on the log-probabilities returned with it': async (trial) => {
    const engine = await trial.engine();
    for (const loss of [CE, IS, PPO, DUAL, CISPO]) {
      const data = await randomData(engine, 1);
      const result = await engine.forwardBackward(data, loss);
      const { sum, scale } = lossByFormula(data, result.logprobs, loss);
      expectRelative(result.loss, sum, trial.tolerance, scale);
    }
  },

  'at another temperature the loss is that of the tempered log-probabilities': async (trial) => {
    const engine = await trial.engine();
    if (!engine.capabilities.temperature) trial.skip('log-probabilities at temperature 1 only');
    const data = await randomData(engine, 2, { temperature: 0.7 });
    for (const loss of [CE, PPO]) {
      const result = await engine.forwardBackward(data, loss, { temperature: 0.7 });
      const { sum, scale } = lossByFormula(data, result.logprobs, loss);
      expectRelative(result.loss, sum, trial.tolerance, scale);
    }
  },

  'forward and forwardBackward report the same log-probabilities and entropies, 0 where masked out': async (trial) => {
    const engine = await trial.engine();
    const data = await randomData(engine, 3);
    const plain = await engine.forward(data);
    const trained = await engine.forwardBackward(data, CE);
    for (const [d, { mask }] of data.entries()) {
      expectSameWeights([...trained.logprobs[d]!], [...plain.logprobs[d]!], trial.tolerance);
      expect([...plain.logprobs[d]!].every((logprob, i) => (mask[i] === 0 ? logprob === 0 : logprob < 0))).toBe(true);
      if (!engine.capabilities.entropies) continue;
      expectSameWeights([...trained.entropies[d]!], [...plain.entropies[d]!], trial.tolerance);
      const most = Math.log(engine.capabilities.vocabularySize) + trial.tolerance;
      expect([...plain.entropies[d]!].every((h, i) => (mask[i] === 0 ? h === 0 : h > 0 && h <= most))).toBe(true);
    }
  },

  'the gradient of cross_entropy equals central differences': async (trial) => {
    for (const seed of [31, 32, 33]) await expectGradient(trial, CE, seed);
  },

  'the gradient of importance_sampling equals central differences': (trial) => expectGradient(trial, IS, 34),

  'the gradient of ppo equals central differences': (trial) => expectGradient(trial, PPO, 35),

  'the gradient of ppo with dual clip equals central differences': (trial) => expectGradient(trial, DUAL, 36),

  'the gradient at temperature 0.7 equals central differences': async (trial) => {
    if (!(await trial.engine()).capabilities.temperature) trial.skip('log-probabilities at temperature 1 only');
    await expectGradient(trial, IS, 37, { temperature: 0.7 });
  },

  'the gradient of cispo is that of cross_entropy with the clipped ratio in the weight': async (trial) => {
    const engine = await trial.engine();
    const data = await randomData(engine, 4);
    const { logprobs } = await engine.forward(data);
    const clipped = reweighted(data, (weight, d, i) => {
      const ratio = Math.exp(logprobs[d]![i]! - data[d]!.samplingLogprob[i]!);
      return weight * Math.min(Math.max(ratio, 0.8), 1.25);
    });
    const cispo = await stepOn(trial, [data], CISPO, descent(0.01));
    const crossEntropy = await stepOn(trial, [clipped], CE, descent(0.01));
    expectRelative(cispo.gradNorm, crossEntropy.gradNorm, trial.tolerance);
    expectSameWeights(cispo.weights, crossEntropy.weights, trial.tolerance);
  },

  'on the first on-policy minibatch the importance ratio is 1': async (trial) => {
    const engine = await trial.engine();
    const data = await onPolicyData(engine, [1, 1, 1, 1]);
    const { logprobs } = await engine.forward(data);
    for (const [d, { mask, samplingLogprob }] of data.entries()) {
      for (let i = 0; i < mask.length; i++) {
        if (mask[i] === 1) expectRelative(Math.exp(logprobs[d]![i]! - samplingLogprob[i]!), 1, trial.tolerance);
      }
    }
    const tokens = data.reduce((sum, { mask }) => sum + mask.reduce((a, b) => a + b, 0), 0);
    expectRelative(await lossOf(engine, data, IS), -tokens, trial.tolerance);
  },

  'at ratio 1 importance_sampling, ppo and cispo step along weight times the gradient of the log-probability': async (
    trial,
  ) => {
    const data = await onPolicyData(await trial.engine(), [1, -0.5, 0.25, -1]);
    // d(-A r) = -A d logprob at r = 1: minus the policy gradient, which is cross_entropy's with weight A
    const policyGradient = await stepOn(trial, [data], CE, descent(0.05));
    for (const loss of [IS, PPO, CISPO]) {
      const step = await stepOn(trial, [data], loss, descent(0.05));
      expectRelative(step.gradNorm, policyGradient.gradNorm, trial.tolerance);
      expectSameWeights(step.weights, policyGradient.weights, trial.tolerance);
    }
  },

  'a positive weight makes its tokens likelier, a negative one less likely': async (trial) => {
    for (const sign of [1, -1]) {
      const engine = await trial.engine();
      const data = await onPolicyData(engine, [sign]);
      const before = lossByFormula(data, (await engine.forward(data)).logprobs, CE).sum;
      await engine.forwardBackward(data, IS);
      await engine.optimStep(ADAM);
      expect(lossByFormula(data, (await engine.forward(data)).logprobs, CE).sum).toBeLessThan(before);
    }
  },

  'one batch equals the same batch in two halves': async (trial) => {
    const engine = await trial.engine();
    const data = await randomData(engine, 6, { count: 6 });
    const halves = [data.slice(0, 3), data.slice(3)] as const;
    const whole = await lossOf(engine, data, PPO);
    const sum = (await lossOf(engine, halves[0], PPO)) + (await lossOf(engine, halves[1], PPO));
    expectRelative(sum, whole, trial.tolerance, Math.max(1, Math.abs(whole)));
    const once = await stepOn(trial, [data], PPO, descent(0.05));
    const twice = await stepOn(trial, halves, PPO, descent(0.05));
    expectRelative(twice.gradNorm, once.gradNorm, trial.tolerance);
    expectSameWeights(twice.weights, once.weights, trial.tolerance);
  },

  'the order of datums and their company change neither losses nor log-probabilities': async (trial) => {
    const engine = await trial.engine();
    const data = await randomData(engine, 7, { count: 5 });
    const together = await engine.forward(data);
    const reversed = await engine.forward([...data].reverse());
    for (const [d, datum] of data.entries()) {
      const alone = await engine.forward([datum]);
      expectSameWeights([...alone.logprobs[0]!], [...together.logprobs[d]!], trial.tolerance);
      expectSameWeights([...reversed.logprobs[data.length - 1 - d]!], [...together.logprobs[d]!], trial.tolerance);
    }
  },

  'what stands at masked positions changes nothing': async (trial) => {
    const engine = await trial.engine();
    const data = await randomData(engine, 8);
    const disturbed = data.map((datum) => ({
      ...datum,
      target: datum.target.map((token, i) => (datum.mask[i] === 0 ? 0 : token)),
      weight: datum.weight.map((weight, i) => (datum.mask[i] === 0 ? 1000 : weight)),
      samplingLogprob: datum.samplingLogprob.map((logprob, i) => (datum.mask[i] === 0 ? -50 : logprob)),
    }));
    for (const loss of [CE, IS]) {
      expect(await engine.forwardBackward(disturbed, loss)).toEqual(await engine.forwardBackward(data, loss));
      expect(await stepOn(trial, [disturbed], loss, ADAM)).toEqual(await stepOn(trial, [data], loss, ADAM));
    }
  },

  'masked positions at the end change nothing': async (trial) => {
    const data = await randomData(await trial.engine(), 9);
    const append = <A extends Int32Array | Float32Array | Uint8Array>(array: A) => {
      const longer = new (array.constructor as new (length: number) => A)(array.length + 5);
      longer.set(array);
      return longer;
    };
    const longer = data.map(({ input, target, mask, weight, samplingLogprob }) => ({
      input: append(input),
      target: append(target),
      mask: append(mask),
      weight: append(weight),
      samplingLogprob: append(samplingLogprob),
    }));
    const [short, long] = [
      await stepOn(trial, [data], IS, descent(0.05)),
      await stepOn(trial, [longer], IS, descent(0.05)),
    ];
    expectRelative(long.gradNorm, short.gradNorm, trial.tolerance);
    expectSameWeights(long.weights, short.weights, trial.tolerance);
  },

  'weight 0 gives no loss and no gradient, yet log-probabilities': async (trial) => {
    const engine = await trial.engine();
    const data = reweighted(await randomData(engine, 10), () => 0);
    for (const loss of [CE, IS, PPO, CISPO]) {
      const result = await engine.forwardBackward(data, loss);
      expect(Math.abs(result.loss)).toBe(0);
      expect([...result.logprobs[0]!].some((logprob) => logprob < 0)).toBe(true);
    }
    expect((await stepWithNorm(engine, ADAM)).gradNorm).toBe(0);
  },

  'gradients add up until a step, which clears them': async (trial) => {
    const engine = await trial.engine();
    const data = await randomData(engine, 12);
    await engine.forwardBackward(data, CE);
    const once = (await stepWithNorm(engine, { ...ADAM, learningRate: 0 })).gradNorm;
    await engine.forwardBackward(data, CE);
    await engine.forwardBackward(data, CE);
    expectRelative((await stepWithNorm(engine, { ...ADAM, learningRate: 0 })).gradNorm, 2 * once, trial.tolerance);
    expect((await stepWithNorm(engine, { ...ADAM, learningRate: 0 })).gradNorm).toBe(0);
    expect(engine.policyVersion).toBe(3);
  },

  'forward leaves no gradient behind': async (trial) => {
    const engine = await trial.engine();
    await engine.forward(await randomData(engine, 13));
    expect((await stepWithNorm(engine, ADAM)).gradNorm).toBe(0);
  },

  'a step moves the loss by as much as its gradient says': async (trial) => {
    const engine = await trial.engine();
    const data = await randomData(engine, 14);
    const before = await lossOf(engine, data, CE);
    // from another engine, whose first step this is not
    const { gradNorm: norm } = await stepOn(trial, [data], CE, descent(0));
    const rate = 0.01 / Math.max(1, norm ** 2);
    const { gradNorm } = await stepWithNorm(engine, descent(rate));
    const after = await lossOf(engine, data, CE);
    expectRelative((before - after) / rate, gradNorm ** 2, Math.max(0.02, trial.gradientTolerance));
  },

  'a gradient above maxGradNorm is scaled down to it, one below is left alone': async (trial) => {
    const data = await randomData(await trial.engine(), 15);
    const free = await stepOn(trial, [data], CE, descent(0.05));
    const half = await stepOn(trial, [data], CE, descent(0.025));
    const clipped = await stepOn(trial, [data], CE, { ...descent(0.05), maxGradNorm: free.gradNorm / 2 });
    expectRelative(clipped.gradNorm, free.gradNorm, trial.tolerance);
    expectSameWeights(clipped.weights, half.weights, trial.tolerance);
    const loose = await stepOn(trial, [data], CE, { ...descent(0.05), maxGradNorm: free.gradNorm * 2 });
    expect(loose.weights).toEqual(free.weights);
  },

  'training by cross_entropy lowers the loss': async (trial) => {
    const engine = await trial.engine();
    const data = reweighted(await randomData(engine, 16), () => 1);
    const before = await lossOf(engine, data, CE);
    for (let step = 0; step < 20; step++) {
      await engine.optimStep({ ...ADAM, maxGradNorm: 1 });
      await engine.forwardBackward(data, CE);
    }
    expect(await lossOf(engine, data, CE)).toBeLessThan(0.95 * before);
  },

  'a gradient that is not finite is refused, weights stay, and later steps are fine': async (trial) => {
    const engine = await trial.engine();
    const data = await randomData(engine, 17);
    const before = await probe(engine);
    for (const poison of [Number.NaN, Number.POSITIVE_INFINITY]) {
      await engine.forwardBackward(data, CE);
      await engine.forwardBackward(
        reweighted(data, (weight, d) => (d === 1 ? poison : weight)),
        CE,
      );
      const refusal = await engine.optimStep(ADAM).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(EngineError);
      expect((refusal as EngineError).isGradientFault).toBe(true);
      expect(engine.policyVersion).toBe(0);
      expect(await probe(engine)).toEqual(before);
    }
    await engine.forwardBackward(data, CE);
    const { gradNorm } = await stepWithNorm(engine, ADAM);
    expect({ gradNorm, weights: await probe(engine) }).toEqual(await stepOn(trial, [data], CE, ADAM));
  },

  'data that make no sense are refused': async (trial) => {
    const engine = await trial.engine();
    const [datum] = await randomData(engine, 18, { count: 1 });
    const { maxContext, vocabularySize } = engine.capabilities;
    const long = maxContext + 1;
    const nonsense: Datum[] = [
      { ...datum!, mask: new Uint8Array(1) },
      { ...datum!, input: datum!.input.map(() => vocabularySize) },
      { ...datum!, target: datum!.target.map(() => -1) },
      {
        input: new Int32Array(long),
        target: new Int32Array(long),
        mask: new Uint8Array(long).fill(1),
        weight: new Float32Array(long),
        samplingLogprob: new Float32Array(long),
      },
    ];
    for (const each of nonsense) {
      await expect(engine.forward([each])).rejects.toBeInstanceOf(UserError);
      await expect(engine.forwardBackward([each], CE)).rejects.toBeInstanceOf(UserError);
    }
    await expect(engine.optimStep({ ...ADAM, learningRate: -1 })).rejects.toBeInstanceOf(UserError);
    expect((await stepWithNorm(engine, ADAM)).gradNorm).toBe(0);
  },
};
