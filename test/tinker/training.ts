/** Whole training runs on any engine, for comparing engines: everything a run writes but its times. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RandomStream, randomKey } from '../../src/core/random.ts';
import type { Engine } from '../../src/engine/engine.ts';
import type { FakeEngineSettings } from '../../src/engine/fake.ts';
import { rowCount, rowOf } from '../../src/engine/fake-policy.ts';
import { writeState } from '../../src/engine/fake-state.ts';
import { withoutTime } from '../../src/journal/schema.ts';
import { createRun } from '../../src/journal/writer.ts';
import { parseObjective } from '../../src/objectives/objective.ts';
import { createTask } from '../../src/tasks/catalogue.ts';
import { createCharacterTokenizer } from '../../src/text/character-tokenizer.ts';
import { initialState } from '../../src/train/checkpoint-state.ts';
import { type RunConfig, resolveConfig } from '../../src/train/config.ts';
import { train } from '../../src/train/loop.ts';
import { checkTraining } from '../../src/train/requirements.ts';
import type { Reopen } from '../../src/train/run.ts';

/** A run file, and the policy a fake engine has for it. */
export interface Setting {
  readonly config: RunConfig;
  readonly policy: FakeEngineSettings;
}

function setting(runFile: Record<string, unknown>, policy: Omit<FakeEngineSettings, 'vocabularySize'>): Setting {
  const config = resolveConfig(runFile, 'test');
  const vocabularySize = tokenizerOf(config).vocabularySize;
  return { config, policy: { ...policy, vocabularySize } };
}

const tokenizerOf = ({ task }: RunConfig) => createCharacterTokenizer(createTask(task).alphabet ?? '');

export const echo = (steps: number, more: Readonly<Record<string, object>> = {}): Setting =>
  setting(
    {
      seed: 1,
      task: { name: 'echo' },
      engine: { fake: { maxContext: 16 } },
      objective: more['objective'] ?? { recipe: 'a3po' },
      sampling: { maxTokens: 2, groupSize: 16, ...more['sampling'] },
      training: { steps, problemsPerStep: 8, learningRate: 0.6, ...more['training'] },
      evaluation: { problems: 8, samples: 4, passAt: [1, 4] },
      journal: { rolloutsEvery: 5, ...more['journal'] },
    },
    { maxContext: 16, seed: 1, conditioning: { lastTokens: 2, positions: 1 }, initialLogitStd: 0.1 },
  );

/** examples/quickstart.yaml in small: the same task, objective, minibatches and decay; two numbers, which two tokens of memory can add. */
export const countdown = (steps: number): Setting =>
  setting(
    {
      seed: 1,
      task: { name: 'countdown', numberCount: 2, largestNumber: 7, smallestTarget: 2, largestTarget: 9, testSize: 8 },
      engine: { fake: { maxContext: 64 } },
      sampling: { groupSize: 8, maxTokens: 16, temperature: 1 },
      training: { steps, problemsPerStep: 16, minibatches: 2, learningRate: 0.1, decay: 'linear' },
      objective: { recipe: 'a3po', aggregation: 'token-mean' },
      evaluation: { problems: 8, samples: 8, passAt: [1, 4] },
      journal: { rolloutsEvery: 5 },
    },
    { maxContext: 64, seed: 2, conditioning: { lastTokens: 2, positions: 1 } },
  );

/** Log counts of the task's demonstrations, as a state to begin with: a random table would never solve a problem. */
export async function fromDemonstrations({ config, policy }: Setting, directory: string): Promise<void> {
  const task = createTask(config.task);
  const tokenizer = tokenizerOf(config);
  const { vocabularySize, conditioning = { lastTokens: 1, positions: 1 } } = policy;
  const shape = { vocabularySize, conditioning };
  const counts = new Float64Array(rowCount(shape) * vocabularySize).fill(0.05);
  const random = new RandomStream(randomKey(1, 'demonstrations'));
  for (let n = 0; n < 2000; n++) {
    const problem = task.problem('train', n % task.size('train'));
    const prompt = tokenizer.encode(task.prompt(problem) as string);
    const written = tokenizer.encode(task.demonstration!(problem, random));
    const tokens = [...prompt, ...written, tokenizer.stopToken];
    for (let i = prompt.length - 1; i + 1 < tokens.length; i++)
      counts[rowOf(shape, tokens, i) * vocabularySize + tokens[i + 1]!]!++;
  }
  const zeros = () => new Float64Array(counts.length);
  const logits = counts.map(Math.log);
  await writeState(directory, { shape, policyVersion: 0, logits, firstMoment: zeros(), secondMoment: zeros() });
}

export interface Written {
  readonly metrics: readonly object[];
  readonly evaluations: readonly object[];
}

/** @param directory where runs lie @param reopen for runs that may lose their engine */
export async function runTraining(
  { config }: Setting,
  engine: Engine,
  directory: string,
  name: string,
  reopen?: Reopen,
): Promise<Written> {
  const manifest = { seed: config.seed, versions: {}, dataHashes: {}, environment: {} };
  const journal = await createRun({ runsDirectory: directory, name, config, manifest });
  const began = performance.now();
  const run = {
    config,
    task: createTask(config.task),
    tokenizer: tokenizerOf(config),
    engine,
    objective: parseObjective(config.objective),
    journal,
    state: initialState,
    clock: () => (performance.now() - began) / 1000,
    report: () => undefined,
    stop: new AbortController().signal,
    reopen,
  };
  try {
    checkTraining(run);
    await train(run);
  } finally {
    journal.close();
  }
  const lines = (file: string) =>
    readFileSync(join(directory, name, file), 'utf8')
      .trim()
      .split('\n')
      .map((line) => withoutTime(JSON.parse(line)) as object);
  return { metrics: lines('metrics.jsonl'), evaluations: lines('evaluations.jsonl') };
}

/**
 * Where two written things differ by more than `tolerance` (relative, or absolute below 1), by path. Undefined metrics differ from numbers.
 */
export function differences(a: unknown, b: unknown, tolerance: number, at = ''): string[] {
  if (typeof a === 'number' && typeof b === 'number') {
    const isClose = Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a)) || (Number.isNaN(a) && Number.isNaN(b));
    return isClose ? [] : [`${at}: ${a} and ${b}`];
  }
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object')
    return a === b ? [] : [`${at}: ${String(a)} and ${String(b)}`];
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].flatMap((key) =>
    differences((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key], tolerance, `${at}/${key}`),
  );
}
