/**
 * What a sentence promises of its numbers, so that a run can be held to it.
 */
import type { Baseline } from './baselines.ts';
import type { Sentence } from './schema.ts';

const CANCELLING: ReadonlySet<Baseline['kind']> = new Set([
  'group-mean',
  'group-normalised',
  'leave-one-out',
  'mean-normalised',
  // c A+ + (n - c) A- = 0: (1 - rho) n = (n - c) C(n-c-1,k-1)/C(n-1,k-1)
  'pass-at-k',
]);

/** Whether the advantages of each group of two or more sum to 0 before sample weights and token rules. */
export function sumsToZero({ baseline, whiten, filters }: Sentence): boolean {
  const keepsAll = filters.every((filter) => filter.filter === 'constant-groups' || filter.when === 'before-baseline');
  return CANCELLING.has(baseline.kind) && !whiten && keepsAll;
}
