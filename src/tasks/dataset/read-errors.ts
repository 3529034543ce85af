/** What goes wrong while a data file is read, in the words of the person who named it. */
import { UserError } from '../../core/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder; name the files in it',
  EACCES: 'permission denied',
  ENOTDIR: 'a part of its path is not a folder',
  ENAMETOOLONG: 'its name is too long',
};

/** The same error when it speaks to people already, else one that names the file and the reason. */
export function unreadable(path: string, error: unknown): UserError {
  if (error instanceof UserError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new UserError(`cannot read ${path}: ${REASONS[code] ?? message}`, { cause: error });
}

/** A JSON parser's complaint without the text it quotes, which may be long and hostile. */
export function jsonFault(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const position = /position (\d+)/.exec(message)?.[1];
  if (/end of JSON|Unterminated/.test(message)) return 'it ends too early (was the file cut off?)';
  return position === undefined ? 'not JSON' : `not JSON at character ${Number(position) + 1}`;
}
