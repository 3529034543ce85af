/**
 * Datums -> rectangular micro-batches and back. Sequences are right-padded; attention is causal, so padding reaches nothing.
 *
 * Dimensions: B sequences, T positions each, N = B*T rows, D datums.
 */
import type { Datum } from '../../core/datum.ts';

export interface MicroBatch {
  readonly batch: number;
  readonly length: number;
  /** Indices into the datums, at most B; the remaining rows are padding. */
  readonly members: readonly number[];
}

/** Lengths are rounded up to a multiple of this, so that few graph shapes occur. */
const LENGTH_STEP = 16;

const roundUp = (n: number, step: number) => Math.ceil(n / step) * step;

/** The smallest power of two >= n, capped. */
function roundUpToPower(n: number, cap: number): number {
  let power = 1;
  while (power < n) power *= 2;
  return Math.min(power, cap);
}

/**
 * Longest first, about `tokenBudget` positions each. A function of the lengths alone, so the same data always meets the same graphs.
 * A sequence longer than the budget has a micro-batch of its own.
 */
export function microBatches(lengths: readonly number[], tokenBudget: number): MicroBatch[] {
  const order = lengths.map((_, index) => index).sort((a, b) => lengths[b]! - lengths[a]! || a - b);
  const batches: MicroBatch[] = [];
  for (let first = 0; first < order.length; ) {
    const length = roundUp(Math.max(1, lengths[order[first]!]!), LENGTH_STEP);
    const capacity = Math.max(1, Math.floor(tokenBudget / length));
    const members = order.slice(first, first + capacity);
    batches.push({ batch: roundUpToPower(members.length, capacity), length, members });
    first += members.length;
  }
  return batches;
}

/** The memory of one micro-batch's per-position inputs; every array is [N]. */
export interface BatchArrays {
  readonly tokens: BigInt64Array;
  readonly targets: BigInt64Array;
  readonly mask: Float32Array;
  readonly weights: Float32Array;
  readonly samplingLogprobs: Float32Array;
}

export function batchArrays(rows: number): BatchArrays {
  return {
    tokens: new BigInt64Array(rows),
    targets: new BigInt64Array(rows),
    mask: new Float32Array(rows),
    weights: new Float32Array(rows),
    samplingLogprobs: new Float32Array(rows),
  };
}

/** Lays the members into the arrays; padding is token 0 with mask 0. */
export function fillBatch(arrays: BatchArrays, { length, members }: MicroBatch, data: readonly Datum[]): void {
  arrays.tokens.fill(0n);
  arrays.targets.fill(0n);
  arrays.mask.fill(0);
  arrays.weights.fill(0);
  arrays.samplingLogprobs.fill(0);
  members.forEach((index, row) => {
    const datum = data[index]!;
    const at = row * length;
    for (let i = 0; i < datum.input.length; i++) {
      arrays.tokens[at + i] = BigInt(datum.input[i]!);
      arrays.targets[at + i] = BigInt(datum.target[i]!);
      if (datum.mask[i] === 0) continue;
      arrays.mask[at + i] = 1;
      arrays.weights[at + i] = datum.weight[i]!;
      arrays.samplingLogprobs[at + i] = datum.samplingLogprob[i]!;
    }
  });
}

/** Copies row values [N] back to datum values [D][L], 0 where the mask is 0. */
export function scatterRows(
  values: Float32Array,
  { length, members }: MicroBatch,
  data: readonly Datum[],
  into: Float32Array[],
): void {
  members.forEach((index, row) => {
    const { mask } = data[index]!;
    const target = into[index]!;
    for (let i = 0; i < mask.length; i++) target[i] = mask[i] === 0 ? 0 : values[row * length + i]!;
  });
}

/**
 * Adds row r of `rows` [N, C] to row tokens[r] of `table` [V, C]: an embedding's gradient. In the rows' order, so that the rows of one
 * token always add up the same way.
 */
export function addRows(rows: Float32Array, tokens: BigInt64Array, table: Float32Array): void {
  const C = rows.length / tokens.length;
  for (let row = 0; row < tokens.length; row++) {
    const from = row * C;
    const to = Number(tokens[row]) * C;
    for (let i = 0; i < C; i++) table[to + i] = table[to + i]! + rows[from + i]!;
  }
}
