/**
 * Taking a run back to the moment a checkpoint was written, so that a resumed run's files equal those of one that was never
 * interrupted. What came later is moved to `discarded/`, not deleted. events.jsonl stays whole: it tells what happened.
 */
import fs from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeFailure } from '../core/durable-file.ts';
import { UserError } from '../core/errors.ts';
import type { CheckpointManifest } from './checkpoints.ts';
import { listCheckpoints } from './checkpoints.ts';
import { fileSize, makeDirectory, namesIn, syncPath } from './disk.ts';
import { readJsonLines } from './jsonl.ts';
import { FILES } from './names.ts';
import { rolloutPath, rolloutSteps } from './reader.ts';

/** Where a run is taken back to. Step 0 with no bytes: its beginning. */
export interface Moment {
  readonly step: number;
  readonly journalBytes: CheckpointManifest['journalBytes'];
}

export const BEGINNING: Moment = { step: 0, journalBytes: { metrics: 0, evaluations: 0 } };

/** What `takeBack` found beyond the moment. */
export interface Discarded {
  /** Inside the run: `discarded/001-after-step-10`; absent when there was nothing. */
  readonly directory?: string;
  /** What was moved, e.g. `metrics.jsonl (412 bytes)`, `rollouts/step-000011.parquet`. */
  readonly moved: readonly string[];
}

/** Needs the run's lock. @throws UserError when a file is shorter than at that moment, or the disk refuses. */
export async function takeBack(run: string, moment: Moment): Promise<Discarded> {
  await removeUnfinished(run);
  const tails = await Promise.all([
    tailOf(run, FILES.metrics, moment.journalBytes.metrics, moment.step),
    tailOf(run, FILES.evaluations, moment.journalBytes.evaluations, moment.step),
    tornTailOf(run, FILES.events),
  ]);
  const later = [
    ...(await rolloutSteps(run)).filter((step) => step > moment.step).map((step) => rolloutPath(run, step)),
    ...(await listCheckpoints(run)).filter(({ step }) => step > moment.step).map(({ directory }) => directory),
  ];
  const beyond = tails.filter((tail) => tail.size > tail.keep);
  if (beyond.length === 0 && later.length === 0) return { moved: [] };
  const directory = join(FILES.discarded, await nextName(run, moment.step));
  try {
    for (const tail of beyond) await cutTail(run, tail, join(run, directory));
    for (const path of later) await move(path, join(run, directory));
  } catch (error) {
    throw writeFailure(join(run, directory), error);
  }
  return {
    directory,
    moved: [
      ...beyond.map((tail) => `${tail.name} (${tail.size - tail.keep} bytes)`),
      ...later.map((path) => `${basename(dirname(path))}/${basename(path)}`),
    ],
  };
}

interface Tail {
  readonly name: string;
  /** Bytes that stay. */
  readonly keep: number;
  readonly size: number;
}

async function tailOf(run: string, name: string, keep: number, step: number): Promise<Tail> {
  const size = (await fileSize(join(run, name))) ?? 0;
  if (size < keep || (keep > 0 && !(await endsLine(join(run, name), keep))))
    throw new UserError(
      `${join(run, name)} was changed after step ${step}: it has ${size} bytes and no line ends at ${keep}; restore it or start a new run`,
    );
  return { name, keep, size };
}

/** Whether byte `end - 1` is a newline. */
async function endsLine(path: string, end: number): Promise<boolean> {
  const file = await fs.open(path, 'r');
  try {
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, end - 1);
    return buffer[0] === 0x0a;
  } finally {
    await file.close();
  }
}

async function tornTailOf(run: string, name: string): Promise<Tail> {
  const { end, tornBytes } = await readJsonLines(join(run, name), () => undefined);
  return { name, keep: end, size: end + tornBytes };
}

/** Saves the tail first: a crash in between leaves it in both places. */
async function cutTail(run: string, tail: Tail, into: string): Promise<void> {
  await makeDirectory(into);
  const path = join(run, tail.name);
  const file = await fs.open(path, 'r+');
  try {
    const bytes = Buffer.alloc(tail.size - tail.keep);
    await file.read(bytes, 0, bytes.length, tail.keep);
    await fs.writeFile(join(into, tail.name), bytes, { flush: true });
    await file.truncate(tail.keep);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function move(path: string, into: string): Promise<void> {
  const folder = join(into, basename(dirname(path)));
  await makeDirectory(folder);
  await fs.rename(path, join(folder, basename(path)));
  await syncPath(folder);
  await syncPath(dirname(path));
}

async function nextName(run: string, step: number): Promise<string> {
  const numbers = (await namesIn(join(run, FILES.discarded))).map((name) => Number.parseInt(name, 10) || 0);
  return `${String(Math.max(0, ...numbers) + 1).padStart(3, '0')}-after-step-${step}`;
}

/** What a crash left under no final name. */
async function removeUnfinished(run: string): Promise<void> {
  const isUnfinished = (name: string) => /^\.step-.*\.(?:partial|removed)$/.test(name) || name.endsWith('.partial');
  for (const folder of [run, join(run, FILES.checkpoints), join(run, FILES.rollouts)]) {
    for (const name of (await namesIn(folder)).filter(isUnfinished))
      await fs.rm(join(folder, name), { recursive: true, force: true });
  }
}
