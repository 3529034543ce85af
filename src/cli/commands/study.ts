/** `polarity study`: arms x seeds of one study file, as ordinary runs side by side. */
import { existsSync, mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { stringify } from 'yaml';
import { writeDurably } from '../../core/durable-file.ts';
import { UserError } from '../../core/errors.ts';
import { Lock } from '../../journal/lock.ts';
import { checkRunName, FILES } from '../../journal/names.ts';
import { type Ended, runJobs } from '../../study/jobs.ts';
import { START, STUDY_FILES, studyRecord, writeStudyRecord } from '../../study/record.ts';
import { failureOf } from '../failure.ts';
import { absolute, readText, shown } from '../files.ts';
import { type Interruption, listenForInterrupt } from '../interrupt.ts';
import { planStudy, type StudyPlan } from '../study-plan.ts';
import { StudyProgress } from '../study-progress.ts';
import { runJob, type StudyJob, type StudyPlace, settingsPath } from '../study-runner.ts';
import type { Terminal } from '../terminal.ts';

export interface StudyOptions {
  /** The file's `quick` form. */
  readonly quick?: boolean;
  /** These arms, or seeds, in the place of the file's. */
  readonly only?: readonly string[];
  readonly seeds?: readonly number[];
  /** Runs at a time. Absent: as many as the cores hold. */
  readonly parallel?: number;
  /** Folder in which the study's folder is made. */
  readonly runs: string;
  readonly name?: string;
}

/** @returns the exit code */
export async function studyCommand(file: string, options: StudyOptions, terminal: Terminal): Promise<number> {
  const { quick, only, seeds } = options;
  const plan = await planStudy(file, { ...(quick && { quick }), ...(only && { only }), ...(seeds && { seeds }) });
  const parallel = slots(plan.threads, options.parallel);
  const directory = join(absolute(options.runs), checkRunName(options.name ?? plan.name));
  mkdirSync(directory, { recursive: true });
  const lock = Lock.take(join(directory, STUDY_FILES.lock));
  const interruption = listenForInterrupt(() =>
    terminal.print('runs finish their step, save and stop; Ctrl-C again leaves at once'),
  );
  try {
    await writeStudy(plan, directory);
    return await runStudy({ plan, parallel, directory, interruption, terminal });
  } finally {
    interruption.release();
    lock.release();
  }
}

/** Threads of all runs together fit the machine: more would only wait for each other. */
function slots(threads: number, wanted: number | undefined): number {
  const cores = availableParallelism();
  const most = Math.max(1, Math.floor(cores / threads));
  if (wanted !== undefined && wanted > most)
    throw new UserError(
      `--parallel must be at most ${most}, got ${wanted}: this machine has ${cores} cores and a run takes ${threads} (engine.onnx.threads)`,
    );
  return wanted ?? most;
}

/** @throws UserError when runs have begun with other settings: a study compares like with like. */
async function writeStudy(plan: StudyPlan, directory: string): Promise<void> {
  const { study, isQuick, file, arms, runs, benchmarks } = plan;
  const { about, reference, seeds, groups } = study;
  const remedy = `take another --name, or remove ${shown(directory)}`;
  const texts = runs.map((run) => ({ run, path: settingsPath(directory, run.name), text: stringify(run.settings) }));
  for (const { run, path, text } of texts)
    if (existsSync(path) && existsSync(join(directory, run.name, FILES.manifest)) && readText(path) !== text)
      throw new UserError(`run ${run.name} began with other settings (${shown(path)}); ${remedy}`);
  const benchmarkText = stringify({ benchmarks: benchmarks ?? {} });
  const benchmarkFile = join(directory, STUDY_FILES.benchmarkFile);
  if (existsSync(benchmarkFile) && readText(benchmarkFile) !== benchmarkText)
    throw new UserError(`the evaluations at the end are others than those of ${shown(benchmarkFile)}; ${remedy}`);
  for (const folder of [STUDY_FILES.settings, STUDY_FILES.benchmarks])
    mkdirSync(join(directory, folder), { recursive: true });
  await writeDurably(benchmarkFile, benchmarkText);
  for (const { path, text } of texts) if (!existsSync(path) || readText(path) !== text) await writeDurably(path, text);
  const evaluations = Object.keys(benchmarks ?? {});
  const record = { name: basename(directory), about, file, quick: isQuick, reference, seeds, evaluations, groups };
  await writeStudyRecord(directory, studyRecord({ about: record, arms, runs }));
}

interface Study {
  readonly plan: StudyPlan;
  readonly parallel: number;
  readonly directory: string;
  readonly interruption: Interruption;
  readonly terminal: Terminal;
}

/** How often the panel looks at the runs' files. */
const SECONDS_BETWEEN_LOOKS = 2;

async function runStudy({ plan, parallel, directory, interruption, terminal }: Study): Promise<number> {
  const { signal } = interruption;
  const measures = plan.benchmarks !== undefined;
  const firstRun = plan.runs.find(({ arm }) => arm === plan.study.reference)?.name ?? '';
  const place: StudyPlace = { directory, firstRun, measures, signal };
  const all: StudyJob[] = [...plan.ends].map(([name, end]) => ({ name, end }));
  if (measures) all.unshift({ name: START });
  const progress = new StudyProgress(all, place, terminal);
  await progress.look();
  const unfinished = progress.unfinished();
  terminal.print(
    `${basename(directory)}: ${plan.arms.length} arms x ${plan.study.seeds.length} seeds = ${plan.runs.length} runs`,
  );
  terminal.print(`${shown(directory)}, ${unfinished.length} to do, ${parallel} at a time`);
  const failures: string[] = [];
  const onEnd = ({ job, failure }: Ended<StudyJob>) => {
    if (failure !== undefined) failures.push(job.name);
    const how = failure === undefined ? (signal.aborted ? 'stopped' : 'done') : failureOf(failure).message;
    progress.ended(job.name, how);
  };
  const looking = setInterval(() => void progress.look(), SECONDS_BETWEEN_LOOKS * 1000);
  const work = (job: StudyJob) => {
    progress.begun(job.name);
    return runJob(job, place);
  };
  await runJobs(unfinished, parallel, work, { signal, onEnd }).finally(() => clearInterval(looking));
  return progress.conclude(failures, interruption.exitCode);
}
