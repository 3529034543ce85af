/**
 * Measures how a server behaves where servers differ, on a scratch model that is unloaded afterwards: a handful of tiny passes. What cannot be
 * measured stays as the nearest preset has it, and the report says so.
 */
import { z } from 'zod';
import { UserError } from '../../core/errors.ts';
import { TinkerError } from './failure.ts';
import { type AdamParams, ModelClient, type WireLoss } from './model-client.ts';
import { PROFILES, type Profile, profileSchema, type StockLoss } from './profile.ts';
import { SamplingClient } from './sampling-client.ts';
import type { Session } from './session.ts';
import { gradientNormOf } from './trainer.ts';
import type { LoraConfig, SampledSequence, SamplingParams, WireDatum } from './wire.ts';

export const reportSchema = z.object({
  profile: profileSchema,
  /** One line for each thing that was measured or could not be. */
  findings: z.array(z.string()),
  /** Mean absolute difference, in nats, between a sampled token's log-probability as the sampler and as the trainer has it. */
  mismatchNats: z.number(),
});
export type ConformanceReport = z.output<typeof reportSchema>;

export interface ProbeTarget {
  readonly session: Session;
  readonly model: string;
  readonly lora: LoraConfig;
  readonly vocabularySize: number;
  readonly maxContext: number;
}

const COMPLETION = 8;
const GREEDY: SamplingParams = { maxTokens: COMPLETION, seed: 11, stop: [], temperature: 1, topK: -1, topP: 1 };
/** Gradient norms of equal work agree to this, relatively; servers in bfloat16 are no closer. */
const NORM_TOLERANCE = 0.1;

/** @throws TinkerError; UserError when a server cannot be trained with, or says too little to be measured */
export async function probe(target: ProbeTarget): Promise<ConformanceReport> {
  const modelId = await target.session.createModel(target.model, target.lora);
  try {
    return await new Probe(target, modelId).run();
  } finally {
    await target.session.unloadModel(modelId).catch(() => {});
  }
}

class Probe {
  readonly #session: Session;
  readonly #vocabularySize: number;
  readonly #maxContext: number;
  readonly #modelId: string;
  #model: ModelClient;
  readonly #findings: string[] = [];

  constructor({ session, vocabularySize, maxContext }: ProbeTarget, modelId: string) {
    this.#maxContext = maxContext;
    this.#session = session;
    this.#vocabularySize = vocabularySize;
    this.#modelId = modelId;
    this.#model = new ModelClient(session, modelId);
  }

  async run(): Promise<ConformanceReport> {
    const prompt = Int32Array.from({ length: 4 }, (_, i) => (i + 1) % this.#vocabularySize);
    const sampler = await this.#sampler();
    const [first] = await this.#sample(sampler, prompt, GREEDY);
    const drawn = first as SampledSequence & { readonly logprobs: Float32Array };
    await this.#checkStopToken(sampler, prompt, drawn);
    const restrictsSampling = await this.#restrictsSampling(sampler, prompt);
    const datum = datumOf(prompt, drawn);
    const current = await this.#logprobs(datum);
    const mismatchNats = mismatch(prompt, drawn, current);
    this.#findings.push(`sampler and trainer differ by ${mismatchNats.toExponential(1)} nats a token`);

    const once = await this.#norm([policyDatum(datum, current, 0)], IMPORTANCE_SAMPLING);
    if (once === undefined)
      throw new UserError(
        `${this.#session.baseUrl} does not say gradient norms, so how it adds gradients cannot be measured; write which server it is: engine.tinker.profile (${Object.keys(PROFILES).join(', ')})`,
      );
    const twice = await this.#norm(
      [policyDatum(datum, current, 0), policyDatum(datum, current, 0)],
      IMPORTANCE_SAMPLING,
    );
    const reduction = this.#reduction(once, twice ?? Number.NaN);
    const losses: StockLoss[] = ['importance_sampling', ...(await this.#clippedLosses(datum, current, once))];
    if (await this.#sumsCrossEntropy(datum)) losses.push('cross_entropy');
    const targets = await this.#targets(datum, current);
    const snapshots = await this.#snapshots(prompt, datum, current);
    const fixedAdam = await this.#fixedAdam(datum, current);
    const takesRateAlone = fixedAdam === PROFILES['skyrl-train'].fixedAdam;
    const preset = PROFILES[reduction === 'jax-mean' ? 'skyrl-jax' : takesRateAlone ? 'skyrl-train' : 'hosted'];
    this.#findings.push(`nearest preset: ${preset.name}`);
    return {
      profile: { ...preset, reduction, snapshots, losses, restrictsSampling, targets, fixedAdam },
      findings: this.#findings,
      mismatchNats,
    };
  }

  #reduction(once: number, twice: number): Profile['reduction'] {
    const ratio = twice / once;
    this.#findings.push(`a datum sent twice has ${ratio.toFixed(3)} times its gradient`);
    if (near(ratio, 2)) return 'sum';
    if (near(ratio, 1)) return 'jax-mean';
    throw new UserError(
      `${this.#session.baseUrl} adds gradients in a way we do not know: a datum sent twice has ${ratio} times the gradient, where sums have 2 and means 1`,
    );
  }

  async #sampler(): Promise<SamplingClient> {
    return new SamplingClient(this.#session, await this.#model.saveForSampler().result);
  }

  async #sample(
    sampler: SamplingClient,
    prompt: Int32Array,
    params: SamplingParams,
    numSamples = 1,
  ): Promise<readonly SampledSequence[]> {
    const { sequences } = await sampler.sample({ prompt, numSamples, params });
    const isWhole = ({ tokens, logprobs }: SampledSequence) => tokens.length > 0 && logprobs?.length === tokens.length;
    if (sequences.length !== numSamples || !sequences.every(isWhole))
      throw new TinkerError(
        'failed',
        `${this.#session.baseUrl} samples without log-probabilities: none can train on that`,
      );
    return sequences;
  }

  /** A policy whose completions lack their stop token never learns to stop. */
  async #checkStopToken(sampler: SamplingClient, prompt: Int32Array, drawn: SampledSequence): Promise<void> {
    const stop = drawn.tokens[Math.min(2, drawn.tokens.length - 1)]!;
    const [stopped] = await this.#sample(sampler, prompt, {
      ...GREEDY,
      stop: [stop],
      maxTokens: Math.min(64, this.#maxContext - prompt.length),
    });
    if (stopped!.stopReason === 'length') {
      this.#findings.push('no stop token came up: whether completions keep theirs is not known');
    } else if (stopped!.tokens.at(-1) === stop) {
      this.#findings.push('completions keep their stop token');
    } else {
      throw new UserError(
        `${this.#session.baseUrl} leaves the stop token out of its completions: a policy trained on them never learns to stop`,
      );
    }
    if (drawn.stopReason === 'stop')
      this.#findings.push(`completions end at token ${drawn.tokens.at(-1)} though it was not asked for (implicit EOS)`);
  }

  /** The likeliest token alone is drawn, whatever the seed. */
  async #restrictsSampling(sampler: SamplingClient, prompt: Int32Array): Promise<boolean> {
    try {
      const params = { ...GREEDY, maxTokens: 1, temperature: 5, topK: 1 };
      const sequences = await this.#sample(sampler, prompt, params, 8);
      const isRestricted = new Set(sequences.map(({ tokens }) => tokens[0])).size === 1;
      this.#findings.push(isRestricted ? 'topK restricts sampling' : 'topK has no effect');
      return isRestricted;
    } catch (error) {
      return this.#refused(error, 'topK');
    }
  }

  /** Losses with bounds that leave out what lies beyond them: ratio e is more than 1.2. */
  async #clippedLosses(datum: Probed, current: Float32Array, once: number): Promise<StockLoss[]> {
    const far = policyDatum(datum, current, -1);
    const ppo = await this.#tried('ppo', [far], 0.8, 1.2);
    const cispo = await this.#tried('cispo', [far], 1, 1);
    return [
      ...(this.#means('ppo', ppo !== undefined && ppo < once * 0.01) ? (['ppo'] as const) : []),
      ...(this.#means('cispo', cispo !== undefined && near(cispo / once, 1)) ? (['cispo'] as const) : []),
    ];
  }

  #means(loss: string, isSame: boolean): boolean {
    this.#findings.push(
      `${loss} ${isSame ? 'means there what it means here' : 'has another meaning there and is not used'}`,
    );
    return isSame;
  }

  async #tried(lossFn: string, data: readonly WireDatum[], low: number, high: number): Promise<number | undefined> {
    const lossFnConfig = { clip_low_threshold: low, clip_high_threshold: high };
    return this.#norm(data, { lossFn, lossFnConfig }).catch((error: unknown) => {
      this.#refused(error, lossFn);
      return undefined;
    });
  }

  /** Weights of 2 have twice the gradient of weights of 1, where they are not divided by their sum. */
  async #sumsCrossEntropy({ tokens, targets }: Probed): Promise<boolean> {
    const at = (weight: number): WireDatum => ({
      tokens,
      inputs: { target_tokens: targets, weights: new Float32Array(tokens.length).fill(weight) },
    });
    try {
      const [one, two] = [
        await this.#norm([at(1)], { lossFn: 'cross_entropy' }),
        await this.#norm([at(2)], { lossFn: 'cross_entropy' }),
      ];
      return this.#means('cross_entropy', near((two ?? Number.NaN) / (one ?? Number.NaN), 2));
    } catch (error) {
      return this.#refused(error, 'cross_entropy');
    }
  }

  /**
   * Whether a sampler made before a step samples as it did. The old sampler is asked before a new one is made: SkyRL on JAX loads an older one's
   * weights over the model.
   */
  async #snapshots(prompt: Int32Array, datum: Probed, current: Float32Array): Promise<Profile['snapshots']> {
    const greedily = async (sampler: SamplingClient) =>
      (await this.#sample(sampler, prompt, { ...GREEDY, temperature: 0 }))[0]!;
    for (const learningRate of [0.02, 0.1, 0.5]) {
      const old = await this.#sampler();
      const [before, again] = [await greedily(old), await greedily(old)];
      await this.#norm([policyDatum(datum, current, 0)], IMPORTANCE_SAMPLING, { ...MOVING, learningRate });
      const after = await greedily(old);
      const young = await greedily(await this.#sampler());
      const moved = apart(before, young);
      if (moved < 1e-3 || moved < 4 * apart(before, again)) continue;
      const isFrozen = apart(before, after) < moved / 2;
      this.#findings.push(
        isFrozen ? 'samplers stay frozen' : 'a sampler changes with the model: one copy of the weights',
      );
      return isFrozen ? 'immutable' : 'live';
    }
    this.#findings.push('whether samplers stay frozen could not be seen: taken as live');
    return 'live';
  }

  /** Whether another target at one position changes the log-probability there. */
  async #targets(datum: Probed, current: Float32Array): Promise<Profile['targets']> {
    const targets = datum.targets.slice();
    targets[1] = (targets[1]! + 1) % this.#vocabularySize;
    const logprobs = await this.#logprobs({ ...datum, targets });
    const isSame = Math.abs(logprobs[1]! - current[1]!) < 1e-6;
    this.#findings.push(isSame ? 'targets are taken from the next input' : 'targets are taken as sent');
    return isSame ? 'input' : 'as-sent';
  }

  /**
   * Steps that move nothing when a setting is taken, or move something. Without momentum (betas 0): no gradient, no movement; an epsilon far
   * above the gradient, none; a gradient clipped far below epsilon, none; weight decay moves without a gradient.
   */
  async #fixedAdam(datum: Probed, current: Float32Array): Promise<Profile['fixedAdam']> {
    const learned = [policyDatum(datum, current, 0)];
    const nothing = [
      { ...learned[0]!, inputs: { ...learned[0]!.inputs, advantages: new Float32Array(current.length) } },
    ];
    const start = await this.#logprobs(datum);
    await this.#norm(learned, IMPORTANCE_SAMPLING, PLAIN);
    let last = await this.#logprobs(datum);
    const scale = furthest(start, last);
    const moves = async (data: readonly WireDatum[], adam: Partial<AdamParams>): Promise<boolean> => {
      await this.#norm(data, IMPORTANCE_SAMPLING, { ...PLAIN, ...adam });
      const next = await this.#logprobs(datum);
      const distance = furthest(last, next);
      last = next;
      return distance > MOVED * scale;
    };
    const takesBetas = !(await moves(nothing, {}));
    const takesEpsilon = !(await moves(learned, { eps: 1e9 }));
    if (!takesBetas || !takesEpsilon) {
      this.#findings.push('of AdamW the learning rate alone is taken; the rest is assumed to be as SkyRL sets it');
      return PROFILES['skyrl-train'].fixedAdam;
    }
    const takesClipping = !(await moves(learned, { eps: 1, gradClipNorm: 1e-9 }));
    const takesDecay = await moves(nothing, { weightDecay: 10 });
    this.#findings.push(
      `of AdamW ${takesClipping ? 'gradient clipping' : 'no gradient clipping'} and ${takesDecay ? 'weight decay' : 'no weight decay'} are done`,
    );
    return { ...(!takesClipping && { maxGradNorm: 0 }), ...(!takesDecay && { weightDecay: 0 }) };
  }

  async #logprobs({ tokens, targets }: Probed): Promise<Float32Array> {
    const inputs = { target_tokens: targets, weights: new Float32Array(tokens.length).fill(1) };
    const { result } = this.#model.forward([{ tokens, inputs }], { lossFn: 'cross_entropy' });
    return (await result).outputs[0]!['logprobs']!;
  }

  /** Of one step on these data. */
  async #norm(data: readonly WireDatum[], loss: WireLoss, adam: AdamParams = STILL): Promise<number | undefined> {
    await this.#model.forwardBackward(data, loss).result;
    return gradientNormOf(await this.#model.optimStep(adam).result);
  }

  /** A refusal is an answer; anything else is passed on. */
  #refused(error: unknown, what: string): false {
    const isRefusal = error instanceof TinkerError && (error.kind === 'request' || error.kind === 'failed');
    if (!isRefusal) throw error;
    this.#findings.push(`${what} is refused`);
    // the refused call used its client up, not the model
    this.#model = new ModelClient(this.#session, this.#modelId, this.#model.nextSeqId);
    return false;
  }
}

const STILL: AdamParams = { learningRate: 0, beta1: 0.9, beta2: 0.95, eps: 1e-8, weightDecay: 0, gradClipNorm: 0 };
const MOVING: AdamParams = { ...STILL, learningRate: 0.02 };
/** No memory of earlier gradients. */
const PLAIN: AdamParams = { ...MOVING, beta1: 0, beta2: 0 };
/** Of the distance of a whole step: less is none. */
const MOVED = 0.05;

const furthest = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

const IMPORTANCE_SAMPLING: WireLoss = { lossFn: 'importance_sampling' };

interface Probed {
  readonly tokens: Int32Array;
  readonly targets: Int32Array;
}

function datumOf(prompt: Int32Array, { tokens }: SampledSequence): Probed {
  const sequence = Int32Array.of(...prompt, ...tokens);
  return { tokens: sequence.slice(0, -1), targets: sequence.slice(1) };
}

/** Advantage 1 at every position, at importance ratio e^-shift. */
function policyDatum({ tokens, targets }: Probed, current: Float32Array, shift: number): WireDatum {
  return {
    tokens,
    inputs: {
      target_tokens: targets,
      logprobs: current.map((logprob) => logprob + shift),
      advantages: new Float32Array(tokens.length).fill(1),
    },
  };
}

function mismatch(prompt: Int32Array, { logprobs }: SampledSequence, current: Float32Array): number {
  const differences = Array.from(logprobs ?? [], (logprob, t) => Math.abs(logprob - current[prompt.length - 1 + t]!));
  return differences.reduce((sum, each) => sum + each, 0) / differences.length;
}

const near = (value: number, expected: number): boolean => Math.abs(value / expected - 1) < NORM_TOLERANCE;

/** Largest difference of log-probabilities in nats; infinite where tokens differ. */
function apart(a: SampledSequence, b: SampledSequence): number {
  if (String(a.tokens) !== String(b.tokens)) return Number.POSITIVE_INFINITY;
  return furthest(a.logprobs!, b.logprobs!);
}
