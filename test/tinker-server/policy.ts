/**
 * One model of the server: a fake engine behind the protocol's semantics. The protocol has no mask (every position is evaluated) and names its
 * inputs; a server may reduce by means.
 *
 * Dimensions: D datums, L positions of a datum, T completion tokens.
 */
import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Datum, Loss } from '../../src/core/datum.ts';
import { randomKey } from '../../src/core/random.ts';
import type { Completion } from '../../src/core/rollout.ts';
import type { AdamW, Engine, OptimStepResult, SampleRequest, Sampler } from '../../src/engine/engine.ts';
import { createFakeEngine, type FakeEngineSettings } from '../../src/engine/fake.ts';
import type { WireDatum } from '../../src/engine/tinker/wire.ts';
import { tokenLoss } from '../../src/engine/token-loss.ts';
import type { ServerProfile } from './profile.ts';
import { Refusal } from './reply.ts';

/** Completion i of a request with this seed: the key is made of seed + i alone. */
export async function drawFromSeed(
  sampler: Sampler,
  request: Omit<SampleRequest, 'key'>,
  seed: number,
): Promise<Completion[]> {
  const drawn = Array.from({ length: request.count }, (_, i) =>
    sampler.sample({ ...request, count: 1, key: randomKey(seed + i) }),
  );
  return (await Promise.all(drawn)).flat();
}

/** The policy of every model: a fake engine's settings, and where its first weights lie if they are not the seed's. */
export interface BasePolicy extends FakeEngineSettings {
  readonly state?: string | undefined;
}

/** Weights frozen when they were saved; an engine for them is made when one is needed. */
export interface Snapshot {
  readonly directory: string;
  readonly sampler: Sampler;
}

export interface ForwardPass {
  /** [D][L] */
  readonly logprobs: Float32Array[];
  /** [D][L] */
  readonly losses: Float32Array[];
}

export class Policy {
  readonly #settings: BasePolicy;
  readonly #profile: ServerProfile;
  readonly #root: string;
  readonly #engine: Engine;
  /** Later calls wait for it by themselves; its failure is the server's. */
  readonly #loaded: Promise<void>;
  /** What waits for the step where losses are means: its divisor is not known before. */
  #pending: { readonly data: readonly Datum[]; readonly loss: Loss; readonly weightSums: readonly number[] }[] = [];

  constructor(settings: BasePolicy, profile: ServerProfile, root: string) {
    this.#settings = settings;
    this.#profile = profile;
    this.#root = root;
    this.#engine = createFakeEngine(settings);
    this.#loaded = settings.state === undefined ? Promise.resolve() : this.#engine.loadState(settings.state);
  }

  get policyVersion(): number {
    return this.#engine.policyVersion;
  }

  async forward(data: readonly WireDatum[], loss: Loss): Promise<ForwardPass> {
    const datums = data.map((datum) => toDatum(datum, loss, this.#profile));
    const { logprobs } = await this.#engine.forward(datums);
    return { logprobs, losses: lossesOf(datums, logprobs, loss) };
  }

  async forwardBackward(data: readonly WireDatum[], loss: Loss): Promise<ForwardPass> {
    const datums = data.map((datum) => toDatum(datum, loss, this.#profile));
    if (this.#profile.reduction === 'sum') {
      const { logprobs } = await this.#engine.forwardBackward(datums, loss);
      return { logprobs, losses: lossesOf(datums, logprobs, loss) };
    }
    const { logprobs } = await this.#engine.forward(datums);
    this.#pending.push({ data: datums, loss, weightSums: data.map(weightSum) });
    return { logprobs, losses: lossesOf(datums, logprobs, loss) };
  }

  async optimStep(asked: AdamW): Promise<OptimStepResult> {
    const datumCount = this.#pending.reduce((count, { data }) => count + data.length, 0);
    for (const { data, loss, weightSums } of this.#pending.splice(0)) {
      const scaled = data.map((datum, d) => ({
        ...datum,
        weight: datum.weight.map((weight) => weight / Math.max(weightSums[d]!, 1e-9) / datumCount),
      }));
      await this.#engine.forwardBackward(scaled, loss);
    }
    return this.#engine.optimStep(honoured(asked, this.#profile));
  }

  async snapshot(): Promise<Snapshot> {
    const directory = await mkdtemp(join(this.#root, 'state-'));
    const [sampler] = await Promise.all([this.#engine.sampler(), this.#engine.saveState(directory)]);
    return { directory, sampler };
  }

  /** Everything, or the weights alone: then the moments start anew. */
  async load(directory: string, withOptimizer: boolean): Promise<void> {
    this.#pending = [];
    if (withOptimizer) return this.#engine.loadState(directory);
    const { readState, writeState } = await import('../../src/engine/fake-state.ts');
    const { vocabularySize, conditioning = { lastTokens: 1, positions: 1 } } = this.#settings;
    const state = await readState(directory, { vocabularySize, conditioning });
    const fresh = join(directory, 'without-optimizer');
    await mkdir(fresh, { recursive: true });
    const zeros = () => new Float64Array(state.logits.length);
    await writeState(fresh, { ...state, policyVersion: 0, firstMoment: zeros(), secondMoment: zeros() });
    return this.#engine.loadState(fresh);
  }

  /** The live weights, for servers that have no others. */
  live(): Promise<Sampler> {
    return this.#engine.sampler();
  }

  async close(): Promise<void> {
    await this.#loaded;
    return this.#engine.close();
  }
}

/** [T] log-probabilities at temperature 1 of `completion` after `prompt` (both may overlap a frozen state's), as servers report them. */
export async function logprobsIn(settings: BasePolicy, directory: string | undefined, tokens: Int32Array) {
  const engine = createFakeEngine(settings);
  directory ??= settings.state;
  if (directory !== undefined) await engine.loadState(directory);
  const length = tokens.length - 1;
  const datum: Datum = {
    input: tokens.slice(0, -1),
    target: tokens.slice(1),
    mask: new Uint8Array(length).fill(1),
    weight: new Float32Array(length),
    samplingLogprob: new Float32Array(length),
  };
  const { logprobs } = await engine.forward([datum]);
  await engine.close();
  return logprobs[0]!;
}

function weightSum({ inputs, tokens }: WireDatum): number {
  const weights = inputs['weights'];
  return weights === undefined ? tokens.length : Float32Array.from(weights).reduce((sum, weight) => sum + weight, 0);
}

/** Which inputs a loss knows. */
const INPUTS: Readonly<Record<Loss['kind'], readonly string[]>> = {
  cross_entropy: ['target_tokens', 'weights'],
  importance_sampling: ['target_tokens', 'logprobs', 'advantages', 'weights'],
  ppo: ['target_tokens', 'logprobs', 'advantages', 'weights'],
  cispo: ['target_tokens', 'logprobs', 'advantages', 'weights'],
};

/** @throws Refusal when inputs are missing, of another length, or unknown */
function toDatum({ tokens, inputs }: WireDatum, loss: Loss, profile: ServerProfile): Datum {
  const length = tokens.length;
  const unknown = Object.keys(inputs).filter((name) => !INPUTS[loss.kind].includes(name));
  if (unknown.length > 0 && profile.refusesUnknownInputs) throw new Refusal(400, `unknown inputs: ${unknown}`);
  const target = inputs['target_tokens'];
  if (target === undefined) throw new Refusal(400, 'target_tokens are missing');
  const floats = (name: string, fallback: number): Float32Array => {
    const given = inputs[name];
    if (given === undefined) return new Float32Array(length).fill(fallback);
    if (given.length !== length) throw new Refusal(400, `${name} has ${given.length} elements, the input ${length}`);
    return Float32Array.from(given);
  };
  if (target.length !== length) throw new Refusal(400, `${target.length} target_tokens, the input has ${length}`);
  const weights = floats('weights', 1);
  return {
    input: tokens,
    target: Int32Array.from(target),
    mask: new Uint8Array(length).fill(1),
    weight: loss.kind === 'cross_entropy' ? weights : floats('advantages', 0).map((a, i) => a * weights[i]!),
    samplingLogprob: floats('logprobs', 0),
  };
}

function lossesOf(data: readonly Datum[], logprobs: readonly Float32Array[], loss: Loss): Float32Array[] {
  return data.map(({ samplingLogprob, weight }, d) =>
    logprobs[d]!.map((logprob, i) => tokenLoss(loss, logprob, samplingLogprob[i]!, weight[i]!).value),
  );
}

/** SkyRL-Train's own settings stand behind those it does not take from the request. */
function honoured(asked: AdamW, { adam }: ServerProfile): AdamW {
  if (adam === 'all') return asked;
  if (adam === 'without clipping') return { ...asked, maxGradNorm: 0 };
  return { ...asked, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, maxGradNorm: 1 };
}
