/**
 * A run as long as the dashboard is promised for, written with the journal's own writer: numbers drawn, nothing trained. Equal options
 * give equal files, less times.
 */
import { RandomStream, randomKey } from '../../src/core/random.ts';
import type { Verdict } from '../../src/core/rollout.ts';
import type { RolloutRow } from '../../src/journal/rollout-file.ts';
import type { Metrics } from '../../src/journal/schema.ts';
import { createRun, type RunWriter } from '../../src/journal/writer.ts';

export interface BigRun {
  readonly runsDirectory: string;
  readonly name: string;
  readonly steps: number;
  readonly problemsPerStep: number;
  readonly groupSize: number;
  /** Of each completion, at most. */
  readonly maxTokens: number;
}

/** Steps between evaluations, and between lines of events. */
const EVALUATE_EVERY = 50;
const EVENT_EVERY = 20;
const EVALUATED_PROBLEMS = 64;
const PROBLEMS = 4096;
const METRICS = 120;
const WORDS = [
  'so',
  'the',
  'answer',
  'is',
  'plus',
  'minus',
  'times',
  'try',
  'again',
  'that',
  'leaves',
  '(7 + 5)',
  '12',
];
/** A text that one rollout in 100,000 has: what a search looks for. */
export const NEEDLE = 'eureka';
const NEEDLE_EVERY = 100_000;

/** @returns rollouts written */
export async function writeBigRun(run: BigRun, onStep: (step: number) => void = () => {}): Promise<number> {
  const journal = await createRun({
    runsDirectory: run.runsDirectory,
    name: run.name,
    config: {
      engine: { name: 'fake' },
      task: { name: 'countdown' },
      objective: { recipe: 'a3po' },
      sampling: { maxTokens: run.maxTokens, groupSize: run.groupSize, problemsPerStep: run.problemsPerStep },
      training: { steps: run.steps },
      seed: 1,
    },
    manifest: { seed: 1, versions: { polarity: '0' }, dataHashes: {}, environment: {} },
  });
  let written = 0;
  try {
    for (let step = 1; step <= run.steps; step++) {
      const rows = rolloutsOf(run, step, written);
      written += rows.length;
      await journal.rollouts(step, rows, ['positive_low', 'negative_high']);
      writeLines(journal, step, run.steps);
      onStep(step);
    }
  } finally {
    journal.close();
  }
  return written;
}

function writeLines(journal: RunWriter, step: number, steps: number): void {
  const random = new RandomStream(randomKey(2, step));
  journal.metrics(step, metricsOf(random, step / steps));
  if (step % EVENT_EVERY === 0)
    journal.event({
      step,
      level: 'warning',
      kind: 'truncation',
      message: 'a part of the completions is cut off at sampling.maxTokens',
      details: { value: random.uniform() },
    });
  if (step % EVALUATE_EVERY !== 0) return;
  const passRate = 0.2 + 0.5 * (step / steps);
  journal.evaluation({
    step,
    policyVersion: step,
    name: 'countdown/test',
    protocol: { task: 'countdown', samples: 4, problems: EVALUATED_PROBLEMS },
    metrics: { 'evaluate/pass_at_1': passRate },
    intervals: { 'evaluate/pass_at_1': [passRate - 0.05, passRate + 0.05] },
    problems: Array.from({ length: EVALUATED_PROBLEMS }, (_, i) => ({
      id: `test/${i}`,
      samples: 4,
      correct: random.integer(0, 4),
      unknown: 0,
      truncated: 0,
    })),
  });
}

function metricsOf(random: RandomStream, progress: number): Metrics {
  const metrics: Record<string, number> = {
    'rollout/reward/mean': 0.2 + 0.5 * progress + 0.05 * random.uniform(),
    'rollout/pass_rate': 0.2 + 0.5 * progress + 0.05 * random.uniform(),
    'policy/entropy_nats/mean': 1.5 - progress + 0.1 * random.uniform(),
    'time/step_s': 10 + random.uniform(),
  };
  for (let i = 0; i < METRICS; i++) metrics[`bench/series_${i}/mean`] = random.uniform();
  return metrics;
}

/** @param written rollouts of earlier steps */
function rolloutsOf({ problemsPerStep, groupSize, maxTokens }: BigRun, step: number, written: number): RolloutRow[] {
  const random = new RandomStream(randomKey(1, step));
  const below = (n: number) => random.integer(0, n - 1);
  const rows: RolloutRow[] = [];
  for (let group = 0; group < problemsPerStep; group++) {
    const problem = below(PROBLEMS);
    const prompt = `Use ${below(90)}, ${below(90)} and ${below(90)} to make ${below(900)}.`;
    for (let index = 0; index < groupSize; index++) {
      const T = 4 + below(maxTokens - 4);
      const words = Array.from({ length: Math.ceil(T / 2) }, () => random.pick(WORDS));
      if ((written + rows.length) % NEEDLE_EVERY === NEEDLE_EVERY / 2) words.push(NEEDLE);
      const floats = (scale: number) => new Float32Array(T).map(() => Math.round(random.uniform() * 256) * scale);
      rows.push({
        step,
        group,
        index,
        problemId: `train/${problem}`,
        prompt,
        completion: words.join(' '),
        verdict: verdictOf(random.uniform()),
        stopReason: T === maxTokens - 1 ? 'length' : 'stop',
        policyVersion: step - 1,
        promptTokens: Int32Array.from({ length: 16 }, () => below(64)),
        tokens: Int32Array.from({ length: T }, () => below(64)),
        logprobs: floats(-1 / 64),
        entropies: floats(1 / 64),
        advantages: new Float32Array(T).fill(below(8) / 8 - 0.5),
        rules: new Int32Array(T),
        logprobChanges: new Float32Array(0),
      });
    }
  }
  return rows;
}

function verdictOf(draw: number): Verdict {
  if (draw < 0.01) return { outcome: 'unknown', reason: 'timeout', explanation: 'the verifier took too long' };
  if (draw < 0.4) return { outcome: 'correct', reward: 1, explanation: 'reaches the target' };
  const reward = draw < 0.5 ? 0.1 : 0;
  return { outcome: 'incorrect', reward, explanation: 'the expression makes 41, not 42' };
}
