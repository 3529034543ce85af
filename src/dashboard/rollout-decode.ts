/** Jobs done on an open file of rollouts: columns and row groups that are needed, and no others. */
import { UserError } from '../core/errors.ts';
import type { RolloutColumn, RolloutFile, RolloutRow } from '../journal/rollout-file.ts';
import {
  type Answers,
  type FileSummary,
  type Job,
  type JobKind,
  type ListedRollout,
  OUTCOME_BITS,
  OUTCOMES,
  type RolloutTexts,
  TRUNCATED_BIT,
} from './rollout-jobs.ts';
import { clipped, clippedAround, finderOf } from './rollout-text.ts';

/** Rows of a file this reads at most: a damaged count would be taken for memory. */
const MOST_ROWS = 1 << 22;
/** Rows read at once where texts or tokens are needed. */
const ROWS_AT_ONCE = 256;

/** @throws UserError naming the file when it is damaged, or has no such row. */
export function answer(file: RolloutFile, job: Job): Promise<Answers[JobKind]> {
  if (file.rows > MOST_ROWS) throw damaged(file, `it claims ${file.rows} rows`);
  switch (job.kind) {
    case 'summary':
      return summaryOf(file);
    case 'search':
      return search(file, job.text);
    case 'texts':
      return textsOf(file, job.rows, job.text);
    case 'group':
      return groupOf(file, job.row);
    case 'rules':
      return Promise.resolve(file.rules);
    case 'list':
      return listOf(file);
  }
}

const damaged = (file: RolloutFile, what: string): UserError =>
  new UserError(`${file.path} is not a readable file of rollouts: ${what}`);

const SUMMARY_COLUMNS = ['problemId', 'outcome', 'reward', 'stopReason', 'policyVersion'] as const;

async function summaryOf(file: RolloutFile): Promise<FileSummary> {
  const cells = await file.columns(SUMMARY_COLUMNS);
  const N = cells.length;
  if (N !== file.rows) throw damaged(file, `${N} of ${file.rows} rows`);
  const codes = new Map<string, number>();
  const summary = {
    problem: new Uint32Array(N),
    reward: new Float64Array(N),
    tokens: await tokenCounts(file),
    policyVersion: new Int32Array(N),
    flags: new Uint8Array(N),
  };
  for (const [row, { problemId, outcome, reward, stopReason, policyVersion }] of cells.entries()) {
    const outcomeCode = OUTCOMES.indexOf(outcome as never);
    if (typeof problemId !== 'string' || outcomeCode < 0 || typeof policyVersion !== 'number')
      throw damaged(file, `row ${row} has no problem, outcome or policy version`);
    const code = codes.get(problemId) ?? codes.size;
    codes.set(problemId, code);
    summary.problem[row] = code;
    summary.reward[row] = typeof reward === 'number' && outcome !== 'unknown' ? reward : Number.NaN;
    summary.policyVersion[row] = policyVersion;
    summary.flags[row] = outcomeCode | (stopReason === 'length' ? TRUNCATED_BIT : 0);
  }
  return { problems: [...codes.keys()], ...summary };
}

/** [N] From the column of counts; files of earlier versions have only the tokens themselves. */
async function tokenCounts(file: RolloutFile): Promise<Uint32Array> {
  const column = file.has('tokenCount') ? 'tokenCount' : 'tokens';
  const counts = new Uint32Array(file.rows);
  for await (const [row, cells] of rowsOf(file, [column])) {
    const cell = cells[column];
    const count = Array.isArray(cell) ? cell.length : cell;
    if (typeof count !== 'number' || count < 0) throw damaged(file, `row ${row} has no tokens`);
    counts[row] = count;
  }
  return counts;
}

async function* rowsOf<Name extends RolloutColumn>(
  file: RolloutFile,
  names: readonly Name[],
): AsyncGenerator<[number, Record<Name, unknown>]> {
  for (let start = 0; start < file.rows; start += ROWS_AT_ONCE) {
    const cells = await file.columns(names, { start, end: start + ROWS_AT_ONCE });
    for (const [i, found] of cells.entries()) yield [start + i, found];
  }
}

const LIST_COLUMNS = ['group', 'index', 'reason', 'explanation'] as const;

async function listOf(file: RolloutFile): Promise<ListedRollout[]> {
  const { problems, problem, reward, tokens, policyVersion, flags } = await summaryOf(file);
  return (await file.columns(LIST_COLUMNS)).map((cells, row): ListedRollout => {
    const outcome = OUTCOMES[(flags[row] ?? 0) & OUTCOME_BITS] ?? 'unknown';
    return {
      group: Number(cells.group),
      index: Number(cells.index),
      problemId: problems[problem[row] ?? 0] ?? '',
      outcome,
      reward: outcome === 'unknown' ? null : (reward[row] ?? null),
      tokens: tokens[row] ?? 0,
      truncated: ((flags[row] ?? 0) & TRUNCATED_BIT) !== 0,
      policyVersion: policyVersion[row] ?? 0,
      reason: typeof cells.reason === 'string' ? cells.reason : null,
      explanation: textOf(cells.explanation),
    };
  });
}

const textOf = (cell: unknown): string => (typeof cell === 'string' ? cell : '');

async function search(file: RolloutFile, text: string): Promise<Uint32Array> {
  const find = finderOf(text);
  const found: number[] = [];
  for await (const [row, cells] of rowsOf(file, ['completion', 'prompt', 'explanation']))
    if (find(textOf(cells.completion)) || find(textOf(cells.prompt)) || find(textOf(cells.explanation)))
      found.push(row);
  return Uint32Array.from(found);
}

const TEXT_COLUMNS = ['group', 'index', 'prompt', 'completion', 'explanation'] as const;

async function textsOf(file: RolloutFile, rows: readonly number[], text?: string): Promise<RolloutTexts[]> {
  const find = text === undefined ? undefined : finderOf(text);
  const found = new Map<number, RolloutTexts>();
  for (const { start, end } of runsOf([...new Set(rows)].sort((a, b) => a - b))) {
    checkRow(file, end - 1);
    for (const [i, cells] of (await file.columns(TEXT_COLUMNS, { start, end })).entries()) {
      const completion = textOf(cells.completion);
      const hit = find?.(completion);
      found.set(start + i, {
        group: Number(cells.group),
        index: Number(cells.index),
        prompt: clipped(textOf(cells.prompt)),
        ...(hit === undefined ? { completion: clipped(completion), hit: null } : clippedAround(completion, hit)),
        explanation: clipped(textOf(cells.explanation)),
      });
    }
  }
  return rows.map((row) => {
    const texts = found.get(row);
    if (texts === undefined) throw damaged(file, `row ${row} is missing`);
    return texts;
  });
}

async function groupOf(file: RolloutFile, row: number): Promise<Answers['group']> {
  if (row >= file.rows) return { rules: file.rules, at: 0, group: [] };
  const groups = await file.columns(['group']);
  const own = groups[row]?.group;
  const rows = groups.flatMap(({ group }, at) => (group === own ? [at] : []));
  const members: (RolloutRow & { row: number })[] = [];
  for (const { start, end } of runsOf(rows))
    for (const [i, found] of (await file.read({ start, end })).entries()) members.push({ ...found, row: start + i });
  members.sort((a, b) => a.index - b.index);
  return { rules: file.rules, at: members.findIndex((member) => member.row === row), group: members };
}

function checkRow(file: RolloutFile, row: number): void {
  if (row >= file.rows)
    throw new UserError(`${file.path} has no row ${row}: its ${file.rows} rollouts are counted from 0`);
}

/** Runs of neighbours in ascending numbers: [3, 4, 5, 9] -> 3..6, 9..10 (ends exclusive). */
export function runsOf(rows: readonly number[]): { start: number; end: number }[] {
  const runs: { start: number; end: number }[] = [];
  for (const row of rows) {
    const last = runs.at(-1);
    if (last?.end === row) last.end++;
    else runs.push({ start: row, end: row + 1 });
  }
  return runs;
}
