/** Mutations of a gold, for asking whether a verifier knows equal from nearly equal: rewrites it must accept, near-misses it must not. */
import { nearMisses } from './near-misses.ts';
import { type Mutation, rewrites } from './rewrites.ts';

export type { Mutation } from './rewrites.ts';

export const mutations = (gold: string): Mutation[] => [...rewrites(gold), ...nearMisses(gold)];
