/**
 * Commands for a run, to be copied into a POSIX shell where the server was started. A fork and a replay work on a copy, so that the run
 * itself stays as it is: `polarity train --resume` takes the run it is given back to the checkpoint.
 */
import { FILES, stepName } from '../journal/names.ts';
import type { CopyCommand } from './api.ts';

export interface Commanded {
  /** The run's folder as the shell would be told it: `runs/quickstart`. */
  readonly path: string;
  /** Steps of the checkpoints, ascending. */
  readonly checkpoints: readonly number[];
  /** Steps taken, and those its run.yaml asks for. */
  readonly step: number;
  readonly totalSteps: number | null;
  /** Which of run.yaml, manifest.json, metrics.jsonl ... the run has. */
  readonly files: readonly string[];
  readonly learningRate: number | null;
}

/** In the order a user wants them. Without a checkpoint there is nothing to evaluate, export or fork. */
export function commandsFor(run: Commanded): CopyCommand[] {
  const latest = run.checkpoints.at(-1);
  if (latest === undefined) return [resume(run)];
  const replayed = run.checkpoints.findLast((step) => step < run.step);
  return [
    resume(run),
    fork(run, run.checkpoints.findLast((step) => step < (run.totalSteps ?? Infinity)) ?? latest),
    ...(replayed === undefined ? [] : [replay(run, replayed)]),
    ...measures(run, latest),
  ];
}

function resume(run: Commanded): CopyCommand {
  const { path, checkpoints, step, totalSteps } = run;
  const from = checkpoints.at(-1);
  if (totalSteps !== null && step >= totalSteps && from !== undefined)
    return {
      kind: 'resume',
      title: 'Train further',
      command: line('polarity', 'train', '--resume', path, '--set', longer(totalSteps)),
      about: `Goes on after step ${from} to a later end. Schedules and a decaying learning rate are stretched to it from here on.`,
    };
  return {
    kind: 'resume',
    title: 'Resume',
    command: line('polarity', 'train', '--resume', path),
    about:
      from === undefined
        ? 'Starts again from the beginning: the run has no checkpoint yet.'
        : `Goes on after step ${from}, its last checkpoint; later steps are set aside in ${FILES.discarded}/. The run must not be running.`,
  };
}

const longer = (totalSteps: number): string => `training.steps=${2 * totalSteps}`;

function fork(run: Commanded, step: number): CopyCommand {
  const copy = `${run.path}-fork`;
  const isDone = run.totalSteps !== null && step >= run.totalSteps;
  const change =
    isDone || run.learningRate === null
      ? longer(run.totalSteps ?? step)
      : `training.learningRate=${run.learningRate / 2}`;
  return {
    kind: 'fork',
    title: `Fork from step ${step}`,
    command: `${copied(run, copy, step)} && ${line('polarity', 'train', '--resume', `${copy}@${step}`, '--set', change)}`,
    about: `A copy of the run goes on from step ${step} with what --set changes: any setting of run.yaml; --set may be repeated. Its checkpoints: ${run.checkpoints.join(', ')}.`,
  };
}

function replay(run: Commanded, step: number): CopyCommand {
  const copy = `${run.path}-replay`;
  const again = line(
    ...['polarity', 'train', '--resume', `${copy}@${step}`],
    ...['--stop-after', '1', '--set', 'journal.rolloutsEvery=1'],
  );
  return {
    kind: 'replay',
    title: `Replay step ${step + 1}`,
    command: `${copied(run, copy, step)} && ${again}`,
    about: `A copy of the run takes step ${step + 1} again, with the same random draws, and keeps its rollouts. --stop-after takes more steps.`,
  };
}

function measures({ path }: Commanded, step: number): CopyCommand[] {
  const at = `${path}@${step}`;
  return [
    {
      kind: 'evaluate',
      title: `Evaluate step ${step}`,
      command: line('polarity', 'evaluate', at),
      about:
        'Measures the checkpoint on held-out problems, as run.yaml says; --set evaluation.samples=64 changes that.',
    },
    {
      kind: 'sample',
      title: 'Sample',
      command: line('polarity', 'sample', at),
      about: 'Shows completions with their verdicts.',
    },
    {
      kind: 'export',
      title: 'Export the policy',
      command: line('polarity', 'export', at, `${path}-policy`),
      about: 'Writes config.json, model.safetensors and tokenizer.json into a new folder.',
    },
  ];
}

/** Without lock and rollouts: the copy is nobody's, and small. A folder of that name that exists stays as it is. */
function copied({ path, files }: Commanded, copy: string, step: number): string {
  const kept = [FILES.config, FILES.manifest, FILES.metrics, FILES.evaluations, FILES.events];
  const there = kept.filter((name) => files.includes(name)).map((name) => `${path}/${name}`);
  return [
    line('mkdir', copy, `${copy}/${FILES.checkpoints}`),
    line('cp', ...there, `${copy}/`),
    line('cp', '-R', `${path}/${FILES.checkpoints}/${stepName(step)}`, `${copy}/${FILES.checkpoints}/`),
  ].join(' && ');
}

const line = (...words: readonly string[]): string => words.map(quote).join(' ');

/** A word that a POSIX shell takes as it is. */
export const quote = (word: string): string =>
  /^[A-Za-z0-9_./@=:,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
