/**
 * What the operating system refused while reading, said so that a person can act on it; `writeFailure` of core/ does the same for
 * writing. Everything else is thrown as it came: a bug must not be dressed up as the user's mistake.
 */
import { UserError } from '../core/errors.ts';

const REMEDIES: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission is denied; check the owner and mode of the file and of its directory',
  EPERM: 'permission is denied; check the owner and mode of the file and of its directory',
  ENOTDIR: 'a part of its path is a file, not a directory',
  EISDIR: 'it is a directory, not a file',
  ELOOP: 'too many symbolic links; check where the path leads',
  EIO: 'the disk reported an error; check the disk',
};

/** The error code of a failed system call, if `error` is one. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** `cannot read runs/a/manifest.json (ENOENT): it does not exist`; other errors unchanged. */
export function readFailure(path: string, error: unknown): unknown {
  const code = errorCode(error) ?? '';
  const remedy = REMEDIES[code];
  return remedy === undefined ? error : new UserError(`cannot read ${path} (${code}): ${remedy}`, { cause: error });
}
