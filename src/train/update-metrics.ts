/**
 * What the updates of a step made of the objective: importance ratios, clipping, sampler-trainer mismatch, gradient norms. Computed
 * from the log-probabilities the engine returned. Absent, never 0, where nothing was measured.
 *
 * A ratio here is the trainer's probability of a token over the one its sampler reported, whatever the objective divides by. Plain
 * loops, since a step may have millions of tokens. Dimensions: T completion tokens.
 */
import { clipMetrics, stockClips } from './clip-counts.ts';
import { Mean, type Metrics, present, STRATA, type Stratum, share, stratumOf } from './metrics.ts';
import type { Update } from './update.ts';

/** Largest of what was added; absent when nothing was. NaN stays. */
class Largest {
  value: number | undefined;
  add(value: number): void {
    this.value = this.value === undefined ? value : Math.max(this.value, value);
  }
}

/** Of trained tokens. */
interface Ratios {
  tokens: number;
  sum: number;
  squares: number;
  /** Largest |ratio - 1|. */
  deviation: number;
}

const noRatios = (): Ratios => ({ tokens: 0, sum: 0, squares: 0, deviation: 0 });

function addRatios(to: Record<Stratum, Ratios>, { terms, logprobs }: Update): void {
  for (const [i, { rollout }] of terms.entries()) {
    const sums = to[stratumOf(rollout)];
    const sampled = rollout.completion.logprobs;
    const own = logprobs[i] ?? sampled;
    for (let t = 0; t < own.length; t++) {
      const ratio = Math.exp((own[t] ?? 0) - (sampled[t] ?? 0));
      sums.tokens += 1;
      sums.sum += ratio;
      sums.squares += ratio * ratio;
      sums.deviation = Math.max(sums.deviation, Math.abs(ratio - 1));
    }
  }
}

const joined = (a: Ratios, b: Ratios): Ratios => ({
  tokens: a.tokens + b.tokens,
  sum: a.sum + b.sum,
  squares: a.squares + b.squares,
  deviation: Math.max(a.deviation, b.deviation),
});

/** Effective: Kish's (sum r)^2 / (n sum r^2), the share of as many equally weighted tokens that would tell as much. */
function ratioMetrics(updates: readonly Update[]): Metrics {
  const by = { positive: noRatios(), negative: noRatios(), unknown: noRatios() };
  for (const update of updates) addRatios(by, update);
  const metrics = (name: string, { tokens, sum, squares, deviation }: Ratios) =>
    present({
      [`loss/${name}ratio/mean`]: share(sum, tokens),
      [`loss/${name}ratio_deviation/max`]: tokens > 0 ? deviation : undefined,
      [`loss/${name}effective_sample_frac`]: share(sum * sum, tokens * squares),
    });
  const whole = STRATA.map((stratum) => by[stratum]).reduce(joined, noRatios());
  return { ...metrics('', whole), ...metrics('positive/', by.positive), ...metrics('negative/', by.negative) };
}

/**
 * Of the first update: where it saw the policy that sampled, ratio and log-probabilities differ from it by arithmetic alone, and the ratio is
 * reported; rollouts of an earlier policy have no such ratio.
 */
function firstMetrics({ terms, logprobs }: Update, isOnPolicy: boolean): Metrics {
  const [ratio, mismatch, divergence] = [new Mean(), new Mean(), new Mean()];
  const [ratioDeviation, largestMismatch] = [new Largest(), new Largest()];
  for (const [i, { rollout }] of terms.entries()) {
    const sampled = rollout.completion.logprobs;
    for (const [t, logprob] of (logprobs[i] ?? sampled).entries()) {
      const difference = logprob - (sampled[t] ?? 0);
      const excess = Math.expm1(difference);
      ratio.add(1 + excess);
      ratioDeviation.add(Math.abs(excess));
      mismatch.add(Math.abs(difference));
      largestMismatch.add(Math.abs(difference));
      divergence.add(excess - difference);
    }
  }
  return present({
    ...(isOnPolicy && {
      'loss/first_ratio/mean': ratio.value,
      'loss/first_ratio_deviation/max': ratioDeviation.value,
    }),
    'policy/mismatch_nats/mean': mismatch.value,
    'policy/mismatch_nats/max': largestMismatch.value,
    'policy/mismatch_kl_nats/mean': divergence.value,
  });
}

/**
 * k3 of Schulman (2020): r - 1 - log r with r = reference / trainer, never negative; its mean over the trainer's own samples is
 * KL(trainer || reference).
 */
function referenceMetrics(updates: readonly Update[]): Metrics {
  const whole = new Mean();
  const by = { positive: new Mean(), negative: new Mean(), unknown: new Mean() };
  for (const { terms, logprobs, referenceLogprobs } of updates) {
    for (const [i, own] of (referenceLogprobs ?? []).entries()) {
      const term = terms[i];
      if (term === undefined) continue;
      const stratum = by[stratumOf(term.rollout)];
      for (const [t, reference] of own.entries()) {
        const difference = reference - (logprobs[i]?.[t] ?? reference);
        const divergence = Math.expm1(difference) - difference;
        whole.add(divergence);
        stratum.add(divergence);
      }
    }
  }
  return present({
    'policy/reference_kl_nats/mean': whole.value,
    'policy/positive/reference_kl_nats/mean': by.positive.value,
    'policy/negative/reference_kl_nats/mean': by.negative.value,
  });
}

/** After the updates of a step; no more than a count when none was made. @param isOnPolicy whether the first saw the policy that sampled */
export function updateMetrics(updates: readonly Update[], isOnPolicy = true): Metrics {
  const first = updates[0];
  const steps = updates.filter(({ optim }) => optim !== undefined).length;
  if (!first) return { 'optim/steps': steps };
  const [loss, gradNorm] = [new Mean(), new Mean()];
  for (const each of updates) {
    loss.add(each.loss);
    if (each.optim?.gradNorm !== undefined) gradNorm.add(each.optim.gradNorm);
  }
  const clips = updates.flatMap(
    ({ clips: closed, stock, terms, logprobs }) => closed ?? (stock && stockClips(stock, terms, logprobs)) ?? [],
  );
  return {
    'optim/steps': steps,
    'train/rollouts': updates.reduce((sum, { terms }) => sum + terms.length, 0),
    ...present({ 'loss/value/mean': loss.value, 'optim/grad_norm/mean': gradNorm.value }),
    ...firstMetrics(first, isOnPolicy),
    ...ratioMetrics(updates),
    ...clipMetrics(clips),
    ...referenceMetrics(updates),
  };
}
