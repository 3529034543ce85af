/**
 * Which figures a report has: metrics by name, grouped into panels. A panel whose metric no run has is left out, and a figure without
 * panels too.
 */

import type { Comparison } from './comparisons.ts';
import { curves, type Panel, reach } from './curves.ts';
import type { Figure } from './figure.ts';
import { differences, finalValues } from './final-figures.ts';
import type { ReadRun, ReadStudy } from './read-study.ts';
import { passKs } from './readouts.ts';
import {
  beyondReference,
  curve,
  heldOutValues,
  type Point,
  passValues,
  stretch,
  trainingValues,
  type Values,
} from './series.ts';
import { type ArmGroup, armGroups, armStyles } from './style.ts';

type Titles = readonly (readonly [metric: string, title: string])[];

const TRAINING: Titles = [
  ['rollout/reward/mean', 'Reward'],
  ['policy/entropy_nats/mean', 'Entropy (nats)'],
  ['rollout/completion_tokens/mean', 'Completion length (tokens)'],
  ['rollout/truncated_frac', 'Truncated completions (share)'],
  ['rollout/groups_mixed', 'Groups with both verdicts'],
  ['optim/grad_norm/mean', 'Gradient norm'],
  ['rollout/repetition_frac/mean', 'Repetition (share of 16-token runs)'],
  ['objective/advantage_mass_ratio/after', 'Advantage mass, positive / negative'],
  ['objective/positive/gradient_frac', 'Positive share of |A| (1 - p)'],
];

/** `*` is a polarity; both panels stand beside each other. */
const BY_POLARITY: Titles = [
  ['policy/*/entropy_nats/mean', 'entropy (nats)'],
  ['policy/*/probability/mean', 'token probability'],
  ['rollout/*/completion_tokens/mean', 'length (tokens)'],
  ['rollout/*/truncated_frac', 'truncated (share)'],
  ['objective/*/advantage_mass/after', 'advantage mass'],
  ['loss/*/ratio_clipped_frac', 'clipped ratios (share)'],
  ['policy/*/entropy_nats/p90', 'entropy, p90 (nats)'],
  ['rollout/*/repetition_frac/mean', 'repetition (share)'],
];

/** Of probed rollouts: how log-probabilities of their tokens changed by a step's updates. */
const CHANGES: Titles = [
  ['probe/positive/shaped/logprob_change_nats/mean', 'Correct, shaped tokens (nats)'],
  ['probe/positive/unshaped/logprob_change_nats/mean', 'Correct, other tokens (nats)'],
  ['probe/negative/shaped/logprob_change_nats/mean', 'Incorrect, shaped tokens (nats)'],
  ['probe/negative/unshaped/logprob_change_nats/mean', 'Incorrect, other tokens (nats)'],
];

const TRAINER: Titles = [
  ['policy/mismatch_nats/mean', 'Sampler-trainer mismatch, mean (nats)'],
  ['policy/mismatch_nats/max', 'Sampler-trainer mismatch, largest (nats)'],
  ['loss/ratio_deviation/max', 'Largest |importance ratio - 1|'],
];

const POLARITIES = [
  ['positive', 'Correct'],
  ['negative', 'Incorrect'],
] as const;

/** @param comparisons of `compareArms` */
export function figuresOf(study: ReadStudy, comparisons: readonly Comparison[]): Figure[] {
  const groups = armGroups(study.record);
  const byGroup = groups.flatMap((group) => [
    ...heldOut(study, group),
    ...training(study, group),
    ...byPolarity(study, group),
    ...changes(study, group),
    ...trainer(study, group),
    ...passAtK(study, group),
  ]);
  return [...differences(study, comparisons), ...finalValues(study, comparisons), ...byGroup];
}

/** One panel. */
interface Line {
  readonly metric: string;
  readonly title: string;
  readonly values: Values;
}

interface Drawn {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly columns: number;
  readonly xTitle: string;
  readonly isLogarithmic?: boolean;
  /** Two panels that follow each other share their values' axis. */
  readonly isPaired?: boolean;
  /** Values lie on both sides of 0. */
  readonly isSigned?: boolean;
  /** They are differences from the reference. */
  readonly isDifference?: boolean;
}

function figure(
  runs: readonly ReadRun[],
  { id, title, caption, isPaired, isSigned, ...options }: Drawn,
  group: ArmGroup,
  lines: readonly Line[],
): Figure[] {
  const shown = new Set(group.arms.map(({ name }) => name));
  const own = runs.filter(({ arm }) => shown.has(arm));
  const all = lines.map(({ metric, title, values }) => ({ metric, title, points: curve(own, values) }));
  const isSeen = (i: number) => (all[i]?.points ?? []).length > 0;
  const drawn = all.filter((_, i) => isSeen(i) || (isPaired === true && isSeen(i + 1 - 2 * (i % 2))));
  if (drawn.length === 0) return [];
  const isDifference = options.isDifference === true;
  const isCut = !(isDifference || isSigned === true);
  const panels: Panel[] = drawn.map(({ metric, title, points }) => ({
    title,
    points: isCut ? points.map((point) => cut(point, metric)) : points,
  }));
  const suffix = group.name === '' ? '' : `: ${group.name}`;
  const slug = group.name === '' ? '' : `-${group.name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`;
  return [
    {
      id: `${id}${slug}`,
      title: `${title}${suffix}`,
      caption,
      spec: curves(isPaired === true ? paired(panels) : panels, armStyles(group.arms), options),
      points: new Map(drawn.map(({ metric, points }) => [isDifference ? `${metric} - reference` : metric, points])),
    },
  ];
}

function paired(panels: readonly Panel[]): Panel[] {
  return panels.map((panel, i) => {
    const pair = panels.slice(i - (i % 2), i - (i % 2) + 2);
    return { ...panel, domain: reach(pair.flatMap(({ points }) => points)) };
  });
}

const SHARE = /pass_at|pass@k|_frac(?:\/|$)|probability/;

/** Nothing drawn here is negative, and no share is above 1: a band that reaches there says nothing more. */
function cut(point: Point, metric: string): Point {
  const { mean, low, high } = point;
  if (low === undefined || high === undefined || mean < 0) return point;
  return { ...point, low: Math.max(0, low), high: SHARE.test(metric) ? Math.min(1, high) : high };
}

const INTERVALS = 'Lines are means over seeds, bands their 95 % intervals (Student; with two seeds, both values)';
const BAND = `${INTERVALS}, cut at 0, those of shares also at 1.`;

/** How many steps a point of a training curve stands for. */
function averaged({ runs }: ReadStudy): string {
  const width = Math.max(1, ...runs.map(({ steps }) => (Number.isFinite(steps) ? stretch(steps) : 1)));
  return width === 1 ? '' : `Each point averages ${width} steps. `;
}

/** The lines themselves, and what they differ by from the reference's: bands of differences are free of what a seed does to both. */
function withDifferences({ runs, record }: ReadStudy, about: Drawn, group: ArmGroup, lines: readonly Line[]): Figure[] {
  const { reference } = record;
  const beyond = lines.map((line) => ({ ...line, values: beyondReference(line.values, runs, reference) }));
  const caption = `The same as differences from ${reference}, run by run of equal seed. ${INTERVALS}.`;
  const title = `${about.title}, differences from ${reference}`;
  return [
    ...figure(runs, about, group, lines),
    ...figure(runs, { ...about, id: `${about.id}-differences`, title, caption, isDifference: true }, group, beyond),
  ];
}

/** Nothing where policies were evaluated at one step alone: the figure of final values shows that. */
function heldOut(study: ReadStudy, group: ArmGroup): Figure[] {
  const steps = new Set(study.runs.flatMap(({ evaluations }) => evaluations.map(({ step }) => step)));
  if (steps.size < 2) return [];
  const ks = passKs(study.runs.flatMap(({ evaluations }) => evaluations));
  const metrics: Titles = [
    ...ks.map((k) => [`evaluate/pass_at_${k}`, `pass@${k}`] as const),
    ['evaluate/entropy_nats', 'Entropy (nats)'],
    ['evaluate/completion_tokens/mean', 'Completion length (tokens)'],
    ['evaluate/truncated_frac', 'Truncated completions (share)'],
  ];
  const about = { id: 'held-out', title: 'Held-out problems', caption: BAND, columns: 3, xTitle: 'step' };
  const lines = metrics.map(([metric, title]) => ({ metric, title, values: heldOutValues(metric) }));
  return withDifferences(study, about, group, lines);
}

const trainingLine = ([metric, title]: Titles[number]): Line => ({ metric, title, values: trainingValues(metric) });

function training(study: ReadStudy, group: ArmGroup): Figure[] {
  const caption = `What the policy sampled on training problems. ${averaged(study)}${BAND}`;
  const about = { id: 'training', title: 'Training', caption, columns: 3, xTitle: 'step' };
  return withDifferences(study, about, group, TRAINING.map(trainingLine));
}

function byPolarity(study: ReadStudy, group: ArmGroup): Figure[] {
  const caption = `Correct completions and incorrect ones apart; a stretch without any has no point. Advantage mass: sum of |advantage| after shaping. ${averaged(study)}${BAND}`;
  const about = { id: 'polarity', title: 'By polarity', caption, columns: 4, xTitle: 'step', isPaired: true };
  const lines = BY_POLARITY.flatMap(([pattern, title]) =>
    POLARITIES.map(([polarity, name]) => trainingLine([pattern.replace('*', polarity), `${name}: ${title}`])),
  );
  return figure(study.runs, about, group, lines);
}

function changes(study: ReadStudy, group: ArmGroup): Figure[] {
  const caption = `Did the updates do what the objective says? Change of a token's log-probability by a step's updates, of some rollouts of each step; shaped: touched by a token rule. ${averaged(study)}${INTERVALS}.`;
  const about = {
    id: 'changes',
    title: 'What the updates did',
    caption,
    columns: 4,
    xTitle: 'step',
    isSigned: true,
  };
  return figure(study.runs, about, group, CHANGES.map(trainingLine));
}

function trainer(study: ReadStudy, group: ArmGroup): Figure[] {
  const caption = `How far the policy that is updated was from the one that sampled: mismatch before the first update of a step (on-policy: arithmetic alone), ratios within it. ${averaged(study)}${BAND}`;
  const about = { id: 'mismatch', title: 'Sampler and trainer', caption, columns: 3, xTitle: 'step' };
  return figure(study.runs, about, group, TRAINER.map(trainingLine));
}

function passAtK({ runs, record }: ReadStudy, group: ArmGroup): Figure[] {
  const complete = runs.filter(({ state }) => state === 'complete');
  const lines = [
    {
      metric: 'pass@k held-out',
      title: 'Held-out problems',
      values: passValues(({ evaluations }) => evaluations.at(-1)),
    },
    ...record.evaluations.map((name) => ({
      metric: `pass@k ${name}`,
      title: name,
      values: passValues(({ benchmarks }) => benchmarks.find((each) => each.name === name)),
    })),
  ];
  const caption = `pass@k of the last policy, from the counts of each problem. ${BAND}`;
  const about = { id: 'pass-at-k', title: 'pass@k', caption, columns: 2, xTitle: 'k', isLogarithmic: true };
  return figure(complete, about, group, lines);
}
