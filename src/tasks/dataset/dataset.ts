/** A dataset as a task's settings describe it: two disjoint splits of problems, and everything that was noticed on the way. */
import { createHash } from 'node:crypto';
import { RandomStream, randomKey } from '../../core/random.ts';
import { type LoadedFiles, loadFiles, type MappedFile, mapFile } from './load.ts';
import type { DatasetProblem } from './mapping.ts';
import { wordsOf } from './normal-text.ts';
import { type DatasetSettings, DEFAULT_TEST_FRACTION, type FileEntry } from './settings.ts';

export interface Dataset {
  readonly files: readonly MappedFile[];
  readonly train: readonly DatasetProblem[];
  readonly test: readonly DatasetProblem[];
  /** What the files held, split by split; `test` is empty where it was cut off the train files. */
  readonly loaded: { readonly train: LoadedFiles; readonly test: LoadedFiles };
  /** Train problems left out because they stand in the test split too. */
  readonly inTest: readonly DatasetProblem[];
}

/** @throws UserError for files that cannot be read or mapped. */
export async function loadDataset(settings: DatasetSettings): Promise<Dataset> {
  const { train = [], test = [], seed, dedupe, limit, testFraction = DEFAULT_TEST_FRACTION } = settings;
  const mapped = async (files: readonly FileEntry[]) => {
    const found: MappedFile[] = [];
    // one after another: a Parquet file takes a process
    for (const file of files) found.push(await mapFile(file, settings, seed));
    return found;
  };
  const [trainFiles, testFiles] = [await mapped(train), await mapped(test)];
  const loaded = { train: await loadFiles(trainFiles, dedupe), test: await loadFiles(testFiles, dedupe) };
  const isHeld = (problem: DatasetProblem) => heldOut(problem, seed) < testFraction;
  const held = test.length > 0 ? loaded.test.problems : loaded.train.problems.filter(isHeld);
  const rest = test.length > 0 ? loaded.train.problems : loaded.train.problems.filter((problem) => !isHeld(problem));
  const posed = new Set(held.map(normalText));
  const isPosed = (problem: DatasetProblem) => posed.has(normalText(problem));
  const own = rest.filter((problem) => !isPosed(problem));
  return {
    files: [...trainFiles, ...testFiles],
    train: ordered(own, settings, 'train').slice(0, limit),
    test: ordered(held, settings, 'test'),
    loaded,
    inTest: rest.filter(isPosed),
  };
}

const normalText = ({ text }: DatasetProblem): string => wordsOf(text).join(' ') || text;

/** Uniform in [0, 1), the same for every way of writing one problem, so that copies are never on both sides. */
function heldOut(problem: DatasetProblem, seed: number): number {
  const hash = createHash('sha256')
    .update(`${seed}\n${normalText(problem)}`)
    .digest();
  return hash.readUInt32BE(0) / 2 ** 32;
}

function ordered(problems: readonly DatasetProblem[], { shuffle, seed }: DatasetSettings, split: string) {
  return shuffle ? new RandomStream(randomKey(seed, 'dataset', split)).shuffle(problems) : problems;
}
