/**
 * What the browser of rollouts shows, as part of the page's address: a view is shared by its link. Values that cannot be are dropped, so
 * that an address typed by hand shows something and the controls show what.
 */
import type { Outcome, Polarity, RolloutQuery, RolloutSort } from '../../api.ts';

/** A query without the part of the list that is in sight. */
export type RolloutFilter = Omit<RolloutQuery, 'offset' | 'limit'>;

const POLARITIES: readonly Polarity[] = ['positive', 'negative'];
const OUTCOMES: readonly Outcome[] = ['correct', 'incorrect', 'unknown'];
export const SORTS: readonly RolloutSort[] = [
  'step',
  '-step',
  'reward',
  '-reward',
  'tokens',
  '-tokens',
  'problem',
  '-problem',
];
const LONGEST_TEXT = 200;

const STEPS = /^\d{1,9}(-\d{1,9})?$/;
const REWARDS = /^(-?\d*\.?\d+)?(\.\.(-?\d*\.?\d+)?)?$/;

type Reader = (text: string) => RolloutFilter[keyof RolloutFilter] | undefined;

const oneOf =
  (values: readonly string[]): Reader =>
  (text) =>
    values.includes(text) ? (text as Outcome) : undefined;
const matching =
  (pattern: RegExp): Reader =>
  (text) =>
    text !== '' && pattern.test(text) ? text : undefined;
const count: Reader = (text) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);

/** In the order they have in an address. */
const READERS: Readonly<Record<keyof RolloutFilter, Reader>> = {
  step: matching(STEPS),
  problem: (text) => text || undefined,
  polarity: oneOf(POLARITIES),
  outcome: oneOf(OUTCOMES),
  reward: matching(REWARDS),
  minTokens: count,
  maxTokens: count,
  truncated: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
  text: (text) => text.slice(0, LONGEST_TEXT) || undefined,
  sort: oneOf(SORTS),
};
const KEYS = Object.keys(READERS) as (keyof RolloutFilter)[];

export function filterOf(parameters: URLSearchParams): RolloutFilter {
  const read = KEYS.map((key) => [key, READERS[key](parameters.get(key) ?? '')] as const);
  return Object.fromEntries(read.filter(([, value]) => value !== undefined));
}

/** Whether a text means anything as a condition; what does not is not asked for. */
export const isCondition = (key: keyof RolloutFilter, text: string): boolean =>
  text === '' || READERS[key](text) !== undefined;

/** Only what differs from showing everything in the order on disk. */
export function parametersOf(filter: RolloutFilter): URLSearchParams {
  const given = KEYS.filter((key) => filter[key] !== undefined && !(key === 'sort' && filter.sort === 'step'));
  return new URLSearchParams(given.map((key) => [key, String(filter[key])]));
}

/** Two filters that ask for the same have the same. */
export const keyOf = (filter: RolloutFilter): string => parametersOf(filter).toString();

/** A changed filter; undefined, an empty text and NaN take a condition away. */
export function changed(
  filter: RolloutFilter,
  change: { readonly [Key in keyof RolloutFilter]?: RolloutFilter[Key] | undefined },
): RolloutFilter {
  return filterOf(parametersOf(withoutEmpty({ ...filter, ...change })));
}

function withoutEmpty(filter: object): RolloutFilter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined && value !== ''));
}
