/**
 * Test problems that the train split gives away. A test problem overlaps when its normalised text stands in the train split, or when at
 * least half of its 13-word runs do; a text of fewer words is its own only run. Runs that several test problems share (a template, a
 * list of instructions) say nothing and do not count.
 */
import type { DatasetProblem } from './mapping.ts';
import { gramsOf, wordsOf } from './normal-text.ts';

/** Test problems a run may stand in before it counts as part of a template. */
const MOST_SHARING = 2;
const OVERLAPPING_SHARE = 0.5;

export interface Overlap {
  readonly problem: DatasetProblem;
  /** Of the test problem's runs, those that stand in the train split. */
  readonly share: number;
}

export function overlaps(train: readonly DatasetProblem[], test: readonly DatasetProblem[]): Overlap[] {
  const grams = test.map(({ text }) => [...new Set(gramsOf(wordsOf(text)))]);
  const sharing = new Map<string, number>();
  for (const gram of grams.flat()) sharing.set(gram, (sharing.get(gram) ?? 0) + 1);
  const found = gramsInTrain(train, sharing);
  return test.flatMap((problem, i) => {
    const telling = (grams[i] ?? []).filter((gram) => (sharing.get(gram) ?? 0) <= MOST_SHARING);
    const shared = telling.filter((gram) => found.has(gram)).length;
    const share = telling.length === 0 ? 0 : shared / telling.length;
    return share >= OVERLAPPING_SHARE ? [{ problem, share }] : [];
  });
}

/** Which of the wanted runs stand in the train split; a train problem whose words no test problem uses is passed over quickly. */
function gramsInTrain(train: readonly DatasetProblem[], wanted: ReadonlyMap<string, number>): Set<string> {
  const known = new Set([...wanted.keys()].flatMap((gram) => gram.split(' ')));
  const found = new Set<string>();
  for (const { text } of train) {
    const words = wordsOf(text);
    if (words.filter((word) => known.has(word)).length * 2 < Math.min(words.length, 26)) continue;
    for (const gram of gramsOf(words)) if (wanted.has(gram)) found.add(gram);
  }
  return found;
}
