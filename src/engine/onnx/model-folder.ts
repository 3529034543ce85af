/**
 * A model folder's `config.json`, read so that whatever is wrong with it is said.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../core/errors.ts';
import { type ModelConfig, parseModelConfig } from '../../model/config.ts';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist; a model folder holds config.json beside model.safetensors',
  EISDIR: 'it is a directory',
  EACCES: 'permission is denied; check its owner and mode',
};

/** @throws EngineError naming the file and what is wrong with it. */
export async function readModelConfig(directory: string): Promise<ModelConfig> {
  const path = join(directory, 'config.json');
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    const { code = '', message } = cause as NodeJS.ErrnoException;
    const reason = cause instanceof SyntaxError ? `it is not JSON (${message})` : (REASONS[code] ?? message);
    throw new EngineError(`cannot read ${path}: ${reason}`, { cause });
  }
  return parseModelConfig(json, path);
}
