/**
 * Keyed, counter-based randomness: a draw is a pure function of (key, counter), so results do not depend on the order
 * in which rollouts happen to run. Philox2x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
 * Not for cryptography.
 */

/** Names a stream of draws. Made by `randomKey`, narrowed by `childKey`. */
export type RandomKey = readonly [number, number];

const MULTIPLIER = 0xd256d193;
const WEYL = 0x9e3779b9;

/** High 32 bits of the 64-bit product of two unsigned 32-bit integers. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const middleLow = (middle & 0xffff) + aLow * bHigh;
  return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(middleLow / 0x10000)) >>> 0;
}

function philox(c0: number, c1: number, key: number): [number, number] {
  let x = c0 >>> 0;
  let y = c1 >>> 0;
  let k = key >>> 0;
  for (let round = 0; round < 10; round++) {
    const high = multiplyHigh(MULTIPLIER, x);
    const low = Math.imul(MULTIPLIER, x) >>> 0;
    x = (high ^ k ^ y) >>> 0;
    y = low;
    k = (k + WEYL) >>> 0;
  }
  return [x, y];
}

/** A stream below `key`: `childKey(runKey, 'rollout', step, problemIndex)`. Strings are folded in by code unit. */
export function childKey(key: RandomKey, ...parts: readonly (number | string)[]): RandomKey {
  let [a, b] = key;
  const absorb = (value: number) => {
    [a, b] = philox((a ^ value) >>> 0, b, 0x1234567 ^ value);
  };
  for (const part of parts) {
    if (typeof part === 'string') {
      absorb(0x5f000000 ^ part.length);
      for (let i = 0; i < part.length; i++) absorb(part.charCodeAt(i));
    } else {
      absorb(part >>> 0);
      absorb(Math.floor(part / 0x100000000) >>> 0);
    }
  }
  return [a, b];
}

/** The root stream of a seed. */
export function randomKey(seed: number, ...parts: readonly (number | string)[]): RandomKey {
  return childKey([0x243f6a88, 0x85a308d3], seed, ...parts);
}

/** Uniform in [0, 1) with 53 random bits; draw number `counter` of the stream. */
export function uniform(key: RandomKey, counter: number): number {
  const [high, low] = philox((key[0] ^ counter) >>> 0, (key[0] + Math.floor(counter / 0x100000000)) >>> 0, key[1]);
  return ((high >>> 5) * 0x4000000 + (low >>> 6)) / 0x20000000000000;
}

/** Sequential draws from one stream, for code that is naturally a loop (generators of problems, shuffles, weight initialisation). */
export class RandomStream {
  readonly #key: RandomKey;
  #counter = 0;

  constructor(key: RandomKey) {
    this.#key = key;
  }

  /** [0, 1) */
  uniform(): number {
    return uniform(this.#key, this.#counter++);
  }

  /** An integer in [low, high], both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.uniform() * (high - low + 1));
  }

  /** One element of a non-empty list. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.integer(0, choices.length - 1)] as T;
  }

  /** Standard normal (Box-Muller, one of the pair). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A new array in random order (Fisher-Yates). */
  shuffle<T>(list: readonly T[]): T[] {
    const shuffled = [...list];
    for (let i = shuffled.length - 1; i > 0; i--) {
      const j = this.integer(0, i);
      [shuffled[i], shuffled[j]] = [shuffled[j] as T, shuffled[i] as T];
    }
    return shuffled;
  }
}
