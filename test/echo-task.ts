/**
 * The smallest task worth learning: repeat the prompt's letter, then stop. A fake engine conditioned on the last token and two
 * positions can solve it, so a whole loop can be tried in milliseconds. Verdicts can be computed by eye.
 */
import type { Problem, Verdict } from '../src/core/rollout.ts';
import type { Split, Task } from '../src/tasks/task.ts';

const ALPHABET = 'abcd';

function letterOf(problem: Problem): string {
  return (problem.data as { letter: string }).letter;
}

/** Splits differ in their ids only: both pose the same four letters again and again. */
export function echoTask(size = 64): Task {
  return {
    name: 'echo',
    alphabet: ALPHABET,
    size: () => size,
    problem: (split: Split, index: number) => ({
      id: `${split}/${String(index).padStart(6, '0')}`,
      data: { letter: ALPHABET[index % ALPHABET.length] },
    }),
    prompt: letterOf,
    gold: letterOf,
    verify: (problem, completion): Verdict =>
      completion === letterOf(problem)
        ? { outcome: 'correct', reward: 1, explanation: 'the letter, once' }
        : { outcome: 'incorrect', reward: 0, explanation: `expected ${letterOf(problem)}, got ${completion}` },
  };
}
