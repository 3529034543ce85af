/** What was measured of a server is kept in the user's cache, one small file for each server and model. No keys, no text of the user's. */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { writeDurably } from '../../core/durable-file.ts';
import { type ConformanceReport, reportSchema } from './conformance.ts';

/** Above it, what was measured by earlier versions is measured again. */
const VERSION = 1;

const schema = z.object({ version: z.literal(VERSION), baseUrl: z.string(), model: z.string(), report: reportSchema });

export interface ProbedServer {
  readonly baseUrl: string;
  readonly model: string;
}

export function cachePath(directory: string, { baseUrl, model }: ProbedServer): string {
  const name = createHash('sha256').update(`${baseUrl}\n${model}`).digest('hex').slice(0, 24);
  return join(directory, 'tinker', `${name}.json`);
}

/** Undefined when there is none, or none that can be read. */
export async function readCached(directory: string, server: ProbedServer): Promise<ConformanceReport | undefined> {
  try {
    const parsed = schema.safeParse(JSON.parse(await readFile(cachePath(directory, server), 'utf8')));
    const isOfServer = parsed.success && parsed.data.baseUrl === server.baseUrl && parsed.data.model === server.model;
    return isOfServer ? parsed.data.report : undefined;
  } catch {
    return undefined;
  }
}

export async function writeCached(directory: string, server: ProbedServer, report: ConformanceReport): Promise<void> {
  const path = cachePath(directory, server);
  await mkdir(dirname(path), { recursive: true });
  await writeDurably(path, `${JSON.stringify({ version: VERSION, ...server, report }, undefined, 2)}\n`);
}
