/**
 * Mathematical equivalence as a verifier: finds the answer in the completion, reads it and the gold, and says whether they are equal,
 * with the forms that were compared and the rule that decided.
 */
import { z } from 'zod';
import type { Evidence, Verdict } from '../../core/rollout.ts';
import { Budget, BudgetExceeded } from '../budget.ts';
import { ANCHORS, type Extraction, extractAnswers } from '../extract.ts';
import { decided, SAME_UNREAD_TEXT, unknown } from '../verdict.ts';
import type { UnknownReason, VerifierDefinition } from '../verifier.ts';
import type { Equivalence } from './equivalence.ts';
import { equivalent } from './equivalence.ts';
import { type Gold, goldText, readGold } from './gold.ts';
import { readings } from './readings.ts';

/** About ten times what the costliest ordinary answer takes, and well below a second. */
const DEFAULT_STEPS = 2_000_000;

const policy = (fallback: 'incorrect' | 'unknown') => z.enum(['incorrect', 'unknown']).default(fallback);

const settings = z.strictObject({
  /** Where an answer may stand, in the order in which places are tried; see `verify/extract.ts`. */
  anchors: z.array(z.enum(ANCHORS)).min(1).optional(),
  /** A completion without an answer. */
  noAnswer: policy('incorrect'),
  /** An answer that cannot be read as mathematics or words. */
  unparsable: policy('unknown'),
  /** An answer of which neither equality nor difference could be shown. */
  undecided: policy('unknown'),
  /** A gold that is a list: all of its elements must be given, or any one of them. */
  goldList: z.enum(['all', 'any']).default('all'),
  /** Relative to the gold: numbers this close are equal. 0 compares exactly. */
  tolerance: z.number().min(0).max(1).default(0),
  /** Budget of one verdict; a step is about a multiplication of two machine words. */
  steps: z.number().int().min(1000).max(1e9).default(DEFAULT_STEPS),
});

type Settings = z.output<typeof settings>;

const goldValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const gold = z.union([goldValue.transform((text) => [text]), z.array(goldValue).min(1)]);

export const mathVerifier: VerifierDefinition<Settings, readonly string[]> = {
  name: 'math',
  summary: 'The answer equals the gold: numbers, formulas, equations, intervals, sets, vectors, units, words.',
  version: 1,
  settings,
  gold,
  runsIn: 'worker',
  verify,
  goldCompletion: ({ goldList }, golds) => {
    const texts = golds.map(goldText);
    return `\\boxed{${goldList === 'any' ? texts[0] : texts.join(', ')}}`;
  },
};

function verify(options: Settings, golds: readonly string[], completion: string): Verdict {
  const extracted =
    writtenAsGold(options, golds, completion) ??
    extractAnswers(completion, options.anchors ? { anchors: options.anchors } : {})[0];
  if (!extracted) return refusal(options.noAnswer, 'no answer', 'no answer was found in the completion');
  const alternatives = options.goldList === 'any' ? golds.map((text) => [text]) : [golds];
  const verdicts: Verdict[] = [];
  for (const each of alternatives) {
    const verdict = verifyAgainst(options, each, extracted);
    if (verdict.outcome === 'correct') return verdict;
    verdicts.push(verdict);
  }
  return (verdicts.find(({ outcome }) => outcome === 'unknown') ?? verdicts[0]) as Verdict;
}

/** Longer completions are not compared with the gold as texts. */
const MAX_ALIKE = 400;

/** A completion that is the gold and nothing else: `June 20` needs no looking for numbers. */
function writtenAsGold({ anchors }: Settings, golds: readonly string[], completion: string): Extraction | undefined {
  const [gold] = golds;
  const text = completion.trim();
  if (anchors?.includes('whole') === false || golds.length !== 1 || gold === undefined) return undefined;
  if (
    text === '' ||
    text.length > MAX_ALIKE ||
    text !== goldText(gold).replace(/^\\(?:text|mbox|textbf|mathrm)\s*\{([^{}]*)\}$/, '$1')
  )
    return undefined;
  const start = completion.indexOf(text);
  return { text, start, end: start + text.length, anchor: 'whole' };
}

function refusal(
  choice: 'incorrect' | 'unknown',
  reason: UnknownReason,
  explanation: string,
  evidence?: Evidence,
): Verdict {
  return choice === 'incorrect' ? decided(false, explanation, evidence) : unknown(reason, explanation, evidence);
}

function verifyAgainst(options: Settings, golds: readonly string[], extracted: Extraction): Verdict {
  const budget = new Budget(options.steps);
  const evidence: Evidence = { extracted: { ...extracted } };
  try {
    const gold = readGold(golds, budget);
    if (sameText(gold.text, extracted.text))
      return decided(true, `${show(extracted.text)} is written as the gold is`, {
        ...evidence,
        rule: gold.ok ? 'written the same' : SAME_UNREAD_TEXT,
        steps: budget.spent,
      });
    if (!gold.ok) return unknown('unparsable gold', `the gold ${show(gold.text)}: ${gold.reason}`, evidence);
    const answers = readings(extracted.text, budget);
    if (!answers.ok)
      return refusal(
        options.unparsable,
        'unparsable answer',
        `the answer ${show(extracted.text)}: ${answers.reason}`,
        evidence,
      );
    const result = best(gold, answers.expressions, budget, options.tolerance);
    return verdictOf(result, gold.text, extracted, budget, options);
  } catch (error) {
    if (!(error instanceof BudgetExceeded)) throw error;
    return refusal(options.undecided, 'budget', `${show(extracted.text)} took ${error.message} to read`, {
      ...evidence,
      steps: budget.spent,
    });
  }
}

type Expressions = Extract<Gold, { ok: true }>['expressions'];

/** The first reading of both under which they are equal, or else the first reading of all. */
function best(
  gold: { readonly expressions: Expressions },
  answers: Expressions,
  budget: Budget,
  tolerance: number,
): Equivalence {
  let first: Equivalence | undefined;
  for (const a of gold.expressions)
    for (const b of answers) {
      const result = equivalent(a, b, budget, { tolerance });
      if (result.decision === 'equal' || result.isOutOfBudget) return result;
      first ??= result;
    }
  return first as Equivalence;
}

function verdictOf(
  result: Equivalence,
  goldText: string,
  extracted: Extraction,
  budget: Budget,
  options: Settings,
): Verdict {
  const { goldForm, answerForm, rule } = result;
  const evidence: Evidence = {
    extracted: { ...extracted },
    goldForm,
    answerForm,
    rule,
    steps: Math.round(budget.spent),
  };
  const forms = goldForm === answerForm ? goldForm : `${goldForm} and ${answerForm}`;
  const [gold, answer] = [show(goldText), show(extracted.text)];
  if (result.decision === 'equal')
    return decided(true, `${answer} equals ${gold}: ${rule} (${shorten(forms)})`, evidence);
  if (result.decision === 'different')
    return decided(false, `${answer} is not ${gold}: ${rule} (${shorten(forms)})`, evidence);
  const reason = result.isOutOfBudget ? 'budget' : 'undecided';
  return refusal(options.undecided, reason, `${answer} against ${gold}: ${rule} (${shorten(forms)})`, evidence);
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
