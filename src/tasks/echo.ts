/**
 * Echo: repeat the last letter of a word. The smallest task worth learning: a table of logits over the last two tokens solves it and
 * generalises to held-out words, so objectives can be tried on the fake engine in a second.
 *
 *   prompt     dba:
 *   completion a
 */
import { z } from 'zod';
import { assert, UserError } from '../core/errors.ts';
import { randomKey } from '../core/random.ts';
import type { Problem } from '../core/rollout.ts';
import { permutation } from './permutation.ts';
import type { Split, Task } from './task.ts';

export const echoSettings = z.strictObject({
  /** Words are made of this many different letters. */
  letters: z.int().min(2).max(26).default(4),
  /** Letters of a word. */
  length: z.int().min(1).max(6).default(3),
  /** Words held out. */
  testSize: z.int().min(1).default(24),
  /** Decides the split and the order of the words. */
  seed: z.int().min(0).default(0),
  /** Probability that a demonstration shows a random letter instead. */
  slip: z.number().min(0).max(1).default(0.5),
});

export type EchoSettings = z.output<typeof echoSettings>;

/** @throws UserError when no word is left to train on. */
export function createEcho({ letters, length, testSize, seed, slip }: EchoSettings): Task {
  const total = letters ** length;
  if (testSize >= total)
    throw new UserError(
      `echo: testSize must be below ${total}, the number of words with these settings, got ${testSize}`,
    );
  const alphabet = 'abcdefghijklmnopqrstuvwxyz'.slice(0, letters);
  const order = permutation(total, randomKey(seed, 'echo'));
  const size = (split: Split) => (split === 'test' ? testSize : total - testSize);
  return {
    name: 'echo',
    alphabet: `${alphabet}:`,
    size,
    problem(split, index) {
      assert(Number.isInteger(index) && index >= 0 && index < size(split), `echo has no ${split} problem ${index}`);
      const word = wordAt(order(split === 'test' ? index : testSize + index), alphabet, length);
      return { id: `${split}/${String(index).padStart(6, '0')}`, data: word };
    },
    prompt: (problem) => `${wordOf(problem)}:`,
    gold: (problem) => wordOf(problem).slice(-1),
    demonstration: (problem, random) =>
      random.uniform() < slip ? random.pick([...alphabet]) : wordOf(problem).slice(-1),
    verify(problem, completion) {
      const wanted = wordOf(problem).slice(-1);
      return completion === wanted
        ? { outcome: 'correct', reward: 1, explanation: `${wanted} is the last letter` }
        : { outcome: 'incorrect', reward: 0, explanation: `expected ${wanted}, got ${JSON.stringify(completion)}` };
    },
  };
}

/** Number `place` written in base `alphabet.length`. 5 over `abc`, length 2 -> `cb`, least significant first. */
function wordAt(place: number, alphabet: string, length: number): string {
  const base = alphabet.length;
  return Array.from({ length }, (_, i) => alphabet[Math.floor(place / base ** i) % base]).join('');
}

const wordOf = (problem: Problem): string => problem.data as string;
