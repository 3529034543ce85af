/** From a completion to a verdict by running tests one after another: the same for every language. */
import type { Verdict } from '../../core/rollout.ts';
import { decided, unknown } from '../verdict.ts';
import type { UnknownReason } from '../verifier.ts';
import { extractCode } from './extract-code.ts';
import { type CodeGold, type CodeTest, differenceOf, type Produced, testsOf } from './tests.ts';

/** How one run ended: it produced something, the program failed, or nothing can be said about the program. */
export type TestRun =
  | { readonly outcome: 'produced'; readonly produced: Produced; readonly steps?: number }
  | { readonly outcome: 'failed'; readonly fault: string; readonly steps?: number }
  | { readonly outcome: 'unknown'; readonly reason: UnknownReason; readonly explanation: string };

export type RunTest = (source: string, test: CodeTest) => Promise<TestRun>;

export interface JudgeSettings {
  readonly noCode: 'incorrect' | 'unknown';
  readonly tolerance: number;
}

type Language = Parameters<typeof extractCode>[1];

/** Stops at the first test that is not passed. @param open makes what runs the tests, once there is a program; `close` is always called */
export async function judge(
  completion: string,
  gold: CodeGold,
  language: Language,
  settings: JudgeSettings,
  open: () => Promise<{ readonly run: RunTest; close(): Promise<void> }>,
): Promise<Verdict> {
  const extracted = extractCode(completion, language);
  if (extracted === undefined) {
    const explanation = `no closed code block, neither \`\`\`${language} nor bare`;
    return settings.noCode === 'unknown'
      ? unknown('no answer', explanation)
      : decided(false, explanation, { rule: 'no code' });
  }
  const tests = testsOf(gold);
  const { run, close } = await open();
  let steps: number | undefined;
  try {
    for (const [index, test] of tests.entries()) {
      const name = `test ${index + 1} of ${tests.length}`;
      const ran = await run(extracted.text, test);
      if (ran.outcome === 'unknown') return unknown(ran.reason, `${name}: ${ran.explanation}`, { extracted });
      if (ran.steps !== undefined) steps = (steps ?? 0) + ran.steps;
      const evidence = { extracted, ...(steps === undefined ? {} : { steps }) };
      if (ran.outcome === 'failed')
        return decided(false, `${name}: ${ran.fault}`, { ...evidence, rule: 'a test failed' });
      const difference = differenceOf(test, ran.produced, settings.tolerance);
      if (difference !== undefined)
        return decided(false, `${name}: ${difference}`, { ...evidence, rule: 'a test differs' });
    }
  } finally {
    await close();
  }
  const evidence = { extracted, rule: 'all tests pass', ...(steps === undefined ? {} : { steps }) };
  return decided(true, tests.length === 1 ? 'the test passes' : `all ${tests.length} tests pass`, evidence);
}

/** The gold's own program as a completion. */
export function solutionCompletion({ solution }: CodeGold, language: Language): string | undefined {
  return solution === undefined ? undefined : `\`\`\`${language}\n${solution}\n\`\`\``;
}
