/**
 * What is submitted for some rollouts of a minibatch: datums and the loss whose gradient is the sentence's. Stock losses need nothing
 * first; any other sentence takes a forward pass, its closed-form gradient, and importance_sampling at ratio 1.
 *
 * Dimensions: T completion tokens.
 */
import type { Datum, Loss } from '../core/datum.ts';
import type { RandomKey } from '../core/random.ts';
import type { AdamW, Engine, ForwardOptions } from '../engine/engine.ts';
import {
  type LossRollout,
  lossOf,
  minibatchLoss,
  type ObjectiveAt,
  type Requirements,
} from '../objectives/objective.ts';
import { boundedKinds } from '../objectives/surrogates/surrogate.ts';
import type { Watch } from '../rollout/roll-out.ts';
import { type ClipCounts, closedClips } from './clip-counts.ts';
import { overTokens, rolloutDatum } from './datums.ts';
import { hasSignal, type Term } from './minibatches.ts';

/** What an update is made with, the same for every minibatch of a step. */
export interface UpdateSettings {
  readonly engine: Engine;
  readonly at: ObjectiveAt;
  readonly requirements: Requirements;
  readonly adam: AdamW;
  readonly temperature: number;
  /** Only its `forward` is called. */
  readonly reference?: Engine | undefined;
  /** Told about every call of the engine. */
  readonly watch: Watch;
}

export interface Gradient {
  /** The rollouts that take part; empty when none has a gradient. */
  readonly terms: readonly Term[];
  /** [terms] */
  readonly data: readonly Datum[];
  readonly loss: Loss;
  /** Absent with a stock loss. */
  readonly closed?: ClosedForm;
}

/** What was computed here instead of by the engine. */
export interface ClosedForm {
  /** [terms][T] the trainer's log-probabilities, in nats. */
  readonly logprobs: readonly Float32Array[];
  /** [terms][T] the reference policy's, where there is one. */
  readonly referenceLogprobs?: readonly Float32Array[];
  /** Of all rollouts handed in. */
  readonly loss: number;
  /** Theirs; absent where the loss has no bounds. */
  readonly clips?: ClipCounts;
}

/** @throws EngineError */
export function gradientOf(
  terms: readonly Term[],
  settings: UpdateSettings,
  key: RandomKey,
  old?: readonly Float32Array[],
): Promise<Gradient> {
  return settings.requirements.currentLogprobs
    ? closedForm(terms, settings, key, old)
    : Promise.resolve(stock(terms.filter(hasSignal), settings));
}

function stock(terms: readonly Term[], { at }: UpdateSettings): Gradient {
  const data = terms.map(({ rollout, shaped, scale }) =>
    rolloutDatum(
      rollout,
      shaped.advantages.map((advantage) => advantage * scale),
    ),
  );
  return { terms, data, loss: lossOf(at) };
}

const AT_RATIO_ONE: Loss = { kind: 'importance_sampling' };

async function closedForm(
  terms: readonly Term[],
  { engine, at, temperature, reference, requirements, watch }: UpdateSettings,
  key: RandomKey,
  old: readonly Float32Array[] | undefined,
): Promise<Gradient> {
  if (terms.length === 0) return { terms, data: [], loss: AT_RATIO_ONE };
  const current = await watch(`forward of ${terms.length} rollouts`, () => logprobsOf(engine, terms, { temperature }));
  const referenceLogprobs =
    reference &&
    (await watch(`the reference's forward of ${terms.length} rollouts`, () =>
      logprobsOf(reference, terms, { temperature }),
    ));
  const trainers = requirements.trainerLogprobs ? (old ?? current) : [];
  const rollouts = terms.map(({ rollout, shaped, scale }, i): LossRollout => {
    const sampler = rollout.completion.logprobs;
    const { advantages, mask } = shaped;
    return {
      advantages,
      mask,
      scale,
      logprobs: current[i] ?? sampler,
      oldLogprobs: trainers[i] ?? sampler,
      samplerLogprobs: sampler,
      referenceLogprobs: referenceLogprobs?.[i],
    };
  });
  const { gradients, loss, clipped } = minibatchLoss(at.sentence, rollouts, key);
  const moved = terms.map((term, i) => ({
    term,
    gradient: gradients[i] ?? new Float32Array(0),
    logprobs: current[i] ?? new Float32Array(0),
    reference: referenceLogprobs?.[i],
  }));
  const pulled = moved.filter(({ gradient }) => gradient.some((value) => value !== 0));
  return {
    terms: pulled.map(({ term }) => term),
    data: pulled.map(({ term, gradient, logprobs }) => atRatioOne(term, gradient, logprobs)),
    loss: AT_RATIO_ONE,
    closed: {
      logprobs: pulled.map(({ logprobs }) => logprobs),
      ...(referenceLogprobs && { referenceLogprobs: pulled.flatMap(({ reference }) => reference ?? []) }),
      loss,
      ...(boundedKinds.includes(at.sentence.surrogate.kind) && { clips: closedClips(terms, clipped) }),
    },
  };
}

/** d(-w r)/d(logprob) at r = 1 is -w, so w = -gradient hands any gradient to the engine. */
function atRatioOne({ rollout }: Term, gradient: Float32Array, logprobs: Float32Array): Datum {
  const { completion } = rollout;
  const weight = gradient.map((value) => -value);
  return rolloutDatum({ ...rollout, completion: { ...completion, logprobs } }, weight);
}

/** [terms][T] the engine's current log-probabilities of the completions. */
export async function logprobsOf(
  engine: Engine,
  terms: readonly Term[],
  options: ForwardOptions,
): Promise<Float32Array[]> {
  if (terms.length === 0) return [];
  const data = terms.map(({ rollout }) => rolloutDatum(rollout, new Float32Array(rollout.completion.tokens.length)));
  return overCompletions(data, (await engine.forward(data, options)).logprobs);
}

/** [D][T] of what an engine reports per position. */
export const overCompletions = (data: readonly Datum[], values: readonly Float32Array[]): Float32Array[] =>
  data.map((datum, d) => overTokens(datum, values[d] ?? new Float32Array(0)));
