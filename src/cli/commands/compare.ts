/** `polarity compare`: two evaluations, problem by problem. */
import { UserError } from '../../core/errors.ts';
import { compare, type MeasuredBenchmark } from '../../evaluate/comparison.ts';
import { comparable } from '../../evaluate/protocol.ts';
import { readSide, type Side } from '../evaluation-file.ts';
import { comparisonNotes, comparisonTable, verdictLines } from '../evaluation-view.ts';
import type { Terminal } from '../terminal.ts';

/** @returns the exit code */
export async function compareCommand(
  [first, second]: readonly [string, string],
  { force: isForced = false }: { readonly force?: boolean },
  terminal: Terminal,
): Promise<number> {
  const [a, b] = [await readSide(first), await readSide(second)];
  const pairs = pairsOf(a, b);
  if (!isForced) refuseDifferent(pairs);
  const comparison = compare(pairs, { isForced });
  terminal.print(`A  ${a.name}`);
  terminal.print(`B  ${b.name}`);
  for (const line of comparisonTable(comparison)) terminal.print(line);
  for (const line of comparisonNotes(comparison.benchmarks)) terminal.print(terminal.colors.dim(line));
  for (const line of verdictLines(comparison))
    terminal.print(line.includes('NOT COMPARABLE') ? terminal.colors.red(line) : terminal.colors.bold(line));
  const alone = notShared(a, b);
  if (alone.length > 0) terminal.print(`in one of them only, so not compared: ${alone.join(', ')}`);
  terminal.result({ a: a.name, b: b.name, ...comparison, notCompared: alone });
  return 0;
}

type Pair = readonly [MeasuredBenchmark, MeasuredBenchmark];

/** By name; where both measured one thing only, these two whatever their names. */
function pairsOf(a: Side, b: Side): Pair[] {
  const pairs = a.benchmarks.flatMap((one): Pair[] => {
    const other = b.benchmarks.find(({ name }) => name === one.name);
    return other === undefined ? [] : [[one, other]];
  });
  if (pairs.length > 0) return pairs;
  const [[one, ...rest], [other, ...others]] = [a.benchmarks, b.benchmarks];
  if (one !== undefined && other !== undefined && rest.length + others.length === 0) return [[one, other]];
  throw new UserError(`${a.name} and ${b.name} have no benchmark in common: ${notShared(a, b).join(', ')}`);
}

/** All at once, so that a user learns everything that must be measured again. @throws UserError */
function refuseDifferent(pairs: readonly Pair[]): void {
  const reasons = pairs.flatMap(([one, other]) => {
    const reason = comparable(one.protocol, other.protocol);
    return reason === undefined ? [] : [`${one.name} cannot be compared: ${reason}`];
  });
  if (reasons.length > 0)
    throw new UserError(`${reasons.join('\n')}\nmeasure both alike, or see the numbers with --force`);
}

function notShared(a: Side, b: Side): string[] {
  const names = (side: Side) => side.benchmarks.map(({ name }) => name);
  const [first, second] = [names(a), names(b)];
  if (first.length === 1 && second.length === 1) return [];
  return [...first.filter((name) => !second.includes(name)), ...second.filter((name) => !first.includes(name))];
}
