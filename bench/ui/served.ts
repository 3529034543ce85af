/** `polarity ui` as a process of its own, asked over HTTP as a page asks. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';

export interface Served {
  /** `http://127.0.0.1:41234` */
  readonly url: string;
  /** Seconds from starting the process until it listens. */
  readonly startSeconds: number;
  /** Parsed JSON. */
  ask<T>(path: string): Promise<T>;
  /** Resident MiB of the server and of the processes that read for it; 0 where the system does not say. */
  memory(): { server: number; readers: number };
  /** Seconds of processor time that they have taken since they started, together. */
  cpuSeconds(): number;
  close(): Promise<void>;
}

/** @param folder of runs */
export async function serve(folder: string): Promise<Served> {
  const begin = performance.now();
  const child = fork('dist/cli/main.js', ['ui', folder, '--port', '0'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [{ dashboard }] = (await once(child, 'message')) as [{ dashboard: string }];
  const url = new URL(dashboard).origin;
  return {
    url,
    startSeconds: (performance.now() - begin) / 1000,
    ask: async <T>(path: string) => {
      const response = await fetch(url + path);
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as T;
    },
    memory: () => memoryOf(child),
    cpuSeconds: () => [String(child.pid), ...readersOf(child)].reduce((sum, pid) => sum + cpuSecondsOf(pid), 0),
    close: async () => {
      child.kill('SIGINT');
      await once(child, 'exit');
    },
  };
}

const readersOf = ({ pid }: ChildProcess): string[] =>
  readdirOrNone('/proc').filter((name) => /^[0-9]+$/.test(name) && parentOf(name) === pid);

const memoryOf = (server: ChildProcess): { server: number; readers: number } => ({
  server: residentMiB(String(server.pid)),
  readers: readersOf(server).reduce((sum, name) => sum + residentMiB(name), 0),
});

/** Linux's /proc/<pid>/stat, fields 14 and 15, in hundredths of a second. */
function cpuSecondsOf(pid: string): number {
  const stat = readOrNothing(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100;
}

function readdirOrNone(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

const parentOf = (pid: string): number => Number(/^PPid:\s+(\d+)/m.exec(readOrNothing(`/proc/${pid}/status`))?.[1]);

const residentMiB = (pid: string): number =>
  Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readOrNothing(`/proc/${pid}/status`))?.[1] ?? 0) / 1024);

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
};

/** Milliseconds `act` takes, and what it gives. */
export async function timed<T>(act: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const begin = performance.now();
  const value = await act();
  return { ms: performance.now() - begin, value };
}
