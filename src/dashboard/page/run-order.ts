/** The list of runs as somebody wants it: found, sorted, by study. Pure. */
import type { RunSummary } from '../api.ts';

export const SORTS = ['run', 'status', 'step', 'pass', 'reward', 'task', 'recipe', 'started'] as const;
export type SortColumn = (typeof SORTS)[number];

export interface Sort {
  readonly column: SortColumn;
  readonly isDescending: boolean;
}

/** `-reward` -> reward, descending; anything else that is no column: newest first. */
export function parseSort(text: string | undefined): Sort {
  const column = SORTS.find((name) => name === text?.replace(/^-/, ''));
  return column ? { column, isDescending: text?.startsWith('-') ?? false } : { column: 'started', isDescending: true };
}

/** What a click on a column's head asks for: names ascending and numbers descending first, then the other way round. */
export function nextSort({ column, isDescending }: Sort, clicked: SortColumn): string {
  const isText = clicked === 'run' || clicked === 'status' || clicked === 'task' || clicked === 'recipe';
  const nextDescending = column === clicked ? !isDescending : !isText;
  return nextDescending ? `-${clicked}` : clicked;
}

const STATUS_ORDER = ['running', 'broken', 'stopped', 'finished'];

function sortValue(run: RunSummary, column: SortColumn): string | number | null {
  const values: Record<SortColumn, string | number | null> = {
    run: run.run,
    status: STATUS_ORDER.indexOf(run.status),
    step: run.step,
    pass: run.passRate,
    reward: run.reward,
    task: run.task,
    recipe: run.recipe,
    started: run.started,
  };
  return values[column];
}

/** Runs without a value come last, whichever way it is sorted; equal ones by name. */
export function sortedRuns(runs: readonly RunSummary[], { column, isDescending }: Sort): RunSummary[] {
  const direction = isDescending ? -1 : 1;
  return [...runs].sort((a, b) => {
    const [x, y] = [sortValue(a, column), sortValue(b, column)];
    if (x === null || y === null) return x === y ? byName(a, b) : x === null ? 1 : -1;
    const order = typeof x === 'number' && typeof y === 'number' ? x - y : compareText(String(x), String(y));
    return order === 0 ? byName(a, b) : order * direction;
  });
}

const TEXT = new Intl.Collator('en', { numeric: true });
const compareText = (a: string, b: string): number => TEXT.compare(a, b);
const byName = (a: RunSummary, b: RunSummary): number => compareText(a.run, b.run);

/** Runs in which every word occurs: in name, status, task, recipe, policy or engine. */
export function foundRuns(runs: readonly RunSummary[], text: string): RunSummary[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return runs.filter(({ run, status, task, recipe, policy, engine }) => {
    const haystack = [run, status, task, recipe, policy, engine].join(' ').toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
}

/** Runs that belong to no study under null, then each study's, in the order their first runs come. */
export function byStudy(runs: readonly RunSummary[]): Map<string | null, RunSummary[]> {
  const groups = new Map<string | null, RunSummary[]>([[null, []]]);
  for (const run of runs) groups.set(run.study, [...(groups.get(run.study) ?? []), run]);
  return groups;
}
