/**
 * A study's runs as child processes of the ordinary commands: isolated from each other, ended with their parent, resumable at any
 * moment because each run is.
 */
import { spawn } from 'node:child_process';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtModule } from '../core/built-module.ts';
import { EngineError } from '../core/errors.ts';
import { RunReader } from '../journal/reader.ts';
import { STUDY_FILES } from '../study/record.ts';
import { type RunEnd, runState } from '../study/run-state.ts';
import { isFile } from './files.ts';

/** One run and its evaluations at the end; or those of the starting policy alone. */
export interface StudyJob {
  /** Of the run, or `start`. */
  readonly name: string;
  /** Absent for the starting policy. */
  readonly end?: RunEnd;
}

export interface StudyPlace {
  /** Absolute. */
  readonly directory: string;
  /** Whose file names the starting policy. */
  readonly firstRun: string;
  readonly measures: boolean;
  readonly signal: AbortSignal;
}

/** Share of a job's time that the evaluations at the end take, roughly. */
export const MEASURING = 0.05;

const MAIN = fileURLToPath(builtModule(import.meta.url, './main.js'));
/** Of what a child says; its last words name its failure. */
const KEPT_CHARACTERS = 4000;

export const settingsPath = (directory: string, run: string): string =>
  join(directory, STUDY_FILES.settings, `${run}.yaml`);

const measuredPath = (directory: string, name: string): string =>
  join(directory, STUDY_FILES.benchmarks, `${name}.json`);

/** Share of the job that lies on disk: training counts for its steps, the evaluations for a small part. */
export async function shareDone({ name, end }: StudyJob, { directory, measures }: StudyPlace): Promise<number> {
  const measured = !measures || isFile(measuredPath(directory, name));
  if (end === undefined) return measured ? 1 : 0;
  const state = await runState(directory, name, end);
  if (state.kind === 'finished') return measured ? 1 : 1 - MEASURING;
  return state.kind === 'absent' ? 0 : ((await stepsWritten(directory, name)) / end.steps) * (1 - MEASURING);
}

/** More than the last checkpoint's while it trains. */
async function stepsWritten(directory: string, name: string): Promise<number> {
  const { lines } = await (await RunReader.open(directory, name)).metrics();
  return lines.at(-1)?.step ?? 0;
}

/** Does what is left of a job. @throws EngineError when a command fails; nothing when the study was told to stop */
export async function runJob(job: StudyJob, place: StudyPlace): Promise<void> {
  const { directory, measures, signal } = place;
  const { name, end } = job;
  if (end !== undefined) {
    const state = await runState(directory, name, end);
    if (state.kind === 'absent')
      await command(['train', settingsPath(directory, name), '--name', name, '--runs', directory], signal);
    if (state.kind === 'begun') await command(['train', '--resume', join(directory, name)], signal);
    if (signal.aborted) return;
  }
  if (measures && !isFile(measuredPath(directory, name))) await measure(job, place);
}

/** Written aside and renamed, so that what bears the name holds every benchmark. */
async function measure({ name, end }: StudyJob, { directory, firstRun, signal }: StudyPlace): Promise<void> {
  const target = end === undefined ? settingsPath(directory, firstRun) : join(directory, name);
  const aside = join(directory, STUDY_FILES.benchmarks, `.${name}.json`);
  await rm(aside, { force: true });
  const file = join(directory, STUDY_FILES.benchmarkFile);
  await command(['evaluate', target, '--benchmarks', file, '--out', aside], signal);
  if (!signal.aborted) await rename(aside, measuredPath(directory, name));
}

/** A `polarity` command in a process of its own. Its process group is not ours: Ctrl-C reaches it once, through us. */
function command(args: readonly string[], signal: AbortSignal): Promise<void> {
  const child = spawn(process.execPath, [...process.execArgv, MAIN, ...args, '--json'], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: true,
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-KEPT_CHARACTERS);
  });
  const interrupt = () => child.kill('SIGINT');
  signal.addEventListener('abort', interrupt, { once: true });
  return new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      signal.removeEventListener('abort', interrupt);
      if (code === 0 || signal.aborted) resolve();
      else reject(new EngineError(failureOf(said, code ?? killedBy)));
    });
  });
}

/** `polarity: <message>` is how a command ends that failed. */
function failureOf(said: string, ending: number | string | null): string {
  const at = said.lastIndexOf('polarity: ');
  const words = at < 0 ? said.trimEnd().split('\n').slice(-3).join('\n') : said.slice(at + 'polarity: '.length);
  return words.trim() === '' ? `ended with ${ending}` : words.trim();
}
