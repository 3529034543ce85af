/** From a row to a problem: what a format (or the run file's own columns) makes of the cells. */
import { createHash } from 'node:crypto';
import { basename, extname } from 'node:path';
import { UserError } from '../../core/errors.ts';
import type { Json } from '../../core/json.ts';
import type { Message, Prompt } from '../../core/rollout.ts';
import type { VerifierSpec } from '../../verify/verifier.ts';
import type { DatasetFormat, Posed } from './format.ts';
import { BOXED_TEMPLATE, FORMATS } from './formats.ts';
import { cellAt, GOLD_PLACES } from './gold.ts';
import { promptWriter } from './prompt.ts';
import type { Cells, Row } from './row.ts';
import type { LayoutSettings } from './settings.ts';

/** A problem of a dataset, whatever file it came from. Plain JSON. */
export interface DatasetProblem {
  /** Of the content (problem and gold), so it is the same whatever stands around it in the file, the template or the run. */
  readonly id: string;
  /** The dataset, as the file or its `source` column calls it. */
  readonly source: string;
  /** The layout it was read by. */
  readonly format: string;
  /** As posed, before a template: what duplicates and overlaps are looked for in. */
  readonly text: string;
  readonly prompt: Prompt;
  /** As the format gives it; `goldOf` is what the verifier takes. */
  readonly gold: unknown;
  readonly verifier: VerifierSpec;
  readonly meta: Readonly<Record<string, Json>>;
}

/** The gold as the verifier takes it. */
export function goldOf({ format, gold }: DatasetProblem): unknown {
  return FORMATS.find(({ name }) => name === format)?.unpack?.(gold) ?? gold;
}

export type Mapped = { readonly problem: DatasetProblem } | { readonly fault: string };

/** How the rows of one file are read. */
export interface Mapping {
  /** The format's name, or `columns` where the run file names them itself. */
  readonly name: string;
  /** Top-level columns it looks at; absent: all. */
  readonly columns: readonly string[] | undefined;
  /** The template around each problem; absent: as posed. */
  readonly template: string | undefined;
  readonly map: (row: Row) => Mapped;
}

/**
 * The mapping that settings ask for, or the one that fits the first row.
 * @throws UserError naming the columns there are when none fits, or a column that is missing.
 */
export function chooseMapping(settings: LayoutSettings, seed: number, first: Row | undefined, path: string): Mapping {
  const { columns, gold, verifier, prompt = { format: 'chat' } } = settings;
  const format = formatOf(settings, first, path);
  const layout: DatasetFormat = {
    ...format,
    ...(format.columns === undefined ? {} : { columns: { ...format.columns, ...defined(columns ?? {}) } }),
    ...(gold === undefined ? {} : { extract: gold.extract }),
    ...(verifier === undefined ? {} : { verifier: verifier as VerifierSpec }),
  };
  if (first !== undefined) checkColumns(layout, first);
  const template = prompt.template ?? layout.template;
  const write = promptWriter({ ...prompt, template, isOwn: prompt.template !== undefined });
  return {
    name: layout.name,
    columns: layout.assemble === undefined ? topLevel(layout) : undefined,
    template,
    map: (row) => {
      const posed = layout.assemble?.(row.cells, { seed }) ?? posedBy(layout, row.cells);
      return 'fault' in posed ? posed : finish(layout, posed, row, sourceOf(layout, row.cells, path), write);
    },
  };
}

function formatOf({ format, columns }: LayoutSettings, first: Row | undefined, path: string): DatasetFormat {
  const named = FORMATS.find(({ name }) => name === format);
  if (named !== undefined) return named;
  if (columns?.problem !== undefined && columns.gold !== undefined)
    return {
      name: 'columns',
      needs: [],
      columns: { problem: columns.problem, gold: columns.gold },
      template: BOXED_TEMPLATE,
    };
  if (first === undefined) throw new UserError(`${path}: there are no rows`);
  const fitting = FORMATS.find((candidate) => fits(candidate, first.cells));
  if (fitting !== undefined) return fitting;
  const names = Object.keys(first.cells).slice(0, 30);
  throw new UserError(
    `${path}: no known format has the columns ${names.join(', ') || '(none)'}; say where the parts are, e.g. ` +
      `columns: {problem: ${names[0] ?? 'question'}, gold: ${names[1] ?? 'answer'}}, or name a format: ${FORMATS.map(({ name }) => name).join(', ')}`,
  );
}

function fits({ needs, lacks = [], isLike }: DatasetFormat, cells: Cells): boolean {
  const has = (column: string) => Object.hasOwn(cells, column);
  return needs.every(has) && !lacks.some(has) && (isLike?.(cells) ?? true);
}

/** The parts that every row must have, looked for in the first, where a misspelt name shows. */
function checkColumns({ name, needs, columns, assemble }: DatasetFormat, { cells, place }: Row): void {
  const wanted = assemble === undefined ? [...(columns?.problem ?? []), columns?.gold ?? ''] : needs;
  const missing = wanted.find((path) => cellAt(cells, path) === undefined);
  if (missing !== undefined)
    throw new UserError(
      `${place}: there is no column ${missing}, which format ${name} reads; there are ${Object.keys(cells).slice(0, 30).join(', ')}`,
    );
}

/** What a path begins with may itself hold a dot, so both readings are asked for. */
function topLevel({ columns, needs }: DatasetFormat): string[] {
  const { problem = [], gold = '', id = '', source = '' } = columns ?? {};
  const paths = [...problem, gold, id, source, ...needs, 'unit', 'error'];
  return [...new Set(paths.flatMap((path) => [path, path.split('.')[0] ?? '']))];
}

function posedBy({ columns, extract = 'whole', remark }: DatasetFormat, cells: Cells): Posed | { fault: string } {
  if (columns === undefined) return { fault: 'its format has no columns' };
  const problem = problemIn(columns.problem.map((path) => cellAt(cells, path)));
  if (typeof problem === 'object' && 'fault' in problem)
    return { fault: `${columns.problem.join(' ')} ${problem.fault}` };
  const gold = GOLD_PLACES[extract](cellAt(cells, columns.gold));
  if ('fault' in gold) return { fault: `${columns.gold} ${gold.fault}` };
  const note = remark?.(cells) ?? '';
  const original = columns.id === undefined ? undefined : cellAt(cells, columns.id);
  return {
    problem: note === '' || typeof problem !== 'string' ? problem : `${problem}\n${note}`,
    gold: gold.gold,
    meta: typeof original === 'string' || typeof original === 'number' ? { id: original } : {},
  };
}

const ROLES: readonly unknown[] = ['system', 'user', 'assistant'];

function problemIn(cells: readonly unknown[]): string | Message[] | { readonly fault: string } {
  const [only] = cells;
  if (cells.length === 1 && Array.isArray(only)) return conversationIn(only);
  const texts = cells.map((cell) => (typeof cell === 'string' ? cell.trim() : ''));
  if (cells.some((cell) => cell !== null && cell !== undefined && typeof cell !== 'string'))
    return { fault: 'is neither text nor a list of messages' };
  const text = texts.filter((part) => part !== '').join(' ');
  return text === '' ? { fault: 'is empty' } : text;
}

function conversationIn(cell: readonly unknown[]): Message[] | { readonly fault: string } {
  const messages: Message[] = [];
  for (const turn of cell) {
    const { role, content } = (typeof turn === 'object' && turn !== null ? turn : {}) as Partial<Message>;
    if (role === undefined || !ROLES.includes(role) || typeof content !== 'string')
      return { fault: 'is not a list of messages {role: system | user | assistant, content}' };
    messages.push({ role, content });
  }
  if (messages.at(-1)?.role !== 'user') return { fault: 'does not end with a message of the user' };
  return messages;
}

function finish(
  layout: DatasetFormat,
  posed: Posed,
  row: Row,
  source: string,
  write: (p: Posed['problem']) => Prompt,
): Mapped {
  const { problem, gold, meta = {} } = posed;
  const { verifier = { name: 'math' } } = layout;
  const spec = typeof verifier === 'function' ? verifier(row.cells) : verifier;
  if (spec === undefined)
    throw new UserError(
      `${row.place}: the verifier for ${JSON.stringify(source)} is not known; name it, e.g. verifier: {name: math}`,
    );
  const text = typeof problem === 'string' ? problem : problem.map(({ content }) => content).join('\n');
  const id = createHash('sha256')
    .update(JSON.stringify([text, gold]))
    .digest('hex')
    .slice(0, 16);
  return { problem: { id, source, format: layout.name, text, prompt: write(problem), gold, verifier: spec, meta } };
}

function sourceOf({ columns }: DatasetFormat, cells: Cells, path: string): string {
  const named = columns?.source === undefined ? undefined : cellAt(cells, columns.source);
  return typeof named === 'string' && named !== '' ? named : basename(path, extname(path));
}

function defined<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, held]) => held !== undefined)) as never;
}
