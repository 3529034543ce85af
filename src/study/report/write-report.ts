/**
 * Draws a study's report and writes it: `report.html`, `figures/*.svg`, `tables/*.csv`.
 */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { csv } from '../../core/csv.ts';
import { writeDurably } from '../../core/durable-file.ts';
import { compareArms } from './comparisons.ts';
import { figuresOf } from './figures.ts';
import { type DrawnFigure, page, type Report } from './page.ts';
import type { ReadStudy } from './read-study.ts';
import { readoutsOf } from './readouts.ts';
import { toSvg } from './svg.ts';
import { comparisonRows, curveRows, ruleRows, runRows, valueRows } from './tables.ts';

export async function drawReport(study: ReadStudy): Promise<Report> {
  const comparisons = compareArms(study, readoutsOf(study));
  const figures: DrawnFigure[] = [];
  for (const figure of figuresOf(study, comparisons)) figures.push({ ...figure, svg: await toSvg(figure.spec) });
  return { study, comparisons, figures, rules: ruleRows(study) };
}

/** @returns the files written, the page first @throws UserError when the disk refuses */
export async function writeReport(study: ReadStudy, out: string): Promise<string[]> {
  const report = await drawReport(study);
  const { comparisons, figures, rules } = report;
  const files: (readonly [path: string, content: string])[] = [
    ['report.html', page(report)],
    ...figures.map(({ id, svg }) => [join('figures', `${id}.svg`), `${svg}\n`] as const),
    [join('tables', 'comparisons.csv'), csv(comparisonRows(comparisons))],
    [join('tables', 'values.csv'), csv(valueRows(comparisons))],
    [join('tables', 'curves.csv'), csv(curveRows(figures))],
    [join('tables', 'rules.csv'), csv(rules)],
    [join('tables', 'runs.csv'), csv(runRows(study))],
  ];
  for (const [path, content] of files) {
    await mkdir(dirname(join(out, path)), { recursive: true });
    await writeDurably(join(out, path), content);
  }
  return files.map(([path]) => join(out, path));
}
