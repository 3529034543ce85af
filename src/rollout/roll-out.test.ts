import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { echoTask } from '../../test/echo-task.ts';
import { EngineError, UserError } from '../core/errors.ts';
import { randomKey } from '../core/random.ts';
import type { Sampler } from '../engine/engine.ts';
import { createFakeEngine } from '../engine/fake.ts';
import type { Task } from '../tasks/task.ts';
import { createCharacterTokenizer } from '../text/character-tokenizer.ts';
import { type RollOutProgress, type RollOutSettings, rollOut } from './roll-out.ts';

const tokenizer = createCharacterTokenizer('abcd');
const engine = createFakeEngine({ vocabularySize: tokenizer.vocabularySize, maxContext: 10, seed: 1 });
const sampler = await engine.sampler();

function settings(changes: Partial<RollOutSettings> = {}): RollOutSettings {
  return {
    task: echoTask(),
    split: 'train',
    problemIndices: [5, 0, 2, 5, 7],
    tokenizer,
    sampler,
    groupSize: 6,
    maxTokens: 4,
    temperature: 1,
    key: randomKey(1, 'step', 3),
    concurrency: 2,
    ...changes,
  };
}

/** A task that verifies like this. */
function verifyingBy(verify: Task['verify']): Task {
  return { ...echoTask(), verify };
}

test('groups come in problem order, with text free of the stop token and the verdict of that text', async () => {
  const groups = await rollOut(settings());
  expect(groups.map(({ problem }) => problem.id)).toEqual([5, 0, 2, 5, 7].map((index) => `train/00000${index}`));
  const rollouts = groups.flatMap((group) => group.rollouts);
  expect(rollouts.length).toBe(30);
  const reasons = new Set<string>();
  for (const { problem, promptTokens, completion, text, verdict } of rollouts) {
    const letter = echoTask().prompt(problem) as string;
    const letters = completion.stopReason === 'stop' ? completion.tokens.slice(0, -1) : completion.tokens;
    expect([...promptTokens]).toEqual([...tokenizer.encode(letter)]);
    expect(text).toBe(tokenizer.decode(letters));
    expect(verdict.outcome).toBe(completion.stopReason === 'stop' && text === letter ? 'correct' : 'incorrect');
    reasons.add(`${completion.stopReason} ${verdict.outcome}`);
  }
  expect([...reasons].sort()).toEqual(['length incorrect', 'stop correct', 'stop incorrect']);
});

test('the result is the same byte for byte at any concurrency, however slow the verifier is', async () => {
  let calls = 0;
  const erratic = verifyingBy(async (problem, text) => {
    await setTimeout((calls++ * 7) % 5);
    return echoTask().verify(problem, text);
  });
  const alone = JSON.stringify(await rollOut(settings({ concurrency: 1 })));
  for (const concurrency of [2, 3, 64]) {
    expect(JSON.stringify(await rollOut(settings({ task: erratic, concurrency })))).toBe(alone);
  }
});

test('a problem keeps its samples whatever comes before it, and a repeated one is sampled anew', async () => {
  const [five, , , fiveAgain] = await rollOut(settings());
  const [alone] = await rollOut(settings({ problemIndices: [5] }));
  expect(alone).toEqual(five);
  expect(fiveAgain).not.toEqual(five);
  const [otherKey] = await rollOut(settings({ problemIndices: [5], key: randomKey(2) }));
  expect(otherKey).not.toEqual(five);
});

test('a verifier that throws, rejects or answers nonsense costs one unknown verdict each, never the run', async () => {
  const answers: (() => unknown)[] = [
    () => {
      throw new Error('no such file');
    },
    () => Promise.reject('a bare string'),
    () => undefined,
    () => ({ outcome: 'correct', reward: Number.NaN, explanation: '' }),
    () => ({ outcome: 'correct', reward: 1, explanation: 'fine' }),
  ];
  let calls = 0;
  const task = verifyingBy(() => answers[calls++]?.() as never);
  const run = settings({ task, truncated: 'verify', problemIndices: [0], groupSize: 5 });
  const [group] = await rollOut(run);
  expect(group?.rollouts.map(({ verdict }) => verdict)).toEqual([
    { outcome: 'unknown', reason: 'verifier error', explanation: 'no such file' },
    { outcome: 'unknown', reason: 'verifier error', explanation: 'a bare string' },
    {
      outcome: 'unknown',
      reason: 'verifier error',
      explanation: 'not a verdict: the whole is missing (a mapping of keys to values)',
    },
    {
      outcome: 'unknown',
      reason: 'verifier error',
      explanation: 'not a verdict: reward must be a number, got NaN',
    },
    { outcome: 'correct', reward: 1, explanation: 'fine' },
  ]);
});

test('truncated completions are incorrect without asking, or unknown, or verified, as set', async () => {
  const verified: string[] = [];
  const task = verifyingBy((_, text) => {
    verified.push(text);
    return { outcome: 'correct', reward: 1, explanation: 'always' };
  });
  // stopping is impossible when only the likeliest letter may follow and the stop token is not it
  const run = settings({ task, maxTokens: 1, problemIndices: [0], groupSize: 20 });
  const verdicts = async (truncated?: RollOutSettings['truncated']) => {
    const [group] = await rollOut(truncated === undefined ? run : { ...run, truncated });
    const cutOff = group?.rollouts.filter(({ completion }) => completion.stopReason === 'length') ?? [];
    expect(cutOff.length).toBeGreaterThan(5);
    expect(new Set(cutOff.map(({ verdict }) => JSON.stringify(verdict))).size).toBe(1);
    return { verdict: cutOff[0]?.verdict, asked: verified.splice(0).length, stopped: 20 - cutOff.length };
  };
  const byDefault = await verdicts();
  expect(byDefault.verdict).toEqual({ outcome: 'incorrect', reward: 0, explanation: 'truncated at 1 tokens' });
  expect(byDefault.asked).toBe(byDefault.stopped);
  expect(await verdicts('incorrect')).toEqual(byDefault);
  const unknown = await verdicts('unknown');
  expect(unknown.verdict).toEqual({ outcome: 'unknown', reason: 'truncated', explanation: 'truncated at 1 tokens' });
  expect(unknown.asked).toBe(unknown.stopped);
  const asked = await verdicts('verify');
  expect(asked).toMatchObject({ verdict: { outcome: 'correct' }, asked: 20 });
});

test("the engine's and the tokenizer's refusals name the problem", async () => {
  const tooLong = rollOut(settings({ maxTokens: 10, problemIndices: [3, 4] }));
  await expect(tooLong).rejects.toThrow(
    'problem train/000003 of echo: the prompt (1 tokens) and maxTokens (10) exceed the context of 10 tokens',
  );
  const task = { ...echoTask(), prompt: () => 'aXb' };
  const untokenizable = await rollOut(settings({ task })).catch((error: unknown) => error);
  expect(untokenizable).toBeInstanceOf(UserError);
  expect((untokenizable as Error).message).toMatch(/^problem train\/000005 of echo: "X" in "aXb"/);
});

test('an engine that fails fails the run, as itself', async () => {
  const failure = new EngineError('connection lost', { retryable: true });
  const broken: Sampler = { policyVersion: 0, sample: () => Promise.reject(failure) };
  await expect(rollOut(settings({ sampler: broken }))).rejects.toBe(failure);
});

test('settings that make no sense are refused by name', async () => {
  await expect(rollOut(settings({ groupSize: 0 }))).rejects.toThrow('groupSize must be a positive integer, got 0');
  await expect(rollOut(settings({ concurrency: 1.5 }))).rejects.toThrow(
    'concurrency must be a positive integer, got 1.5',
  );
  await expect(rollOut(settings({ problemIndices: [1, 64] }))).rejects.toThrow(
    'echo has 64 train problems (0 to 63), there is no number 64',
  );
});

test('progress counts rollouts and tokens up to the whole', async () => {
  const seen: RollOutProgress[] = [];
  const groups = await rollOut(settings({ onProgress: (progress) => seen.push(progress) }));
  expect(seen.map(({ rollouts }) => rollouts)).toEqual([6, 12, 18, 24, 30]);
  const tokens = groups.flatMap((group) => group.rollouts).reduce((sum, r) => sum + r.completion.tokens.length, 0);
  expect(seen.at(-1)).toEqual({ rollouts: 30, rolloutsPlanned: 30, completionTokens: tokens });
});

test('an abort ends the rollout with its reason', async () => {
  const controller = new AbortController();
  const onProgress = () => controller.abort(new Error('interrupted'));
  await expect(rollOut(settings({ signal: controller.signal, onProgress }))).rejects.toThrow('interrupted');
});

test('topK, topP and temperature reach the sampler', async () => {
  const greedy = await rollOut(settings({ temperature: 0 }));
  expect(await rollOut(settings({ topK: 1 }))).toMatchObject(texts(greedy));
  expect(await rollOut(settings({ topP: 1e-9 }))).toMatchObject(texts(greedy));
  expect(texts(await rollOut(settings()))).not.toEqual(texts(greedy));
});

function texts(groups: Awaited<ReturnType<typeof rollOut>>) {
  return groups.map(({ rollouts }) => ({ rollouts: rollouts.map(({ text }) => ({ text })) }));
}
