/**
 * The fake engine's policy: a table of logits, one row for each (last few tokens, position bucket). Small enough to be exact:
 * float64 throughout, no approximation anywhere. Knows nothing of engines' calls.
 *
 * Dimensions: V vocabulary, R rows of the table, L positions of a sequence.
 */
import { assert, UserError } from '../core/errors.ts';
import { RandomStream, randomKey } from '../core/random.ts';

/** What a prediction may depend on. */
export interface Conditioning {
  /** This many last tokens (1: bigram, 2: trigram, 0: none). */
  readonly lastTokens: number;
  /** Positions 0 .. positions - 2 have rows of their own; all later ones share the last. 1: position makes no difference. */
  readonly positions: number;
}

export interface TableShape {
  readonly vocabularySize: number;
  readonly conditioning: Conditioning;
}

/** A table beyond this would no longer be tiny: 16 million logits, 128 MB. */
const MAX_ENTRIES = 2 ** 24;

/** @throws UserError when the table would be empty or too large. */
export function rowCount({ vocabularySize, conditioning }: TableShape): number {
  const { lastTokens, positions } = conditioning;
  const isValid =
    Number.isInteger(vocabularySize) && vocabularySize >= 1 && Number.isInteger(positions) && positions >= 1;
  if (!isValid || !Number.isInteger(lastTokens) || lastTokens < 0) {
    throw new UserError(
      `a fake policy needs vocabularySize >= 1, positions >= 1 and lastTokens >= 0 as integers, ` +
        `got ${vocabularySize}, ${positions} and ${lastTokens}`,
    );
  }
  // one more symbol than the vocabulary: 'before the first token'
  const rows = (vocabularySize + 1) ** lastTokens * positions;
  if (rows * vocabularySize > MAX_ENTRIES) {
    throw new UserError(
      `a fake policy of ${rows} rows x ${vocabularySize} tokens exceeds ${MAX_ENTRIES} logits; ` +
        'use a smaller vocabulary, fewer lastTokens or fewer positions',
    );
  }
  return rows;
}

/** The table's row that predicts what follows position `i` of `tokens`. */
export function rowOf(shape: TableShape, tokens: ArrayLike<number>, i: number): number {
  const { vocabularySize, conditioning } = shape;
  let row = 0;
  for (let back = 0; back < conditioning.lastTokens; back++) {
    row = row * (vocabularySize + 1) + (i >= back ? tokens[i - back]! : vocabularySize);
  }
  return row * conditioning.positions + Math.min(i, conditioning.positions - 1);
}

/** [R x V] normal logits with this standard deviation; 0 makes every prediction uniform. */
export function initialTable(shape: TableShape, seed: number, logitStd: number): Float64Array {
  const random = new RandomStream(randomKey(seed, 'fake policy'));
  return Float64Array.from({ length: rowCount(shape) * shape.vocabularySize }, () => logitStd * random.normal());
}

/** The next token's distribution. */
export interface Distribution {
  /** [V] */
  readonly probabilities: Float64Array;
  /** [V] nats */
  readonly logprobs: Float64Array;
  /** nats */
  readonly entropy: number;
}

/** softmax(logits / temperature), H = -sum p log p. */
export function distribution(logits: Float64Array, temperature: number): Distribution {
  const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const shifted = logits.map((logit) => (logit - largest) / temperature);
  const logSum = Math.log(shifted.reduce((sum, x) => sum + Math.exp(x), 0));
  const logprobs = shifted.map((x) => x - logSum);
  const probabilities = logprobs.map(Math.exp);
  let entropy = 0;
  for (let v = 0; v < logprobs.length; v++) {
    // p log p -> 0 as p -> 0, also where log p is -Infinity
    if (probabilities[v]! > 0) entropy -= probabilities[v]! * logprobs[v]!;
  }
  return { probabilities, logprobs, entropy };
}

/** The likeliest token; of equals the one with the lowest id. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let v = 1; v < values.length; v++) if (values[v]! > values[best]!) best = v;
  return best;
}

/**
 * The token at `u` of the inverse CDF, in order of token id, over what topK and then topP (of the mass topK left) let through.
 * Probabilities [.5, .3, .2], topP .7 -> tokens 0 and 1 with .625 and .375.
 * @param u uniform in [0, 1)
 */
export function drawToken(probabilities: Float64Array, topK: number, topP: number, u: number): number {
  const kept = keptTokens(probabilities, topK, topP);
  const mass = kept.reduce((sum, token) => sum + probabilities[token]!, 0);
  let cumulative = 0;
  let last = kept[0]!;
  for (const token of kept) {
    const probability = probabilities[token]!;
    if (probability === 0) continue;
    cumulative += probability;
    last = token;
    if (u * mass < cumulative) return token;
  }
  return last;
}

/** Token ids in ascending order. */
function keptTokens(probabilities: Float64Array, topK: number, topP: number): number[] {
  const ids = Array.from(probabilities.keys());
  if (topK === 0 && topP === 1) return ids;
  // of equals the lower id counts as likelier, as in argmax
  ids.sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);
  const byRank = topK === 0 ? ids : ids.slice(0, topK);
  if (topP === 1) return byRank.sort((a, b) => a - b);
  const needed = topP * byRank.reduce((sum, token) => sum + probabilities[token]!, 0);
  let cumulative = 0;
  let count = 0;
  while (count < byRank.length && (count === 0 || cumulative < needed)) cumulative += probabilities[byRank[count++]!]!;
  assert(count > 0, 'top-p keeps at least one token');
  return byRank.slice(0, count).sort((a, b) => a - b);
}
