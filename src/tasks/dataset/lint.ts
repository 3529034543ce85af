/**
 * What is wrong with a dataset, before a run learns it: a pure function from what was loaded and tried to a report.
 */
import { showValue } from '../../core/settings.ts';
import type { Dataset } from './dataset.ts';
import type { GoldOutcome } from './gold-check.ts';
import { Count, type Tally } from './load.ts';
import type { DatasetProblem } from './mapping.ts';
import { wordsOf } from './normal-text.ts';
import { overlaps } from './overlap.ts';
import { measureLengths, type PlaceOf, type TokenLimit } from './prompt-lengths.ts';

/** `error`: training on it would teach something false; `warning`: numbers may mislead; `note`: good to know. */
export type Severity = (typeof SEVERITIES)[number];

const SEVERITIES = ['error', 'warning', 'note'] as const;

export interface Finding extends Tally {
  readonly kind: string;
  readonly severity: Severity;
  readonly meaning: string;
}

export interface LintReport {
  readonly files: readonly { readonly path: string; readonly format: string }[];
  readonly rows: number;
  readonly problems: { readonly train: number; readonly test: number };
  readonly golds: { readonly passing: number; readonly untried: number; readonly failing: number };
  /** Worst first; kinds that were looked for and not found are left out. */
  readonly findings: readonly Finding[];
  /** No error, and there are problems. */
  readonly isUsable: boolean;
}

export interface LintInput {
  readonly dataset: Dataset;
  /** In the order of the problems. */
  readonly outcomes: { readonly train: readonly GoldOutcome[]; readonly test: readonly GoldOutcome[] };
  /** Absent: lengths are not looked at. */
  readonly tokens?: TokenLimit | undefined;
}

export function lint({ dataset, outcomes, tokens }: LintInput): LintReport {
  const { train, test, loaded, files, inTest } = dataset;
  const problems = [...train, ...test];
  const tried = [...outcomes.train, ...outcomes.test];
  const placeOf = ({ id, source }: DatasetProblem) =>
    loaded.train.places.get(id) ?? loaded.test.places.get(id) ?? `${source}/${id}`;
  const find = (kind: string, severity: Severity, meaning: string, tally: Tally): Finding => ({
    kind,
    severity,
    meaning,
    count: tally.count,
    examples: tally.examples,
  });
  const golds = (kinds: readonly string[]) => tallyGolds(problems, tried, kinds, placeOf);
  const unread = problems.filter((_, i) => isUnread(tried[i]));
  const lengths = tokens === undefined ? undefined : measureLengths(problems, tokens, placeOf);
  const findings = [
    find('failing golds', 'error', 'their own verifier marks them wrong', golds(['fails'])),
    find('unknown golds', 'error', 'their own verifier cannot read or decide them', golds(['unknown'])),
    find(
      'undecided golds',
      'error',
      'time or memory ran out before the verifier was done; try again',
      golds(['machine']),
    ),
    find(
      'rows without a problem',
      'error',
      'no gold, an empty problem, or a cell that cannot be read',
      merged(dataset, 'faults'),
    ),
    find('conflicting golds', 'warning', 'one problem comes with several golds', merged(dataset, 'conflicts')),
    find('train problems in test', 'warning', 'the same problem stands in both splits', tally(inTest, placeOf, textOf)),
    find(
      'overlap of train and test',
      'warning',
      'half or more of the test problem’s 13-word runs stand in the train split',
      overlapping(dataset, placeOf),
    ),
    find('unreadable prompts', 'error', 'the policy cannot take them', lengths?.unreadable ?? NONE),
    find('long prompts', 'warning', `more than ${tokens?.limit} tokens`, lengths?.long ?? NONE),
    find('copies', 'note', 'rows that repeat an earlier one, problem and gold', merged(dataset, 'copies')),
    find(
      'near copies',
      'note',
      'problems that differ in case, punctuation or layout only',
      nearCopies(problems, placeOf),
    ),
    find(
      'golds matched only as text',
      'note',
      'the verifier cannot read them: an answer is right only if written the same',
      tally(unread, placeOf, goldOf),
    ),
    find(
      'zero-padded golds',
      'note',
      'written as 073: a string comparison would refuse 73',
      tally(problems.filter(isPadded), placeOf, goldOf),
    ),
  ]
    .filter(({ count }) => count > 0)
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
  const numberOf = (...kinds: string[]) => tried.filter(({ kind }) => kinds.includes(kind)).length;
  return {
    files: files.map(({ path, mapping }) => ({ path, format: mapping.name })),
    rows: loaded.train.rows + loaded.test.rows,
    problems: { train: train.length, test: test.length },
    golds: {
      passing: numberOf('passes'),
      untried: numberOf('untried'),
      failing: numberOf('fails', 'unknown', 'machine'),
    },
    findings,
    isUsable: problems.length > 0 && findings.every(({ severity }) => severity !== 'error'),
  };
}

const isUnread = (outcome: GoldOutcome | undefined): boolean => outcome?.kind === 'passes' && outcome.isUnread;
const NONE: Tally = { count: 0, examples: [] };
const textOf = ({ text }: DatasetProblem): string => text;
const goldOf = ({ gold }: DatasetProblem): string => showValue(gold);
const isPadded = ({ gold }: DatasetProblem): boolean => typeof gold === 'string' && /^[-+]?0\d/.test(gold);

function tally(
  problems: readonly DatasetProblem[],
  placeOf: PlaceOf,
  show: (problem: DatasetProblem) => string,
): Tally {
  const count = new Count();
  for (const problem of problems) count.add(placeOf(problem), show(problem));
  return count;
}

function merged({ loaded: { train, test } }: Dataset, key: 'faults' | 'conflicts' | 'copies'): Tally {
  const examples = [...train[key].examples, ...test[key].examples];
  return { count: train[key].count + test[key].count, examples };
}

function tallyGolds(
  problems: readonly DatasetProblem[],
  outcomes: readonly GoldOutcome[],
  kinds: readonly string[],
  placeOf: PlaceOf,
): Tally {
  const count = new Count();
  for (const [i, problem] of problems.entries()) {
    const outcome = outcomes[i];
    if (outcome !== undefined && 'explanation' in outcome && kinds.includes(outcome.kind))
      count.add(placeOf(problem), `${showValue(problem.gold)}: ${outcome.explanation}`);
  }
  return count;
}

function overlapping({ train, test }: Dataset, placeOf: PlaceOf): Tally {
  const count = new Count();
  for (const { problem, share } of overlaps(train, test))
    count.add(placeOf(problem), `${Math.round(share * 100)}% of: ${problem.text}`);
  return count;
}

function nearCopies(problems: readonly DatasetProblem[], placeOf: PlaceOf): Tally {
  const first = new Map<string, DatasetProblem>();
  const count = new Count();
  for (const problem of problems) {
    const form = wordsOf(problem.text).join(' ');
    const before = first.get(form);
    if (before === undefined) first.set(form, problem);
    else if (before.text !== problem.text) count.add(placeOf(problem), `as ${placeOf(before)}: ${problem.text}`);
  }
  return count;
}
