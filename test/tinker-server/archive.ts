/** Sampler checkpoints as archives: built on the first request (503 until then), then behind a signed address that wants no key. */
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createFakeEngine } from '../../src/engine/fake.ts';
import { json, Refusal, type Reply } from './reply.ts';
import type { World } from './world.ts';

/** `training_runs/<run>/checkpoints/[kind/]<name>/archive` */
const PATH = /^training_runs\/([^/]+)\/checkpoints\/(?:(weights|sampler_weights)\/)?([^/]+)\/archive$/;

export const isArchivePath = (path: string): boolean => PATH.test(path);

export async function archive(world: World, path: string, origin: string): Promise<Reply> {
  const [, run, kind = 'sampler_weights', name] = PATH.exec(path) as unknown as [
    string,
    string,
    string | undefined,
    string,
  ];
  const checkpoint = world.checkpoint(`tinker://${decodeURIComponent(run)}/${kind}/${name}`, kind as 'weights');
  const secret = world.archives.get(checkpoint.path);
  if (secret === undefined) {
    world.archives.set(checkpoint.path, world.freshId('signature'));
    throw new Refusal(503, 'the archive is being built');
  }
  const url = `${origin}/download/${secret}`;
  const expires = new Date(Date.now() + 600_000).toUTCString();
  return world.profile.hasKindInSamplerPath
    ? json(302, {}, { location: url, expires })
    : json(302, {}, { location: url });
}

/** The archive behind a signed address. */
export async function download(world: World, secret: string): Promise<Reply> {
  const path = [...world.archives].find(([, each]) => each === secret)?.[0];
  const checkpoint = path === undefined ? undefined : world.checkpoints.get(path);
  if (checkpoint === undefined) throw new Refusal(403, 'the signature is not valid');
  const folder = await mkdtemp(join(world.root, 'export-'));
  const engine = createFakeEngine(world.settings);
  await engine.loadState(checkpoint.snapshot.directory);
  await engine.exportWeights(folder);
  await engine.close();
  const names = (await readdir(folder)).sort();
  const files = await Promise.all(
    names.map(async (file) => ({ name: file, content: await readFile(join(folder, file)) })),
  );
  return { status: 200, contentType: 'application/gzip', bytes: gzipSync(tar(files)) };
}

/** POSIX ustar. */
export function tar(files: readonly { readonly name: string; readonly content: Uint8Array }[]): Uint8Array {
  const blocks = files.flatMap(({ name, content }) => {
    const padding = new Uint8Array((512 - (content.length % 512)) % 512);
    return [tarHeader(name, content.length), content, padding];
  });
  return Buffer.concat([...blocks, new Uint8Array(1024)]);
}

function tarHeader(name: string, size: number): Uint8Array {
  const block = Buffer.alloc(512);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  block.write(name, 0, 'utf8');
  block.write(octal(0o644, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257, 'latin1');
  const checksum = block.reduce((sum, byte) => sum + byte, 0);
  block.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
