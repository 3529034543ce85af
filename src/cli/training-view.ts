/**
 * A training run for people: a live panel on a terminal, plain lines elsewhere. Pure functions of what the loop reported.
 */
import type { EvaluationLine, EventLine } from '../journal/schema.ts';
import type { WorstState } from '../train/health.ts';
import type { Metrics } from '../train/metrics.ts';
import { visible } from './escape.ts';
import { bar, count, duration, fixed, sparkline, table } from './format.ts';
import type { Colors } from './terminal.ts';

export interface TrainingView {
  readonly title: string;
  readonly steps: number;
  /** The step this invocation began after. */
  readonly firstStep: number;
  readonly elapsedSeconds: number;
  /** Of the last step; absent before the first. */
  readonly last?: { readonly step: number; readonly metrics: Metrics } | undefined;
  /** Mean rewards of the steps so far. */
  readonly rewards: readonly number[];
  /** What is going on inside the step. */
  readonly doing?: { readonly what: string; readonly done: number; readonly planned: number } | undefined;
}

const percent = (value: number | undefined): string => (value === undefined ? '-' : `${(100 * value).toFixed(0)} %`);

/** Seconds left, from the steps of this invocation; absent before the first. */
export function remainingSeconds({ last, firstStep, steps, elapsedSeconds }: TrainingView): number | undefined {
  const done = (last?.step ?? firstStep) - firstStep;
  return done > 0 && last ? (elapsedSeconds / done) * (steps - last.step) : undefined;
}

export function panelLines(view: TrainingView, colors: Colors, columns: number): string[] {
  const { title, steps, firstStep, last, rewards, doing, elapsedSeconds } = view;
  const step = last?.step ?? firstStep;
  const metrics = last?.metrics ?? {};
  const left = remainingSeconds(view);
  const eta = left === undefined ? '' : `, ${duration(left)} left`;
  const progress = doing === undefined ? '' : `  ${doing.what} ${doing.done}/${doing.planned}`;
  const width = Math.max(10, Math.min(40, columns - 50));
  const row = (name: string, stratum: string): string[] => [
    name,
    fixed(metrics[`policy/${stratum}entropy_nats/mean`], 3),
    fixed(metrics[`rollout/${stratum}completion_tokens/mean`], 1),
    percent(metrics[`rollout/${stratum}truncated_frac`]),
    fixed(metrics[`rollout/${stratum}rollouts`], 0),
  ];
  const strata = table([
    ['', 'entropy', 'length', 'truncated', 'rollouts'],
    row('correct', 'positive/'),
    row('incorrect', 'negative/'),
    row('all', ''),
  ]);
  return [
    `${colors.bold(title)}${colors.dim(progress)}`,
    `${colors.cyan(bar(step / steps, width))} step ${step}/${steps}  ${duration(elapsedSeconds)}${eta}`,
    `reward ${colors.bold(fixed(metrics['rollout/reward/mean'], 3))}  pass rate ${percent(metrics['rollout/pass_rate'])}  ${colors.green(sparkline(rewards, width))}`,
    colors.dim(strata[0] ?? ''),
    colors.green(strata[1] ?? ''),
    colors.red(strata[2] ?? ''),
    strata[3] ?? '',
    colors.dim(speedLine(metrics)),
  ];
}

function speedLine(metrics: Metrics): string {
  const speed = (key: string) => (metrics[key] === undefined ? '-' : count(metrics[key]));
  return [
    `sampling ${fixed(metrics['time/sample_s'], 2)} s (${speed('time/sampled_tokens_per_s')} tokens/s)`,
    `training ${fixed(metrics['time/train_s'], 2)} s (${speed('time/trained_tokens_per_s')} tokens/s)`,
    `gradient ${fixed(metrics['optim/grad_norm/mean'], 3)}`,
  ].join('  ');
}

/** One line a step, for logs. Pairs are of correct / incorrect completions. */
export function stepLine({ step, metrics }: { step: number; metrics: Metrics }, steps: number): string {
  const speed = metrics['time/sampled_tokens_per_s'];
  return [
    `step ${String(step).padStart(String(steps).length)}/${steps}`,
    `reward ${fixed(metrics['rollout/reward/mean'], 3)}`,
    `pass ${percent(metrics['rollout/pass_rate'])}`,
    `entropy ${fixed(metrics['policy/positive/entropy_nats/mean'], 3)}/${fixed(metrics['policy/negative/entropy_nats/mean'], 3)}`,
    `length ${fixed(metrics['rollout/positive/completion_tokens/mean'], 1)}/${fixed(metrics['rollout/negative/completion_tokens/mean'], 1)}`,
    `gradient ${fixed(metrics['optim/grad_norm/mean'], 3)}`,
    `${fixed(metrics['time/step_s'], 2)} s`,
    speed === undefined ? '' : `${count(speed)} tokens/s`,
  ]
    .filter((part) => part !== '')
    .join('  ');
}

/** `step 0: pass@1 0.234 [0.201, 0.270]  pass@4 ...` */
export function evaluationText({ step, metrics, intervals }: EvaluationLine): string {
  const keys = [...new Set(Object.keys(intervals))];
  const shown = keys.map((key) => {
    const [low, high] = intervals[key] ?? [Number.NaN, Number.NaN];
    const name = key.replace('evaluate/', '').replace('pass_at_', 'pass@').replace('majority_at_', 'maj@');
    return `${name} ${fixed(metrics[key], 3)} [${low.toFixed(3)}, ${high.toFixed(3)}]`;
  });
  return `after step ${step}: ${shown.join('  ')}`;
}

/** `red at step 4: ...` of a health check, `warning at step 4: ...` of anything else. */
export function eventText({ level, kind, step, message, details }: EventLine, colors: Colors): string {
  const state = kind === 'health' && typeof details['state'] === 'string' ? details['state'] : undefined;
  const paint = level === 'note' ? colors.dim : state === 'red' ? colors.red : colors.yellow;
  return paint(`${state ?? level} at step ${step}: ${visible(message)}`);
}

/** The worst state of each check that was not green once, red first. */
export function healthText(worst: readonly WorstState[], colors: Colors): string {
  if (worst.length === 0) return `health         ${colors.green('green')} throughout`;
  const of = (state: WorstState['state']) => worst.filter((each) => each.state === state);
  const said = [...of('red'), ...of('amber')].map(({ check, state, step }) => {
    const paint = state === 'red' ? colors.red : colors.yellow;
    return `${check} ${paint(state)} (step ${step})`;
  });
  return `health         ${said.join(', ')}; docs/METRICS.md says what to do`;
}
