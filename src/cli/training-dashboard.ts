/**
 * `train --ui`: the dashboard as a process of its own, of low priority, so that training's steps take as long as without it. It ends with
 * training, however that ends.
 */
import { fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { builtModule } from '../core/built-module.ts';
import type { UiMessage } from './commands/ui.ts';

const MAIN = fileURLToPath(builtModule(import.meta.url, './main.js'));
/** The usual one, so that a page left open goes on; another where that is taken. */
const PORTS = ['4300', '0'] as const;
/** As `nice`: behind everything that computes. */
const PRIORITY = 10;
const KEPT_CHARACTERS = 2000;

export interface TrainingDashboard {
  close(): void;
}

/** @param directory of the run @param say is told the address, or why there is none; once, some moments later */
export function openDashboard(directory: string, say: (line: string) => void): TrainingDashboard {
  const closing = new AbortController();
  const tried = async () => {
    let failure = '';
    for (const port of PORTS) {
      const started = await start([directory, '--port', port], closing.signal);
      if ('dashboard' in started) return say(`dashboard ${started.dashboard}`);
      failure = started.failure;
    }
    if (!closing.signal.aborted) say(`no dashboard: ${failure}`);
  };
  void tried();
  return { close: () => closing.abort() };
}

/** Its process group is not ours: Ctrl-C is for training, which then finishes its step. */
function start(args: readonly string[], signal: AbortSignal): Promise<UiMessage | { readonly failure: string }> {
  const child = fork(MAIN, ['ui', ...args], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], detached: true });
  const end = () => child.kill('SIGTERM');
  signal.addEventListener('abort', end, { once: true });
  child.stderr?.setEncoding('utf8');
  return new Promise((resolve) => {
    let said = '';
    child.stderr?.on('data', (text: string) => {
      said = (said + text).slice(-KEPT_CHARACTERS);
    });
    child.once('spawn', () => lower(child.pid));
    child.once('message', (message: UiMessage) => resolve(message));
    child.once('error', (error) => resolve({ failure: error.message }));
    child.once('exit', () => {
      signal.removeEventListener('abort', end);
      resolve({ failure: said.replace('polarity: ', '').trim() || 'its process ended' });
    });
    // neither keeps training's process
    child.unref();
    child.channel?.unref();
  });
}

function lower(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, PRIORITY);
  } catch {
    // a system without priorities
  }
}
