/**
 * Checkpoints: `checkpoints/step-000010/` holds whatever the caller saves there, `state.json` (the loop's own state) and, written
 * last, `manifest.json` with the length and sha256 of each file. Filled aside, synced and renamed: one that bears its name is whole.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import fs from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { writeDurably, writeFailure } from '../core/durable-file.ts';
import { assert, UserError } from '../core/errors.ts';
import {
  exists,
  fileSize,
  filesBelow,
  makeDirectory,
  namesIn,
  parseJson,
  publishWhole,
  readText,
  removeWhole,
  syncPath,
} from './disk.ts';
import { readFailure } from './file-errors.ts';
import { FILES, isInnerPath, parseCheckpointReference, runDirectory, stepName, stepOf } from './names.ts';
import { checkJournalVersion, exactJson, JOURNAL_VERSION, type JsonObject } from './schema.ts';

const MANIFEST = 'manifest.json';
const STATE = 'state.json';

const manifestSchema = z.object({
  journalVersion: z.number().int().positive(),
  step: z.number().int().nonnegative(),
  policyVersion: z.number().int().nonnegative(),
  /** Lengths of the run's files when the checkpoint was taken: a resumed run continues from there. */
  journalBytes: z.object({
    metrics: z.number().int().nonnegative(),
    evaluations: z.number().int().nonnegative(),
  }),
  files: z.record(
    z.string().refine(isInnerPath, 'a path that may leave the checkpoint'),
    z.object({ bytes: z.number().int().nonnegative(), sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  ),
});

export type CheckpointManifest = z.infer<typeof manifestSchema>;

/** A checkpoint on disk. */
export interface Checkpoint {
  readonly step: number;
  readonly directory: string;
}

export interface CheckpointContent {
  readonly step: number;
  readonly policyVersion: number;
  readonly journalBytes: CheckpointManifest['journalBytes'];
  /** The loop's own state: random keys, data cursor, schedules. */
  readonly state: JsonObject;
  /** Writes the rest, `engine.saveState` above all, into the directory given. */
  readonly save: (directory: string) => Promise<void>;
}

async function fingerprint(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

/**
 * Writes a checkpoint of the run; one of the same step is replaced. A failure leaves the run's checkpoints as they were.
 * @throws UserError when the disk is full or forbids it; whatever `save` throws.
 */
export async function writeCheckpoint(run: string, content: CheckpointContent): Promise<Checkpoint> {
  const name = stepName(content.step);
  const parent = join(run, FILES.checkpoints);
  const aside = join(parent, `.${name}.partial`);
  await makeDirectory(parent);
  await fs.rm(aside, { recursive: true, force: true });
  await makeDirectory(aside);
  try {
    await content.save(aside);
    await writeDurably(join(aside, STATE), `${exactJson(content.state)}\n`);
    await seal(aside, content);
    await publishWhole(parent, aside, name);
  } catch (error) {
    await fs.rm(aside, { recursive: true, force: true }).catch(() => undefined);
    throw writeFailure(join(parent, name), error);
  }
  return { step: content.step, directory: join(parent, name) };
}

/** Syncs every file and writes the manifest. */
async function seal(directory: string, content: CheckpointContent): Promise<void> {
  const files: CheckpointManifest['files'] = {};
  for (const path of await filesBelow(directory)) {
    assert(isInnerPath(path) && path !== MANIFEST, `a checkpoint cannot hold a file named ${path}`);
    await syncPath(join(directory, path));
    files[path] = await fingerprint(join(directory, path));
  }
  const manifest: CheckpointManifest = {
    journalVersion: JOURNAL_VERSION,
    step: content.step,
    policyVersion: content.policyVersion,
    journalBytes: content.journalBytes,
    files,
  };
  await writeDurably(join(directory, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`);
}

/** The run's checkpoints, earliest first. */
export async function listCheckpoints(run: string): Promise<Checkpoint[]> {
  const parent = join(run, FILES.checkpoints);
  return (await namesIn(parent))
    .flatMap((name) => {
      const step = stepOf(name);
      return step === undefined ? [] : [{ step, directory: join(parent, name) }];
    })
    .sort((a, b) => a.step - b.step);
}

/** The last one by step; undefined when the run has none. Not verified: see `verifyCheckpoint`. */
export async function latestCheckpoint(run: string): Promise<Checkpoint | undefined> {
  return (await listCheckpoints(run)).at(-1);
}

/** @throws UserError naming the steps there are when this one is not among them. */
export async function checkpointAt(run: string, step: number): Promise<Checkpoint> {
  const all = await listCheckpoints(run);
  const found = all.find((checkpoint) => checkpoint.step === step);
  if (found !== undefined) return found;
  const there = all.length === 0 ? 'it has none' : `it has ${all.map((checkpoint) => checkpoint.step).join(', ')}`;
  throw new UserError(`run ${basename(run)} has no checkpoint at step ${step}: ${there}`);
}

/** `my-run` or `my-run@120` as a checkpoint. @throws UserError when there is none. */
export async function findCheckpoint(runsDirectory: string, reference: string): Promise<Checkpoint> {
  const { run, step } = parseCheckpointReference(reference);
  const directory = runDirectory(runsDirectory, run);
  if (!(await exists(directory))) throw new UserError(`there is no run ${run} in ${runsDirectory}`);
  if (step !== undefined) return checkpointAt(directory, step);
  const latest = await latestCheckpoint(directory);
  if (latest === undefined) throw new UserError(`run ${run} has no checkpoint yet`);
  return latest;
}

/**
 * The manifest, after comparing length and hash of every file with it.
 * @throws UserError naming the file that is damaged and the latest earlier checkpoint that is whole.
 */
export async function verifyCheckpoint(checkpoint: Checkpoint): Promise<CheckpointManifest> {
  const outcome = await inspect(checkpoint);
  if ('manifest' in outcome) return outcome.manifest;
  throw new UserError(`checkpoint ${checkpoint.directory} is damaged: ${outcome.fault}; ${await remedy(checkpoint)}`);
}

/** The loop's state, of a checkpoint that has been verified. */
export async function readCheckpointState(checkpoint: Checkpoint): Promise<JsonObject> {
  const path = join(checkpoint.directory, STATE);
  const state = parseJson(await readText(path));
  if (state === undefined) throw new UserError(`${path} is not JSON: verify the checkpoint or use an earlier one`);
  return state as JsonObject;
}

async function remedy(checkpoint: Checkpoint): Promise<string> {
  const run = dirname(dirname(checkpoint.directory));
  const earlier = (await listCheckpoints(run)).filter((other) => other.step < checkpoint.step).reverse();
  for (const other of earlier) {
    if ('manifest' in (await inspect(other))) return `use the earlier checkpoint at step ${other.step}`;
  }
  return 'the run has no earlier checkpoint that is whole, so start it again';
}

type Inspection = { readonly manifest: CheckpointManifest } | { readonly fault: string };

async function inspect(checkpoint: Checkpoint): Promise<Inspection> {
  const path = join(checkpoint.directory, MANIFEST);
  if (!(await exists(path))) return { fault: `${MANIFEST} is missing` };
  const parsed = manifestSchema.safeParse(parseJson(await readText(path)));
  if (!parsed.success) return { fault: `${MANIFEST} cannot be read (${z.prettifyError(parsed.error)})` };
  checkJournalVersion(parsed.data.journalVersion, path);
  if (parsed.data.step !== checkpoint.step) return { fault: `${MANIFEST} is that of step ${parsed.data.step}` };
  for (const [name, expected] of Object.entries(parsed.data.files)) {
    const fault = await compare(join(checkpoint.directory, name), name, expected);
    if (fault !== undefined) return { fault };
  }
  return { manifest: parsed.data };
}

async function compare(
  path: string,
  name: string,
  expected: { readonly bytes: number; readonly sha256: string },
): Promise<string | undefined> {
  const size = await fileSize(path);
  if (size === undefined) return `${name} is missing`;
  if (size !== expected.bytes) return `${name} has ${size} bytes, its manifest says ${expected.bytes}`;
  const found = await fingerprint(path).catch((error: unknown) => Promise.reject(readFailure(path, error)));
  return found.sha256 === expected.sha256 ? undefined : `${name} is not what was written (its sha256 differs)`;
}

export interface RetentionPolicy {
  /** The last so many stay; at least 1. */
  readonly keepLast: number;
  /** Those whose step is a multiple of this stay as well. Absent: none. */
  readonly keepEvery?: number | undefined;
}

/** Steps to remove. keepLast 2, keepEvery 20 of [10, 20, 30, 40, 50] -> [10, 30]. */
export function stepsToPrune(steps: readonly number[], policy: RetentionPolicy): number[] {
  assert(policy.keepLast >= 1, `keepLast must be at least 1, got ${policy.keepLast}`);
  const ascending = [...steps].sort((a, b) => a - b);
  const { keepEvery } = policy;
  return ascending
    .slice(0, Math.max(0, ascending.length - policy.keepLast))
    .filter((step) => keepEvery === undefined || step % keepEvery !== 0);
}

/** Removes checkpoints by the policy; returns their steps. */
export async function pruneCheckpoints(run: string, policy: RetentionPolicy): Promise<number[]> {
  const steps = stepsToPrune(
    (await listCheckpoints(run)).map((checkpoint) => checkpoint.step),
    policy,
  );
  for (const step of steps) await removeWhole(join(run, FILES.checkpoints), stepName(step));
  return steps;
}
