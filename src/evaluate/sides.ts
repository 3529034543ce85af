/**
 * Two sides of a comparison, each with what it measured: which of it is compared, and why not.
 */
import { UserError } from '../core/errors.ts';
import type { MeasuredBenchmark } from './comparison.ts';
import { comparable } from './protocol.ts';

/** What one side of a comparison measured. */
export interface Side {
  /** For people: the run and step, or the file. */
  readonly name: string;
  readonly benchmarks: readonly MeasuredBenchmark[];
}

export type BenchmarkPair = readonly [MeasuredBenchmark, MeasuredBenchmark];

/** By name; where both measured one thing only, these two whatever their names. @throws UserError when there is no pair. */
export function pairsOf(a: Side, b: Side): BenchmarkPair[] {
  const pairs = a.benchmarks.flatMap((one): BenchmarkPair[] => {
    const other = b.benchmarks.find(({ name }) => name === one.name);
    return other === undefined ? [] : [[one, other]];
  });
  if (pairs.length > 0) return pairs;
  const [[one, ...rest], [other, ...others]] = [a.benchmarks, b.benchmarks];
  if (one !== undefined && other !== undefined && rest.length + others.length === 0) return [[one, other]];
  throw new UserError(`${a.name} and ${b.name} have no benchmark in common: ${notShared(a, b).join(', ')}`);
}

/** All of them, so that a user learns everything that must be measured again; empty where the pairs may be compared. */
export function refusals(pairs: readonly BenchmarkPair[]): string[] {
  return pairs.flatMap(([one, other]) => {
    const reason = comparable(one.protocol, other.protocol);
    return reason === undefined ? [] : [`${one.name} cannot be compared: ${reason}`];
  });
}

/** Names of what one side measured alone. */
export function notShared(a: Side, b: Side): string[] {
  const names = (side: Side) => side.benchmarks.map(({ name }) => name);
  const [first, second] = [names(a), names(b)];
  if (first.length === 1 && second.length === 1) return [];
  return [...first.filter((name) => !second.includes(name)), ...second.filter((name) => !first.includes(name))];
}
