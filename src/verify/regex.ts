/**
 * Regular expressions: a pattern for all problems whose captured group is compared with the gold, or a pattern of each problem's own.
 * Patterns and text may be hostile together (`^(a+)+$`): the worker is killed then.
 */
import { z } from 'zod';
import { comparableForm, comparisonShape, textGold } from './exact-form.ts';
import { decided, refused, unknown } from './verdict.ts';
import type { VerifierDefinition } from './verifier.ts';

const settings = z
  .strictObject({
    /** Finds the answer, in JavaScript's syntax. Without it, each gold is itself a pattern that the completion must match. */
    pattern: z.string().optional(),
    flags: z
      .string()
      .regex(/^[imsuv]*$/, 'may hold i, m, s, u, v')
      .default('m'),
    /** The group that holds the answer, by number or name; 0 is the whole match. Default: group 1 where the pattern has groups, else 0. */
    group: z.union([z.int().min(0), z.string().min(1)]).optional(),
    /** Which match counts where there are several. */
    match: z.enum(['first', 'last']).default('last'),
    /** What a completion is in which a pattern of the settings finds no answer: a policy that may go without learns to. */
    noAnswer: z.enum(['incorrect', 'unknown']).default('incorrect'),
    /** A completion that must be correct, with the gold in place of `{gold}`: for self-checks. */
    goldTemplate: z.string().optional(),
    ...comparisonShape,
  })
  .superRefine(({ pattern, flags, group }, context) => {
    const complain = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message });
    const compiled = compile(pattern ?? '', flags);
    if (typeof compiled === 'string')
      return complain(pattern === undefined ? 'flags' : 'pattern', `does not compile (${compiled})`);
    if (group === undefined) return;
    if (pattern === undefined) return complain('group', 'needs a pattern beside it');
    const { count, names } = groupsOf(compiled);
    const exists = typeof group === 'number' ? group <= count : names.includes(group);
    if (!exists) complain('group', 'does not exist in the pattern');
  });

type Settings = z.output<typeof settings>;

export const regexVerifier: VerifierDefinition<Settings, string> = {
  name: 'regex',
  summary: 'A regular expression finds the answer, which is compared with the gold; or the gold is the expression.',
  version: 1,
  settings,
  gold: textGold,
  runsIn: 'worker',
  verify: (options, gold, completion) =>
    options.pattern === undefined
      ? matchGold(options, gold, completion)
      : compareCapture(options, options.pattern, gold, completion),
  goldCompletion: ({ goldTemplate }, gold) => goldTemplate?.replaceAll('{gold}', () => gold),
};

/** The gold is the pattern. */
function matchGold(options: Settings, gold: string, completion: string) {
  const compiled = compile(gold, options.flags);
  if (typeof compiled === 'string') return unknown('unparsable gold', `the pattern does not compile: ${compiled}`);
  const found = find(compiled, options.match, completion);
  if (found === undefined) return decided(false, 'the pattern does not match', { rule: 'pattern of the gold' });
  const extracted = {
    text: found[0],
    start: found.index,
    end: found.index + found[0].length,
    anchor: `${options.match} match`,
  };
  const evidence = { extracted, rule: 'pattern of the gold' };
  return decided(true, 'the pattern matches', evidence);
}

function compareCapture(options: Settings, pattern: string, gold: string, completion: string) {
  const compiled = compile(pattern, options.flags) as RegExp;
  const found = find(compiled, options.match, completion);
  if (found === undefined) return refused(options.noAnswer, 'no answer', 'the pattern does not match');
  const group = options.group ?? Math.min(1, groupsOf(compiled).count);
  const extracted = extraction(found, group, `${options.match} match`);
  if (extracted === undefined)
    return refused(options.noAnswer, 'no answer', `group ${group} took no part in the match`);
  const goldForm = comparableForm(gold, options);
  const answerForm = comparableForm(extracted.text, options);
  const isEqual = goldForm === answerForm;
  const evidence = { extracted, goldForm, answerForm, rule: 'equal text' };
  return decided(
    isEqual,
    isEqual ? 'the captured text equals the gold' : 'the captured text differs from the gold',
    evidence,
  );
}

/** The message where it does not compile. With indices, for offsets of groups. */
function compile(pattern: string, flags: string): RegExp | string {
  try {
    return new RegExp(pattern, `${flags}dg`);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** An alternative that matches nothing shows the groups without running the pattern. */
function groupsOf(pattern: RegExp): { readonly count: number; readonly names: readonly string[] } {
  const shown = new RegExp(`|${pattern.source}`, pattern.flags).exec('') as RegExpExecArray;
  return { count: shown.length - 1, names: Object.keys(shown.groups ?? {}) };
}

function find(pattern: RegExp, which: 'first' | 'last', completion: string): RegExpExecArray | undefined {
  let found: RegExpExecArray | undefined;
  for (const match of completion.matchAll(pattern)) {
    found = match as RegExpExecArray;
    if (which === 'first') break;
  }
  return found;
}

function extraction(match: RegExpExecArray, group: number | string, anchor: string) {
  const span = typeof group === 'number' ? match.indices?.[group] : match.indices?.groups?.[group];
  if (span === undefined) return undefined;
  const [start, end] = span;
  return { text: match.input.slice(start, end), start, end, anchor };
}
