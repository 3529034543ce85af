/**
 * One optimizer step: gradient of a minibatch, then AdamW. Stock losses are one call of the engine; any other sentence is a forward
 * pass, its closed-form gradient, and importance_sampling at ratio 1. A gradient that is not finite costs the step, not the run.
 *
 * Dimensions: T completion tokens.
 */
import type { Datum, Loss } from '../core/datum.ts';
import { EngineError } from '../core/errors.ts';
import { childKey, type RandomKey } from '../core/random.ts';
import type { AdamW, Engine, ForwardOptions, OptimStepResult } from '../engine/engine.ts';
import {
  type LossRollout,
  lossOf,
  minibatchLoss,
  type ObjectiveAt,
  type Requirements,
} from '../objectives/objective.ts';
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
}

export interface Update {
  /** The rollouts that took part in the gradient. */
  readonly terms: readonly Term[];
  /** [terms][T] the trainer's log-probabilities before this step, in nats. */
  readonly logprobs: readonly Float32Array[];
  readonly loss: number;
  /** The engine's own loss; absent where the gradient is closed-form. */
  readonly stock?: Loss;
  /** Share of counted tokens that the bounds of a closed-form loss decided. */
  readonly clippedShare?: number;
  /** Absent when the engine refused the gradient. */
  readonly optim?: OptimStepResult;
  readonly fault?: string;
}

/** The minibatches of a step in order; those without a gradient leave no update. @throws EngineError */
export async function updateAll(
  parts: readonly (readonly Term[])[],
  settings: UpdateSettings,
  key: RandomKey,
): Promise<Update[]> {
  const { engine, requirements, temperature } = settings;
  // all of them before the first update: pi_old is the policy that begins the step
  const old = requirements.trainerLogprobs
    ? await Promise.all(parts.map((part) => logprobsOf(engine, part, { temperature })))
    : [];
  const updates: Update[] = [];
  for (const [i, part] of parts.entries()) {
    const made = await update(part, settings, childKey(key, i), old[i]);
    if (made) updates.push(made);
  }
  return updates;
}

/**
 * @param old [terms][T] log pi_old where the sentence wants the trainer's; absent: the sampler's
 * @param key for random choices of closed-form losses; a different one for every minibatch
 * @returns undefined when no rollout has a gradient: no step is taken then
 * @throws EngineError when the engine failed for any reason other than a gradient that is not finite
 */
async function update(
  terms: readonly Term[],
  settings: UpdateSettings,
  key: RandomKey,
  old?: readonly Float32Array[],
): Promise<Update | undefined> {
  const { engine, adam, requirements } = settings;
  const gradient = requirements.currentLogprobs
    ? await closedForm(terms, settings, key, old)
    : await stock(terms.filter(hasSignal), settings);
  if (gradient.terms.length === 0) return undefined;
  try {
    return { ...gradient, optim: await engine.optimStep(adam) };
  } catch (error) {
    // optimStep clears a gradient it refuses and leaves the weights as they were: the next minibatch may be sound
    if (error instanceof EngineError && error.isGradientFault) return { ...gradient, fault: error.message };
    throw error;
  }
}

async function stock(terms: readonly Term[], { engine, at, temperature }: UpdateSettings): Promise<Update> {
  const loss = lossOf(at);
  if (terms.length === 0) return { terms, logprobs: [], loss: 0, stock: loss };
  const data = terms.map(({ rollout, shaped, scale }) =>
    rolloutDatum(
      rollout,
      shaped.advantages.map((advantage) => advantage * scale),
    ),
  );
  const result = await engine.forwardBackward(data, loss, { temperature });
  return { terms, logprobs: overEach(data, result.logprobs), loss: result.loss, stock: loss };
}

async function closedForm(
  terms: readonly Term[],
  { engine, at, temperature, reference }: UpdateSettings,
  key: RandomKey,
  old: readonly Float32Array[] | undefined,
): Promise<Update> {
  if (terms.length === 0) return { terms, logprobs: [], loss: 0 };
  const logprobs = await logprobsOf(engine, terms, { temperature });
  const referenceLogprobs = reference && (await logprobsOf(reference, terms, { temperature }));
  const rollouts = terms.map(({ rollout, shaped, scale }, i): LossRollout => {
    const sampler = rollout.completion.logprobs;
    const { advantages, mask } = shaped;
    return {
      advantages,
      mask,
      scale,
      logprobs: logprobs[i] ?? sampler,
      oldLogprobs: old?.[i] ?? sampler,
      samplerLogprobs: sampler,
      referenceLogprobs: referenceLogprobs?.[i],
    };
  });
  const { gradients, loss, clippedShare } = minibatchLoss(at.sentence, rollouts, key);
  const moved = terms.map((term, i) => ({
    term,
    gradient: gradients[i] ?? new Float32Array(0),
    logprobs: logprobs[i] ?? new Float32Array(0),
  }));
  const pulled = moved.filter(({ gradient }) => gradient.some((value) => value !== 0));
  const data = pulled.map(({ term, gradient, logprobs }) => atRatioOne(term, gradient, logprobs));
  if (data.length > 0) await engine.forwardBackward(data, { kind: 'importance_sampling' }, { temperature });
  return { terms: pulled.map(({ term }) => term), logprobs: pulled.map((each) => each.logprobs), loss, clippedShare };
}

/** d(-w r)/d(logprob) at r = 1 is -w, so w = -gradient hands any gradient to the engine. */
function atRatioOne({ rollout }: Term, gradient: Float32Array, logprobs: Float32Array): Datum {
  const { completion } = rollout;
  const weight = gradient.map((value) => -value);
  return rolloutDatum({ ...rollout, completion: { ...completion, logprobs } }, weight);
}

/** [terms][T] the engine's current log-probabilities of the completions. */
async function logprobsOf(engine: Engine, terms: readonly Term[], options: ForwardOptions): Promise<Float32Array[]> {
  if (terms.length === 0) return [];
  const data = terms.map(({ rollout }) => rolloutDatum(rollout, new Float32Array(rollout.completion.tokens.length)));
  return overEach(data, (await engine.forward(data, options)).logprobs);
}

const overEach = (data: readonly Datum[], values: readonly Float32Array[]): Float32Array[] =>
  data.map((datum, d) => overTokens(datum, values[d] ?? new Float32Array(0)));
