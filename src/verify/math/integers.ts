/**
 * Integers for normal forms: factors, roots, factorials, binomials. Everything is charged before it is computed.
 */
import type { Budget } from '../budget.ts';
import { words } from '../rational.ts';

/** Trial division goes to here; what is left below its square is prime. */
const TRIAL_LIMIT = 10_000;

interface Factorization {
  /** [prime, exponent], ascending. */
  readonly primes: readonly (readonly [bigint, bigint])[];
  /** 1, or what trial division could not split and nobody knows to be prime. */
  readonly rest: bigint;
}

/** For n >= 1. */
export function factorize(n: bigint, budget: Budget): Factorization {
  const primes: [bigint, bigint][] = [];
  let left = n;
  const cost = words(n);
  for (let candidate = 2; candidate <= TRIAL_LIMIT; candidate += candidate === 2 ? 1 : 2) {
    const divisor = BigInt(candidate);
    if (divisor * divisor > left) break;
    budget.spend(cost);
    let exponent = 0n;
    while (left % divisor === 0n) {
      left /= divisor;
      exponent++;
      budget.spend(cost * cost);
    }
    if (exponent > 0n) primes.push([divisor, exponent]);
  }
  if (left === 1n) return { primes, rest: 1n };
  if (left <= BigInt(TRIAL_LIMIT) ** 2n) return { primes: [...primes, [left, 1n]], rest: 1n };
  return { primes, rest: left };
}

/** The exact square root of n >= 0, if it is whole. */
export function wholeSquareRoot(n: bigint, budget: Budget): bigint | undefined {
  if (n < 2n) return n;
  budget.spend(20 * words(n) ** 2);
  let x = 1n << BigInt(Math.ceil(n.toString(2).length / 2));
  for (;;) {
    const next = (x + n / x) >> 1n;
    if (next >= x) return x * x === n ? x : undefined;
    x = next;
  }
}

/** low * (low + 1) * ... * high, 1 when empty. */
function rangeProduct(low: bigint, high: bigint, budget: Budget): bigint {
  if (high < low) return 1n;
  const resultWords = (Number(high - low + 1n) * Math.log2(Number(high) + 1)) / 64;
  budget.spend(1 + Number(high - low) + (resultWords * resultWords) / 2);
  const multiplyRange = (from: bigint, to: bigint): bigint => {
    if (to - from < 4n) {
      let result = from;
      for (let n = from + 1n; n <= to; n++) result *= n;
      return result;
    }
    const middle = (from + to) >> 1n;
    return multiplyRange(from, middle) * multiplyRange(middle + 1n, to);
  };
  return multiplyRange(low, high);
}

/** n! for n >= 0. */
export function factorial(n: bigint, budget: Budget): bigint {
  return rangeProduct(1n, n, budget);
}

/** n(n-2)(n-4)... for n >= 0. */
export function doubleFactorial(n: bigint, budget: Budget): bigint {
  const half = n / 2n;
  if (n % 2n === 0n) return factorial(half, budget) << half;
  return rangeProduct(half + 2n, n + 1n, budget) >> (half + 1n);
}

/** n choose k for whole n >= 0; 0 outside 0 <= k <= n. */
export function binomial(n: bigint, k: bigint, budget: Budget): bigint {
  if (k < 0n || k > n) return 0n;
  const fewer = k > n - k ? n - k : k;
  return rangeProduct(n - fewer + 1n, n, budget) / factorial(fewer, budget);
}
