/** The glossary against runs: no metric without a meaning, no meaning without a metric. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { echoConfig, engineFor, finish, runsIn, type Settings } from '../../test/training-run.ts';
import { createFakeEngine } from '../engine/fake.ts';
import { evaluationMetrics } from '../evaluate/evaluation-metrics.ts';
import { GLOSSARY, glossaryEntry } from '../journal/glossary.ts';
import type { Metrics } from '../journal/schema.ts';
import { evaluatePolicy } from './evaluation.ts';

const directory = mkdtempSync(join(tmpdir(), 'polarity-glossary-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const { started } = runsIn(() => directory);

const short = { steps: 3, minibatches: 2, problemsPerStep: 6, learningRate: 0.3 };
const penalties = [{ penalty: 'kl', estimator: 'k3', coefficient: 0.1 }];

/** Settings that together have every metric that training can have. */
const RUNS: Readonly<Record<string, Settings>> = {
  rules: { objective: { recipe: 'a3po' }, training: short },
  dynamic: { objective: { recipe: 'dapo' }, sampling: { groupSize: 4, maxBatches: 4 }, training: short },
  penalised: { objective: { recipe: 'grpo', penalties }, training: short },
  ahead: { objective: { recipe: 'grpo' }, training: { ...short, maxStepsOffPolicy: 1 } },
  unverified: { objective: { recipe: 'grpo' }, sampling: { truncated: 'unknown' }, training: short },
  /** Completions long enough to repeat themselves. */
  long: { objective: { recipe: 'grpo' }, sampling: { maxTokens: 48 }, training: short },
};

const steps: Metrics[] = [];
const evaluations: Metrics[] = [];

beforeAll(async () => {
  const linesOf = (name: string, file: string): Record<string, unknown>[] =>
    readFileSync(join(directory, name, file), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  for (const [name, settings] of Object.entries(RUNS)) {
    const config = echoConfig(settings);
    const { vocabularySize } = engineFor(config).capabilities;
    const engine = createFakeEngine({ vocabularySize, maxContext: 64, seed: 1, initialLogitStd: 0.1 });
    await finish(await started(name, settings, engine, { reference: engineFor(config) }));
    for (const { step: _, ...metrics } of linesOf(name, 'metrics.jsonl')) steps.push(metrics as Metrics);
    for (const { metrics } of linesOf(name, 'evaluations.jsonl')) evaluations.push(metrics as Metrics);
  }
  const { config, task, tokenizer, engine } = await started('apart');
  const parts = { ...config.sampling, task, tokenizer, seed: 1, sampler: await engine.sampler() };
  const measured = await evaluatePolicy({ ...config.evaluation, problems: 4 }, parts);
  const accuracy = measured.accuracy;
  evaluations.push(evaluationMetrics({ ...measured, majorityAt: [{ k: 4, estimate: accuracy }] }).metrics);
});

const patternsIn = (metrics: Metrics): Set<string> =>
  new Set(Object.keys(metrics).flatMap((key) => glossaryEntry(key)?.pattern ?? []));

it('every metric that is written has an entry', () => {
  const keys = new Set([...steps, ...evaluations].flatMap(Object.keys));
  expect([...keys].filter((key) => glossaryEntry(key) === undefined)).toEqual([]);
});

it('every entry is of something that is written', () => {
  const written = new Set([...steps, ...evaluations].flatMap((metrics) => [...patternsIn(metrics)]));
  expect(GLOSSARY.map(({ pattern }) => pattern).filter((pattern) => !written.has(pattern))).toEqual([]);
});

it('every metric that is said to be there always is', () => {
  const always = (lines: readonly Metrics[], isOf: (pattern: string) => boolean) =>
    GLOSSARY.filter(({ pattern, when }) => when === undefined && isOf(pattern))
      .map(({ pattern }) => pattern)
      .filter((pattern) => !lines.every((metrics) => patternsIn(metrics).has(pattern)));
  expect(always(steps, (pattern) => !pattern.startsWith('evaluate/'))).toEqual([]);
  expect(always(evaluations, (pattern) => pattern.startsWith('evaluate/'))).toEqual([]);
});
