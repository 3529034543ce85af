/** `polarity export csv`: a run's metrics, evaluations and rollouts as tables for spreadsheets and statistics. */
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { csv } from '../../core/csv.ts';
import { writeFailure } from '../../core/durable-file.ts';
import { UserError } from '../../core/errors.ts';
import { evaluationsTable, metricsTable, rolloutsTable, type Table } from '../../dashboard/export/tables.ts';
import { RolloutReader } from '../../dashboard/rollout-reader.ts';
import type { RunReader } from '../../journal/reader.ts';
import { absolute, shown } from '../files.ts';
import type { Terminal } from '../terminal.ts';
import { runsIn } from './export-tensorboard.ts';

/** @returns the exit code */
export async function exportCsvCommand(
  target: string,
  { out }: { readonly out?: string },
  terminal: Terminal,
): Promise<number> {
  const [run, ...others] = await runsIn(target);
  if (run === undefined || others.length > 0)
    throw new UserError(`${target} is a folder of runs: name one of them, e.g. ${join(target, run?.name ?? '')}`);
  const folder = absolute(out ?? `${run.name}-csv`);
  if (existsSync(folder)) throw new UserError(`${folder} exists already; choose another folder with --out`);
  const aside = join(dirname(folder), `.${basename(folder)}.${process.pid}.partial`);
  const damage: string[] = [];
  try {
    await mkdir(aside, { recursive: true });
    await writeTables(run, aside, (reason) => damage.push(reason));
    await rename(aside, folder);
  } catch (error) {
    await rm(aside, { recursive: true, force: true }).catch(() => undefined);
    throw writeFailure(folder, error);
  }
  for (const reason of damage) terminal.print(`left out: ${reason}`);
  terminal.print(`${run.name}: metrics.csv, evaluations.csv and rollouts.csv in ${shown(folder)}`);
  terminal.result({ run: run.name, folder, damage });
  return 0;
}

async function writeTables(run: RunReader, folder: string, onDamage: (reason: string) => void): Promise<void> {
  const [metrics, evaluations] = await Promise.all([run.metrics(), run.evaluations()]);
  for (const { offset, reason } of [...metrics.damaged, ...evaluations.damaged])
    onDamage(`a line of ${run.name} at byte ${offset}: ${reason}`);
  await writeTable(join(folder, 'metrics.csv'), [metricsTable(metrics.lines)]);
  await writeTable(join(folder, 'evaluations.csv'), [evaluationsTable(evaluations.lines)]);
  const reader = new RolloutReader();
  try {
    await writeTable(join(folder, 'rollouts.csv'), rolloutsTable(run, reader, onDamage));
  } finally {
    reader.close();
  }
}

/** Piece by piece: a million rollouts are never in memory at once. */
async function writeTable(path: string, pieces: Iterable<Table> | AsyncIterable<Table>): Promise<void> {
  await pipeline(
    Readable.from(pieces),
    async function* (tables: AsyncIterable<Table>) {
      for await (const table of tables) yield csv(table);
    },
    createWriteStream(path),
  );
}
