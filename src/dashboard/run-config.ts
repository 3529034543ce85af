/**
 * What a run's run.yaml and manifest.json say, as far as the dashboard asks; read again only when they change. Whatever is wrong with
 * them is a sentence, not an error: the rest of the run is there to be looked at.
 */
import { readFile } from 'node:fs/promises';
import { FILES } from '../journal/names.ts';
import { decodeRunManifest, type RunManifest } from '../journal/schema.ts';
import { parseBounded } from './bounded-yaml.ts';
import { type PlainFile, plainFile } from './run-folder.ts';

/** In bytes; ours have a few thousand. The parser compares every key with every other: half a megabyte of them takes 9 s. */
const LARGEST = 1 << 17;

export interface RunConfigFile {
  /** As it is; null where it cannot be read. */
  readonly text: string | null;
  /** Parsed; undefined where it cannot be. */
  readonly value: unknown;
  readonly damage: readonly string[];
}

export interface RunManifestFile {
  readonly manifest: RunManifest | null;
  readonly damage: readonly string[];
}

export const readConfig = (directory: string): Promise<RunConfigFile> =>
  remembered<RunConfigFile>(directory, FILES.config, {
    missing: { text: null, value: undefined, damage: [`${FILES.config} is missing`] },
    read: (text) => {
      const broken = { text, value: undefined };
      try {
        const value = parseBounded(text);
        const isMapping = typeof value === 'object' && value !== null && !Array.isArray(value);
        return isMapping ? { text, value, damage: [] } : { ...broken, damage: [`${FILES.config} holds no settings`] };
      } catch (error) {
        return { ...broken, damage: [`${FILES.config} is not YAML: ${firstLine(error)}`] };
      }
    },
    refused: (damage) => ({ text: null, value: undefined, damage: [damage] }),
  });

export const readManifest = (directory: string): Promise<RunManifestFile> =>
  remembered<RunManifestFile>(directory, FILES.manifest, {
    missing: { manifest: null, damage: [`${FILES.manifest} is missing`] },
    read: (text) => {
      try {
        return { manifest: decodeRunManifest(JSON.parse(text), FILES.manifest), damage: [] };
      } catch (error) {
        return { manifest: null, damage: [`${FILES.manifest} cannot be read: ${firstLine(error)}`] };
      }
    },
    refused: (damage) => ({ manifest: null, damage: [damage] }),
  });

interface Reading<T> {
  readonly missing: T;
  readonly read: (text: string) => T;
  readonly refused: (damage: string) => T;
}

/** Path -> what its content of that signature is. */
const memory = new Map<string, { readonly signature: string; readonly value: unknown }>();
const MOST_REMEMBERED = 5000;

async function remembered<T>(directory: string, name: string, reading: Reading<T>): Promise<T> {
  const file = await plainFile(directory, name);
  if (file === undefined) return reading.missing;
  const known = memory.get(file.path);
  if (known?.signature === file.signature) return known.value as T;
  const value = await readWhole(file, name, reading);
  if (memory.size >= MOST_REMEMBERED) memory.clear();
  memory.set(file.path, { signature: file.signature, value });
  return value;
}

async function readWhole<T>({ path, bytes }: PlainFile, name: string, { read, refused }: Reading<T>): Promise<T> {
  if (bytes > LARGEST)
    return refused(`${name} has ${bytes} bytes: more than a run's has (${LARGEST}), so it is not read`);
  try {
    return read(await readFile(path, 'utf8'));
  } catch (error) {
    return refused(`${name} cannot be read: ${firstLine(error)}`);
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]?.slice(0, 300).replace(/:$/, '') ?? '';

/** A setting by its path of keys; undefined where there is none. */
export function setting(config: unknown, ...keys: readonly string[]): unknown {
  let value = config;
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
