/**
 * One answer against one gold: both read, compared, and the decision told as a verdict. What stays undecided may be asked of a symbolic
 * library, where the settings say so.
 */
import type { Evidence, Verdict } from '../../core/rollout.ts';
import { Budget, BudgetExceeded } from '../budget.ts';
import type { Extraction } from '../extract.ts';
import { decided, refused, SAME_UNREAD_TEXT, unknown } from '../verdict.ts';
import { comparedForms } from './answer-form.ts';
import { hasCalculus } from './closed-forms.ts';
import type { Decision } from './decision.ts';
import { type Equivalence, equivalent } from './equivalence.ts';
import type { Expression } from './expression.ts';
import { type Gold, readGold } from './gold.ts';
import type { MathSettings } from './math-settings.ts';
import { refusal, wordsForNumber } from './no-answer.ts';
import { answerReadings } from './readings.ts';
import type { Tolerance } from './scalars.ts';

/** Several golds are one list, of which all must be given. */
export function judge(
  options: MathSettings,
  golds: readonly string[],
  extracted: Extraction,
): Verdict | Promise<Verdict> {
  const budget = new Budget(options.steps);
  const evidence: Evidence = { extracted: { ...extracted } };
  try {
    const gold = readGold(golds, budget);
    if (isWrittenAs(golds, gold, extracted)) return writtenTheSame(gold, extracted, budget);
    if (!gold.ok) return unknown('unparsable gold', `the gold ${show(gold.text)}: ${gold.reason}`, evidence);
    const answers = answerReadings(extracted.text, gold.text, budget);
    if (!answers.ok) {
      const none = refusal(gold.text, extracted.text);
      if (none) return noAnswer(none, gold, extracted, budget);
      const explanation = `the answer ${show(extracted.text)}: ${answers.reason}`;
      return refused(options.unparsable, 'unparsable answer', explanation, evidence);
    }
    const question: Question = { gold, answers: answers.expressions, extracted, options };
    const compared = best(gold.expressions, answers.expressions, budget, toleranceOf(options));
    const result = { ...compared, ...withoutAnswer(compared, question) };
    const isOpen = result.decision === 'undecided' && !result.isOutOfBudget && options.symbolic !== 'none';
    if (isOpen && [...gold.expressions, ...answers.expressions].some(hasCalculus))
      return askLibrary(question, result, budget);
    return verdictOf(result, question, budget.spent);
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    const steps = Math.round(budget.spent);
    const explanation = `${show(extracted.text)} took ${error.message} to read`;
    return refused(options.undecided, 'budget', explanation, { ...evidence, steps });
  }
}

/** Answers that give none, where nothing showed that they are the gold. */
function withoutAnswer({ decision, isOutOfBudget }: Equivalence, question: Question): Decision | undefined {
  const { gold, answers, extracted } = question;
  if (decision === 'equal' || isOutOfBudget) return undefined;
  const isOpen = decision === 'undecided';
  return refusal(gold.text, extracted.text) ?? (isOpen ? wordsForNumber(gold.expressions, answers) : undefined);
}

/** Signs that refuse and cannot be read: `?`. */
function noAnswer({ rule }: Decision, gold: Question['gold'], extracted: Extraction, budget: Budget): Verdict {
  const [first] = gold.expressions;
  return decided(false, `${show(extracted.text)} is not ${show(gold.text)}: ${rule}`, {
    extracted: { ...extracted },
    ...(first && { goldForm: comparedForms(first, first, budget).goldForm }),
    answerForm: rule,
    rule,
    steps: Math.round(budget.spent),
  });
}

interface Question {
  readonly gold: Extract<Gold, { ok: true }>;
  readonly answers: readonly Expression[];
  readonly extracted: Extraction;
  readonly options: MathSettings;
}

function toleranceOf({ tolerance, absoluteTolerance }: MathSettings): Tolerance {
  return { relative: tolerance, absolute: absoluteTolerance };
}

/** The first reading of both under which they are equal, or else the first reading of all. */
function best(
  golds: readonly Expression[],
  answers: readonly Expression[],
  budget: Budget,
  tolerance: Tolerance,
): Equivalence {
  let first: Equivalence | undefined;
  for (const a of golds)
    for (const b of answers) {
      const result = equivalent(a, b, budget, { tolerance });
      if (result.decision === 'equal' || result.isOutOfBudget) return result;
      first ??= result;
    }
  return first as Equivalence;
}

/** With closed forms for integrals, limits and series. Its own budget is a second one of the same size; the library's steps are not in it. */
async function askLibrary(question: Question, open: Equivalence, spent: Budget): Promise<Verdict> {
  const { gold, answers, options } = question;
  const { closeForms } = await import('./compute-engine.ts');
  const budget = new Budget(options.steps);
  let result = open;
  try {
    const [a, b] = await closeForms([gold.expressions, answers], budget);
    if (a && b) result = withLibrary(best(a, b, budget, toleranceOf(options)), open, () => best(a, b, budget, COARSE));
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
  }
  return verdictOf(result, question, spent.spent + budget.spent);
}

/** Closed forms are checked to five digits and more; what differs by less is not said to be different. */
const COARSE: Tolerance = { relative: 1e-3, absolute: 1e-3 };

function withLibrary(result: Equivalence, open: Equivalence, coarsely: () => Equivalence): Equivalence {
  if (result.decision === 'undecided' || result.isOutOfBudget) return open;
  if (result.decision === 'different' && coarsely().decision !== 'different') return open;
  return { ...result, rule: `compute-engine: closed form (its steps are not counted), ${result.rule}` };
}

/** Also a gold that cannot be read is equal to itself. */
function writtenTheSame(gold: Gold, extracted: Extraction, budget: Budget): Verdict {
  const [first] = gold.ok ? gold.expressions : [];
  const text = gold.text.replace(/\s+/g, ' ').trim();
  const forms = first
    ? comparedForms(first, first, budget)
    : { goldForm: `written ${text}`, answerForm: `written ${text}` };
  return decided(true, `${show(extracted.text)} is written as the gold is`, {
    extracted: { ...extracted },
    ...forms,
    rule: gold.ok ? 'written the same' : SAME_UNREAD_TEXT,
    steps: Math.round(budget.spent),
  });
}

function verdictOf(result: Equivalence, { gold, extracted, options }: Question, steps: number): Verdict {
  const { goldForm, answerForm, rule } = result;
  const evidence: Evidence = { extracted: { ...extracted }, goldForm, answerForm, rule, steps: Math.round(steps) };
  const forms = shorten(goldForm === answerForm ? goldForm : `${goldForm} and ${answerForm}`);
  const [right, given] = [show(gold.text), show(extracted.text)];
  if (result.decision === 'equal') return decided(true, `${given} equals ${right}: ${rule} (${forms})`, evidence);
  if (result.decision === 'different') return decided(false, `${given} is not ${right}: ${rule} (${forms})`, evidence);
  const reason = result.isOutOfBudget ? 'budget' : 'undecided';
  return refused(options.undecided, reason, `${given} against ${right}: ${rule} (${forms})`, evidence);
}

/** As the gold's source, or as what is read of it: `#### 18` and `18` are both the gold `#### 18`. */
function isWrittenAs(golds: readonly string[], { text }: Gold, extracted: Extraction): boolean {
  return sameText(text, extracted.text) || sameText(golds.join(', '), extracted.text);
}

function sameText(a: string, b: string): boolean {
  return a.replace(/\s+/g, ' ').trim() === b.replace(/\s+/g, ' ').trim();
}

function show(text: string): string {
  return shorten(text.replace(/\s+/g, ' '));
}

function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
