import { expect, test } from 'vitest';
import { echoTask } from '../../test/echo-task.ts';
import { UserError } from '../core/errors.ts';
import { randomKey } from '../core/random.ts';
import type { GradedRollout, Group, Verdict } from '../core/rollout.ts';
import { wilsonInterval } from '../core/statistics.ts';
import { createFakeEngine } from '../engine/fake.ts';
import { createCharacterTokenizer } from '../text/character-tokenizer.ts';
import { type EvaluateSettings, evaluate } from './evaluate.ts';
import { type Evaluation, summarise } from './evaluation.ts';
import { evaluationMetrics } from './evaluation-metrics.ts';
import { pairedDifference } from './paired.ts';
import { comparable, type Protocol } from './protocol.ts';

const tokenizer = createCharacterTokenizer('abcd');
const sampler = await createFakeEngine({
  vocabularySize: tokenizer.vocabularySize,
  maxContext: 10,
  seed: 1,
  conditioning: { lastTokens: 1, positions: 2 },
}).sampler();

function settings(changes: Partial<EvaluateSettings> = {}): EvaluateSettings {
  return {
    task: echoTask(),
    split: 'test',
    problemIndices: Array.from({ length: 24 }, (_, i) => i),
    samples: 8,
    passAt: [1, 4, 8],
    tokenizer,
    sampler,
    maxTokens: 4,
    temperature: 1,
    key: randomKey(1, 'evaluate'),
    concurrency: 4,
    ...changes,
  };
}

const protocol: Protocol = {
  task: 'hand',
  split: 'test',
  problems: 2,
  problemsSha256: 'x',
  samples: 4,
  temperature: 1,
  topK: 0,
  topP: 1,
  maxTokens: 8,
  truncated: 'incorrect',
  key: [1, 2],
};

/** One letter a rollout: c correct, i incorrect, u unknown, t truncated (and incorrect). */
function group(id: string, outcomes: string): Group {
  const problem = { id, data: null };
  const verdicts: Record<string, Verdict> = {
    c: { outcome: 'correct', reward: 1, explanation: '' },
    i: { outcome: 'incorrect', reward: 0.25, explanation: '' },
    u: { outcome: 'unknown', reason: 'verifier error', explanation: '' },
    t: { outcome: 'incorrect', reward: 0, explanation: '' },
  };
  const rollouts = [...outcomes].map((letter, i): GradedRollout => {
    const length = letter === 't' ? 8 : i + 1;
    return {
      problem,
      promptTokens: Int32Array.of(1),
      completion: {
        tokens: new Int32Array(length),
        logprobs: new Float32Array(length),
        entropies: new Float32Array(length).fill(0.5),
        stopReason: letter === 't' ? 'length' : 'stop',
        policyVersion: 3,
      },
      text: letter,
      verdict: verdicts[letter] ?? { outcome: 'unknown', reason: '', explanation: '' },
    };
  });
  return { problem, rollouts };
}

const close = (value: number): number => expect.closeTo(value, 12) as number;

test('a summary by hand', () => {
  const summary = summarise([group('a', 'cciu'), group('b', 'tiii')], {
    protocol,
    policyVersion: 3,
    passAt: [2],
    answerOf: ({ text }) => (text === 'u' ? undefined : text),
  });
  expect(summary).toMatchObject({
    policyVersion: 3,
    // a: 2 of 4 (the unknown counts as not correct), b: 0 of 4
    accuracy: { value: 0.25, method: 'bootstrap' },
    // a: 1 - (2 choose 2) / (4 choose 2) = 5/6, b: 0
    passAt: [{ k: 2, estimate: { value: close(5 / 12) } }],
    // a: c twice, i once -> right; b: i thrice -> wrong
    majority: { value: 0.5, method: 'wilson', ...wilsonInterval(1, 2) },
    // known: a 1, 1, .25; b 0, .25, .25, .25
    meanReward: close(3 / 7),
    samples: 8,
    unknown: 1,
    truncated: 1,
    // a 1 + 2 + 3 + 4, b 8 + 2 + 3 + 4
    meanCompletionTokens: 27 / 8,
    meanEntropy: 0.5,
    problems: [
      { id: 'a', samples: 4, correct: 2, unknown: 1, truncated: 0 },
      { id: 'b', samples: 4, correct: 0, unknown: 0, truncated: 1 },
    ],
  });
});

test('without answers there is no majority, without entropies no entropy', () => {
  const bare = group('a', 'ci');
  const rollouts = bare.rollouts.map((rollout) => ({
    ...rollout,
    completion: { ...rollout.completion, entropies: new Float32Array(0) },
  }));
  const summary = summarise([{ ...bare, rollouts }], {
    protocol: { ...protocol, samples: 2 },
    policyVersion: 0,
    passAt: [],
  });
  expect(summary).not.toHaveProperty('majority');
  expect(summary).not.toHaveProperty('meanEntropy');
  expect(Object.keys(evaluationMetrics(summary).metrics)).toEqual([
    'evaluate/pass_at_1',
    'evaluate/reward/mean',
    'evaluate/unknown_frac',
    'evaluate/truncated_frac',
    'evaluate/completion_tokens/mean',
  ]);
});

test('an evaluation is the same at any concurrency and records how it was made', async () => {
  const one = await evaluate(settings({ concurrency: 1 }));
  expect(await evaluate(settings({ concurrency: 64 }))).toEqual(one);
  expect(one.protocol).toEqual({
    task: 'echo',
    split: 'test',
    problems: 24,
    problemsSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    samples: 8,
    temperature: 1,
    topK: 0,
    topP: 1,
    maxTokens: 4,
    truncated: 'incorrect',
    key: randomKey(1, 'evaluate'),
  });
  expect(one.problems.map(({ id }) => id)).toEqual(
    settings().problemIndices.map((i) => echoTask().problem('test', i).id),
  );
  const [passAt1, passAt4, passAt8] = one.passAt.map(({ estimate }) => estimate.value);
  expect(passAt1).toBe(one.accuracy.value);
  expect(passAt1).toBeLessThan(passAt4 ?? 0);
  expect(passAt4).toBeLessThan(passAt8 ?? 0);
});

test('the estimate approaches the exact probability that the policy repeats the letter and stops', async () => {
  const evaluation = await evaluate(settings({ samples: 64, passAt: [] }));
  // the fake policy's table answers exactly
  const exact = await Promise.all(
    ['a', 'b', 'c', 'd'].map(async (letter) => {
      const [token = 0] = tokenizer.encode(letter);
      const engine = createFakeEngine({
        vocabularySize: tokenizer.vocabularySize,
        maxContext: 10,
        seed: 1,
        conditioning: { lastTokens: 1, positions: 2 },
      });
      const { logprobs } = await engine.forward([
        {
          input: Int32Array.of(token, token),
          target: Int32Array.of(token, tokenizer.stopToken),
          mask: Uint8Array.of(1, 1),
          weight: new Float32Array(2),
          samplingLogprob: new Float32Array(2),
        },
      ]);
      return Math.exp(logprobs[0]?.reduce((a, b) => a + b, 0) ?? Number.NaN);
    }),
  );
  const truth = exact.reduce((a, b) => a + b, 0) / 4;
  // 24 problems x 64 samples: standard error at most 0.013
  expect(Math.abs(evaluation.accuracy.value - truth)).toBeLessThan(0.04);
});

test('requests that make no sense are refused before anything is sampled', async () => {
  const refusing = { policyVersion: 0, sample: () => Promise.reject(new Error('sampled')) };
  const refusal = (changes: Partial<EvaluateSettings>) => evaluate(settings({ sampler: refusing, ...changes }));
  await expect(refusal({ passAt: [9] })).rejects.toThrow('passAt must hold integers from 1 to samples (8), got 9');
  await expect(refusal({ passAt: [1.5] })).rejects.toBeInstanceOf(UserError);
  await expect(refusal({ problemIndices: [] })).rejects.toThrow('an evaluation needs at least one problem');
  await expect(refusal({ problemIndices: [1, 1] })).rejects.toThrow('poses each problem once');
});

test('protocols are comparable whatever their keys, and differences are all named', async () => {
  const { protocol: base } = await evaluate(settings());
  const other = await evaluate(settings({ key: randomKey(2) }));
  expect(comparable(base, other.protocol)).toBeUndefined();
  expect(comparable(base, { ...base, temperature: 0.7, samples: 16 })).toBe(
    'samples differs (8 and 16), temperature differs (1 and 0.7)',
  );
  // same names and counts, other problems
  const shifted = await evaluate(settings({ problemIndices: settings().problemIndices.map((i) => i + 1) }));
  expect(comparable(base, shifted.protocol)).toMatch(/^problemsSha256 differs/);
});

function evaluationOf(outcomes: Record<string, string>): Evaluation {
  const groups = Object.entries(outcomes).map(([id, letters]) => group(id, letters));
  return summarise(groups, { protocol: { ...protocol, problems: groups.length }, policyVersion: 0, passAt: [] });
}

test('a paired difference by hand, with what rose and what fell', () => {
  const before = evaluationOf({ a: 'ciii', b: 'cccc', c: 'iiii', d: 'cici' });
  const after = evaluationOf({ a: 'ccci', b: 'ccci', c: 'iiii', d: 'cccc' });
  const difference = pairedDifference(before, after, randomKey(1));
  // +.5, -.25, 0, +.5
  expect(difference).toMatchObject({ difference: close(0.1875), rose: 2, fell: 1 });
  expect(difference.low).toBeLessThan(0.1875);
  expect(difference.high).toBeGreaterThan(0.1875);
  // pass@4: a and d could already, b still can
  expect(pairedDifference(before, after, randomKey(1), 4)).toMatchObject({ difference: 0, low: 0, high: 0 });
});

test('pairing sees a small change that two separate intervals hide', () => {
  const ids = Array.from({ length: 30 }, (_, i) => `p${i}`);
  const evenly = (odd: string, even: string) =>
    evaluationOf(Object.fromEntries(ids.map((id, i) => [id, i % 2 === 0 ? even : odd])));
  const [before, after] = [evenly('iiii', 'ccci'), evenly('ciii', 'cccc')];
  expect(after.accuracy.low).toBeLessThan(before.accuracy.high);
  expect(pairedDifference(before, after, randomKey(1)).low).toBeGreaterThan(0.2);
});

test('evaluations under different protocols are refused', async () => {
  const [cold, warm] = [await evaluate(settings({ temperature: 0.5 })), await evaluate(settings())];
  expect(() => pairedDifference(cold, warm, randomKey(1))).toThrow(
    'these evaluations cannot be compared: temperature differs (0.5 and 1)',
  );
  expect(() => pairedDifference(warm, warm, randomKey(1), 9)).toThrow('pass@k needs k from 1 to samples (8), got 9');
});

test('metrics carry the intervals of those that have one', async () => {
  const evaluation = await evaluate(settings({ answerOf: ({ text }) => text, passAt: [4] }));
  const { metrics, intervals } = evaluationMetrics(evaluation);
  expect(Object.keys(intervals)).toEqual(['evaluate/pass_at_1', 'evaluate/pass_at_4', 'evaluate/majority_at_8']);
  for (const [key, [low, high]] of Object.entries(intervals)) {
    expect(metrics[key]).toBeGreaterThanOrEqual(low);
    expect(metrics[key]).toBeLessThanOrEqual(high);
  }
  expect(metrics['evaluate/truncated_frac']).toBe(evaluation.truncated / (24 * 8));
});
