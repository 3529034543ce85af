/** Everything about one run that its own page shows first. */
import { readdir } from 'node:fs/promises';
import { FILES, stepOf } from '../journal/names.ts';
import { rolloutSteps } from '../journal/reader.ts';
import type { RunManifest } from '../journal/schema.ts';
import type { CheckpointSummary, RawFile, RunDetail, RunManifestReply } from './api.ts';
import { commandsFor } from './commands.ts';
import type { Dashboard } from './dashboard.ts';
import type { OpenRun } from './open-run.ts';
import { rawFiles } from './raw-files.ts';
import { readConfig, readManifest, setting } from './run-config.ts';
import { studyOf } from './run-list.ts';
import { summarise } from './run-summary.ts';

const MOST_FILES = 2000;

export async function runDetail(open: OpenRun, { root, studies, shown }: Dashboard): Promise<RunDetail> {
  const { run, directory } = open;
  const study = await studyOf(root, run, studies.file);
  const [summary, config, { manifest }, steps, { files, moreFiles }] = await Promise.all([
    summarise(open, study),
    readConfig(directory),
    readManifest(directory),
    rolloutSteps(directory).catch(() => []),
    rawFiles(directory, MOST_FILES),
    open.look(),
  ]);
  const checkpoints = await checkpointsOf(directory, files);
  const rate = setting(config.value, 'training', 'learningRate');
  return {
    summary: { ...summary, damage: [...summary.damage, ...damageOf(open)] },
    yaml: config.text,
    manifest: manifest === null ? null : manifestReply(manifest),
    checkpoints,
    rolloutSteps: steps,
    files,
    moreFiles,
    commands: commandsFor({
      path: shown(directory),
      checkpoints: checkpoints.map(({ step }) => step),
      step: summary.step,
      totalSteps: summary.totalSteps,
      files: files.map(({ path }) => path),
      learningRate: typeof rate === 'number' ? rate : null,
    }),
  };
}

/** What a look at whole files finds beyond the summary. */
function damageOf({ metrics, evaluations, events, columns }: OpenRun): string[] {
  const tails = [
    [FILES.metrics, metrics.damaged],
    [FILES.evaluations, evaluations.tail.damaged],
    [FILES.events, events.tail.damaged],
  ] as const;
  const lines = tails.flatMap(([name, damaged]) =>
    damaged === 0 ? [] : [`${name} has ${damaged} ${damaged === 1 ? 'line' : 'lines'} that cannot be read, left out`],
  );
  return columns.keysLeftOut ? [...lines, `${FILES.metrics} has more keys than a run has: some are left out`] : lines;
}

async function checkpointsOf(directory: string, files: readonly RawFile[]): Promise<CheckpointSummary[]> {
  const names = await readdir(`${directory}/${FILES.checkpoints}`).catch(() => []);
  return names
    .flatMap((name) => {
      const step = stepOf(name);
      const inside = files.filter(({ path }) => path.startsWith(`${FILES.checkpoints}/${name}/`));
      return step === undefined ? [] : [{ step, bytes: inside.reduce((sum, { bytes }) => sum + bytes, 0) }];
    })
    .sort((a, b) => a.step - b.step);
}

/** Without the environment: a page needs no machine. */
const manifestReply = ({ seed, versions, dataHashes, parent }: RunManifest): RunManifestReply => ({
  seed,
  versions,
  dataHashes,
  parent: parent ?? null,
});
