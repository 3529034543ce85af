/** Filters and sorts over a table of rollouts: places in it, in the order they are shown. */
import type { RolloutSort } from './api.ts';
import { OUTCOME_BITS, OUTCOMES, TRUNCATED_BIT } from './rollout-jobs.ts';
import type { RolloutFilter } from './rollout-source.ts';
import type { RolloutTable } from './rollout-table.ts';

const UNKNOWN = OUTCOMES.indexOf('unknown');

/** Rows with the text searched for, ascending, by step; steps that were not looked through are absent. */
export type TextMatches = ReadonlyMap<number, Uint32Array>;

/** Places that pass, by step and row. @param matches needed where the filter has a text */
export function select(table: RolloutTable, filter: RolloutFilter, matches?: TextMatches): Uint32Array {
  const passes = predicate(table, filter);
  const found = new Uint32Array(table.length);
  let count = 0;
  for (const { step, start, count: rows } of table.blocks(filter.firstStep, filter.lastStep)) {
    if (matches === undefined) {
      for (let place = start; place < start + rows; place++) if (passes(place)) found[count++] = place;
    } else {
      for (const row of matches.get(step) ?? []) if (row < rows && passes(start + row)) found[count++] = start + row;
    }
  }
  return found.slice(0, count);
}

function predicate(table: RolloutTable, filter: RolloutFilter): (place: number) => boolean {
  const { columns } = table;
  const tests: ((place: number) => boolean)[] = [];
  const { problem, leastReward, mostReward, minTokens, maxTokens, truncated } = filter;
  if (problem !== undefined) {
    const code = table.codeOf(problem);
    tests.push((place) => columns.problem[place] === code);
  }
  const outcome = outcomeOf(filter);
  if (outcome !== undefined) tests.push((place) => ((columns.flags[place] ?? 0) & OUTCOME_BITS) === outcome);
  if (truncated !== undefined) {
    const flag = truncated ? TRUNCATED_BIT : 0;
    tests.push((place) => ((columns.flags[place] ?? 0) & TRUNCATED_BIT) === flag);
  }
  // an unknown verdict's reward is NaN, which no comparison lets pass
  if (leastReward !== undefined) tests.push((place) => (columns.reward[place] ?? 0) >= leastReward);
  if (mostReward !== undefined) tests.push((place) => (columns.reward[place] ?? 0) <= mostReward);
  if (minTokens !== undefined) tests.push((place) => (columns.tokens[place] ?? 0) >= minTokens);
  if (maxTokens !== undefined) tests.push((place) => (columns.tokens[place] ?? 0) <= maxTokens);
  const [only] = tests;
  if (only === undefined) return () => true;
  return tests.length === 1 ? only : (place) => tests.every((test) => test(place));
}

/** -1 for an outcome and a polarity that no rollout has both of. */
function outcomeOf({ outcome, polarity }: RolloutFilter): number | undefined {
  const byPolarity = polarity === undefined ? undefined : polarity === 'positive' ? 'correct' : 'incorrect';
  if (outcome !== undefined && byPolarity !== undefined && outcome !== byPolarity) return -1;
  const wanted = outcome ?? byPolarity;
  return wanted === undefined ? undefined : OUTCOMES.indexOf(wanted);
}

/**
 * The same places in another order; equal ones stay by step and row. `-step` shows the last step first, its rows in their order.
 * Rollouts without a reward come last, whichever way rewards go.
 * @param places by step and row, as `select` gives them
 */
export function ordered(table: RolloutTable, places: Uint32Array, sort: RolloutSort): Uint32Array {
  const isDescending = sort.startsWith('-');
  switch (isDescending ? sort.slice(1) : sort) {
    case 'step':
      return isDescending ? lastStepFirst(table, places) : places;
    case 'tokens':
      return byKeys(places, [directed(pick(table.columns.tokens, places), isDescending)]);
    case 'problem': {
      const ranks = ranksOf(table.problems);
      const keys = pick(table.columns.problem, places).map((code) => ranks[code] ?? 0);
      return byKeys(places, [directed(keys, isDescending)]);
    }
    default: {
      const [low, high] = rewardKeys(table, places, isDescending);
      return byKeys(places, [low, high]);
    }
  }
}

const pick = (column: Uint32Array, places: Uint32Array): Uint32Array => places.map((place) => column[place] ?? 0);

const directed = (keys: Uint32Array, isDescending: boolean): Uint32Array =>
  isDescending ? keys.map((key) => ~key >>> 0) : keys;

function lastStepFirst(table: RolloutTable, places: Uint32Array): Uint32Array {
  const result = new Uint32Array(places.length);
  let written = 0;
  let end = places.length;
  for (const { start, count } of [...table.blocks(0, Number.MAX_SAFE_INTEGER)].reverse()) {
    let begin = end;
    while (begin > 0 && isWithin(places[begin - 1] as number, start, count)) begin--;
    result.set(places.subarray(begin, end), written);
    written += end - begin;
    end = begin;
  }
  return result;
}

const isWithin = (place: number, start: number, count: number): boolean => place >= start && place < start + count;

/** The place of each text among the sorted ones, by code unit: the same order everywhere. */
function ranksOf(texts: readonly string[]): Uint32Array {
  const order = Array.from(texts.keys()).sort((a, b) => {
    const [left, right] = [texts[a] as string, texts[b] as string];
    return left < right ? -1 : left > right ? 1 : 0;
  });
  const ranks = new Uint32Array(texts.length);
  for (const [rank, code] of order.entries()) ranks[code] = rank;
  return ranks;
}

/** A double's bits as two unsigned numbers, low and high half, that compare as the double does; all ones where there is no reward. */
function rewardKeys(table: RolloutTable, places: Uint32Array, isDescending: boolean): [Uint32Array, Uint32Array] {
  const { reward, flags } = table.columns;
  const [low, high] = [new Uint32Array(places.length), new Uint32Array(places.length)];
  const double = new Float64Array(1);
  const halves = new Uint32Array(double.buffer);
  const isLittle = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
  const [lowHalf, highHalf] = isLittle ? [0, 1] : [1, 0];
  for (const [i, place] of places.entries()) {
    const value = reward[place] ?? Number.NaN;
    if (Number.isNaN(value) || ((flags[place] ?? 0) & OUTCOME_BITS) === UNKNOWN) {
      low[i] = high[i] = 0xffffffff;
      continue;
    }
    // -0 is 0; negated, a descending order is an ascending one
    double[0] = (isDescending ? -value : value) + 0;
    const sign = (halves[highHalf] ?? 0) >>> 31;
    low[i] = (halves[lowHalf] ?? 0) ^ (sign === 1 ? 0xffffffff : 0);
    high[i] = (halves[highHalf] ?? 0) ^ (sign === 1 ? 0xffffffff : 0x80000000);
  }
  return [low, high];
}

/** Stable. @param keys of each place, the least significant first */
function byKeys(places: Uint32Array, keys: readonly Uint32Array[]): Uint32Array {
  const unsorted: Uint32Array = places.map((_, i) => i);
  const order = keys.flatMap((key) => [digits(key, 0), digits(key, 16)]).reduce(byDigit, unsorted);
  return order.map((i) => places[i] ?? 0);
}

function digits(key: Uint32Array, shift: number): Uint16Array {
  const result = new Uint16Array(key.length);
  for (let i = 0; i < key.length; i++) result[i] = (key[i] ?? 0) >>> shift;
  return result;
}

/** One pass of a radix sort. @param order a permutation @param digit of what each element of it names */
function byDigit(order: Uint32Array, digit: Uint16Array): Uint32Array {
  const counts = new Uint32Array(2 ** 16);
  for (const value of digit) counts[value] = (counts[value] ?? 0) + 1;
  let next = 0;
  const starts = counts.map((count) => {
    next += count;
    return next - count;
  });
  const result = new Uint32Array(order.length);
  for (const i of order) {
    const value = digit[i] ?? 0;
    const place = starts[value] ?? 0;
    starts[value] = place + 1;
    result[place] = i;
  }
  return result;
}
