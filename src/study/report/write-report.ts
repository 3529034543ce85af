/**
 * Draws a study's report and writes it: `report.html`, `figures/*.svg`, `tables/*.csv`.
 */
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeDurably } from '../../core/durable-file.ts';
import { compareArms } from './comparisons.ts';
import { csv } from './csv.ts';
import { figuresOf } from './figures.ts';
import { type DrawnFigure, page } from './page.ts';
import type { ReadStudy } from './read-study.ts';
import { readoutsOf } from './readouts.ts';
import { toSvg } from './svg.ts';
import { comparisonRows, curveRows, ruleRows, runRows, valueRows } from './tables.ts';

/** @returns the files written, the page first @throws UserError when the disk refuses */
export async function writeReport(study: ReadStudy, out: string): Promise<string[]> {
  const comparisons = compareArms(study, readoutsOf(study));
  const figures: DrawnFigure[] = [];
  for (const figure of figuresOf(study, comparisons)) figures.push({ ...figure, svg: await toSvg(figure.spec) });
  const rules = ruleRows(study);
  const files: (readonly [path: string, content: string])[] = [
    ['report.html', page({ study, comparisons, figures, rules })],
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
