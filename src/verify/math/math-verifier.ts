/**
 * Mathematical equivalence as a verifier: finds the answer in the completion, reads it and the gold, and says whether they are equal,
 * with the forms that were compared and the rule that decided.
 */
import { isMainThread } from 'node:worker_threads';
import { z } from 'zod';
import type { Verdict } from '../../core/rollout.ts';
import { type Extraction, extractAnswers } from '../extract.ts';
import { refused, unknown } from '../verdict.ts';
import type { VerifierDefinition } from '../verifier.ts';
import { checkComputeEngine } from './compute-engine-version.ts';
import { goldText } from './gold.ts';
import { judge } from './judge.ts';
import { type MathSettings, mathSettings } from './math-settings.ts';
import { NO_ANSWER } from './no-answer.ts';

const goldValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const gold = z.union([goldValue.transform((text) => [text]), z.array(goldValue).min(1)]);

export const mathVerifier: VerifierDefinition<MathSettings, readonly string[]> = {
  name: 'math',
  summary: 'The answer equals the gold: numbers, formulas, equations, intervals, sets, vectors, units, words.',
  version: 1,
  settings: mathSettings,
  gold,
  runsIn: 'worker',
  async prepare({ symbolic }) {
    if (symbolic === 'compute-engine') checkComputeEngine();
  },
  verify,
  goldCompletion: ({ goldList }, golds) => {
    const texts = golds.map(goldText);
    return `\\boxed{${goldList === 'any' ? texts[0] : texts.join(', ')}}`;
  },
};

function verify(options: MathSettings, golds: readonly string[], completion: string): Verdict | Promise<Verdict> {
  if (options.symbolic !== 'none' && isMainThread)
    return unknown(
      'verifier error',
      `symbolic: ${options.symbolic} is asked only in a worker of a pool, where it can be ended`,
    );
  const extracted =
    writtenAsGold(options, golds, completion) ??
    extractAnswers(completion, options.anchors ? { anchors: options.anchors } : {})[0];
  if (!extracted)
    return refused(options.noAnswer, 'no answer', 'no answer was found in the completion', { rule: NO_ANSWER });
  if (options.goldList === 'all') return judge(options, golds, extracted);
  return anyOf(golds.map((text) => () => judge(options, [text], extracted)));
}

/** The first that is correct, or else the first that is unknown, or else the first. */
async function anyOf(alternatives: readonly (() => Verdict | Promise<Verdict>)[]): Promise<Verdict> {
  const verdicts: Verdict[] = [];
  for (const alternative of alternatives) {
    const verdict = await alternative();
    if (verdict.outcome === 'correct') return verdict;
    verdicts.push(verdict);
  }
  return (verdicts.find(({ outcome }) => outcome === 'unknown') ?? verdicts[0]) as Verdict;
}

/** Longer completions are not compared with the gold as texts. */
const MAX_ALIKE = 400;

/** A completion that is the gold and nothing else: `June 20` needs no looking for numbers. */
function writtenAsGold(
  { anchors }: MathSettings,
  golds: readonly string[],
  completion: string,
): Extraction | undefined {
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
