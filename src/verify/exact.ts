/**
 * Equality of text, after the differences that the settings call none.
 */
import { z } from 'zod';
import type { Evidence, Verdict } from '../core/rollout.ts';
import { comparableForm, comparisonShape, textGold } from './exact-form.ts';
import { ANCHORS, type Anchor, extractAnswers } from './extract.ts';
import { decided, refused } from './verdict.ts';
import type { VerifierDefinition } from './verifier.ts';

const settings = z.strictObject({
  ...comparisonShape,
  /** Where the answer is looked for; none: the whole completion is the answer. */
  anchors: z.array(z.enum(ANCHORS)).default([]),
  /** What a completion without an answer is: a policy that may go without learns to. */
  noAnswer: z.enum(['incorrect', 'unknown']).default('incorrect'),
});

type Settings = z.output<typeof settings>;

export const exactVerifier: VerifierDefinition<Settings, string> = {
  name: 'exact',
  summary:
    'The completion, or the answer extracted from it, is the gold text, give or take case and white space as set.',
  version: 1,
  settings,
  gold: textGold,
  runsIn: 'worker',
  verify: judge,
  goldCompletion(options, gold) {
    if (options.anchors.length === 0) return gold;
    const written = options.anchors.map((anchor) => WRITTEN[anchor](gold));
    // a gold with unbalanced braces does not fit into a box, but may stand behind words
    return written.find((each) => judge(options, gold, each).outcome === 'correct') ?? written[0];
  },
};

function judge(options: Settings, gold: string, completion: string): Verdict {
  const { anchors, noAnswer } = options;
  if (completion.trim() === '') return refused(noAnswer, 'no answer', 'the completion is empty');
  if (anchors.length === 0) return compare(options, gold, completion);
  const [extracted] = extractAnswers(completion, { anchors });
  if (extracted === undefined) return refused(noAnswer, 'no answer', `no answer at any of: ${anchors.join(', ')}`);
  return compare(options, unwrapped(gold), unwrapped(extracted.text), { extracted });
}

/** How an answer is written for each anchor to find it. */
const WRITTEN: Readonly<Record<Anchor, (gold: string) => string>> = {
  boxed: (gold) => `\\boxed{${gold}}`,
  'final answer': (gold) => `Final answer: ${gold}`,
  '####': (gold) => `#### ${gold}`,
  answer: (gold) => `Answer: ${gold}`,
  whole: (gold) => gold,
  math: (gold) => `$${gold}$`,
  number: (gold) => gold,
};

const WRAPPER = /^\s*(?:\\(?:text(?:bf|it|rm)?|math(?:bf|it|rm))\s*\{([^{}]*)\}|\$([^$]*)\$|\*\*([^*]*)\*\*)\s*$/;

/** Without the marks around all of it that say how text is set: `\text{yes}`. */
function unwrapped(text: string): string {
  const [, ...insides] = WRAPPER.exec(text) ?? [];
  const inside = insides.find((each) => each !== undefined);
  return inside === undefined ? text : unwrapped(inside);
}

function compare(options: Settings, gold: string, answer: string, found: Pick<Evidence, 'extracted'> = {}): Verdict {
  const goldForm = comparableForm(gold, options);
  const answerForm = comparableForm(answer, options);
  const isEqual = goldForm === answerForm;
  const explanation = isEqual ? 'equal text' : 'different text';
  return decided(isEqual, explanation, { ...found, goldForm, answerForm, rule: 'equal text' });
}
