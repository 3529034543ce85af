/** Runs for the dashboard's tests, written with the journal's own writer. Completions are of engine `fake`: each character is a token. */
import { appendFileSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from '../../src/core/rollout.ts';
import type { RolloutRow } from '../../src/journal/rollout-file.ts';
import { createRun, type RunWriter } from '../../src/journal/writer.ts';

export const RULES: readonly string[] = ['positive_low', 'negative_high'];

export interface WrittenRollout {
  readonly completion: string;
  readonly outcome?: 'correct' | 'incorrect' | 'unknown';
  readonly explanation?: string;
  /** Where in the completion the answer was found. */
  readonly answer?: readonly [start: number, end: number];
  readonly prompt?: string;
  readonly problem?: string;
}

export function openRun(runs: string, name: string, steps: number): Promise<RunWriter> {
  return createRun({
    runsDirectory: runs,
    name,
    config: {
      task: { name: 'echo' },
      engine: { fake: { lastTokens: 2, initialLogitStd: 0.1 } },
      objective: { recipe: 'a3po' },
      sampling: { groupSize: 4, maxTokens: 64 },
      training: { steps, problemsPerStep: 1 },
      seed: 1,
    },
    manifest: { seed: 1, versions: { polarity: '0' }, dataHashes: {}, environment: { engine: 'fake' } },
  });
}

/** One step with one group. */
export async function writeStep(journal: RunWriter, step: number, group: readonly WrittenRollout[]): Promise<void> {
  await journal.rollouts(
    step,
    group.map((rollout, index) => rowOf(step, index, rollout)),
    RULES,
  );
  const correct = group.filter(({ outcome }) => outcome === 'correct').length;
  journal.metrics(step, {
    'rollout/reward/mean': correct / group.length,
    'rollout/pass_rate': correct / group.length,
    'policy/entropy_nats/mean': 1 / step,
    'time/step_s': 0.1,
  });
}

function rowOf(step: number, index: number, rollout: WrittenRollout): RolloutRow {
  const { completion, outcome = 'incorrect', prompt = 'abc:', problem = 'train/000001' } = rollout;
  const T = [...completion].length + 1;
  const wave = (t: number): number => (Math.sin(t * 0.7 + index) + 1) / 2;
  const sign = outcome === 'correct' ? 1 : -1;
  const isTrained = outcome !== 'unknown';
  return {
    step,
    group: 0,
    index,
    problemId: problem,
    prompt,
    completion,
    verdict: verdictOf(outcome, rollout),
    stopReason: 'stop',
    policyVersion: step - 1,
    promptTokens: Int32Array.from(prompt, () => 3),
    // 1 is the stop token
    tokens: Int32Array.from({ length: T }, (_, t) => (t === T - 1 ? 1 : 3)),
    logprobs: Float32Array.from({ length: T }, (_, t) => -4 * wave(t) ** 2),
    entropies: Float32Array.from({ length: T }, (_, t) => 1.9 * wave(t + 2)),
    advantages: isTrained
      ? Float32Array.from({ length: T }, (_, t) => sign * (t % 5 === 0 ? 1.5 : 0.75))
      : new Float32Array(0),
    rules: isTrained
      ? Int32Array.from({ length: T }, (_, t) => (t % 5 === 0 ? (sign > 0 ? 1 : 2) : 0))
      : new Int32Array(0),
    logprobChanges:
      index === 0 ? Float32Array.from({ length: T }, (_, t) => 0.02 * (wave(t) - 0.5)) : new Float32Array(0),
  };
}

function verdictOf(outcome: 'correct' | 'incorrect' | 'unknown', rollout: WrittenRollout): Verdict {
  const { explanation = 'as written for a test', answer, completion } = rollout;
  const evidence = answer && {
    evidence: {
      extracted: { text: completion.slice(...answer), start: answer[0], end: answer[1], anchor: 'last number' },
      goldForm: '42',
      answerForm: completion.slice(...answer),
      rule: 'equal rationals',
    },
  };
  if (outcome === 'unknown') return { outcome, reason: 'timeout', explanation, ...evidence };
  return { outcome, reward: outcome === 'correct' ? 1 : 0, explanation, ...evidence };
}

/** A finished run of some steps. */
export async function writeRun(
  runs: string,
  name: string,
  steps: readonly (readonly WrittenRollout[])[],
): Promise<void> {
  const journal = await openRun(runs, name, steps.length);
  for (const [i, group] of steps.entries()) await writeStep(journal, i + 1, group);
  journal.close();
}

/** What a policy could write to harm who looks at it. */
export const HOSTILE: readonly WrittenRollout[] = [
  {
    completion: '<script>alert("script")</script><img src="/api/attack" onerror="alert(\'img\')">',
    outcome: 'correct',
  },
  {
    completion:
      '\u001b]8;;http://example.com\u0007link\u001b]8;;\u0007\u001b[2J\u001b[31mred\u0000\u0008\u009b31m\r\n\ttab',
  },
  {
    completion: '\u202egnirts esrever\u202c \u2066isolate\u2069 \u200bzero\u200b \ufeff שלום עולם مرحبا',
    outcome: 'unknown',
  },
  { completion: '"><svg/onload=alert(1)><a href="javascript:alert(2)">x</a>{{constructor}}' },
].map((rollout) => ({
  prompt: '<iframe src="http://example.com">',
  explanation: '<b onclick=alert(3)>bold</b>',
  ...rollout,
})) as WrittenRollout[];

/** A run with a line torn in the middle, a line of noise and a rollout file cut off. */
export async function writeCorruptRun(runs: string, name: string): Promise<void> {
  const group = [{ completion: 'whole', outcome: 'correct' as const }, { completion: 'too' }];
  await writeRun(runs, name, [group, group, group]);
  const file = (path: string): string => join(runs, name, path);
  const metrics = readFileSync(file('metrics.jsonl'), 'utf8');
  appendFileSync(file('metrics.jsonl'), `\u0000\u0001 not json\n${metrics.slice(0, 40)}`);
  truncateSync(file('rollouts/step-000002.parquet'), 400);
}

/** Long enough that drawing all of it at once would be felt. */
export const LONG_TOKENS = 32_768;

export const longText = (): string => {
  const words = Array.from({ length: 9000 }, (_, i) => (i % 40 === 39 ? 'so x =\n' : `w${(i * 7919) % 997} `));
  return words.join('').slice(0, LONG_TOKENS - 1);
};
