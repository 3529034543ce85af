/**
 * Data and observations for the engine contract, through the public interface only.
 */
import type { Datum, Loss } from '../../src/core/datum.ts';
import { RandomStream, randomKey } from '../../src/core/random.ts';
import type { Completion } from '../../src/core/rollout.ts';
import type { AdamW, Engine, ForwardOptions } from '../../src/engine/engine.ts';

export const ADAM: AdamW = {
  learningRate: 0.01,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0,
  maxGradNorm: 0,
};

/**
 * theta <- theta - rate * g: Adam's first step is lr g / (|g| + epsilon), which is plain descent where epsilon dwarfs |g|.
 * Only for an engine that has taken no step yet.
 */
export function descent(rate: number): AdamW {
  return { ...ADAM, learningRate: rate * 1e6, epsilon: 1e6 };
}

/** A step, by an engine that says the norm of its gradient. */
export async function stepWithNorm(engine: Engine, adam: AdamW): Promise<{ gradNorm: number; policyVersion: number }> {
  const { gradNorm, policyVersion } = await engine.optimStep(adam);
  if (gradNorm === undefined) throw new Error('this engine does not say the norm of its gradient: skip this promise');
  return { gradNorm, policyVersion };
}

export function randomTokens(random: RandomStream, length: number, vocabularySize: number): Int32Array {
  return Int32Array.from({ length }, () => random.integer(0, vocabularySize - 1));
}

/** Prompt + completion, shifted by one; the mask covers the completion. */
export function datumOf(prompt: Int32Array, completion: Completion, weight: number): Datum {
  const sequence = [...prompt, ...completion.tokens];
  const input = Int32Array.from(sequence.slice(0, -1));
  const isCompletion = (i: number) => i >= prompt.length - 1;
  return {
    input,
    target: Int32Array.from(sequence.slice(1)),
    mask: Uint8Array.from(input, (_, i) => (isCompletion(i) ? 1 : 0)),
    weight: Float32Array.from(input, (_, i) => (isCompletion(i) ? weight : 0)),
    samplingLogprob: Float32Array.from(input, (_, i) =>
      isCompletion(i) ? completion.logprobs[i - prompt.length + 1]! : 0,
    ),
  };
}

/** Log importance ratios on either side of, and away from, the corners that clipping at 0.8, 1.25 and 1.4 makes (-.22, .22, .34). */
const LOG_RATIOS = [-0.5, -0.1, 0.1, 0.28, 0.6];

/**
 * Sequences of different lengths with random weights in [-1, 1], about two thirds of the positions masked in, and sampling
 * log-probabilities off the current ones by `LOG_RATIOS`.
 */
export async function randomData(
  engine: Engine,
  seed: number,
  { count = 4, temperature = 1 }: { count?: number; temperature?: number } = {},
): Promise<Datum[]> {
  const random = new RandomStream(randomKey(seed, 'contract data'));
  const { vocabularySize } = engine.capabilities;
  const blank = Array.from({ length: count }, (_, d): Datum => {
    const length = 4 + ((d * 3) % 8);
    return {
      input: randomTokens(random, length, vocabularySize),
      target: randomTokens(random, length, vocabularySize),
      mask: Uint8Array.from({ length }, (_, i) => (i === length - 1 || random.uniform() < 0.66 ? 1 : 0)),
      weight: Float32Array.from({ length }, () => 2 * random.uniform() - 1),
      samplingLogprob: new Float32Array(length),
    };
  });
  const { logprobs } = await engine.forward(blank, temperature === 1 ? {} : { temperature });
  return blank.map((datum, d) => ({
    ...datum,
    samplingLogprob: logprobs[d]!.map(
      (logprob) => logprob - random.pick(LOG_RATIOS) - 0.03 * (2 * random.uniform() - 1),
    ),
  }));
}

/** The same data with every weight changed. */
export function reweighted(data: readonly Datum[], change: (weight: number, d: number, i: number) => number): Datum[] {
  return data.map((datum, d) => ({ ...datum, weight: datum.weight.map((weight, i) => change(weight, d, i)) }));
}

export async function lossOf(
  engine: Engine,
  data: readonly Datum[],
  loss: Loss,
  options?: ForwardOptions,
): Promise<number> {
  return (await engine.forwardBackward(data, loss, options)).loss;
}

/** What the weights are, as far as anyone outside can see: log-probabilities on fixed sequences. */
export async function probe(engine: Engine): Promise<number[]> {
  const random = new RandomStream(randomKey(99, 'probe'));
  const { vocabularySize } = engine.capabilities;
  const data = Array.from({ length: 6 }, (): Datum => {
    const length = 8;
    return {
      input: randomTokens(random, length, vocabularySize),
      target: randomTokens(random, length, vocabularySize),
      mask: new Uint8Array(length).fill(1),
      weight: new Float32Array(length),
      samplingLogprob: new Float32Array(length),
    };
  });
  return (await engine.forward(data)).logprobs.flatMap((logprobs) => [...logprobs]);
}

/** [V] log-probabilities of every token after `context`, which costs one datum a token. */
export async function nextLogprobs(engine: Engine, context: ArrayLike<number>): Promise<number[]> {
  const length = context.length;
  const data = Array.from(
    { length: engine.capabilities.vocabularySize },
    (_, token): Datum => ({
      input: Int32Array.from(context),
      target: new Int32Array(length).fill(token),
      mask: Uint8Array.from({ length }, (_, i) => (i === length - 1 ? 1 : 0)),
      weight: new Float32Array(length),
      samplingLogprob: new Float32Array(length),
    }),
  );
  return (await engine.forward(data)).logprobs.map((logprobs) => logprobs[length - 1]!);
}

/** The loss's definition in core/datum.ts, from log-probabilities an engine returned; `scale` is the sum of absolute terms. */
export function lossByFormula(data: readonly Datum[], logprobs: readonly Float32Array[], loss: Loss) {
  let sum = 0;
  let scale = 0;
  for (const [d, datum] of data.entries()) {
    for (let i = 0; i < datum.input.length; i++) {
      if (datum.mask[i] === 0) continue;
      const term = tokenByFormula(loss, logprobs[d]![i]!, datum.samplingLogprob[i]!, datum.weight[i]!);
      sum += term;
      scale += Math.abs(term);
    }
  }
  return { sum, scale };
}

function tokenByFormula(loss: Loss, logprob: number, samplingLogprob: number, A: number): number {
  const r = Math.exp(logprob - samplingLogprob);
  switch (loss.kind) {
    case 'cross_entropy':
      return -A * logprob;
    case 'importance_sampling':
      return -A * r;
    case 'ppo': {
      const value = Math.max(-A * r, -A * Math.max(loss.ratioMin, Math.min(r, loss.ratioMax)));
      return A < 0 && loss.dualClip !== undefined ? Math.min(value, -A * loss.dualClip) : value;
    }
    case 'cispo':
      return -A * Math.max(loss.ratioMin, Math.min(r, loss.ratioMax)) * logprob;
  }
}
