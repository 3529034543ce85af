/**
 * Decides whether a written calculation ends in the right answer. Only the answer counts; the steps are read to
 * explain. Arithmetic is exact; any text is judged.
 */
import type { Verdict } from '../core/rollout.ts';
import { evaluate } from '../verify/expression.ts';
import { equals, formatRational, rational } from '../verify/rational.ts';
import type { ArithmeticProblem } from './arithmetic-steps.ts';

/** Without leading zeros, so that there is one way to write each answer. */
const ANSWER = /^=(-?[1-9][0-9]{0,29}|0)$/;

export function verifyArithmetic(problem: ArithmeticProblem, completion: string): Verdict {
  const lines = completion.split(';');
  const answer = ANSWER.exec(lines.at(-1) ?? '')?.[1];
  if (answer === undefined) {
    return incorrect(`no answer: ends in ${shorten(lines.at(-1) ?? '')}, not in =number`);
  }
  const fault = firstWrongStep(lines.slice(0, -1));
  const note = fault === undefined ? '' : `; ${fault}`;
  const exact = evaluate(`${problem.left}${problem.operator}${problem.right}`);
  if (exact.ok && equals(exact.value, rational(BigInt(answer)))) {
    return { outcome: 'correct', reward: 1, explanation: `answer ${answer} is right${note}` };
  }
  return incorrect(`answer ${answer} is wrong (${exact.ok ? formatRational(exact.value) : exact.reason})${note}`);
}

function incorrect(explanation: string): Verdict {
  return { outcome: 'incorrect', reward: 0, explanation };
}

function firstWrongStep(steps: readonly string[]): string | undefined {
  for (const [i, step] of steps.entries()) {
    const fault = faultOf(step);
    if (fault !== undefined) return `step ${i + 1}: ${fault}`;
  }
  return undefined;
}

function faultOf(step: string): string | undefined {
  const sides = step.split('=', 3);
  const [left, right] = [evaluate(sides[0] ?? ''), evaluate(sides[1] ?? '')];
  if (sides.length !== 2 || !left.ok || !right.ok) return `${shorten(step)} is not a calculation`;
  return equals(left.value, right.value) ? undefined : `${shorten(step)} is wrong (${formatRational(left.value)})`;
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
}
