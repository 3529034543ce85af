/** `polarity report`: figures and tables of a study's runs. */
import { join } from 'node:path';
import { comparedWith, STUDY_FILES } from '../../study/record.ts';
import { readStudy } from '../../study/report/read-study.ts';
import { writeReport } from '../../study/report/write-report.ts';
import { absolute, shown } from '../files.ts';
import type { Terminal } from '../terminal.ts';

export interface ReportOptions {
  /** Folder to write into. */
  readonly out?: string;
  /** The arm that the others are compared with. Absent: the study's own. */
  readonly reference?: string;
}

/** @returns the exit code */
export async function reportCommand(study: string, options: ReportOptions, terminal: Terminal): Promise<number> {
  const directory = absolute(study);
  const { reference } = options;
  const read = await readStudy(directory);
  const found = reference === undefined ? read : { ...read, record: comparedWith(read.record, reference) };
  const folder = reference === undefined ? STUDY_FILES.report : `${STUDY_FILES.report}-against-${reference}`;
  const out = absolute(options.out ?? join(directory, folder));
  const written = await writeReport(found, out);
  for (const problem of found.problems) terminal.print(terminal.colors.yellow(problem));
  terminal.print(`report  ${shown(join(out, 'report.html'))}  (${written.length - 1} figures and tables beside it)`);
  terminal.result({ report: shown(join(out, 'report.html')), files: written.map(shown), problems: found.problems });
  return 0;
}
