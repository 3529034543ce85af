/**
 * Reading files of JSON lines that another process may be writing, or died writing. Whatever the file's bytes, what is readable is
 * returned and what is not is reported. Read in pieces: memory grows with the values kept, not with the file, nor with a line that has
 * lost its end.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { errorCode, readFailure } from './file-errors.ts';

/** A line that is not what it should be. */
export interface DamagedLine {
  /** Byte where it begins. */
  readonly offset: number;
  readonly reason: string;
}

export interface JsonLines<T> {
  readonly lines: readonly T[];
  /** The byte after the last complete line: read on from here to see what is appended later. */
  readonly end: number;
  /** Bytes after `end`: a line being written, or torn by a crash. 0 in a file that was closed. */
  readonly tornBytes: number;
  /** Complete lines that could not be read; they are not in `lines`. */
  readonly damaged: readonly DamagedLine[];
}

const PIECE_BYTES = 1 << 16;
/** A longer line is damaged: an evaluation of 100,000 problems has a tenth of it. */
const LONGEST_LINE = 1 << 27;
const NEWLINE = 10;

/**
 * @param decode turns a parsed line into a value, or throws
 * @param from the byte to begin at: 0, or the `end` of an earlier call
 * @throws UserError when the file exists but the system refuses to read it; a file that does not exist has no lines.
 */
export async function readJsonLines<T>(path: string, decode: (value: unknown) => T, from = 0): Promise<JsonLines<T>> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { lines: [], end: from, tornBytes: 0, damaged: [] };
    throw readFailure(path, error);
  }
  const lines: T[] = [];
  const damaged: DamagedLine[] = [];
  try {
    const { end, tornBytes } = await eachLine(handle, from, (bytes, offset) => {
      try {
        if (bytes === undefined) throw new Error(`longer than ${LONGEST_LINE} bytes`);
        lines.push(decode(JSON.parse(bytes.toString('utf8'))));
      } catch (error) {
        damaged.push({ offset, reason: error instanceof Error ? error.message : String(error) });
      }
    });
    return { lines, end, tornBytes, damaged };
  } catch (error) {
    throw readFailure(path, error);
  } finally {
    await handle.close();
  }
}

async function eachLine(
  handle: FileHandle,
  from: number,
  visit: (bytes: Buffer | undefined, offset: number) => void,
): Promise<{ end: number; tornBytes: number }> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let end = from;
  let position = from;
  let unfinished: Buffer[] = [];
  const isTooLong = () => position - end > LONGEST_LINE;
  for (;;) {
    const { bytesRead } = await handle.read(piece, 0, PIECE_BYTES, position);
    if (bytesRead === 0) return { end, tornBytes: position - end };
    let begin = 0;
    for (let at = piece.indexOf(NEWLINE); at >= 0 && at < bytesRead; at = piece.indexOf(NEWLINE, begin)) {
      visit(isTooLong() ? undefined : Buffer.concat([...unfinished, piece.subarray(begin, at)]), end);
      unfinished = [];
      begin = at + 1;
      end = position + begin;
    }
    if (begin < bytesRead) unfinished.push(Buffer.from(piece.subarray(begin, bytesRead)));
    position += bytesRead;
    if (isTooLong()) unfinished = [];
  }
}
