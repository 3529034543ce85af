/** A verdict as people read it: what was found where, what was compared, which rule decided and at what cost. All texts are escaped. */
import type { Evidence, Verdict } from '../core/rollout.ts';
import { visible } from './escape.ts';
import { displayWidth, type Terminal } from './terminal.ts';

/** The verdict's lines; `gold` and `answer` as the user gave them. */
export function explainVerdict(
  gold: string,
  answer: string,
  verdict: Verdict,
  terminal: Pick<Terminal, 'colors' | 'columns'>,
): string[] {
  const { bold, green, red, yellow } = terminal.colors;
  const paint = { correct: green, incorrect: red, unknown: yellow }[verdict.outcome];
  const reason = verdict.outcome === 'unknown' ? ` (${visible(verdict.reason)})` : '';
  const { extracted, goldForm, answerForm, rule, steps } = verdict.evidence ?? {};
  const row = (name: string, text: string | undefined): string[] =>
    text === undefined ? [] : [`  ${name.padEnd(10)} ${visible(text)}`];
  return [
    `${paint(bold(verdict.outcome))}${reason}: ${visible(verdict.explanation)}`,
    ...row('gold', gold),
    ...(extracted ? marked(answer, extracted, terminal.columns - 14) : row('answer', answer)),
    ...(extracted
      ? row('found', `${extracted.text} at ${extracted.start}-${extracted.end}, by ${extracted.anchor}`)
      : []),
    ...row('gold is', goldForm),
    ...row('answer is', answerForm),
    ...row('rule', rule),
    ...row('cost', steps === undefined ? undefined : `${steps} steps`),
  ];
}

/** The completion around what was found, within so many columns, with a line of carets below. */
function marked(completion: string, { start, end }: NonNullable<Evidence['extracted']>, columns: number): string[] {
  const found = cut(visible(completion.slice(start, end)), Math.max(columns - 20, 20));
  const room = Math.max(Math.floor((columns - displayWidth(found)) / 2), 8);
  // a character is at most 6 columns once escaped, so this many are enough to fill the room
  const before = cutLeft(visible(completion.slice(Math.max(start - room, 0), start)), room, start > room);
  const after = cut(visible(completion.slice(end, end + room + 1)), room);
  return [
    `  ${'answer'.padEnd(10)} ${before}${found}${after}`,
    `${' '.repeat(13 + displayWidth(before))}${'^'.repeat(Math.max(displayWidth(found), 1))}`,
  ];
}

/** The first so many columns of visible text. */
export const cut = (text: string, columns: number): string =>
  displayWidth(text) <= columns ? text : `${[...text].slice(0, columns - 1).join('')}…`;

function cutLeft(text: string, columns: number, isCut: boolean): string {
  if (displayWidth(text) <= columns && !isCut) return text;
  return `…${[...text].slice(1 - columns).join('')}`;
}
