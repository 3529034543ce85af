/** Bytes -> lines, whatever pieces they arrive in. */
import { UserError } from '../../core/errors.ts';
import { unreadable } from './read-errors.ts';

/** Bytes of one line, at most. LiveCodeBench has lines of tens of megabytes. */
const LONGEST_LINE = 2 ** 28;
const NEWLINE = 0x0a;

/** The bytes between line ends. @param path names their source in messages @throws UserError */
export async function* linesOf(path: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let size = 0;
  const add = (part: Buffer) => {
    parts.push(part);
    size += part.length;
    if (size > LONGEST_LINE) throw new UserError(`${path}: a line is longer than ${LONGEST_LINE} bytes; is it JSONL?`);
  };
  const taken = (): Buffer => {
    const whole = parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
    parts = [];
    size = 0;
    return whole;
  };
  try {
    for await (const chunk of chunks) {
      let from = 0;
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
        add(chunk.subarray(from, end));
        yield taken();
        from = end + 1;
      }
      if (from < chunk.length) add(chunk.subarray(from));
    }
  } catch (error) {
    throw unreadable(path, error);
  }
  if (size > 0) yield taken();
}
