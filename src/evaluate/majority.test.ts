import fc from 'fast-check';
import { expect, test } from 'vitest';
import { randomKey } from '../core/random.ts';
import { isMajorityExact, majorityAt, type Votes, votesCast } from './majority.ts';

const KEY = randomKey(1);
const votes = (correct: number, wrong: readonly number[] = [], abstained = 0): Votes => ({ correct, wrong, abstained });

/** By definition: the mean credit over all subsets of size k. */
function byEnumeration({ correct, wrong, abstained }: Votes, k: number): number {
  const classes = [correct, ...wrong, abstained];
  const cast = classes.flatMap((size, index) => new Array<number>(size).fill(index));
  let [subsets, sum] = [0, 0];
  for (let bits = 0; bits < 2 ** cast.length; bits++) {
    const chosen = cast.filter((_, i) => (bits >> i) & 1);
    if (chosen.length !== k) continue;
    subsets++;
    const counts = classes.slice(0, -1).map((_, index) => chosen.filter((each) => each === index).length);
    const most = Math.max(...counts);
    if (most > 0 && counts[0] === most) sum += 1 / counts.filter((count) => count === most).length;
  }
  return sum / subsets;
}

test('maj@k by hand: ties count by halves, who abstains votes for nothing, nobody voting is wrong', () => {
  expect(majorityAt(votes(2, [1]), 3, KEY)).toBe(1);
  expect(majorityAt(votes(1, [2]), 3, KEY)).toBe(0);
  expect(majorityAt(votes(1, [1]), 2, KEY)).toBe(0.5);
  expect(majorityAt(votes(1, [1, 1]), 3, KEY)).toBeCloseTo(1 / 3, 12);
  expect(majorityAt(votes(1, [], 2), 3, KEY)).toBe(1);
  expect(majorityAt(votes(0, [], 3), 2, KEY)).toBe(0);
  // two right, one wrong: of three pairs one is right-right (1), two are ties (1/2)
  expect(majorityAt(votes(2, [1]), 2, KEY)).toBeCloseTo(2 / 3, 12);
  // one right, one silent: each of the two single samples; the silent one elects nobody
  expect(majorityAt(votes(1, [], 1), 1, KEY)).toBe(0.5);
});

const someVotes = fc
  .tuple(
    fc.integer({ min: 0, max: 5 }),
    fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
    fc.integer({ min: 0, max: 2 }),
  )
  .map(([correct, wrong, abstained]) => votes(correct, wrong, abstained))
  .filter((each) => votesCast(each) >= 1 && votesCast(each) <= 10);

test('maj@k equals the mean over all subsets', () => {
  fc.assert(
    fc.property(someVotes, (each) => {
      for (let k = 1; k <= votesCast(each); k++)
        expect(majorityAt(each, k, KEY)).toBeCloseTo(byEnumeration(each, k), 10);
    }),
  );
});

test('maj@1 is the share of correct samples, and more votes help an answer that leads', () => {
  const lead = votes(30, [20, 10], 4);
  expect(majorityAt(lead, 1, KEY)).toBeCloseTo(30 / 64, 12);
  const growing = [1, 8, 32, 64].map((k) => majorityAt(lead, k, KEY));
  expect(growing).toEqual([...growing].sort((a, b) => a - b));
  expect(growing.at(-1)).toBe(1);
});

test('counting stays exact where there are too many subsets to list, and drawing agrees with it', () => {
  // C(64, 32) = 1.8e18 subsets
  const even = votes(32, [32]);
  expect(majorityAt(even, 32, KEY)).toBeCloseTo(0.5, 10);
  const many = votes(220, [200], 80);
  expect([isMajorityExact(500, 183), isMajorityExact(500, 184)]).toEqual([true, false]);
  // neighbours differ by less than the noise of 4096 subsets, whose standard error is at most 0.008
  expect(Math.abs(majorityAt(many, 183, KEY) - majorityAt(many, 185, KEY))).toBeLessThan(0.03);
  expect(majorityAt(many, 185, KEY)).toBe(majorityAt(many, 185, KEY));
});
