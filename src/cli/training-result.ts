/**
 * What a finished (or interrupted) training run came to: before, after, and the paired difference on the same held-out problems.
 */
import { randomKey } from '../core/random.ts';
import type { Interval } from '../core/statistics.ts';
import type { Evaluation } from '../evaluate/evaluation.ts';
import type { Estimate } from '../evaluate/intervals.ts';
import { pairedDifference } from '../evaluate/paired.ts';
import { comparable } from '../evaluate/protocol.ts';
import { AVERAGE, type Score } from '../evaluate/score.ts';
import type { TrainState } from '../train/checkpoint-state.ts';
import { type WorstState, worstStates } from '../train/health.ts';
import { fixed, table } from './format.ts';

interface Shown {
  readonly value: number;
  /** At 95 %: other problems like these. */
  readonly interval: readonly [number, number];
  /** At 95 %: these problems, sampled again. */
  readonly testSetInterval: readonly [number, number];
  /** Of a difference: the sign-flip permutation test's. */
  readonly pValue?: number;
}

/** pass@k -> estimate; pass@1 first. */
export type PassAt = Readonly<Record<string, Shown>>;

export interface TrainingResult {
  /** The run's directory. */
  readonly run: string;
  /** Taken in all, and in this invocation's seconds. */
  readonly steps: number;
  readonly seconds: number;
  readonly interrupted: boolean;
  /** The worst of the whole run, of each health check that was not green once. */
  readonly health: readonly WorstState[];
  readonly before?: PassAt;
  readonly after?: PassAt;
  /** After - before over the same problems; the interval is of the difference. */
  readonly difference?: PassAt;
  /** Why there is no difference though both were measured: the run was resumed with another evaluation. */
  readonly incomparable?: string;
}

const shown = ({ value, thisTestSet, problemsLikeThese }: Pick<Estimate, 'value'> & Intervals): Shown => ({
  value,
  interval: [problemsLikeThese.low, problemsLikeThese.high],
  testSetInterval: [thisTestSet.low, thisTestSet.high],
});

interface Intervals {
  readonly thisTestSet: Interval;
  readonly problemsLikeThese: Interval;
}

export function passAtOf(evaluation: Evaluation): PassAt {
  const others = evaluation.passAt.filter(({ k }) => k > 1);
  return Object.fromEntries([
    ['pass@1', shown(evaluation.accuracy)],
    ...others.map(({ k, estimate }) => [`pass@${k}`, shown(estimate)]),
  ]);
}

function differences(before: Evaluation, after: Evaluation): PassAt {
  const ks = [1, ...after.passAt.map(({ k }) => k).filter((k) => k > 1)];
  return Object.fromEntries(
    ks.map((k) => {
      const score: Score = k === 1 ? AVERAGE : { kind: 'pass', k };
      const found = pairedDifference(before, after, randomKey(0, 'difference'), { score });
      return [`pass@${k}`, { ...shown({ ...found, value: found.difference }), pValue: found.pValue }];
    }),
  );
}

export function trainingResult(
  { step, health, first, last, evaluated }: TrainState,
  about: Pick<TrainingResult, 'run' | 'seconds' | 'interrupted'>,
): TrainingResult {
  const isMeasured = last !== undefined && evaluated === step;
  const isCompared = isMeasured && first !== undefined && first.policyVersion !== last.policyVersion;
  const incomparable = isCompared ? comparable(first.protocol, last.protocol) : undefined;
  return {
    ...about,
    steps: step,
    health: worstStates(health),
    ...(first === undefined ? {} : { before: passAtOf(first) }),
    ...(isMeasured ? { after: passAtOf(last) } : {}),
    ...(isCompared && incomparable === undefined ? { difference: differences(first, last) } : {}),
    ...(incomparable === undefined ? {} : { incomparable }),
  };
}

const estimate = (it: Shown | undefined, isSigned = false): string => {
  if (it === undefined) return '-';
  const sign = (value: number) => `${isSigned && value >= 0 ? '+' : ''}${fixed(value, 3)}`;
  return `${sign(it.value)} [${sign(it.interval[0])}, ${sign(it.interval[1])}]`;
};

/** A table for people: one line a k, in brackets the 95 % intervals of problems like these. */
export function resultLines({ before, after, difference, incomparable }: TrainingResult): string[] {
  const names = Object.keys(after ?? before ?? {});
  if (names.length === 0) return [];
  const rows = table([
    ['held-out', 'before', 'after', 'difference'],
    ...names.map((name) => [
      name,
      estimate(before?.[name]),
      estimate(after?.[name]),
      estimate(difference?.[name], true),
    ]),
  ]);
  rows.push('95 % intervals of problems like these; the difference is paired, `polarity compare` says more of it');
  if (incomparable !== undefined) rows.push(`no difference: measured in two ways, ${incomparable}`);
  return rows;
}
