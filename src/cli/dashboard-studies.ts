/** What the dashboard is told of studies, which it does not know: how to read one's record, and its report, drawn in a thread. */
import { Worker } from 'node:worker_threads';
import { builtModule } from '../core/built-module.ts';
import { UserError } from '../core/errors.ts';
import type { StudyReader } from '../dashboard/studies.ts';
import { parseStudyRecord, STUDY_FILES } from '../study/record.ts';

const WORKER = builtModule(import.meta.url, './study-report-worker.js');

/** What the thread answers. */
export type DrawnReport = { readonly html: string } | { readonly fault: string };

export const studyReader: StudyReader = {
  file: STUDY_FILES.study,
  describe(text, where) {
    const { about, arms, seeds, runs } = parseStudyRecord(text, where);
    return { about, arms, seeds: seeds.length, runs };
  },
  report: drawn,
};

/** Figures take seconds of one core, in which the dashboard goes on answering. */
function drawn(directory: string, signal: AbortSignal): Promise<string> {
  const worker = new Worker(WORKER, { workerData: directory });
  const end = () => void worker.terminate();
  signal.addEventListener('abort', end, { once: true });
  return new Promise<string>((resolve, reject) => {
    worker.once('message', (report: DrawnReport) => {
      if ('html' in report) resolve(report.html);
      else reject(new UserError(report.fault));
    });
    worker.once('error', reject);
    worker.once('exit', () => reject(new UserError('the report was not finished in time')));
  }).finally(() => signal.removeEventListener('abort', end));
}
