/** `polarity report`: figures and tables of a study's runs. */
import { join } from 'node:path';
import { STUDY_FILES } from '../../study/record.ts';
import { readStudy } from '../../study/report/read-study.ts';
import { writeReport } from '../../study/report/write-report.ts';
import { absolute, shown } from '../files.ts';
import type { Terminal } from '../terminal.ts';

export interface ReportOptions {
  /** Folder to write into. */
  readonly out?: string;
}

/** @returns the exit code */
export async function reportCommand(study: string, options: ReportOptions, terminal: Terminal): Promise<number> {
  const directory = absolute(study);
  const found = await readStudy(directory);
  const out = absolute(options.out ?? join(directory, STUDY_FILES.report));
  const written = await writeReport(found, out);
  for (const problem of found.problems) terminal.print(terminal.colors.yellow(problem));
  terminal.print(`report  ${shown(join(out, 'report.html'))}  (${written.length - 1} figures and tables beside it)`);
  terminal.result({ report: shown(join(out, 'report.html')), files: written.map(shown), problems: found.problems });
  return 0;
}
