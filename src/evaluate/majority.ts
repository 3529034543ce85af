/**
 * maj@k: how often the most frequent answer among k samples is correct, over classes of equal answers. Pure functions of class sizes.
 *
 * Dimensions: n samples seen, k drawn, j votes of the correct answer among them, t wrong answers that tie with it.
 */
import { assert } from '../core/errors.ts';
import { type RandomKey, RandomStream } from '../core/random.ts';

/** How the n samples of a problem voted. */
export interface Votes {
  /** All correct samples: one class, since each equals the gold. */
  readonly correct: number;
  /** Sizes of the classes of equal wrong answers. */
  readonly wrong: readonly number[];
  /** Samples without an answer. They take a place among the k and vote for nothing. */
  readonly abstained: number;
}

/** Above this many elementary steps, at worst, counting gives way to drawing. */
const EXACT_STEPS = 2 ** 24;
/** Subsets drawn then: the standard error of one problem's maj@k is at most 0.5 / sqrt(4096) = 0.008. */
const DRAWN_SUBSETS = 4096;
/** The greatest n whose binomials are finite doubles. */
const EXACT_SAMPLES = 1029;

export const votesCast = ({ correct, wrong, abstained }: Votes): number =>
  correct + abstained + wrong.reduce((sum, size) => sum + size, 0);

/** Whether `majorityAt` counts instead of drawing: n k^2 is at most 2^24, which is any k of up to 256 samples. */
export function isMajorityExact(samples: number, k: number): boolean {
  return k === samples || (samples <= EXACT_SAMPLES && samples * k * k <= EXACT_STEPS);
}

/**
 * Expected credit of the majority among k samples drawn without replacement: 1 where the correct answer has most votes, 1 / (1 + t)
 * where it ties with t wrong ones, 0 elsewhere and where nobody votes. Two right, one wrong: maj@1 2/3, maj@2 2/3, maj@3 1.
 * @param key used only where counting is too expensive (see `isMajorityExact`)
 */
export function majorityAt(votes: Votes, k: number, key: RandomKey): number {
  const samples = votesCast(votes);
  assert(Number.isInteger(k) && k >= 1 && k <= samples, `no maj@${k} of ${samples} samples`);
  if (k === samples) return credit(votes.correct, votes.wrong);
  return isMajorityExact(samples, k) ? byCounting(votes, samples, k) : byDrawing(votes, k, key);
}

/** Of one vote, ties broken evenly. */
function credit(correct: number, wrong: readonly number[]): number {
  if (correct === 0 || wrong.some((size) => size > correct)) return 0;
  return 1 / (1 + wrong.filter((size) => size === correct).length);
}

/**
 * Sum over j of C(c, j) [x^(k-j)] (1 + x)^m prod_{classes of at least j} (sum_{i<j} C(size, i) x^i + y C(size, j) x^j), each power y^t
 * worth 1 / (1 + t), over C(n, k). m counts abstentions and the members of classes too small to tie. All terms are positive: nothing cancels.
 */
function byCounting({ correct, wrong, abstained }: Votes, samples: number, k: number): number {
  let sum = 0;
  for (let j = 1; j <= Math.min(k, correct); j++) {
    const rivals = wrong.filter((size) => size >= j);
    const harmless = abstained + wrong.reduce((total, size) => total + (size < j ? size : 0), 0);
    sum += (binomials(correct)[j] ?? 0) * rivalWays(rivals, harmless, j, k - j);
  }
  return sum / (binomials(samples)[k] ?? 0);
}

/** Ways to draw `rest` samples from rivals and harmless ones such that no rival has more than j, those with t ties weighed 1 / (1 + t). */
function rivalWays(rivals: readonly number[], harmless: number, j: number, rest: number): number {
  // ways[t]: polynomial whose coefficient d counts the ways to draw d samples with t rivals at exactly j
  let ways = [truncated(binomials(harmless), rest + 1)];
  for (const size of rivals) {
    const choose = binomials(size);
    const below = choose.subarray(0, j);
    const next = [...ways.map((row) => product(row, below, 0)), new Float64Array(rest + 1)];
    for (const [t, row] of ways.entries()) add(next[t + 1], product(row, choose.subarray(j, j + 1), j));
    ways = next;
  }
  return ways.reduce((sum, row, t) => sum + (row[rest] ?? 0) / (1 + t), 0);
}

const truncated = (row: Float64Array, length: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => row[i] ?? 0);

function add(target: Float64Array | undefined, row: Float64Array): void {
  target?.forEach((value, i) => {
    target[i] = value + (row[i] ?? 0);
  });
}

/** a(x) b(x) x^shift, of a's length. */
function product(a: Float64Array, b: Float64Array, shift: number): Float64Array {
  const result = new Float64Array(a.length);
  for (const [i, factor] of b.entries()) {
    for (let at = i + shift; at < a.length; at++) result[at] = (result[at] ?? 0) + factor * (a[at - i - shift] ?? 0);
  }
  return result;
}

const rows = new Map<number, Float64Array>();

/** [n + 1] C(n, 0) ... C(n, n) */
function binomials(n: number): Float64Array {
  const known = rows.get(n);
  if (known !== undefined) return known;
  const row = new Float64Array(n + 1);
  row[0] = 1;
  for (let i = 1; i <= n; i++) row[i] = ((row[i - 1] ?? 0) * (n - i + 1)) / i;
  rows.set(n, row);
  return row;
}

function byDrawing({ correct, wrong, abstained }: Votes, k: number, key: RandomKey): number {
  const random = new RandomStream(key);
  // class 0 is the correct answer, the last one abstains
  const classes = [correct, ...wrong, abstained];
  const cast = classes.flatMap((size, index) => new Array<number>(size).fill(index));
  let sum = 0;
  for (let subset = 0; subset < DRAWN_SUBSETS; subset++) {
    const tally = new Map<number, number>();
    for (let i = 0; i < k; i++) {
      const pick = random.integer(i, cast.length - 1);
      [cast[i], cast[pick]] = [cast[pick] as number, cast[i] as number];
      tally.set(cast[i] as number, (tally.get(cast[i] as number) ?? 0) + 1);
    }
    sum += credit(
      tally.get(0) ?? 0,
      wrong.map((_, index) => tally.get(index + 1) ?? 0),
    );
  }
  return sum / DRAWN_SUBSETS;
}
