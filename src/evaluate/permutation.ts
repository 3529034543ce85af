/**
 * Could paired differences be luck? The sign-flip permutation test: were before and after alike, each problem's difference would be as
 * likely with the other sign.
 *
 * Dimensions: P problems.
 */
import { type RandomKey, uniform } from '../core/random.ts';

/** All 2^P signs are tried up to this many problems that differ: 65,536 of them. */
const MOST_ENUMERATED = 16;
/** Drawn otherwise: the least p-value is 1 / 10,000, the standard error at p = 0.05 is 0.002. */
const DRAWS = 9999;
/** Signs one uniform draw gives. */
const BITS = 32;

/**
 * Two-sided p-value of sum(differences) being 0: the share of sign patterns whose |sum| is at least the one seen. Exact for few
 * problems that differ; else from keyed draws, the seen pattern counted among them, (1 + hits) / (1 + draws), so that it is valid and
 * never 0 (Phipson & Smyth, Stat. Appl. Genet. Mol. Biol. 9, 2010). [1, 1, 1] -> 2 of 8 = 0.25; nothing differs -> 1.
 */
export function signFlipPValue(differences: readonly number[], key: RandomKey): number {
  const changed = differences.filter((difference) => difference !== 0).map(Math.abs);
  const seen = Math.abs(differences.reduce((sum, difference) => sum + difference, 0));
  // sums in another order differ by rounding
  const reached = seen - 1e-9 * changed.reduce((sum, size) => sum + size, 0);
  return changed.length <= MOST_ENUMERATED ? byEnumeration(changed, reached) : byDrawing(changed, reached, key);
}

function byEnumeration(changed: readonly number[], reached: number): number {
  const patterns = 2 ** changed.length;
  let hits = 0;
  for (let pattern = 0; pattern < patterns; pattern++) {
    if (Math.abs(signedSum(changed, (i) => (pattern >>> i) & 1)) >= reached) hits++;
  }
  return hits / patterns;
}

function byDrawing(changed: readonly number[], reached: number, key: RandomKey): number {
  let hits = 0;
  let counter = 0;
  let signs = 0;
  const drawn = (i: number) => {
    if (i % BITS === 0) signs = Math.floor(uniform(key, counter++) * 2 ** BITS);
    return (signs >>> (i % BITS)) & 1;
  };
  for (let draw = 0; draw < DRAWS; draw++) if (Math.abs(signedSum(changed, drawn)) >= reached) hits++;
  return (1 + hits) / (1 + DRAWS);
}

const signedSum = (sizes: readonly number[], sign: (index: number) => number): number =>
  sizes.reduce((sum, size, i) => (sign(i) === 1 ? sum + size : sum - size), 0);
