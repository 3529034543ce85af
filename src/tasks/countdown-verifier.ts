/**
 * Decides whether a Countdown completion ends in a right answer, and says why not. Arithmetic is exact; any text is
 * judged.
 *
 * The rules are the game's: whole numbers, each number used exactly once, the last value is the target. Limits of the
 * generator (largest result, no negative values) are not rules: a policy that finds another way is right.
 */
import type { Verdict } from '../core/rollout.ts';
import { evaluate } from '../verify/expression.ts';
import { formatRational } from '../verify/rational.ts';
import type { CountdownProblem } from './countdown-problems.ts';

/** `a?b=c`: whole numbers without leading zeros, at most 15 digits, possibly negative. */
const INTEGER = '-?[1-9][0-9]{0,14}|0';
const STEP = new RegExp(`^((?<left>${INTEGER})[-+*/](?<right>${INTEGER}))=(?<result>${INTEGER})$`);

/** Completions are judged by their last attempt, after the last `x`; what came before is search and may be anything. */
export function verifyCountdown(problem: CountdownProblem, completion: string): Verdict {
  const attempt = completion.slice(completion.lastIndexOf('x') + 1);
  const fault = faultOf(problem, attempt);
  if (fault !== undefined) return { outcome: 'incorrect', reward: 0, explanation: fault };
  return { outcome: 'correct', reward: 1, explanation: `reaches ${problem.target} using every number once` };
}

function faultOf(problem: CountdownProblem, attempt: string): string | undefined {
  if (attempt === '') return 'no answer: the last attempt is empty';
  const steps = attempt.split(';', problem.numbers.length + 1);
  let table = problem.numbers.map(String);
  for (const [i, step] of steps.entries()) {
    const next = takeStep(table, step, problem);
    if ('fault' in next) return `step ${i + 1}: ${next.fault}`;
    table = next.table;
  }
  if (table.length > 1) return `stops with ${table.join(', ')} left: every number must be used`;
  return table[0] === String(problem.target) ? undefined : `ends at ${table[0]}, not ${problem.target}`;
}

type Taken = { readonly table: string[] } | { readonly fault: string };

function takeStep(table: readonly string[], step: string, problem: CountdownProblem): Taken {
  const parts = STEP.exec(step)?.groups as { left: string; right: string; result: string } | undefined;
  if (parts === undefined) return { fault: `${shorten(step)} is not of the form a+b=c` };
  const { left, right, result } = parts;
  const afterLeft = without(table, left);
  if (afterLeft === undefined) return { fault: missing(left, table, problem, false) };
  const rest = without(afterLeft, right);
  if (rest === undefined) return { fault: missing(right, afterLeft, problem, left === right) };
  const value = evaluate(step.slice(0, step.indexOf('=')));
  if (!value.ok) return { fault: `${shorten(step)}: ${value.reason}` };
  const exact = formatRational(value.value);
  if (exact !== result) return { fault: `${step} is wrong (${exact})` };
  return { table: [...rest, result] };
}

/** The table less one `number`; `undefined` when it is not there. */
function without(table: readonly string[], number: string): string[] | undefined {
  const place = table.indexOf(number);
  return place < 0 ? undefined : table.toSpliced(place, 1);
}

function missing(number: string, table: readonly string[], problem: CountdownProblem, isBoth: boolean): string {
  const left = `(left: ${table.length === 0 ? 'nothing' : table.join(', ')})`;
  const had = problem.numbers.filter((candidate) => String(candidate) === number).length;
  if (had === 0 && !isBoth) return `uses ${number}, which is not there ${left}`;
  return `uses ${number} ${had <= 1 ? 'twice' : 'too often'} ${left}`;
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
}
