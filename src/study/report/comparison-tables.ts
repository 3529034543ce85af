/**
 * The report's tables of values and differences.
 */
import type { Comparison, PairedDifference } from './comparisons.ts';
import { html, type Markup } from './markup.ts';
import type { ReadStudy } from './read-study.ts';
import type { SeedMean } from './student.ts';

/** One row an arm: differences from the reference, whose own values and those of the start stand above. */
export function summaryTable(study: ReadStudy, comparisons: readonly Comparison[]): Markup {
  const { arms, reference } = study.record;
  const readouts = [...new Set(comparisons.map(({ readout }) => readout))].filter(({ isMain }) => isMain);
  const found = (arm: string, readout: Comparison['readout']) =>
    comparisons.find((it) => it.arm === arm && it.readout === readout);
  const places = [...new Set(readouts.map(({ where }) => where))];
  const columnsOf = (place: string) => readouts.filter(({ where }) => where === place).length;
  const cell = (it: Comparison | undefined, digits: number): Markup => {
    if (it === undefined) return html`<td></td>`;
    if (it.difference === undefined)
      return html`<td>${it.value.mean.toFixed(digits)}${halfWidth(it.value, digits)}</td>`;
    const { difference } = it;
    const name = isResolved(difference) ? 'resolved' : '';
    return html`<td class="${name}">${signed(difference.mean, digits)}${halfWidth(difference, digits)}</td>`;
  };
  const starting = readouts.map(
    ({ start, digits }) => html`<td>${start === undefined ? '' : start.toFixed(digits)}</td>`,
  );
  return html`<div class="scroll"><table><thead>
<tr><th></th>${places.map((place) => html`<th colspan="${columnsOf(place)}" class="place">${place}</th>`)}</tr>
<tr><th>arm</th>${readouts.map(({ label }) => html`<th>${label}</th>`)}</tr></thead><tbody>
<tr><td>start</td>${starting}</tr>
${arms.map(({ name, role }) => html`<tr class="${role}"><td>${name}</td>${readouts.map((it) => cell(found(name, it), it.digits))}</tr>`)}
</tbody></table></div><p class="note">Start and ${reference}: values; other arms: differences from ${reference}, paired by seed; ± half of the 95 % interval over seeds. Bold: resolved,
an adjusted p below 0.05 (see All comparisons). Controls change nothing: their rows show what luck does.</p>`;
}

const halfWidth = ({ interval }: SeedMean, digits: number): string =>
  interval === undefined ? '' : ` ± ${((interval.high - interval.low) / 2).toFixed(digits)}`;

/** How to read them. */
export function comparisonNote(study: ReadStudy): Markup {
  const { seeds } = study.record;
  const least = 2 / 2 ** seeds.length;
  return html`<p class="note">Differences are arm − reference at the end, paired by seed, with Student’s 95 % interval over seeds.
<i>p</i>: sign-flip permutation test, exact, over all sign patterns; with ${seeds.length} seeds it cannot be below ${pText(least)}${least > 0.05 ? ', so it cannot reach 0.05: look at the intervals and at' : '; beside it'}
<i>p(t)</i>, the paired Student test, which assumes near-normal differences. Both are adjusted (Holm) over the treatments of a table. Bold: adjusted p or p(t) below 0.05. Controls change nothing;
what they show is luck. Training readouts are means over the last fifth of the steps. Incomplete runs are left out.</p>`;
}

/** One table for each readout, place by place. */
export function comparisonTables(study: ReadStudy, comparisons: readonly Comparison[]): Markup {
  const readouts = [...new Set(comparisons.map(({ readout }) => readout))];
  const places = [...new Set(readouts.map(({ where }) => where))];
  const roles = new Map(study.record.arms.map(({ name, role }) => [name, role]));
  return html`${places.map(
    (where) => html`<h3>${where}</h3>
${readouts
  .filter((readout) => readout.where === where)
  .map((readout) =>
    comparisonTable(
      comparisons.filter((it) => it.readout === readout),
      roles,
    ),
  )}`,
  )}`;
}

function comparisonTable(rows: readonly Comparison[], roles: ReadonlyMap<string, string>): Markup {
  const [first] = rows;
  if (first === undefined) return html``;
  const { label, where, digits } = first.readout;
  return html`<div class="scroll"><table><caption>${where}: ${label}</caption><thead><tr><th>arm</th><th>seeds</th><th>mean</th><th>95 %</th>
<th>difference</th><th>95 %</th><th>p</th><th>p, Holm</th><th>p(t)</th><th>p(t), Holm</th></tr></thead><tbody>
${rows.map((row) => comparisonRow(row, digits, roles.get(row.arm) ?? ''))}
</tbody></table></div>`;
}

function comparisonRow({ arm, value, difference }: Comparison, digits: number, role: string): Markup {
  const start = html`<td>${arm}</td><td>${value.seeds}</td><td>${value.mean.toFixed(digits)}</td><td>${intervalText(value, digits)}</td>`;
  if (difference === undefined)
    return html`<tr class="${role}">${start}<td>–</td><td></td><td></td><td></td><td></td><td></td></tr>`;
  const { mean, exactP, studentP, adjustedExactP, adjustedStudentP } = difference;
  return html`<tr class="${role}">${start}<td class="${isResolved(difference) ? 'resolved' : ''}">${signed(mean, digits)}</td>
<td>${intervalText(difference, digits, true)}</td><td>${pText(exactP)}</td><td>${pText(adjustedExactP)}</td><td>${pText(studentP)}</td><td>${pText(adjustedStudentP)}</td></tr>`;
}

const LEVEL = 0.05;

const isResolved = ({ adjustedExactP = 1, adjustedStudentP = 1 }: PairedDifference): boolean =>
  adjustedExactP < LEVEL || adjustedStudentP < LEVEL;

const signed = (value: number, digits: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(digits)}`;

function intervalText({ interval }: SeedMean, digits: number, isSigned = false): string {
  if (interval === undefined) return '';
  const text = (value: number) => (isSigned ? signed(value, digits) : value.toFixed(digits).replace('-', '−'));
  return `[${text(interval.low)}, ${text(interval.high)}]`;
}

const pText = (p: number | undefined): string => (p === undefined ? '' : p < 0.001 ? '<0.001' : p.toFixed(3));
