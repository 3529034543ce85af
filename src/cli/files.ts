/** Reading what the user named on the command line. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { UserError } from '../core/errors.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  ENOTDIR: 'a part of its path is not a directory',
};

/** @throws UserError naming the file and the reason. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    const reason = REASONS[code];
    if (reason === undefined) throw error;
    throw new UserError(`cannot read ${path}: ${reason}`, { cause: error });
  }
}

/** Where the command was started; undefined when that directory has been deleted. */
const here: string | undefined = (() => {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
})();

/**
 * The path from the root on, so that it stays what the user meant: relative paths go astray in a directory that is deleted.
 * @throws UserError for a relative path when the working directory is gone.
 */
export function absolute(path: string): string {
  if (isAbsolute(path)) return resolve(path);
  if (here === undefined)
    throw new UserError(`the working directory has been deleted, so ${path} is nowhere: change to another one`);
  return resolve(here, path);
}

/** A path as the user would write it: relative inside the working directory, absolute elsewhere. */
export function shown(path: string): string {
  const short = here === undefined ? path : relative(here, path);
  return short === '' || short === '..' || short.startsWith(`..${sep}`) || isAbsolute(short) ? path : short;
}

export const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

export const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

const POLICY_FILES = ['config.json', 'model.safetensors', 'tokenizer.json'] as const;

/** @throws UserError when the folder or one of its files is missing. */
export function checkPolicyFolder(path: string): void {
  if (!isDirectory(path)) throw new UserError(`policy ${path}: no such folder; make one with \`polarity pretrain\``);
  const missing = POLICY_FILES.filter((file) => !existsSync(join(path, file)));
  if (missing.length > 0)
    throw new UserError(
      `policy ${path}: ${missing.join(' and ')} missing; a model folder holds ${POLICY_FILES.join(', ')}`,
    );
}
