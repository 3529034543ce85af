/** `polarity export tensorboard`: runs as event files that TensorBoard shows, each in a folder of its own. */
import { existsSync, realpathSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeDurably, writeFailure } from '../../core/durable-file.ts';
import { UserError } from '../../core/errors.ts';
import { tensorboardFile } from '../../dashboard/export/tensorboard.ts';
import { FILES } from '../../journal/names.ts';
import { listRuns, RunReader } from '../../journal/reader.ts';
import { absolute, isDirectory, shown } from '../files.ts';
import type { Terminal } from '../terminal.ts';

/** @param targets runs, or folders of runs @returns the exit code */
export async function exportTensorboardCommand(
  targets: readonly string[],
  { out }: { readonly out: string },
  terminal: Terminal,
): Promise<number> {
  const runs = (await Promise.all(targets.map(runsIn))).flat();
  const twice = runs.find(({ name }, i) => runs.findIndex((other) => other.name === name) < i);
  if (twice !== undefined)
    throw new UserError(`two of the runs are called ${twice.name}: export one of them with another --out`);
  const written: { run: string; file: string; events: number }[] = [];
  for (const run of runs) {
    const { name, bytes, events, damagedLines } = await tensorboardFile(run);
    if (events === 0) {
      terminal.print(`${run.name}: no steps yet, nothing written`);
      continue;
    }
    const file = join(absolute(out), run.name, name);
    await mkdir(dirname(file), { recursive: true }).catch((error) => {
      throw writeFailure(file, error);
    });
    await writeDurably(file, bytes);
    const left = damagedLines === 0 ? '' : `; lines left out because they are damaged: ${damagedLines}`;
    terminal.print(`${run.name}: ${events} events in ${shown(file)}${left}`);
    written.push({ run: run.name, file, events });
  }
  if (written.length > 0) terminal.print(`look at them with: tensorboard --logdir ${shown(absolute(out))}`);
  terminal.result({ out: absolute(out), written });
  return 0;
}

/** The run at a path, or the runs in it. @throws UserError when there is neither */
export async function runsIn(target: string): Promise<RunReader[]> {
  const given = absolute(target);
  if (!isDirectory(given)) throw new UserError(`there is no run directory ${shown(given)}`);
  const path = realpathSync(given);
  const isRun = existsSync(join(path, FILES.manifest));
  const names = isRun ? [basename(path)] : await listRuns(path);
  if (names.length === 0)
    throw new UserError(`${shown(path)} holds no run: neither it nor a folder in it has a ${FILES.manifest}`);
  return Promise.all(names.map((name) => RunReader.open(isRun ? dirname(path) : path, name)));
}
