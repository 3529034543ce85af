/** Training runs on the task echo and the fake engine, in a folder of their own: what the tests of the loop are made of. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../src/engine/engine.ts';
import { createFakeEngine } from '../src/engine/fake.ts';
import { withoutTime } from '../src/journal/schema.ts';
import { createRun, resumeRun } from '../src/journal/writer.ts';
import { parseObjective } from '../src/objectives/objective.ts';
import { createTask } from '../src/tasks/catalogue.ts';
import { createCharacterTokenizer } from '../src/text/character-tokenizer.ts';
import { initialState } from '../src/train/checkpoint-state.ts';
import { type RunConfig, resolveConfig } from '../src/train/config.ts';
import { train } from '../src/train/loop.ts';
import { checkTraining } from '../src/train/requirements.ts';
import { restore } from '../src/train/restore.ts';
import type { Report, TrainingRun } from '../src/train/run.ts';

export type Settings = Record<string, object>;

export const echoConfig = (settings: Settings = {}): RunConfig =>
  resolveConfig(
    {
      seed: 1,
      task: { name: 'echo' },
      engine: { fake: { lastTokens: 2, initialLogitStd: 0.1, maxContext: 16 } },
      objective: settings['objective'] ?? { recipe: 'a3po' },
      sampling: { maxTokens: 2, groupSize: 16, ...settings['sampling'] },
      training: { steps: 20, problemsPerStep: 8, learningRate: 0.6, ...settings['training'] },
      evaluation: { problems: 8, samples: 4, passAt: [1, 4], ...settings['evaluation'] },
      journal: { ...settings['journal'] },
    },
    'test',
  );

export function engineFor(config: RunConfig): Engine {
  const tokenizer = createCharacterTokenizer(createTask(config.task).alphabet ?? '');
  const conditioning = { lastTokens: 2, positions: 1 };
  return createFakeEngine({
    vocabularySize: tokenizer.vocabularySize,
    maxContext: 16,
    seed: 1,
    conditioning,
    initialLogitStd: 0.1,
  });
}

export interface Watched extends TrainingRun {
  readonly reports: Report[];
  readonly stopping: AbortController;
}

/** A run that has not begun, without its journal. */
export function partsOf(config: RunConfig, engine: Engine): Omit<Watched, 'journal'> {
  const task = createTask(config.task);
  const tokenizer = createCharacterTokenizer(task.alphabet ?? '');
  const objective = parseObjective(config.objective);
  const reports: Report[] = [];
  const stopping = new AbortController();
  let ticks = 0;
  const report = (each: Report) => {
    reports.push(each);
  };
  return {
    config,
    task,
    tokenizer,
    objective,
    engine,
    reports,
    stopping,
    stop: stopping.signal,
    state: initialState,
    report,
    clock: () => ticks++,
  };
}

/** Runs of one folder, which may be another for every test. */
export function runsIn(directory: () => string) {
  const lines = (name: string, file: string): Record<string, unknown>[] => {
    const text = readFileSync(join(directory(), name, file), 'utf8').trim();
    return text === '' ? [] : text.split('\n').map((line) => withoutTime(JSON.parse(line)) as Record<string, unknown>);
  };
  const metricsOf = (name: string) => lines(name, 'metrics.jsonl');
  return {
    lines,
    metricsOf,
    /** `truncation amber` of every event that says so. */
    checksTold: (name: string) =>
      lines(name, 'events.jsonl')
        .filter(({ kind }) => kind === 'health')
        .map(({ details }) => {
          const { check, state } = details as Record<string, string>;
          return `${check} ${state}`;
        }),
    rewardsOf: (name: string) => metricsOf(name).map((line) => line['rollout/reward/mean'] as number),

    async started(
      name: string,
      settings: Settings = {},
      engine?: Engine,
      more: Partial<Pick<TrainingRun, 'reference' | 'reopen' | 'task' | 'clock'>> = {},
    ): Promise<Watched> {
      const config = echoConfig(settings);
      const parts = partsOf(config, engine ?? engineFor(config));
      const manifest = { seed: config.seed, versions: {}, dataHashes: {}, environment: {} };
      const journal = await createRun({ runsDirectory: directory(), name, config, manifest });
      const run = { ...parts, ...more, journal };
      checkTraining(run);
      return run;
    },

    async resumed(name: string, settings: Settings = {}, engine?: Engine): Promise<Watched> {
      const config = echoConfig(settings);
      const parts = partsOf(config, engine ?? engineFor(config));
      const { journal, checkpoint } = await resumeRun({ runsDirectory: directory(), name });
      return { ...parts, journal, ...(await restore(parts, checkpoint)) };
    },
  };
}

export async function finish<Run extends TrainingRun>(run: Run): Promise<Run> {
  try {
    await train(run);
  } finally {
    run.journal.close();
  }
  return run;
}

/** The run, told to stop once it has taken so many steps. */
export function stoppedAfter(step: number, run: Watched): Watched {
  return { ...run, report: (each) => each.kind === 'step' && each.step === step && run.stopping.abort() };
}
