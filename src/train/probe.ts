/**
 * Did the updates do what the method says? Some rollouts of a step's first update are looked at again after its last: how the trainer's
 * log-probabilities of their tokens changed, for tokens that a rule touched and the others, by polarity.
 *
 * Dimensions: K probed rollouts, T completion tokens.
 */
import type { GradedRollout } from '../core/rollout.ts';
import { unwatched } from '../rollout/roll-out.ts';
import { logprobsOf } from './gradient.ts';
import { Mean, type Metrics, present, stratumOf } from './metrics.ts';
import type { Term } from './minibatches.ts';
import type { TrainingRun } from './run.ts';
import type { Update } from './update.ts';

/** Of each probed rollout, [T] log-probability after the step's updates minus before, in nats. */
export type LogprobChanges = ReadonlyMap<GradedRollout, Float32Array>;

/** `count` places spread evenly over `size`: 3 of 7 are 0, 2, 4. */
export function spread(size: number, count: number): number[] {
  const taken = Math.min(size, count);
  return Array.from({ length: taken }, (_, i) => Math.floor((i * size) / taken));
}

/** The trainer's own log-probabilities of the first update are those before any: exact wherever completions came from. @throws EngineError */
export async function probe(run: TrainingRun, updates: readonly Update[]): Promise<LogprobChanges> {
  const { engine, config, watch = unwatched } = run;
  const [first] = updates;
  const count = config.journal.probedRollouts;
  if (first === undefined || count === 0) return new Map();
  const places = spread(first.terms.length, count);
  const terms = places.flatMap((place) => first.terms[place] ?? []);
  const { temperature } = config.sampling;
  const after = await watch(`forward of ${terms.length} probed rollouts`, () =>
    logprobsOf(engine, terms, { temperature }),
  );
  return new Map(
    terms.map(({ rollout }, i) => {
      const before = first.logprobs[places[i] ?? 0];
      return [rollout, (after[i] ?? new Float32Array(0)).map((logprob, t) => logprob - (before?.[t] ?? Number.NaN))];
    }),
  );
}

/** Of counted tokens; a stratum without a probed token has no key. @param updates the step's: their terms say what rules touched */
export function probeMetrics(changes: LogprobChanges, updates: readonly Update[]): Metrics {
  if (changes.size === 0) return {};
  const means = new Map<string, Mean>();
  const add = (key: string, value: number) => {
    const mean = means.get(key) ?? new Mean();
    mean.add(value);
    means.set(key, mean);
  };
  for (const { rollout, shaped } of updates[0]?.terms ?? []) {
    const change = changes.get(rollout);
    if (change === undefined) continue;
    for (const [t, value] of change.entries()) {
      if (shaped.mask[t] === 0) continue;
      add(stratumOf(rollout), value);
      add(`${stratumOf(rollout)}/${isTouched(shaped, t) ? 'shaped' : 'unshaped'}`, value);
    }
  }
  const entries = [...means].map(([name, mean]) => [`probe/${name}/logprob_change_nats/mean`, mean.value]);
  return present({ 'probe/rollouts': changes.size, ...Object.fromEntries(entries) });
}

const isTouched = ({ rules }: Term['shaped'], t: number): boolean => rules[t] !== 0;
