/**
 * A text as the trees it may mean: one, or two where commas may separate thousands or elements (`312,123`).
 */
import type { Budget } from '../budget.ts';
import type { Expression } from './expression.ts';
import { parseMath } from './parse.ts';

export type Readings =
  | { readonly ok: true; readonly expressions: readonly Expression[] }
  | { readonly ok: false; readonly reason: string };

const COMMAS_IN_DOUBT = /\d,\d{3}(?!\d)/;

export function readings(text: string, budget: Budget): Readings {
  const first = parseMath(text, budget);
  if (!COMMAS_IN_DOUBT.test(text)) return first.ok ? { ok: true, expressions: [first.expression] } : first;
  const second = parseMath(text, budget, { commas: 'separators' });
  const expressions = [first, second].flatMap((parsed) => (parsed.ok ? [parsed.expression] : []));
  return expressions.length > 0 || first.ok ? { ok: true, expressions } : first;
}
