/**
 * The report as one HTML page: no script, nothing loaded from elsewhere.
 */
import { basename, dirname, isAbsolute, join } from 'node:path';
import { stringify } from 'yaml';
import { comparisonNote, comparisonTables, summaryTable } from './comparison-tables.ts';
import type { Comparison } from './comparisons.ts';
import type { Figure } from './figure.ts';
import { html, type Markup, trusted } from './markup.ts';
import type { ReadStudy } from './read-study.ts';
import { engineText, type Rows, seconds } from './tables.ts';

export interface DrawnFigure extends Figure {
  readonly svg: string;
}

export interface Report {
  readonly study: ReadStudy;
  readonly comparisons: readonly Comparison[];
  readonly figures: readonly DrawnFigure[];
  readonly rules: Rows;
}

const STYLE = `
:root { color-scheme: light; }
body { font: 15px/1.5 Georgia, 'Times New Roman', serif; color: #222; background: #fff; max-width: 60rem; margin: 2rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; } h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid #ccc; }
figure { margin: 1.4rem 0 2rem; break-inside: avoid; } figure svg { max-width: 100%; height: auto; }
figcaption { font-size: .87rem; margin-top: .5rem; max-width: 48rem; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; font: .78rem/1.45 Helvetica, Arial, sans-serif; margin: .6rem 0 1.4rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font: italic .92rem Georgia, serif; padding: .2rem 0; } th, td { padding: .12rem .7rem .12rem 0; text-align: right; white-space: nowrap; }
th:first-child, td:first-child, td.text, th.text { text-align: left; } td.text { white-space: normal; } thead th { border-top: 1.5px solid #222; border-bottom: 1px solid #222; font-weight: 600; }
tbody tr:last-child td { border-bottom: 1.5px solid #222; } tr.control td { color: #666; } tr.reference td { border-bottom: .5px solid #999; } th.place { border-bottom: .5px solid #999; text-align: center; } td.resolved { font-weight: 700; }
.warning { border-left: 3px solid #D55E00; padding: .2rem .9rem; background: #fdf3ec; } pre { font-size: .75rem; overflow-x: auto; background: #f6f6f6; padding: .7rem; }
.note { font-size: .87rem; } @media print { body { max-width: none; margin: 0; font-size: 11px; } details:not([open]) { display: none; } }
`;

export function page(report: Report): string {
  const { study, comparisons, figures } = report;
  const { record, problems } = study;
  const body = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${record.name}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<h1>${record.name}</h1>
<p>${record.about}</p>
${overview(study)}
${problems.length === 0 ? '' : warnings(problems)}
<h2>Arms</h2>
${armTable(study)}
<h2>Summary</h2>
${summaryTable(study, comparisons)}
${figures.filter(({ id }) => id === 'differences').map((figure) => drawn(figure, figures))}
<h2>Curves</h2>
${figures.filter(({ id }) => id !== 'differences').map((figure) => drawn(figure, figures))}
${report.rules.length > 1 ? ruleTable(report.rules) : ''}
<h2>All comparisons</h2>
${comparisonNote(study)}
${comparisonTables(study, comparisons)}
<h2>What was run</h2>
${timeTable(study)}
<details><summary>The study, resolved</summary><pre>${stringify(record, shortPath, { aliasDuplicateObjects: false })}</pre></details>
</body>
</html>
`;
  return body.html;
}

/** A report is read elsewhere: of a path of this machine its last two parts stay. */
export const shortPath = (_key: unknown, value: unknown): unknown =>
  typeof value === 'string' && isAbsolute(value) ? join('…', basename(dirname(value)), basename(value)) : value;

function overview({ record, runs }: ReadStudy): Markup {
  const complete = runs.filter(({ state }) => state === 'complete').length;
  const places = new Set(
    runs.flatMap(({ manifest }) =>
      manifest === undefined
        ? []
        : [`${manifest.environment['platform'] ?? 'unknown machine'}, ${engineText(manifest.environment) ?? ''}`],
    ),
  );
  const versions = new Set(runs.flatMap(({ manifest }) => manifest?.versions['polarity'] ?? []));
  const spent = runs.reduce((sum, run) => sum + (seconds(run, 'time/step_s') ?? 0), 0);
  return html`<p class="note">${record.arms.length} arms × ${record.seeds.length} seeds (${record.seeds.join(', ')}):
${complete} of ${runs.length} runs complete. Reference: ${record.reference}. ${hours(spent)} of training steps in all, on
${[...places].join('; ')}. polarity ${[...versions].join(', ')}. Command: <code>polarity study ${record.file}${record.quick ? ' --quick' : ''}</code>.
Equal seeds meet equal problems in equal order with equal draws, so arms are compared seed by seed.</p>`;
}

const hours = (seconds: number): string =>
  seconds < 60
    ? `${seconds.toFixed(1)} s`
    : seconds < 3600
      ? `${(seconds / 60).toFixed(1)} min`
      : `${(seconds / 3600).toFixed(2)} h`;

const warnings = (problems: readonly string[]): Markup =>
  html`<div class="warning"><p>Not everything is there:</p><ul>${problems.map((it) => html`<li>${it}</li>`)}</ul></div>`;

const drawn = (figure: DrawnFigure, all: readonly DrawnFigure[]): Markup =>
  html`<figure id="${figure.id}"><div class="scroll">${trusted(figure.svg)}</div><figcaption><b>Figure ${all.indexOf(figure) + 1}.
${figure.title}.</b> ${figure.caption}</figcaption></figure>`;

function armTable({ record }: ReadStudy): Markup {
  return html`<div class="scroll"><table><thead><tr><th>arm</th><th class="text">role</th><th class="text">what differs</th></tr></thead><tbody>
${record.arms.map(({ name, role, changes }) => html`<tr class="${role}"><td>${name}</td><td class="text">${role}</td><td class="text">${changes}</td></tr>`)}
</tbody></table></div>`;
}

function ruleTable([, ...rows]: Rows): Markup {
  const number = (value: unknown, digits: number) => (typeof value === 'number' ? value.toPrecision(digits) : '');
  return html`<h2>What token rules touched</h2><p class="note">Share of the tokens, how unlikely they were (mean 1 − p: near 0 there is no gradient, however large the advantage),
and their share of the gradient proxy Σ|A|(1 − p). Means over steps and seeds.</p>
<div class="scroll"><table><thead><tr><th>arm</th><th>rule</th><th>tokens</th><th>1 − p</th><th>gradient proxy</th></tr></thead><tbody>
${rows.map(([arm, rule, touched, unlikelihood, gradient]) => html`<tr><td>${arm}</td><td>${rule}</td><td>${number(touched, 3)}</td><td>${number(unlikelihood, 3)}</td><td>${number(gradient, 3)}</td></tr>`)}
</tbody></table></div>`;
}

function timeTable({ record, runs }: ReadStudy): Markup {
  const row = (arm: string) => {
    const own = runs.filter((run) => run.arm === arm);
    const spent = (key: string) => own.reduce((sum, run) => sum + (seconds(run, key) ?? 0), 0);
    const steps = own.reduce((sum, run) => sum + run.metrics.length, 0);
    const each = (key: string) => (steps > 0 ? (spent(key) / steps).toFixed(2) : '');
    const complete = own.filter(({ state }) => state === 'complete').length;
    return html`<tr><td>${arm}</td><td>${complete} of ${own.length}</td><td>${steps}</td><td>${each('time/sample_s')}</td><td>${each('time/train_s')}</td><td>${hours(spent('time/step_s'))}</td></tr>`;
  };
  return html`<p class="note">Time of sampling and updates by the runs’ own clocks; evaluations and start-up are not in it.</p>
<div class="scroll"><table><thead><tr><th>arm</th><th>runs complete</th><th>steps</th><th>s sampling / step</th><th>s updating / step</th><th>in all</th></tr></thead><tbody>
${record.arms.map(({ name }) => row(name))}
</tbody></table></div>`;
}
