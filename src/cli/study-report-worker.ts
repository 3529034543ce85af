/** A thread that draws one study's report and ends. */
import { parentPort, workerData } from 'node:worker_threads';
import { UserError } from '../core/errors.ts';
import { page } from '../study/report/page.ts';
import { readStudy } from '../study/report/read-study.ts';
import { drawReport } from '../study/report/write-report.ts';
import type { DrawnReport } from './dashboard-studies.ts';

async function draw(directory: string): Promise<DrawnReport> {
  try {
    return { html: page(await drawReport(await readStudy(directory))) };
  } catch (error) {
    if (error instanceof UserError) return { fault: error.message };
    throw error;
  }
}

parentPort?.postMessage(await draw(workerData as string));
