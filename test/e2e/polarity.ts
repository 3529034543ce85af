/** Runs the built command in a folder of its own, as a user would. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withoutTime } from '../../src/journal/schema.ts';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const MAIN = join(ROOT, 'dist', 'cli', 'main.js');

export interface Outcome {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Process {
  readonly outcome: Promise<Outcome>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves to what standard output holds of the text or pattern, once it does. */
  seen(wanted: string | RegExp): Promise<string>;
}

/** @param node options of Node itself */
export function start(args: readonly string[], cwd: string, node: readonly string[] = []): Process {
  if (!existsSync(MAIN)) throw new Error('dist/ is missing: run `npm run build` first (`npm test` does)');
  const child = spawn(process.execPath, [...node, MAIN, ...args], { cwd, env: { ...process.env, NO_COLOR: '1' } });
  let [stdout, stderr] = ['', ''];
  const waiting: (() => void)[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
    for (const look of waiting) look();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  return {
    outcome: new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }));
    }),
    kill: (signal) => child.kill(signal),
    seen: (wanted) =>
      new Promise((resolve) => {
        const look = () => {
          const found = typeof wanted === 'string' ? stdout.includes(wanted) && wanted : wanted.exec(stdout)?.[0];
          if (typeof found === 'string') resolve(found);
        };
        waiting.push(look);
        look();
      }),
  };
}

export const polarity = (args: readonly string[], cwd: string): Promise<Outcome> => start(args, cwd).outcome;

/** The last line of standard output, which `--json` promises to be one object. */
export function result(outcome: Outcome): Record<string, unknown> {
  const last = outcome.stdout.trimEnd().split('\n').at(-1) ?? '';
  return JSON.parse(last) as Record<string, unknown>;
}

export const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), 'polarity-e2e-'));
export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });

/** The lines of a run's JSONL file without their `time/...` fields, as text: equal runs give equal bytes. */
export function linesWithoutTime(folder: string, run: string, file: string): string[] {
  const text = readFileSync(join(folder, 'runs', run, file), 'utf8').trimEnd();
  return text.split('\n').map((line) => JSON.stringify(withoutTime(JSON.parse(line))));
}
