/** What a result depends on besides its settings: versions, for manifests and `doctor`. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { tokenizerFiles } from '../text/load-tokenizer.ts';

const require = createRequire(import.meta.url);

const versionIn = (path: string): string => (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;

export const ownVersion = (): string => versionIn(require.resolve('../../package.json'));

/** Found from the package's entry upwards, since not every package lets its package.json be imported. Absent when not installed. */
function packageVersion(name: string): string | undefined {
  let folder: string;
  try {
    folder = dirname(require.resolve(name));
  } catch {
    return undefined;
  }
  for (; folder !== dirname(folder); folder = dirname(folder)) {
    const path = join(folder, 'package.json');
    if (basename(folder) === name && existsSync(path)) return versionIn(path);
  }
  return undefined;
}

/** Of this project, Node and the native libraries; absent ones are left out. */
export function versions(): Record<string, string> {
  const entries = {
    polarity: ownVersion(),
    node: process.versions.node,
    'onnxruntime-node': packageVersion('onnxruntime-node'),
    koffi: packageVersion('koffi'),
  };
  return Object.fromEntries(
    Object.entries(entries).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** File name -> sha256 of a model folder's files; of one that is there for its tokenizer alone, those that are there. */
export async function policyHashes(policy: string | undefined): Promise<Record<string, string>> {
  if (policy === undefined) return {};
  const model = ['config.json', 'model.safetensors'].filter((file) => existsSync(join(policy, file)));
  const files = [...model, ...tokenizerFiles(policy)];
  return Object.fromEntries(await Promise.all(files.map(async (file) => [file, await sha256(join(policy, file))])));
}
