/** Downloads what a server packs of saved sampler weights. */
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { writeDurably } from '../../core/durable-file.ts';
import { parsed } from './answers.ts';
import { quoted, TinkerError } from './failure.ts';
import type { Session } from './session.ts';

const linkSchema = z.object({ url: z.string() });

/** `tinker://run/sampler_weights/name`, or without the kind (SkyRL). @throws TinkerError when it is none */
function archivePath(tinkerPath: string): string {
  const [run, ...name] = tinkerPath.replace(/^tinker:\/\//, '').split('/');
  const isPath = tinkerPath.startsWith('tinker://') && name.length >= 1 && name.length <= 2;
  if (!isPath || [run, ...name].some((part) => !part || !/^[\w.:-]+$/.test(part) || /^\.+$/.test(part)))
    throw new TinkerError('failed', `the server saved weights under a path that is none: ${quoted(tinkerPath)}`);
  return `training_runs/${run}/checkpoints/${name.join('/')}/archive`;
}

/**
 * Writes `weights.tar` or `weights.tar.gz` as the server packed it, and `tinker-export.json` that says of what. It is not unpacked: the
 * content is the server's choice (SkyRL: a PEFT adapter).
 */
export async function downloadArchive(
  session: Session,
  tinkerPath: string,
  directory: string,
  about: Readonly<Record<string, unknown>>,
): Promise<void> {
  const path = archivePath(tinkerPath);
  const answer = await session.send({ method: 'GET', path, pool: 'session' }, { isRedirectGood: true });
  const link = answer.location ?? parsed(linkSchema, answer).url;
  const url = new URL(link, `${session.baseUrl}/api/v1/${path}`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new TinkerError('failed', `the archive lies at ${quoted(url.protocol)}, which is no web address`);
  const aside = join(directory, '.weights.part');
  try {
    // without the key: the link is signed, and may lead anywhere
    const { status, body } = await session.http.open(url.href, session.ended.signal);
    if (status !== 200) {
      body.destroy();
      throw new TinkerError('failed', `the archive of ${quoted(tinkerPath)} could not be downloaded: status ${status}`);
    }
    await pipeline(body, createWriteStream(aside));
    const name = (await isGzip(aside)) ? 'weights.tar.gz' : 'weights.tar';
    await rename(aside, join(directory, name));
    const record = { baseUrl: session.baseUrl, path: tinkerPath, archive: name, ...about };
    await writeDurably(join(directory, 'tinker-export.json'), `${JSON.stringify(record, undefined, 2)}\n`);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}
