/**
 * `rollouts/step-000010.parquet`: every rollout of a step, one row each, tokens and per-token numbers as lists. Written whole; read
 * by rows and columns, so that looking at one rollout of a large file does not read the rest.
 *
 * Dimensions: T completion tokens.
 */
import { type FileHandle, open } from 'node:fs/promises';
import {
  type AsyncBuffer,
  type FileMetaData,
  parquetMetadataAsync,
  parquetReadObjects,
  type SchemaElement,
} from 'hyparquet';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { writeDurably } from '../core/durable-file.ts';
import { assert, UserError } from '../core/errors.ts';
import type { StopReason, Verdict } from '../core/rollout.ts';
import { readFailure } from './file-errors.ts';
import { checkJournalVersion, JOURNAL_VERSION } from './schema.ts';

/** One rollout as it was trained on. */
export interface RolloutRow {
  readonly step: number;
  /** The group's number in the step, and the rollout's in the group. */
  readonly group: number;
  readonly index: number;
  readonly problemId: string;
  readonly prompt: string;
  readonly completion: string;
  readonly verdict: Verdict;
  readonly stopReason: StopReason;
  readonly policyVersion: number;
  readonly promptTokens: Int32Array;
  /** [T] */
  readonly tokens: Int32Array;
  /** [T] the sampler's, in nats. */
  readonly logprobs: Float32Array;
  /** [T] in nats; empty when the engine cannot give them. */
  readonly entropies: Float32Array;
  /** [T] as trained on; empty for a rollout that was not. */
  readonly advantages: Float32Array;
  /** [T] bit r is set where rule r of the file's `rules` touched the token; empty for a rollout that was not trained on. */
  readonly rules: Int32Array;
  /** [T] the trainer's log-probability after the step's updates minus before, in nats; empty for a rollout that was not probed. */
  readonly logprobChanges: Float32Array;
}

export type RolloutColumn =
  | Exclude<keyof RolloutRow, 'verdict'>
  | 'tokenCount'
  | 'outcome'
  | 'reward'
  | 'reason'
  | 'explanation'
  | 'evidence';

type Kind = 'integer' | 'number' | 'text' | 'integers' | 'floats';

/** In file order. `reward` is null for an unknown verdict, `reason` for any other, `evidence` (JSON) where the verifier gave none. */
const COLUMNS: Readonly<Record<RolloutColumn, Kind>> = {
  step: 'integer',
  group: 'integer',
  index: 'integer',
  problemId: 'text',
  prompt: 'text',
  completion: 'text',
  outcome: 'text',
  reward: 'number',
  reason: 'text',
  explanation: 'text',
  evidence: 'text',
  stopReason: 'text',
  policyVersion: 'integer',
  tokenCount: 'integer',
  promptTokens: 'integers',
  tokens: 'integers',
  logprobs: 'floats',
  entropies: 'floats',
  advantages: 'floats',
  rules: 'integers',
  logprobChanges: 'floats',
};

const COLUMN_NAMES = Object.keys(COLUMNS) as RolloutColumn[];
const NULLABLE: ReadonlySet<RolloutColumn> = new Set<RolloutColumn>(['reward', 'reason', 'evidence']);

/** Columns that earlier files of the same version lack. */
const ADDED: ReadonlySet<RolloutColumn> = new Set<RolloutColumn>(['evidence', 'tokenCount', 'logprobChanges']);

const ROWS_PER_GROUP = 64;
/** What is compressed together in a column of a row group, in whole rows: the least that is read to see one rollout's tokens. */
const PAGE_BYTES = 1 << 17;
/** Read first when a file is opened; a longer footer takes a second read. */
const FOOTER_BYTES = 1 << 16;
const VERSION_KEY = 'polarity.journalVersion';
const RULES_KEY = 'polarity.rules';

function list(name: string, type: 'INT32' | 'FLOAT'): SchemaElement[] {
  return [
    { name, repetition_type: 'REQUIRED', num_children: 1, converted_type: 'LIST' },
    { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
    { name: 'element', type, repetition_type: 'REQUIRED' },
  ];
}

function schemaOf(name: RolloutColumn): SchemaElement[] {
  const repetition_type = NULLABLE.has(name) ? 'OPTIONAL' : 'REQUIRED';
  switch (COLUMNS[name]) {
    case 'integer':
      return [{ name, type: 'INT32', repetition_type }];
    case 'number':
      return [{ name, type: 'DOUBLE', repetition_type }];
    case 'text':
      return [{ name, type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type }];
    case 'integers':
      return list(name, 'INT32');
    case 'floats':
      return list(name, 'FLOAT');
  }
}

function cell(row: RolloutRow, column: RolloutColumn): unknown {
  const { verdict } = row;
  switch (column) {
    case 'outcome':
      return verdict.outcome;
    case 'explanation':
      return verdict.explanation;
    case 'evidence':
      return verdict.evidence === undefined ? null : JSON.stringify(verdict.evidence);
    case 'reward':
      return verdict.outcome === 'unknown' ? null : verdict.reward;
    case 'reason':
      return verdict.outcome === 'unknown' ? verdict.reason : null;
    case 'tokenCount':
      return row.tokens.length;
    default: {
      const value = row[column];
      return typeof value === 'object' ? Array.from(value) : value;
    }
  }
}

/** What is wrong with the lengths of a row's lists; undefined for nothing. */
function unevenLists(row: RolloutRow): string | undefined {
  const T = row.tokens.length;
  const says = (name: string, length: number) => `${length} ${name} for ${T} tokens of ${row.problemId}`;
  if (row.logprobs.length !== T) return says('logprobs', row.logprobs.length);
  const uneven = (['entropies', 'advantages', 'rules', 'logprobChanges'] as const).find(
    (name) => row[name].length !== 0 && row[name].length !== T,
  );
  return uneven && says(uneven, row[uneven].length);
}

/** The file's bytes: equal rows give equal bytes. @param rules names of the objective's token rules, by bit. */
export function encodeRollouts(rows: readonly RolloutRow[], rules: readonly string[]): Uint8Array {
  assert(rules.length <= 31, `${rules.length} token rules do not fit in 31 bits`);
  for (const row of rows) {
    const wrong = unevenLists(row);
    assert(wrong === undefined, wrong ?? '');
  }
  return new Uint8Array(
    parquetWriteBuffer({
      schema: [{ name: 'rollout', num_children: COLUMN_NAMES.length }, ...COLUMN_NAMES.flatMap(schemaOf)],
      columnData: COLUMN_NAMES.map((name) => ({
        name,
        data: rows.map((row) => cell(row, name)),
        // plain floats: a dictionary would take -0 for 0
        ...(COLUMNS[name] === 'floats' || COLUMNS[name] === 'number' ? { encoding: 'PLAIN' as const } : {}),
      })),
      rowGroupSize: ROWS_PER_GROUP,
      pageSize: PAGE_BYTES,
      createdBy: 'polarity',
      kvMetadata: [
        { key: VERSION_KEY, value: String(JOURNAL_VERSION) },
        { key: RULES_KEY, value: JSON.stringify(rules) },
      ],
    }),
  );
}

/** @throws UserError when the disk refuses; the file then is absent or what it was. */
export function writeRollouts(path: string, rows: readonly RolloutRow[], rules: readonly string[]): Promise<void> {
  return writeDurably(path, encodeRollouts(rows, rules));
}

/** Which part of a file to read. */
export interface RolloutSelection {
  /** First row, and the row after the last; all rows when absent. */
  readonly start?: number;
  readonly end?: number;
}

/** An open file of rollouts. Close it. */
export class RolloutFile {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #file: AsyncBuffer;
  readonly #metadata: FileMetaData;
  /** Names of the objective's token rules, by bit of `rules`. */
  readonly rules: readonly string[];

  private constructor(path: string, handle: FileHandle, file: AsyncBuffer, metadata: FileMetaData) {
    this.path = path;
    this.#handle = handle;
    this.#file = file;
    this.#metadata = metadata;
    checkJournalVersion(Number(keyValue(metadata, VERSION_KEY)), path);
    this.rules = JSON.parse(keyValue(metadata, RULES_KEY)) as string[];
    const rows = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
    if (rows !== this.rows) throw new Error(`it claims ${this.rows} rows and has ${rows}`);
  }

  /** Reads the footer only. @throws UserError naming the file when it is absent, damaged or not a file of rollouts. */
  static async open(path: string): Promise<RolloutFile> {
    let handle: FileHandle;
    try {
      handle = await open(path, 'r');
    } catch (error) {
      throw readFailure(path, error);
    }
    try {
      const file = bufferOf(handle, (await handle.stat()).size);
      return new RolloutFile(path, handle, file, await parquetMetadataAsync(file, { initialFetchSize: FOOTER_BYTES }));
    } catch (error) {
      await handle.close();
      throw damaged(path, error);
    }
  }

  get rows(): number {
    return Number(this.#metadata.num_rows);
  }

  /** Files of earlier versions lack some columns. */
  has(name: RolloutColumn): boolean {
    return this.#metadata.schema.some((element) => element.name === name);
  }

  /** Whole rollouts. */
  async read(selection: RolloutSelection = {}): Promise<RolloutRow[]> {
    const there = COLUMN_NAMES.filter((name) => !ADDED.has(name) || this.has(name));
    const cells = (await this.columns(there, selection)) as Cells[];
    try {
      return cells.map(wholeRow);
    } catch (error) {
      throw damaged(this.path, error);
    }
  }

  /** Some columns of some rows; lists come as plain arrays, `reward`, `reason` and `evidence` may be null. */
  async columns<Name extends RolloutColumn>(
    names: readonly Name[],
    { start = 0, end = this.rows }: RolloutSelection = {},
  ): Promise<Record<Name, unknown>[]> {
    try {
      const rows = await parquetReadObjects({
        file: this.#file,
        metadata: this.#metadata,
        columns: [...names],
        useOffsetIndex: true,
        rowStart: start,
        rowEnd: Math.min(end, this.rows),
      });
      return rows as Record<Name, unknown>[];
    } catch (error) {
      throw damaged(this.path, error);
    }
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

function bufferOf(handle: FileHandle, byteLength: number): AsyncBuffer {
  return {
    byteLength,
    async slice(start, end = byteLength) {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, byteLength) - start));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, start);
      if (bytesRead < bytes.length) throw new Error(`it ends at byte ${start + bytesRead}`);
      return bytes.buffer;
    },
  };
}

function keyValue(metadata: FileMetaData, key: string): string {
  const value = metadata.key_value_metadata?.find((entry) => entry.key === key)?.value;
  if (value === undefined) throw new Error(`it has no ${key}`);
  return value;
}

function damaged(path: string, error: unknown): unknown {
  if (error instanceof UserError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new UserError(
    `${path} is not a readable file of rollouts: ${reason}; the other steps of the run can be read without it`,
    {
      cause: error,
    },
  );
}

type Cells = Record<RolloutColumn, unknown>;

function toVerdict({ outcome, reward, reason, explanation, evidence }: Cells): Verdict {
  return {
    ...(outcome === 'unknown' ? { outcome, reason, explanation } : { outcome, reward, explanation }),
    ...(typeof evidence === 'string' && { evidence: JSON.parse(evidence) }),
  } as Verdict;
}

/** Bytes that changed on a disk may still decode, as lists that do not belong together. */
function wholeRow(cells: Cells): RolloutRow {
  const row = toRow(cells);
  const wrong = unevenLists(row);
  if (wrong !== undefined) throw new Error(wrong);
  return row;
}

function toRow(cells: Cells): RolloutRow {
  const integers = (name: RolloutColumn) => Int32Array.from(cells[name] as number[]);
  const floats = (name: RolloutColumn) => Float32Array.from(cells[name] as number[]);
  return {
    step: cells.step as number,
    group: cells.group as number,
    index: cells.index as number,
    problemId: cells.problemId as string,
    prompt: cells.prompt as string,
    completion: cells.completion as string,
    verdict: toVerdict(cells),
    stopReason: cells.stopReason as StopReason,
    policyVersion: cells.policyVersion as number,
    promptTokens: integers('promptTokens'),
    tokens: integers('tokens'),
    logprobs: floats('logprobs'),
    entropies: floats('entropies'),
    advantages: floats('advantages'),
    rules: integers('rules'),
    logprobChanges: cells.logprobChanges === undefined ? new Float32Array(0) : floats('logprobChanges'),
  };
}
