import { expect, it } from 'vitest';
import { echoTask } from '../../test/echo-task.ts';
import type { Prompt } from '../core/rollout.ts';
import { createFakeEngine } from '../engine/fake.ts';
import type { Task } from '../tasks/task.ts';
import { createCharacterTokenizer } from '../text/character-tokenizer.ts';
import { checkChat, checkEvaluation } from './requirements.ts';

const tokenizer = createCharacterTokenizer('ab');
const engine = createFakeEngine({ vocabularySize: tokenizer.vocabularySize, maxContext: 10, seed: 1 });

/** Problems of files, whose prompts are these. */
const posing = (prompts: readonly Prompt[]): Task => ({
  ...echoTask(),
  name: 'dataset',
  dataHashes: {},
  size: () => prompts.length,
  problem: (split, index) => ({ id: `${split}/${index}`, data: index }),
  prompt: ({ data }) => prompts[data as number] ?? '',
});

const check = (task: Task, problems: number, maxTokens = 4) => {
  const evaluation = { problems, samples: 1, every: 0, atStart: false, atEnd: true };
  const settings = { ...evaluation, temperature: 1, topK: 0, topP: 1, passAt: [1] };
  checkEvaluation({ config: { evaluation: settings, sampling: { maxTokens } }, task, tokenizer, engine });
};

it('every prompt of a file is measured, not the first alone', () => {
  const prompts = Array.from({ length: 2000 }, (_, i) => (i < 1998 ? 'a' : 'aaaaaaa'));
  expect(() => check(posing(prompts), 2000)).toThrow(
    "sampling.maxTokens must be at most 3, got 4: the policy's context is 10 tokens, and 2 of 2000 prompts do not fit beside sampling.maxTokens (4), the longest 7 tokens (problem test/1998)",
  );
  // those that are not measured on do not matter
  check(posing(prompts), 1998);
});

it('a prompt that no setting makes fit, and one that the policy cannot read, are named', () => {
  expect(() => check(posing(['a'.repeat(11)]), 1)).toThrow('prompts are too long: the policy');
  expect(() => check(posing(['a', 'a?']), 2)).toThrow('problem test/1 of dataset: ');
});

it('chat settings are refused where all prompts are plain text', () => {
  const chat = { date: '2026-11-23' };
  const conversation: Prompt = [{ role: 'user', content: 'a' }];
  expect(() => checkChat({ chat }, [posing(['a'])])).toThrow(
    'chat has no effect: the prompts of dataset are plain text',
  );
  checkChat({ chat }, [posing(['a']), posing(['a', conversation])]);
  checkChat({}, [posing(['a'])]);
});
