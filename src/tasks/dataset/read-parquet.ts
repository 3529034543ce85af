/**
 * Parquet in a process of its own: a file that was damaged, by accident or on purpose, can make the decoder run for ever or take all
 * memory, and neither may happen to a run. Knows when that process hangs and what its death means; not how a file is decoded.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { totalmem } from 'node:os';
import { dirname, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { builtModule } from '../../core/built-module.ts';
import { UserError } from '../../core/errors.ts';
import { linesOf } from './lines.ts';
import type { ParquetFrame, ParquetRequest } from './parquet-frames.ts';
import { unreadable } from './read-errors.ts';
import { cellsOf, type ReadRowsOptions, type Row } from './row.ts';

const MIB = 2 ** 20;

/** What the process may take. A row group of 2^20 rows of DAPO-Math-17k needs about 3 GiB. */
const MEMORY_BYTES = Math.min(8192 * MIB, Math.floor((totalmem() * 3) / 4));
/** For starting, one page, or laying out the rows of one group. */
const STALL_MS = 60_000;

const REMEDY =
  'the file may be damaged; if not, write it again with smaller row groups (pyarrow: row_group_size=10000), or as JSONL';

export interface ParquetBounds {
  /** Without a sign of work for so long, the process counts as hung. */
  readonly stallMs?: number;
  readonly memoryBytes?: number;
}

/** @throws UserError naming the file. */
export async function* readParquet(
  path: string,
  { columns, limit }: ReadRowsOptions,
  { stallMs = STALL_MS, memoryBytes = MEMORY_BYTES }: ParquetBounds = {},
): AsyncGenerator<Row> {
  const child = start({ path: resolve(path), columns, limit, memoryBytes });
  const ended = endOf(child);
  let index = 0;
  try {
    for await (const line of linesOf(path, timely(child, path, stallMs))) {
      const frame = JSON.parse(line.toString()) as ParquetFrame;
      if (frame === 'end') return;
      if (frame === 'working') continue;
      if ('fault' in frame) throw faultOf(frame, path);
      for (const row of frame.rows)
        yield { place: `${path}[${index++}]`, cells: cellsOf(frame.columns.map((name, i) => [name, row[i]])) };
    }
    throw deathOf(await ended, path, memoryBytes);
  } finally {
    child.kill('SIGKILL');
  }
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

function start(request: ParquetRequest): Child {
  const file = fileURLToPath(builtModule(import.meta.url, './parquet-process.js'));
  const heap = `--max-old-space-size=${Math.ceil(request.memoryBytes / MIB)}`;
  return spawn(process.execPath, [heap, file, JSON.stringify(request)], {
    // our own options, such as an inspector's port, are not for it; a working directory may have been deleted
    env: { ...process.env, NODE_OPTIONS: '' },
    cwd: dirname(file),
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
}

/** What the process writes, as long as it writes. @throws UserError once it has been silent for too long while we waited */
async function* timely(child: Child, path: string, stallMs: number): AsyncGenerator<Buffer> {
  const pieces: AsyncIterator<Buffer> = child.stdout[Symbol.asyncIterator]();
  for (;;) {
    let isHung = false;
    const timer = setTimeout(() => {
      isHung = true;
      child.kill('SIGKILL');
    }, stallMs);
    const { value, done } = await pieces.next();
    clearTimeout(timer);
    if (isHung) throw new UserError(`${path}: nothing could be read for ${stallMs / 1000} s: ${REMEDY}`);
    if (done) return;
    yield value;
  }
}

/** @param end as `endOf` says */
function deathOf(end: string, path: string, memoryBytes: number): UserError {
  if (end !== 'SIGKILL' && end !== 'SIGABRT')
    return new UserError(`cannot read ${path}: the process that reads it ended (${end})`);
  return new UserError(`${path}: reading it takes more than ${Math.round(memoryBytes / MIB)} MiB of memory: ${REMEDY}`);
}

/** The signal that ended it, else the last lines of its stderr or its exit code. */
function endOf(child: Child): Promise<string> {
  let said = '';
  child.stderr.on('data', (piece: Buffer) => {
    said = (said + piece.toString()).slice(-300);
  });
  return new Promise((settle) => {
    child.once('error', (error) => settle(error.message));
    child.once('close', (code, signal) => settle(signal ?? (said.trim() || `exit code ${code}`)));
  });
}

function faultOf({ fault, code }: { readonly fault: string; readonly code?: string }, path: string): UserError {
  if (code !== undefined) return unreadable(path, Object.assign(new Error(fault), { code }));
  return new UserError(`${path}: not a Parquet file that can be read: ${fault}`);
}
