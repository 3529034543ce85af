/** The interpreter's own path: what is called `python3` is often a launcher script, which a sandbox would not find its way through. */
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { UserError } from '../../core/errors.ts';

export interface Python {
  readonly path: string;
  readonly version: string;
  /** Where it looks for modules, installed packages included. */
  readonly modulePath: readonly string[];
}

/** Of its own folders alone: an editable install or PYTHONPATH would let programs read whatever it points to. */
const ASK = `
import json, sys
prefixes = {sys.prefix, sys.exec_prefix, sys.base_prefix, sys.base_exec_prefix}
own = [entry for entry in sys.path if any(entry.startswith(prefix + '/') for prefix in prefixes)]
print(json.dumps({'path': sys.executable, 'version': sys.version.split()[0], 'modulePath': own}))
`;
const found = new Map<string, Promise<Python>>();

/** Asked once for each name. @throws UserError when there is none by this name. */
export async function findPython(name: string): Promise<Python> {
  const asking = found.get(name) ?? ask(name);
  found.set(name, asking);
  try {
    return await asking;
  } catch (error) {
    found.delete(name);
    throw error;
  }
}

async function ask(name: string): Promise<Python> {
  try {
    const { stdout } = await promisify(execFile)(name, ['-I', '-c', ASK], { timeout: 20_000, cwd: '/' });
    const python = JSON.parse(stdout) as Python;
    if (python.path) return python;
  } catch (error) {
    throw new UserError(
      `python: ${name} does not run (${reasonOf(error)}); set python to an interpreter, 3.8 or later`,
    );
  }
  throw new UserError(`python: ${name} does not know its own path; set python to an interpreter, 3.8 or later`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}

/** The first executable of this name on the PATH, absolute. */
export async function findOnPath(name: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const path = join(folder, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}
