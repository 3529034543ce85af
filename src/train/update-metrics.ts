/**
 * What the updates of a step made of the objective: importance ratios, clipping, sampler-trainer mismatch, gradient norms. Computed
 * from the log-probabilities the engine returned. Absent, never 0, where nothing was measured.
 *
 * Dimensions: T completion tokens.
 */
import type { Loss } from '../core/datum.ts';
import { tokenLoss } from '../engine/token-loss.ts';
import { Mean, type Metrics, present, type Stratum, share, stratumOf } from './metrics.ts';
import type { Update } from './update.ts';

const STRATA = ['positive', 'negative'] as const;

/** Largest of what was added; absent when nothing was. */
class Largest {
  value: number | undefined;
  add(value: number): void {
    this.value = this.value === undefined ? value : Math.max(this.value, value);
  }
}

/** A token of a minibatch as the trainer saw it. */
interface TrainedToken {
  readonly stratum: Stratum;
  readonly logprob: number;
  readonly samplingLogprob: number;
  readonly weight: number;
}

function* trainedTokens({ terms, logprobs }: Update): Generator<TrainedToken> {
  for (const [i, { rollout, shaped, scale }] of terms.entries()) {
    const stratum = stratumOf(rollout);
    const own = logprobs[i] ?? [];
    for (let t = 0; t < own.length; t++) {
      const samplingLogprob = rollout.completion.logprobs[t] ?? 0;
      yield { stratum, logprob: own[t] ?? 0, samplingLogprob, weight: (shaped.advantages[t] ?? 0) * scale };
    }
  }
}

/** The loss ignores the token because its ratio left the bounds (ppo: on the side that would move it further; cispo: on either). */
function isClipped(loss: Loss, { logprob, samplingLogprob, weight }: TrainedToken): boolean {
  if (weight === 0) return false;
  if (loss.kind === 'ppo') return tokenLoss(loss, logprob, samplingLogprob, weight).slope === 0;
  if (loss.kind !== 'cispo') return false;
  const ratio = Math.exp(logprob - samplingLogprob);
  return ratio < loss.ratioMin || ratio > loss.ratioMax;
}

/**
 * Of the first update: where it saw the policy that sampled, ratio and log-probabilities differ from it by arithmetic alone, and the ratio is
 * reported; rollouts of an earlier policy have no such ratio.
 */
function firstMetrics(first: Update, isOnPolicy: boolean): Metrics {
  const [ratio, mismatch] = [new Mean(), new Mean()];
  const [ratioDeviation, largestMismatch] = [new Largest(), new Largest()];
  for (const { logprob, samplingLogprob } of trainedTokens(first)) {
    const difference = logprob - samplingLogprob;
    ratio.add(Math.exp(difference));
    ratioDeviation.add(Math.abs(Math.expm1(difference)));
    mismatch.add(Math.abs(difference));
    largestMismatch.add(Math.abs(difference));
  }
  return present({
    ...(isOnPolicy && {
      'loss/first_ratio/mean': ratio.value,
      'loss/first_ratio_deviation/max': ratioDeviation.value,
    }),
    'policy/mismatch_nats/mean': mismatch.value,
    'policy/mismatch_nats/max': largestMismatch.value,
  });
}

/** By polarity for stock losses; a closed-form loss reports its share of all tokens. */
function clipMetrics(updates: readonly Update[]): Metrics {
  const shares = new Mean();
  for (const { clippedShare } of updates) if (clippedShare !== undefined) shares.add(clippedShare);
  if (shares.value !== undefined) return { 'loss/ratio_clipped_frac': shares.value };
  const clipped = { positive: 0, negative: 0, unknown: 0 };
  const tokens = { positive: 0, negative: 0, unknown: 0 };
  let low = 0;
  for (const update of updates) {
    const { stock } = update;
    if (stock?.kind !== 'ppo' && stock?.kind !== 'cispo') continue;
    for (const token of trainedTokens(update)) {
      tokens[token.stratum] += 1;
      if (!isClipped(stock, token)) continue;
      clipped[token.stratum] += 1;
      if (token.logprob < token.samplingLogprob) low += 1;
    }
  }
  const sum = (counts: typeof tokens) => counts.positive + counts.negative + counts.unknown;
  const by = STRATA.map((each) => [`loss/${each}/ratio_clipped_frac`, share(clipped[each], tokens[each])]);
  return present({
    'loss/ratio_clipped_frac': share(sum(clipped), sum(tokens)),
    'loss/ratio_clipped_low_frac': share(low, sum(tokens)),
    'loss/ratio_clipped_high_frac': share(sum(clipped) - low, sum(tokens)),
    ...Object.fromEntries(by),
  });
}

/** Over the trained tokens of all updates: the mean importance ratio, and (sum r)^2 / (n sum r^2), the share of tokens that equal weights would take. */
function ratioMetrics(updates: readonly Update[]): Metrics {
  let [tokens, sum, squares] = [0, 0, 0];
  for (const update of updates) {
    for (const { logprob, samplingLogprob } of trainedTokens(update)) {
      const ratio = Math.exp(logprob - samplingLogprob);
      tokens += 1;
      sum += ratio;
      squares += ratio * ratio;
    }
  }
  return present({
    'loss/ratio/mean': share(sum, tokens),
    'loss/effective_sample_frac': share(sum * sum, tokens * squares),
  });
}

/** k3 of Schulman (2020): r - 1 - log r with r = reference / trainer, never negative; its mean over the policy's own samples is the divergence. */
function referenceMetrics(updates: readonly Update[]): Metrics {
  const divergence = new Mean();
  for (const { logprobs, referenceLogprobs } of updates) {
    for (const [i, own] of (referenceLogprobs ?? []).entries()) {
      for (const [t, reference] of own.entries()) {
        const difference = reference - (logprobs[i]?.[t] ?? reference);
        divergence.add(Math.expm1(difference) - difference);
      }
    }
  }
  return present({ 'policy/reference_kl_nats/mean': divergence.value });
}

/** After the updates of a step; no more than a count when none was made. @param isOnPolicy whether the first saw the policy that sampled */
export function updateMetrics(updates: readonly Update[], isOnPolicy = true): Metrics {
  const first = updates[0];
  const steps = updates.filter(({ optim }) => optim !== undefined).length;
  if (!first) return { 'optim/steps': steps };
  const [loss, gradNorm, ratioDeviation] = [new Mean(), new Mean(), new Largest()];
  let trained = 0;
  for (const each of updates) {
    loss.add(each.loss);
    if (each.optim?.gradNorm !== undefined) gradNorm.add(each.optim.gradNorm);
    trained += each.terms.length;
    for (const { logprob, samplingLogprob } of trainedTokens(each))
      ratioDeviation.add(Math.abs(Math.expm1(logprob - samplingLogprob)));
  }
  return {
    'optim/steps': steps,
    'train/rollouts': trained,
    ...present({
      'loss/value/mean': loss.value,
      'optim/grad_norm/mean': gradNorm.value,
      'loss/ratio_deviation/max': ratioDeviation.value,
    }),
    ...firstMetrics(first, isOnPolicy),
    ...ratioMetrics(updates),
    ...clipMetrics(updates),
    ...referenceMetrics(updates),
  };
}
