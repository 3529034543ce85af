/**
 * A seeded order of a space too large to list: number i of the order is computed on its own. Because it is a bijection,
 * cutting it in two gives splits that are disjoint for certain.
 */
import { assert } from '../core/errors.ts';
import { childKey, type RandomKey, uniform } from '../core/random.ts';

const ROUNDS = 6;

/**
 * A bijection of [0, size) onto itself: a Feistel network on pairs below ceil(sqrt(size)), walked along its cycle until
 * it lands in range (Black & Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002). Not for cryptography.
 */
export function permutation(size: number, key: RandomKey): (index: number) => number {
  const side = Math.ceil(Math.sqrt(size));
  const keys = Array.from({ length: ROUNDS }, (_, round) => childKey(key, round));
  const once = (value: number) => {
    let [left, right] = [Math.floor(value / side), value % side];
    for (const roundKey of keys) {
      [left, right] = [right, (left + Math.floor(uniform(roundKey, right) * side)) % side];
    }
    return left * side + right;
  };
  return (index) => {
    assert(Number.isInteger(index) && index >= 0 && index < size, `no number ${index} in an order of ${size}`);
    let value = once(index);
    while (value >= size) value = once(value);
    return value;
  };
}
