/**
 * Runs before every test file: properties draw the same cases on every machine and every day, unless POLARITY_TEST_SEED asks for others. A
 * seed that a test gives itself goes before this one.
 */
import { randomInt } from 'node:crypto';
import fc from 'fast-check';

const DEFAULT_SEED = 1;

/** `undefined` and `''`: the usual one; `random`: another each time, which fast-check names where a property fails. @throws on all else */
export function seedOf(setting: string | undefined): number {
  if (setting === undefined || setting === '') return DEFAULT_SEED;
  if (setting === 'random') return randomInt(2 ** 31);
  const seed = Number(setting);
  // fast-check's seeds are signed integers of 32 bits
  if (/^-?\d+$/.test(setting) && seed === (seed | 0)) return seed;
  throw new Error(
    `POLARITY_TEST_SEED must be \`random\` or an integer of 32 bits, such as 421926353, got '${setting}'`,
  );
}

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: seedOf(process.env['POLARITY_TEST_SEED']) });
