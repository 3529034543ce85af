/**
 * Countdown as datasets pose it: an expression that gives the target with each number used exactly once. There is no one gold; any such
 * expression is right.
 */
import { z } from 'zod';
import { evaluate } from './expression.ts';
import { equals, formatRational, rational } from './rational.ts';
import { decided, unknown } from './verdict.ts';
import type { VerifierDefinition } from './verifier.ts';

const settings = z.strictObject({});
const integer = z
  .int()
  .min(-(10 ** 12))
  .max(10 ** 12);
const gold = z.strictObject({ target: integer, numbers: z.array(integer.min(0)).min(1).max(12) });
type Gold = z.output<typeof gold>;

export const expressionVerifier: VerifierDefinition<Record<string, never>, Gold> = {
  name: 'expression',
  summary: 'An expression with + - * / that gives the target, each number used exactly once.',
  version: 1,
  settings: settings as z.ZodType<Record<string, never>>,
  gold,
  runsIn: 'worker',
  verify(_settings, { target, numbers }, completion) {
    const found = answerIn(completion);
    if (found === undefined)
      return unknown('no answer', 'neither \\boxed{}, <answer> nor "Answer:" holds an expression');
    const goldForm = `${target}`;
    const extracted = {
      text: found.text,
      start: found.start,
      end: found.start + found.text.length,
      anchor: found.anchor,
    };
    const value = evaluate(plain(found.text));
    if (!value.ok) return decided(false, `not an expression: ${value.reason}`, { extracted, goldForm });
    const answerForm = formatRational(value.value);
    const evidence = { extracted, goldForm, answerForm };
    const used = value.literals.map(String).sort();
    if (used.join() !== numbers.map(String).sort().join())
      return decided(false, `uses ${value.literals.join(', ')}, not ${numbers.join(', ')}`, {
        ...evidence,
        rule: 'each number once',
      });
    const isEqual = equals(value.value, rational(BigInt(target)));
    return decided(isEqual, isEqual ? `gives ${target}` : `gives ${answerForm}, not ${target}`, {
      ...evidence,
      rule: 'value',
    });
  },
  goldCompletion(_settings, { target, numbers }) {
    const solution =
      numbers.length > MOST_SOLVED
        ? undefined
        : solve(
            numbers.map((value) => ({ value, text: `${value}` })),
            target,
          );
    return solution === undefined ? undefined : `\\boxed{${solution}}`;
  },
};

interface Answer {
  readonly text: string;
  readonly start: number;
  readonly anchor: string;
}

const ANCHORS: readonly (readonly [anchor: string, pattern: RegExp])[] = [
  ['last \\boxed', /\\boxed\{(?<text>[^{}]{1,1000})\}/g],
  ['last <answer>', /<answer>(?<text>[^<]{1,1000})<\/answer>/g],
  ['last "Answer:"', /answer\s{0,3}(?:is|:)\s{0,3}(?<text>[^\n]{1,1000})/gi],
];

function answerIn(completion: string): Answer | undefined {
  for (const [anchor, pattern] of ANCHORS) {
    const last = [...completion.matchAll(pattern)].at(-1);
    const text = last?.groups?.['text'];
    if (last !== undefined && text !== undefined) return { text, start: last.index + last[0].indexOf(text), anchor };
  }
  return undefined;
}

/** `3 \times (8-2) = 18.` -> `3 * (8-2)`: what stands left of an equals sign is the expression. */
function plain(text: string): string {
  const signs = text
    .replace(/\\(?:times|cdot)|[×·]/g, '*')
    .replace(/\\div|÷/g, '/')
    .replace(/[−–]/g, '-')
    .replace(/\\left|\\right|\$|\\[,;! ]/g, '');
  return (signs.split('=')[0] ?? '').trim().replace(/\.$/, '');
}

/** Numbers a solution is searched for: 5 take some hundred thousand combinations. */
const MOST_SOLVED = 5;

interface Term {
  readonly value: number;
  readonly text: string;
}

/** Combines two terms at a time; only whole quotients, so values are exact. */
function solve(terms: readonly Term[], target: number): string | undefined {
  const [only] = terms;
  if (terms.length === 1 && only !== undefined) return only.value === target ? only.text : undefined;
  for (const [i, a] of terms.entries())
    for (const [j, b] of terms.entries()) {
      if (i === j) continue;
      const rest = terms.filter((_, k) => k !== i && k !== j);
      for (const combined of combinations(a, b)) {
        const found = solve([...rest, combined], target);
        if (found !== undefined) return found;
      }
    }
  return undefined;
}

function combinations(a: Term, b: Term): Term[] {
  const both = (sign: string, value: number): Term => ({ value, text: `(${a.text}${sign}${b.text})` });
  return [
    both('+', a.value + b.value),
    both('-', a.value - b.value),
    both('*', a.value * b.value),
    ...(b.value !== 0 && a.value % b.value === 0 ? [both('/', a.value / b.value)] : []),
  ].filter(({ value }) => Number.isSafeInteger(value));
}
