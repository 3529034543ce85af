/** `tinker.json`: where on which server a saved state lies. The weights themselves stay there. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDurably } from '../../core/durable-file.ts';
import { EngineError } from '../../core/errors.ts';

const schema = z.object({
  version: z.literal(1),
  baseUrl: z.string(),
  model: z.string(),
  rank: z.int().min(0),
  /** Optimizer steps behind the state. */
  policyVersion: z.int().min(0),
  /** As the server named it: `tinker://.../weights/...`. */
  path: z.string().min(1),
});

export type SavedState = Omit<z.output<typeof schema>, 'version'>;

export const statePath = (directory: string): string => join(directory, 'tinker.json');

export async function writeSavedState(directory: string, state: SavedState): Promise<void> {
  await writeDurably(statePath(directory), `${JSON.stringify({ version: 1, ...state }, undefined, 2)}\n`);
}

/** @throws EngineError naming the file */
export async function readSavedState(directory: string): Promise<SavedState> {
  const path = statePath(directory);
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const what = isMissing
      ? 'is missing: no state was saved there by engine tinker'
      : 'is damaged, or of another version';
    throw new EngineError(`${path} ${what}`, { cause: error });
  }
}
