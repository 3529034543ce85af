/**
 * How the advantages of one group came about, worked out again from what is on file: verdicts and log-probabilities, the objective in
 * run.yaml, and the step's metrics. What is on file was shaped with the whole step in view; where that matters a note says so.
 *
 * Dimensions: G rollouts of the group, T completion tokens.
 */
import { UserError } from '../core/errors.ts';
import type { Verdict } from '../core/rollout.ts';
import { polarityOf } from '../core/rollout.ts';
import type { RolloutRow } from '../journal/rollout-file.ts';
import { type Objective, type ObjectiveAt, objectiveAt, parseObjective } from '../objectives/objective.ts';
import type { Sample } from '../objectives/sample.ts';
import { shape } from '../objectives/shape.ts';
import type { ShapedRollout } from '../objectives/shaped-rollout.ts';
import { statistics } from '../objectives/statistics.ts';
import { describeRule, ruleName } from '../objectives/words.ts';
import type { Stages } from './api.ts';
import { setting } from './run-config.ts';

/** What the run says of the step. */
export interface StepContext {
  /** Parsed run.yaml. */
  readonly config: unknown;
  /** A metric of a step; undefined where it has none. */
  readonly metric: (step: number, key: string) => number | undefined;
}

export type Worked =
  | { readonly stages: Stages; readonly baseAdvantages: readonly Float32Array[] }
  | { readonly note: string };

/** @param group [G] */
export function workOut(group: readonly RolloutRow[], { config, metric }: StepContext): Worked {
  const step = group[0]?.step ?? 1;
  try {
    const objective = parseObjective(setting(config, 'objective'));
    const at = objectiveAt(objective, {
      step: step - 1,
      totalSteps: Math.max(step, Number(setting(config, 'training', 'steps')) || 1),
      entropy: metric(step, 'policy/entropy_nats/mean'),
      mismatch: metric(step - 1, 'policy/mismatch_nats/mean') ?? 0,
    });
    return staged(
      group,
      objective,
      at,
      notesOf(at, (key) => metric(step, key)),
    );
  } catch (error) {
    if (error instanceof UserError) return { note: `the stages cannot be worked out: ${error.message}` };
    throw error;
  }
}

function staged(group: readonly RolloutRow[], { name }: Objective, at: ObjectiveAt, notes: readonly string[]): Worked {
  const { sentence } = at;
  const samples = group.map(sampleOf);
  const shaped = shape(sentence, [samples])[0] ?? [];
  const plain = shape({ ...sentence, weights: [], rules: [] }, [samples])[0] ?? [];
  const differences = group.map((row, i) => largestDifference(row.advantages, shaped[i]));
  const isTrained = differences.some((difference) => difference !== null);
  return {
    baseAdvantages: plain.map(({ advantages }) => advantages),
    stages: {
      objective: name,
      schedules: at.schedules,
      rules: sentence.rules.map((rule) => ({
        name: ruleName(rule),
        words: describeRule(rule),
        statistic: `${rule.statistic}: ${statistics[rule.statistic].meaning}`,
      })),
      rewards: samples.map(({ reward }) => reward ?? null),
      transformedRewards: shaped.map(({ reward }) => reward ?? null),
      baseAdvantages: shaped.map(({ baseAdvantage }) => baseAdvantage),
      largestDifference: isTrained ? Math.max(...differences.map((difference) => difference ?? 0)) : null,
      note: notes.join('; '),
    },
  };
}

function notesOf({ sentence, schedules }: ObjectiveAt, metric: (key: string) => number | undefined): string[] {
  const batched = sentence.rules.filter(({ scope }) => scope === 'batch').map(ruleName);
  const other = Object.entries(schedules).filter(([key, value]) => (metric(key) ?? value) !== value);
  return [
    ...(batched.length > 0
      ? [`${batched.join(', ')} ranked the tokens of the whole step, here those of this group`]
      : []),
    ...(sentence.whiten ? ['advantages were whitened over the whole step, here over this group'] : []),
    ...other.map(([key, value]) => `${key} was ${metric(key)} in the run, ${value} by run.yaml as it is`),
  ];
}

/** Null where the file has none, for a rollout that was not trained on. */
function largestDifference(onFile: Float32Array, shaped: ShapedRollout | undefined): number | null {
  if (onFile.length === 0 || shaped === undefined) return null;
  return onFile.reduce((most, value, t) => Math.max(most, Math.abs(value - (shaped.advantages[t] ?? 0))), 0);
}

const rewardOf = (verdict: Verdict): number | undefined => (verdict.outcome === 'unknown' ? undefined : verdict.reward);

function sampleOf({ verdict, tokens, logprobs, entropies, stopReason }: RolloutRow): Sample {
  return {
    polarity: polarityOf(verdict),
    reward: rewardOf(verdict),
    mask: new Uint8Array(tokens.length).fill(1),
    logprobs,
    entropies,
    tokens,
    isTruncated: stopReason === 'length',
  };
}
