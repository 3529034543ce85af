/**
 * A text as the trees it may mean: one, or two where commas may separate thousands or elements (`312,123`), or where a letter of choice
 * stands before its value (`B) 12` is 12 and the choice B), or where a letter spaced from a number may be a unit (`30 s`).
 */
import type { Budget } from '../budget.ts';
import type { Expression } from './expression.ts';
import { parseMath } from './parse.ts';

export type Readings =
  | { readonly ok: true; readonly expressions: readonly Expression[] }
  | { readonly ok: false; readonly reason: string };

const COMMAS_IN_DOUBT = /\d,\d{3}(?!\d)/;

/** `B) 12`, `\textbf{(B) }12`: one choice and its value. */
const CHOSEN =
  /^[\s$]*(?:\\(?:text|textbf|mathrm|mathbf)\s*\{\s*)?\(?([A-J])(?:\)|\.\s|:)\s*\}?(?:\\[ ,;]|\\quad|[\s~])*(?=\S)/;
const OTHER_CHOICE = /^(?:or|and|,)|\([A-J]\)|\b(?:or|and)\b|^[A-J]\b/;

/** The choice and what stands behind it. */
function chosen(text: string, budget: Budget): Readings | undefined {
  const [label, letter] = CHOSEN.exec(text) ?? [];
  if (label === undefined || OTHER_CHOICE.test(text.slice(label.length))) return undefined;
  const value = parseMath(text.slice(label.length), budget);
  if (!value.ok || value.expression.kind === 'text') return undefined;
  return { ok: true, expressions: [value.expression, { kind: 'text', text: `(${letter})` }] };
}

export function readings(text: string, budget: Budget): Readings {
  const choice = chosen(text, budget);
  if (choice) return choice;
  const first = parseMath(text, budget);
  if (!COMMAS_IN_DOUBT.test(text)) return first.ok ? { ok: true, expressions: [first.expression] } : first;
  const second = parseMath(text, budget, { commas: 'separators' });
  const expressions = [first, second].flatMap((parsed) => (parsed.ok ? [parsed.expression] : []));
  return expressions.length > 0 || first.ok ? { ok: true, expressions } : first;
}

/** A number, space, and a letter that is a unit of one letter: `30 s`, `2.5\,m`. */
const SHORT_UNIT = /^[\s$]*(?<number>[-+]?\d[\d.,]*)(?:\\[ ,;:]|[\s~])+(?<unit>[smghLNJWVAKCF])\.?[\s$]*$/;

/** An answer's trees. Beside a gold without that letter `30 s` is also 30 seconds: a product would be wrong there in any case. */
export function answerReadings(text: string, gold: string, budget: Budget): Readings {
  const found = readings(text, budget);
  const { number, unit } = SHORT_UNIT.exec(text)?.groups ?? {};
  if (!found.ok || unit === undefined || new RegExp(`(?<![A-Za-z])${unit}(?![A-Za-z])`).test(gold)) return found;
  const quantity = parseMath(`${number}\\text{ ${unit}}`, budget);
  return quantity.ok ? { ok: true, expressions: [...found.expressions, quantity.expression] } : found;
}
