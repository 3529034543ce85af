/** `polarity compare`: two evaluations, problem by problem. */
import { UserError } from '../../core/errors.ts';
import { compare } from '../../evaluate/comparison.ts';
import { notShared, pairsOf, refusals } from '../../evaluate/sides.ts';
import { readSide } from '../evaluation-file.ts';
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
  const reasons = isForced ? [] : refusals(pairs);
  if (reasons.length > 0)
    throw new UserError(`${reasons.join('\n')}\nmeasure both alike, or see the numbers with --force`);
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
