/** Reading what the user named on the command line. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
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

export const isDirectory = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

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
