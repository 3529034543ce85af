/**
 * A file of JSON lines, followed: each look reads on from the last byte. A file that became shorter, was replaced, or no longer holds what
 * was read (a resume takes a run back, and the file may have grown since) is read again from its beginning.
 */
import { open } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { readJsonLines } from '../journal/jsonl.ts';
import { plainFile } from './run-folder.ts';

/** What the lines become. */
export interface Lines<T> {
  readonly decode: (value: unknown) => T;
  readonly take: (line: T) => void;
  /** Everything taken so far is no longer so. */
  readonly forget: () => void;
}

/** Bytes before the place read up to, compared at each look. */
const MARK_BYTES = 256;

export class LineTail<T> {
  readonly path: string;
  readonly #lines: Lines<T>;
  #end = 0;
  #signature = '';
  #mark = Buffer.alloc(0);
  #looking: Promise<void> | undefined;
  /** Counts the times the file was read from its beginning again. */
  generation = 0;
  /** Complete lines that could not be read. */
  damaged = 0;
  /** Bytes after the last complete line. */
  tornBytes = 0;

  constructor(path: string, lines: Lines<T>) {
    this.path = path;
    this.#lines = lines;
  }

  /** Takes what is new. Looks made at the same time are one. @throws UserError when the system refuses to read the file */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const file = await plainFile(dirname(this.path), basename(this.path));
    const signature = file?.signature ?? '';
    if (signature === this.#signature) return;
    const isSame = file !== undefined && file.bytes >= this.#end && (await this.#stillHoldsMark());
    if (!isSame) this.#forget();
    if (file !== undefined) await this.#readOn();
    this.#signature = signature;
  }

  async #readOn(): Promise<void> {
    const { lines, end, tornBytes, damaged } = await readJsonLines(this.path, this.#lines.decode, this.#end);
    for (const line of lines) this.#lines.take(line);
    this.damaged += damaged.length;
    this.tornBytes = tornBytes;
    this.#mark = await bytesBefore(this.path, end);
    this.#end = end;
  }

  async #stillHoldsMark(): Promise<boolean> {
    return this.#end === 0 || this.#mark.equals(await bytesBefore(this.path, this.#end));
  }

  #forget(): void {
    if (this.#end > 0) {
      this.generation++;
      this.#lines.forget();
    }
    this.#end = 0;
    this.damaged = 0;
    this.tornBytes = 0;
  }
}

async function bytesBefore(path: string, end: number): Promise<Buffer<ArrayBuffer>> {
  const handle = await open(path, 'r').catch(() => undefined);
  if (handle === undefined) return Buffer.alloc(0);
  try {
    const begin = Math.max(0, end - MARK_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(end - begin), 0, end - begin, begin);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
