/** What a result depends on besides its settings: versions, for manifests and `doctor`. */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(import.meta.url);

function packageVersion(path: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(require.resolve(path), 'utf8')) as { version: string }).version;
  } catch {
    return undefined;
  }
}

export const ownVersion = (): string => packageVersion('../../package.json') ?? 'unknown';

/** Of this project, Node and the native libraries; absent ones are left out. */
export function versions(): Record<string, string> {
  const entries = {
    polarity: ownVersion(),
    node: process.versions.node,
    'onnxruntime-node': packageVersion('onnxruntime-node/package.json'),
    koffi: packageVersion('koffi/package.json'),
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

/** File name -> sha256 of a model folder's files. */
export async function policyHashes(policy: string | undefined): Promise<Record<string, string>> {
  if (policy === undefined) return {};
  const files = ['config.json', 'model.safetensors', 'tokenizer.json'];
  return Object.fromEntries(await Promise.all(files.map(async (file) => [file, await sha256(join(policy, file))])));
}
