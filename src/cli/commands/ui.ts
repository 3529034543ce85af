/** `polarity ui`: the dashboard of a folder of runs, until Ctrl-C. */
import { basename, dirname, join } from 'node:path';
import { openRolloutSource } from '../../dashboard/rollout-folder.ts';
import { SIGNS } from '../../dashboard/run-folder.ts';
import { startDashboard } from '../../dashboard/server.ts';
import { STUDY_FILES } from '../../study/record.ts';
import { studyReader } from '../dashboard-studies.ts';
import { absolute, isDirectory, isFile, shown } from '../files.ts';
import { listenForInterrupt } from '../interrupt.ts';
import type { Terminal } from '../terminal.ts';

export interface UiOptions {
  /** 0: any that is free. */
  readonly port: number;
  readonly host: string;
  /** Whether `host` may be an address that other machines reach. */
  readonly openToNetwork?: boolean;
}

/** What a parent process that asked for it is told. */
export interface UiMessage {
  readonly dashboard: string;
}

/** @param folder of runs; a run's or a study's own is shown among its neighbours @returns the exit code */
export async function uiCommand(folder: string, options: UiOptions, terminal: Terminal): Promise<number> {
  const place = placeOf(absolute(folder));
  const stopping = new AbortController();
  const interruption = listenForInterrupt(() => stopping.abort());
  const dashboard = await startDashboard({
    root: place.root,
    port: options.port,
    host: options.host,
    isOpenToNetwork: options.openToNetwork === true,
    studies: studyReader,
    openRollouts: openRolloutSource,
    shown,
    onBug: (error) => terminal.print(error instanceof Error ? (error.stack ?? error.message) : String(error)),
  });
  try {
    const address = `${dashboard.url}/${place.view}`;
    terminal.print(`dashboard of ${shown(dashboard.root)}: ${terminal.colors.bold(address)}`);
    if (options.openToNetwork === true)
      terminal.print(terminal.colors.yellow('whoever reaches this address reads every run; there is no password'));
    terminal.print(terminal.colors.dim('it reads and changes nothing; Ctrl-C ends it'));
    process.send?.({ dashboard: address } satisfies UiMessage);
    await aborted(stopping.signal);
    terminal.result({ dashboard: address });
    return 0;
  } finally {
    await dashboard.close();
    interruption.release();
  }
}

interface Place {
  readonly root: string;
  /** Part of the address after the slash. */
  readonly view: string;
}

function placeOf(folder: string): Place {
  if (!isDirectory(folder)) return { root: folder, view: '' };
  const above = { root: dirname(folder) };
  const name = encodeURIComponent(basename(folder));
  if (SIGNS.some((sign) => isFile(join(folder, sign)))) return { ...above, view: `#/run/${name}/charts` };
  if (isFile(join(folder, STUDY_FILES.study))) return { ...above, view: `#/study/${name}` };
  return { root: folder, view: '' };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
