import { expect, test } from 'vitest';
import { echoTask } from '../../test/echo-task.ts';
import { UserError } from '../core/errors.ts';
import { randomKey } from '../core/random.ts';
import type { GradedRollout, Group, Problem, Verdict } from '../core/rollout.ts';
import { createFakeEngine } from '../engine/fake.ts';
import type { Task } from '../tasks/task.ts';
import { createCharacterTokenizer } from '../text/character-tokenizer.ts';
import { type EvaluateSettings, evaluate } from './evaluate.ts';
import { summarise } from './evaluation.ts';
import { evaluationMetrics } from './evaluation-metrics.ts';
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

/** One letter a rollout: c correct, i and j incorrect with other answers, u unknown, t truncated (and incorrect, without an answer). */
function group(id: string, outcomes: string): Group {
  const problem = { id, data: null };
  const verdicts: Record<string, Verdict> = {
    c: { outcome: 'correct', reward: 1, explanation: '', evidence: { answerForm: 'right' } },
    i: { outcome: 'incorrect', reward: 0.25, explanation: '', evidence: { answerForm: 'wrong' } },
    j: { outcome: 'incorrect', reward: 0.25, explanation: '', evidence: { answerForm: 'worse' } },
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
    majorityAt: [4, 1],
  });
  expect(summary).toMatchObject({
    policyVersion: 3,
    // a: 2 of 4 (the unknown counts as not correct), b: 0 of 4
    accuracy: { value: 0.25, problemsLikeThese: { method: 'bootstrap' }, thisTestSet: { method: 'jackknife' } },
    // a: 1 - (2 choose 2) / (4 choose 2) = 5/6, b: 0
    passAt: [{ k: 2, estimate: { value: close(5 / 12) } }],
    // a: c twice, i once -> right; b: i thrice -> wrong. One vote is right as often as a sample
    majorityAt: [
      { k: 4, estimate: { value: 0.5, problemsLikeThese: { method: 'wilson' } } },
      { k: 1, estimate: { value: close(0.25) } },
    ],
    // known: a 1, 1, .25; b 0, .25, .25, .25
    meanReward: close(3 / 7),
    samples: 8,
    unknown: 1,
    truncated: 1,
    // a 1 + 2 + 3 + 4, b 8 + 2 + 3 + 4
    meanCompletionTokens: 27 / 8,
    meanEntropy: 0.5,
    problems: [
      { id: 'a', samples: 4, correct: 2, unknown: 1, truncated: 0, wrong: [1] },
      { id: 'b', samples: 4, correct: 0, unknown: 0, truncated: 1, wrong: [3] },
    ],
  });
});

test('classes of equal wrong answers are kept by size, the greatest first', () => {
  const { problems } = summarise([group('a', 'jicjjui')], { protocol, policyVersion: 0, passAt: [], majorityAt: [] });
  expect(problems[0]?.wrong).toEqual([3, 2]);
});

test('an answer that could not be read votes as it is written; one without a form or a text abstains', () => {
  const { problem, rollouts } = group('a', 'cuuuu');
  const unread = (text: string | undefined, answerForm?: string): Verdict['evidence'] => ({
    ...(text !== undefined && { extracted: { text, start: 0, end: 1, anchor: 'boxed' } }),
    ...(answerForm !== undefined && { answerForm }),
  });
  const evidence = [undefined, unread(' ?! '), unread('?!', ''), unread('!?'), unread(undefined, '')];
  const changed = rollouts.map((rollout, i): GradedRollout => {
    const seen = evidence[i];
    return seen === undefined ? rollout : { ...rollout, verdict: { ...rollout.verdict, evidence: seen } };
  });
  const summary = { protocol: { ...protocol, samples: 5 }, policyVersion: 0, passAt: [], majorityAt: [] };
  expect(summarise([{ problem, rollouts: changed }], summary).problems[0]?.wrong).toEqual([2, 1]);
});

test('without answer forms there is no majority, without entropies no entropy', () => {
  const bare = group('a', 'ut');
  const rollouts = bare.rollouts.map((rollout) => ({
    ...rollout,
    completion: { ...rollout.completion, entropies: new Float32Array(0) },
  }));
  const summary = summarise([{ ...bare, rollouts }], {
    protocol: { ...protocol, samples: 2 },
    policyVersion: 0,
    passAt: [],
    majorityAt: [2],
  });
  expect(summary.majorityAt).toEqual([]);
  expect(summary.problems[0]).not.toHaveProperty('wrong');
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
    goldsSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
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
  await expect(refusal({ majorityAt: [0] })).rejects.toThrow('majorityAt must hold integers from 1 to samples (8)');
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

/** The echo task with a verifier that says which answer it saw. */
function answering(): Task {
  const task = echoTask();
  const verify = async (problem: Problem, text: string) => ({
    ...(await task.verify(problem, text)),
    evidence: { answerForm: text },
  });
  return { ...task, verify };
}

test('golds and whatever the task says of itself are part of the protocol', async () => {
  const base = echoTask();
  const about = (version: number): Task => ({ ...base, protocol: { verifier: { name: 'echo', version } } });
  const [first, second] = [await evaluate(settings({ task: about(1) })), await evaluate(settings({ task: about(2) }))];
  expect(comparable(first.protocol, second.protocol)).toBe('about.verifier.version differs (1 and 2)');
  // how a conversation is put to the policy belongs to it, where the task poses one
  const chat = { render: () => '', encode: () => tokenizer.encode('a'), protocol: { variables: { thinking: true } } };
  const asked: Task = { ...base, prompt: () => [{ role: 'user', content: 'a' }] };
  const put = async (task: Task) => (await evaluate(settings({ task, tokenizer: { ...tokenizer, chat } }))).protocol;
  expect((await put(asked)).about).toEqual({ chat: { variables: { thinking: true } } });
  expect((await put(base)).about).toBeUndefined();
  const other: Task = { ...base, gold: (problem) => `${base.gold(problem)}!` };
  const golds = await evaluate(settings({ task: other }));
  expect(comparable((await evaluate(settings())).protocol, golds.protocol)).toMatch(
    /^goldsSha256 differs \([0-9a-f]+ and/,
  );
});

test('metrics carry the intervals of those that have one', async () => {
  const evaluation = await evaluate(settings({ task: answering(), passAt: [4], majorityAt: [3] }));
  const { metrics, intervals, testSetIntervals } = evaluationMetrics(evaluation);
  const keys = ['evaluate/pass_at_1', 'evaluate/pass_at_4', 'evaluate/majority_at_3'];
  expect([Object.keys(intervals), Object.keys(testSetIntervals)]).toEqual([keys, keys]);
  for (const [key, [low, high]] of [...Object.entries(intervals), ...Object.entries(testSetIntervals)]) {
    expect(metrics[key]).toBeGreaterThanOrEqual(low);
    expect(metrics[key]).toBeLessThanOrEqual(high);
  }
  expect(metrics['evaluate/truncated_frac']).toBe(evaluation.truncated / (24 * 8));
});
