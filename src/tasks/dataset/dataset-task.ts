/**
 * A task made of files: problems with golds that a named verifier decides. Loading ends with every gold tried on its own verifier, so
 * that no run begins on answers that would be marked wrong.
 */
import { isAbsolute, resolve } from 'node:path';
import { assert, UserError } from '../../core/errors.ts';
import type { Json } from '../../core/json.ts';
import type { Problem } from '../../core/rollout.ts';
import { showValue } from '../../core/settings.ts';
import type { Verify } from '../../verify/verifier.ts';
import type { Task } from '../task.ts';
import { type Dataset, loadDataset } from './dataset.ts';
import { checkGolds, type GoldOutcome, Verifiers } from './gold-check.ts';
import { hashFile, MOST_EXAMPLES } from './load.ts';
import { type DatasetProblem, goldOf } from './mapping.ts';
import { type DatasetSettings, DEFAULT_TEST_FRACTION, type FileEntry, pathOf } from './settings.ts';

/** The same settings with every path absolute, so that a run finds its data wherever it is resumed. */
export function withAbsolutePaths(settings: DatasetSettings, directoryOf: (key: string) => string): DatasetSettings {
  const absolute = (file: FileEntry, key: string): FileEntry => {
    const path = isAbsolute(pathOf(file)) ? pathOf(file) : resolve(directoryOf(key), pathOf(file));
    return typeof file === 'string' ? path : { ...file, path };
  };
  const { train, test } = settings;
  return {
    ...settings,
    ...(train === undefined ? {} : { train: train.map((file) => absolute(file, 'train')) }),
    ...(test === undefined ? {} : { test: test.map((file) => absolute(file, 'test')) }),
  };
}

/** @throws UserError for files that cannot be read, and for golds that fail unless the settings say what to do with them. */
export async function createDatasetTask(settings: DatasetSettings, verify: Verify): Promise<Task> {
  const dataset = await loadDataset(settings);
  const verifiers = await Verifiers.of([...dataset.train, ...dataset.test]);
  const [train, test] = [
    await withoutFailing(dataset.train, settings, verifiers, verify),
    await withoutFailing(dataset.test, settings, verifiers, verify),
  ];
  refuseFaults(dataset, settings);
  const splits = { train: numbered(train.problems), test: numbered(test.problems) };
  const dataHashes: Record<string, string> = {};
  for (const { path } of dataset.files) dataHashes[path] ??= await hashFile(path);
  const posed = ({ data }: Problem) => data as DatasetProblem;
  const decide = (problem: DatasetProblem, completion: string) =>
    verify({ verifier: problem.verifier, gold: goldOf(problem), completion });
  const alphabet = alphabetOf([...train.problems, ...test.problems], verifiers);
  return {
    name: 'dataset',
    ...(alphabet === undefined ? {} : { alphabet }),
    size: (split) => splits[split].length,
    problem(split, index) {
      const problem = splits[split][index];
      assert(problem !== undefined, `the dataset has no ${split} problem ${index}`);
      return problem;
    },
    prompt: (problem) => posed(problem).prompt,
    gold: (problem) => verifiers.goldCompletion(posed(problem)),
    verify: (problem, completion) => decide(posed(problem), completion),
    protocol: protocolOf(dataset, verifiers, splits.test.length, dataHashes, settings),
    dataHashes,
    notes: [...notesOf(dataset, settings), ...train.notes, ...test.notes],
  };
}

/** Of plain prompts, for policies that read characters; a conversation is for policies with a tokenizer of their own. */
function alphabetOf(problems: readonly DatasetProblem[], verifiers: Verifiers): string | undefined {
  const characters = new Set<string>();
  for (const problem of problems) {
    if (typeof problem.prompt !== 'string') return undefined;
    for (const character of problem.prompt) characters.add(character);
    for (const character of verifiers.goldCompletion(problem) ?? '') characters.add(character);
  }
  return [...characters].sort().join('');
}

/** Ids of the content; copies that were kept are told apart by a number. */
function numbered(problems: readonly DatasetProblem[]): Problem[] {
  const seen = new Map<string, number>();
  return problems.map((data) => {
    const count = (seen.get(data.id) ?? 0) + 1;
    seen.set(data.id, count);
    return { id: `${data.source}/${data.id}${count === 1 ? '' : `#${count}`}`, data };
  });
}

interface Kept {
  readonly problems: readonly DatasetProblem[];
  readonly notes: readonly string[];
}

async function withoutFailing(
  problems: readonly DatasetProblem[],
  { failingGolds }: DatasetSettings,
  verifiers: Verifiers,
  verify: Verify,
): Promise<Kept> {
  const outcomes = await checkGolds(problems, verifiers, verify);
  const machine = outcomes.findIndex(({ kind }) => kind === 'machine');
  const failing = (i: number) => ['fails', 'unknown'].includes(outcomes[i]?.kind ?? '');
  const failed = problems.filter((_, i) => failing(i));
  if (failingGolds !== 'keep' && machine >= 0)
    throw new UserError(
      `the gold of ${caseOf(problems[machine], outcomes[machine])}: the machine gave up, not the verifier; try again`,
    );
  if (failed.length === 0) return { problems, notes: [] };
  if (failingGolds === 'refuse') {
    const cases = problems.flatMap((problem, i) => (failing(i) ? [`  ${caseOf(problem, outcomes[i])}`] : []));
    throw new UserError(
      `${failed.length} of ${problems.length} golds fail their own verifier, so right answers would be marked wrong:\n` +
        `${cases.slice(0, MOST_EXAMPLES).join('\n')}\n` +
        'mend the data (polarity data lint shows all), or say failingGolds: drop or keep',
    );
  }
  if (failingGolds === 'keep')
    return { problems, notes: [`${failed.length} golds fail their own verifier and are kept`] };
  return {
    problems: problems.filter((_, i) => !failing(i)),
    notes: [`${failed.length} problems left out: their golds fail their own verifier`],
  };
}

function caseOf(problem: DatasetProblem | undefined, outcome: GoldOutcome | undefined): string {
  const explanation = outcome !== undefined && 'explanation' in outcome ? outcome.explanation : '';
  return `${problem?.source}/${problem?.id} ${showValue(problem?.gold)}: ${explanation}`;
}

/** Rows without a gold cannot be kept, only left out. */
function refuseFaults({ loaded }: Dataset, { failingGolds }: DatasetSettings): void {
  const faults = [loaded.train.faults, loaded.test.faults].flatMap(({ examples }) => examples);
  const count = loaded.train.faults.count + loaded.test.faults.count;
  if (count === 0 || failingGolds !== 'refuse') return;
  throw new UserError(
    `${count} rows pose no problem with a gold:\n${faults.map(({ place, text }) => `  ${place}: ${text}`).join('\n')}\n` +
      'mend the data, or say failingGolds: drop to leave such rows out',
  );
}

function notesOf({ files, train, test, loaded, inTest }: Dataset, settings: DatasetSettings): string[] {
  const both = (key: 'faults' | 'copies' | 'conflicts') => loaded.train[key].count + loaded.test[key].count;
  const notes = files.map(({ path, mapping }) => `${path}: format ${mapping.name}`);
  const add = (count: number, text: string) => count > 0 && notes.push(`${count} ${text}`);
  if (settings.test === undefined)
    add(
      test.length,
      `of ${train.length + test.length} problems held out by hash (testFraction ${settings.testFraction ?? DEFAULT_TEST_FRACTION})`,
    );
  add(settings.dedupe ? both('copies') : 0, 'copies of problems left out');
  add(settings.dedupe ? both('conflicts') : 0, 'problems with more than one gold left out');
  add(inTest.length, 'train problems left out: they stand in the test split');
  add(both('faults'), 'rows left out: they pose no problem with a gold');
  return notes;
}

/** What decides an evaluation's numbers; two evaluations are compared only where it agrees. */
function protocolOf(
  { files, test }: Dataset,
  verifiers: Verifiers,
  rows: number,
  hashes: Readonly<Record<string, string>>,
  { test: testFiles, train = [], prompt }: DatasetSettings,
): NonNullable<Task['protocol']> {
  const measured = new Set((testFiles ?? train).map(pathOf));
  const own = files.filter(({ path }) => measured.has(path));
  const names = new Set(test.map(({ verifier }) => JSON.stringify(verifier)));
  return {
    data: { sha256: own.map(({ path }) => hashes[path] ?? ''), rows },
    template: own.map(({ mapping }) => mapping.template ?? ''),
    prompt: { system: prompt?.system ?? '', format: prompt?.format ?? 'chat' },
    verifiers: [...names].map((name) => {
      const { spec, version } = verifiers.get(JSON.parse(name));
      return { ...(spec as unknown as Record<string, Json>), version };
    }),
  };
}
