/**
 * Every option a run file accepts changes something. A table over the whole schema: a key that has no row here fails, and so does a
 * row whose two values cannot be told apart from outside.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { openEngine } from '../src/cli/engines.ts';
import { withoutTime } from '../src/journal/schema.ts';
import { createRun } from '../src/journal/writer.ts';
import { parseObjective } from '../src/objectives/objective.ts';
import { createTask } from '../src/tasks/catalogue.ts';
import { initialState } from '../src/train/checkpoint-state.ts';
import { resolveConfig, runSchema } from '../src/train/config.ts';
import { train } from '../src/train/loop.ts';
import { checkTraining } from '../src/train/requirements.ts';
import { applyOverride, expandShorthands, type Mapping } from '../src/train/run-file.ts';
import { hookedEngine } from './hooked-engine.ts';

/** Paths of the schema's leaves, seen through defaults, unions and lists: `sampling.groupSize`. */
function leaves(schema: z.core.$ZodType, path = ''): string[] {
  const def = schema._zod.def as unknown as {
    type: string;
    shape?: Record<string, z.core.$ZodType>;
    innerType?: z.core.$ZodType;
    options?: z.core.$ZodType[];
  };
  if (def.innerType) return leaves(def.innerType, path);
  if (def.options) return def.options.flatMap((option) => leaves(option, path));
  if (!def.shape) return [path];
  return Object.entries(def.shape).flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
}

/** Enough signal for every option to show: a reward now and then from the start, several updates, decay, off-policy minibatches. */
const BASE: Mapping = {
  seed: 3,
  task: { name: 'echo', letters: 2, testSize: 3 },
  engine: { fake: { lastTokens: 2, initialLogitStd: 0.5 } },
  sampling: { groupSize: 8, maxTokens: 2 },
  training: { steps: 4, problemsPerStep: 4, minibatches: 2, learningRate: 0.5, decay: 'cosine' },
  evaluation: { problems: 3, samples: 4, passAt: [1, 2] },
  journal: { rolloutsEvery: 2, checkpointsEvery: 2 },
};

/** key -> another value, and what else must be set for it to matter. */
const OTHER: Readonly<Record<string, readonly string[]>> = {
  name: ['name=other'],
  seed: ['seed=4'],
  'task.name': ['task={name: countdown}'],
  'engine.fake.lastTokens': ['engine.fake.lastTokens=1'],
  'engine.fake.positions': ['engine.fake.positions=3'],
  'engine.fake.initialLogitStd': ['engine.fake.initialLogitStd=1'],
  'engine.fake.maxContext': ['engine.fake.maxContext=5'],
  'sampling.groupSize': ['sampling.groupSize=9'],
  'sampling.maxTokens': ['sampling.maxTokens=3'],
  'sampling.maxBatches': ['sampling.maxBatches=3', 'objective=dapo'],
  'sampling.temperature': ['sampling.temperature=0.5'],
  'sampling.concurrency': ['sampling.concurrency=1'],
  'sampling.truncated': ['sampling.truncated=unknown'],
  'training.steps': ['training.steps=3'],
  'training.problemsPerStep': ['training.problemsPerStep=3'],
  'training.minibatches': ['training.minibatches=1'],
  'training.stream': ['training.stream=true'],
  'training.maxStepsOffPolicy': ['training.maxStepsOffPolicy=1'],
  'training.learningRate': ['training.learningRate=0.4'],
  'training.warmupSteps': ['training.warmupSteps=2'],
  'training.decay': ['training.decay=linear'],
  'training.finalFraction': ['training.finalFraction=0.5'],
  'training.beta1': ['training.beta1=0.5'],
  'training.beta2': ['training.beta2=0.5'],
  'training.epsilon': ['training.epsilon=0.01'],
  'training.weightDecay': ['training.weightDecay=0.1'],
  'training.maxGradNorm': ['training.maxGradNorm=0.001', 'training.epsilon=0.01'],
  objective: ['objective=grpo'],
  'evaluation.problems': ['evaluation.problems=2'],
  'evaluation.samples': ['evaluation.samples=5'],
  'evaluation.every': ['evaluation.every=1'],
  'evaluation.atStart': ['evaluation.atStart=false'],
  'evaluation.atEnd': ['evaluation.atEnd=false'],
  'evaluation.temperature': ['evaluation.temperature=0.5'],
  'evaluation.topK': ['evaluation.topK=1'],
  'evaluation.topP': ['evaluation.topP=0.3'],
  'evaluation.passAt': ['evaluation.passAt=[3]'],
  'journal.rolloutsEvery': ['journal.rolloutsEvery=1'],
  'journal.checkpointsEvery': ['journal.checkpointsEvery=3'],
  'journal.keepCheckpoints': ['journal.keepCheckpoints=1'],
  'journal.probedRollouts': ['journal.probedRollouts=0'],
};

/** Shown to matter elsewhere, since they need a policy folder: test/e2e/commands.test.ts, src/engine/onnx, src/text. */
const ELSEWHERE = [
  'policy',
  'chat.template',
  'chat.variables',
  'chat.date',
  'engine.onnx.threads',
  'engine.onnx.backend',
  'engine.onnx.rows',
  'engine.onnx.tokenBudget',
  // what they do to requests: test/tinker/options.test.ts
  'engine.tinker.baseUrl',
  'engine.tinker.model',
  'engine.tinker.rank',
  'engine.tinker.seed',
  'engine.tinker.trainUnembed',
  'engine.tinker.trainMlp',
  'engine.tinker.trainAttn',
  'engine.tinker.wire',
  'engine.tinker.profile',
  'engine.tinker.probe',
  'engine.tinker.maxContext',
  // needs an engine that dies: src/train/recovery.test.ts
  'training.recoveries',
];

/** Options that need a companion to be compared with: the base of `maxGradNorm` has the larger epsilon too. */
const companions = (key: string): readonly string[] => (OTHER[key] ?? []).slice(1);

let folder: string;
let runs = 0;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'polarity-options-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Everything a run shows to the outside, times aside, how many problems it had in flight, and into how many calls its gradients went. */
async function observe(overrides: readonly string[]): Promise<unknown> {
  const apply = (settings: Mapping, override: string) => expandShorthands(applyOverride(settings, override));
  const config = resolveConfig(overrides.reduce(apply, BASE), 'test');
  const task = createTask(config.task);
  const { engine, tokenizer } = await openEngine(config.engine, config.policy, task, config.seed);
  let gradientCalls = 0;
  const counted = hookedEngine(engine, { made: (verb) => (gradientCalls += Number(verb === 'forwardBackward')) });
  const name = `run-${runs++}`;
  const manifest = { seed: config.seed, versions: {}, dataHashes: {}, environment: {} };
  const journal = await createRun({ runsDirectory: folder, name, config, manifest });
  let [inFlight, mostInFlight] = [0, 0];
  const watched = {
    ...task,
    prompt: (...args: Parameters<typeof task.prompt>) => {
      mostInFlight = Math.max(mostInFlight, ++inFlight);
      return task.prompt(...args);
    },
    verify: (...args: Parameters<typeof task.verify>) => {
      inFlight = Math.max(0, inFlight - 1 / config.sampling.groupSize);
      return task.verify(...args);
    },
  };
  const run = {
    config,
    task: watched,
    tokenizer,
    engine: counted,
    objective: parseObjective(config.objective),
    journal,
    state: initialState,
  };
  checkTraining(run);
  await train({ ...run, clock: () => 0, report: () => {}, stop: new AbortController().signal });
  journal.close();
  const file = (path: string) =>
    readFileSync(join(folder, name, path), 'utf8')
      .trim()
      .split('\n');
  const lines = (path: string) => file(path).map((line) => (line === '' ? {} : withoutTime(JSON.parse(line))));
  const files = readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' }).sort();
  const isWholeFlight = config.sampling.concurrency >= config.training.problemsPerStep;
  return {
    metrics: lines('metrics.jsonl'),
    // without the protocol, which repeats the settings
    evaluations: lines('evaluations.jsonl').map((line) => ({ ...(line as object), protocol: undefined })),
    files,
    name: config.name ?? 'from the file',
    gradientCalls,
    mostInFlight: isWholeFlight ? 'all' : Math.round(mostInFlight),
  };
}

describe('every option of a run file', () => {
  it('has a row in this table', () => {
    expect([...new Set(leaves(runSchema))].sort()).toEqual([...Object.keys(OTHER), ...ELSEWHERE].sort());
  });

  it.each(Object.keys(OTHER))('%s changes what a run does', async (key) => {
    const seen = async (overrides: readonly string[]) =>
      JSON.stringify(await observe(overrides).catch((error: Error) => error.message));
    const base = await seen(companions(key));
    expect(base).toContain('"metrics"');
    expect(await seen(OTHER[key] ?? [])).not.toBe(base);
  });
});
