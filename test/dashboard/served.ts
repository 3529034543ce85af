/** A dashboard served over real HTTP from a folder of real runs: what the tests of the server are made of. */
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { studyReader } from '../../src/cli/dashboard-studies.ts';
import { openRolloutSource } from '../../src/dashboard/rollout-folder.ts';
import { type ServerSettings, startDashboard } from '../../src/dashboard/server.ts';
import type { StaticSite } from '../../src/dashboard/static.ts';
import { train } from '../../src/train/loop.ts';
import { runsIn, type Settings } from '../training-run.ts';

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'polarity-dashboard-'));
export const removeFolder = (path: string): void => rmSync(path, { recursive: true, force: true });

const SHORT: Settings = { training: { steps: 6 }, journal: { rolloutsEvery: 2, checkpointsEvery: 3 } };

/** A finished echo run: 6 steps, rollouts of steps 2, 4 and 6, checkpoints of 3 and 6, an evaluation before and after. */
export async function trainedRun(folder: string, name: string, settings: Settings = SHORT): Promise<void> {
  const run = await runsIn(() => folder).started(name, settings);
  await train(run);
  run.journal.close();
}

/** In the place of the built page. */
const SITE: StaticSite = {
  files: new Map([
    [
      '/',
      {
        contentType: 'text/html; charset=utf-8',
        body: Buffer.from('<!doctype html><title>Polarity</title>'),
        etag: '"1"',
        cacheControl: 'no-cache',
      },
    ],
  ]),
  contentSecurityPolicy: "default-src 'self'",
};

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: the replies' shapes are what the tests assert
  readonly json: any;
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Served {
  readonly port: number;
  readonly url: string;
  /** Errors that are ours. */
  readonly bugs: unknown[];
  /** The path goes out as it is, unlike that of `fetch`. */
  ask(path: string, asking?: Asking): Promise<Answer>;
  close(): Promise<void>;
}

export async function served(root: string, settings: Partial<ServerSettings> = {}): Promise<Served> {
  const bugs: unknown[] = [];
  const { url, close } = await startDashboard({
    root,
    port: 0,
    host: '127.0.0.1',
    isOpenToNetwork: false,
    site: SITE,
    studies: studyReader,
    openRollouts: openRolloutSource,
    shown: (path) => path,
    onBug: (error) => bugs.push(error),
    ...settings,
  });
  const port = Number(new URL(url).port);
  return { port, url, bugs, close, ask: (path, asking) => ask(port, path, asking) };
}

function ask(port: number, path: string, { method = 'GET', headers = {} }: Asking = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        const isJson = response.headers['content-type']?.startsWith('application/json') === true && text !== '';
        const json = isJson ? JSON.parse(text) : undefined;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      });
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Addresses of every route about a run. */
export const routesOf = (run: string): string[] => {
  const name = encodeURIComponent(run);
  return [
    `/api/runs/${name}`,
    `/api/runs/${name}/metrics?keys=rollout/pass_rate,loss/value/mean`,
    `/api/runs/${name}/evaluations`,
    `/api/runs/${name}/events`,
    `/api/runs/${name}/health`,
    `/api/runs/${name}/rollouts`,
    `/api/runs/${name}/rollouts/2/0`,
    `/api/compare?runs=${name},${name}`,
    `/files/${name}/run.yaml`,
    `/files/${name}/metrics.jsonl`,
  ];
};

export const COMMON_ROUTES: readonly string[] = ['/', '/api/runs', '/api/glossary'];
