/**
 * Statistics by key: a number that is cheaper to have than the statistic and orders tokens the same way. Probabilities are
 * ranked by their logarithms, so that only the edge of a selection is exponentiated, not every token.
 */

export interface KeyScale {
  /** The statistic of a key; never decreasing. */
  readonly valueOf: (key: number) => number;
  /** A key whose statistic is 0. */
  readonly zero: number;
}

/** The statistic is its own key. */
export const identity: KeyScale = { valueOf: (key) => key, zero: 0 };

/** exp in float32, as the official code ranks it: hopeless tokens underflow to exactly 0, near-certain ones tie at 1. */
export const exponential: KeyScale = {
  valueOf: (key) => Math.fround(Math.exp(key)),
  zero: Number.NEGATIVE_INFINITY,
};

/** Lowest and highest float32 key with the same statistic as `key`: tokens between them are ties. */
export function levelOf(scale: KeyScale, key: number): readonly [number, number] {
  if (scale === identity) return [key, key];
  const value = scale.valueOf(key);
  const place = placeOf(key);
  const isSame = (other: number) => scale.valueOf(keyAt(other)) === value;
  return [keyAt(reach(isSame, place, -1)), keyAt(reach(isSame, place, 1))];
}

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The place of a float32 among all of them, 0 being number 0: its bits, with those of negative numbers turned around. */
function placeOf(key: number): number {
  float[0] = key;
  return bits[0]! < 0 ? bits[0]! ^ 0x7fffffff : bits[0]!;
}

function keyAt(place: number): number {
  bits[0] = place < 0 ? place ^ 0x7fffffff : place;
  return float[0]!;
}

const infinitePlace = placeOf(Number.POSITIVE_INFINITY);

/** The last place in a direction up to which all are the same: strides double until one fails, then halve. */
function reach(isSame: (place: number) => boolean, from: number, direction: 1 | -1): number {
  let inside = from;
  let isGrowing = true;
  for (let stride = 1; stride >= 1; stride = isGrowing ? stride * 2 : stride / 2) {
    const next = inside + direction * stride;
    // -Infinity is one place below minus infinitePlace, since -0 has a place of its own
    if (next <= infinitePlace && next >= -infinitePlace - 1 && isSame(next)) inside = next;
    else isGrowing = false;
  }
  return inside;
}
