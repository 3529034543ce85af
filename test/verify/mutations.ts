/** Mutations of a gold, for asking whether a verifier knows equal from nearly equal: rewrites it must accept, near-misses it must not. */
import { nearMisses } from './near-misses.ts';
import { type Mutation, rewrites } from './rewrites.ts';

export type { Mutation } from './rewrites.ts';

/** Words beside the formulas: `$f(x) = ax$, where $a$ is odd`. Taking the dollar signs away would make words of formulas. */
const isProse = (gold: string): boolean => /\$/.test(gold) && /[A-Za-z]{3}/.test(gold.replace(/\$[^$]*\$/g, ''));

export function mutations(gold: string): Mutation[] {
  if (isProse(gold)) return [{ name: 'identity', answer: `The result is \\boxed{${gold}}.`, expected: 1 }];
  return [...rewrites(gold), ...nearMisses(gold)];
}
