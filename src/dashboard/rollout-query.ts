/** The query of the rollout browser, checked. */
import type { Query } from './query.ts';
import { refusal } from './refusal.ts';
import type { RolloutFilter, RolloutPageQuery } from './rollout-source.ts';

export const ROLLOUT_PARAMETERS = [
  'step',
  'problem',
  'polarity',
  'outcome',
  'reward',
  'minTokens',
  'maxTokens',
  'truncated',
  'text',
  'sort',
  'offset',
  'limit',
] as const;

const SORTS = ['step', '-step', 'reward', '-reward', 'tokens', '-tokens', 'problem', '-problem'] as const;
const MOST_ROWS = 500;
const ROWS = 50;
const LAST_STEP = 999_999_999_999_999;
const TOKENS = { least: 0, most: 2 ** 31 - 1 };

/** @throws a refusal that names the parameter */
export function rolloutQuery(query: Query): RolloutPageQuery {
  return {
    filter: rolloutFilter(query),
    sort: query.oneOf('sort', SORTS) ?? 'step',
    offset: query.integer('offset', TOKENS) ?? 0,
    limit: query.integer('limit', { least: 1, most: MOST_ROWS }) ?? ROWS,
  };
}

function rolloutFilter(query: Query): RolloutFilter {
  const steps = query.range('step', '-');
  const [firstStep, lastStep] = [steps?.least ?? 0, steps?.most ?? LAST_STEP];
  if (![firstStep, lastStep].every(Number.isSafeInteger))
    throw refusal('bad-query', 'step must be a whole number or a range of them, like 3-9');
  const reward = query.range('reward', '..');
  return given({
    firstStep,
    lastStep,
    problem: query.text('problem'),
    polarity: query.oneOf('polarity', ['positive', 'negative']),
    outcome: query.oneOf('outcome', ['correct', 'incorrect', 'unknown']),
    leastReward: reward?.least,
    mostReward: reward?.most,
    minTokens: query.integer('minTokens', TOKENS),
    maxTokens: query.integer('maxTokens', TOKENS),
    truncated: query.flag('truncated'),
    text: query.text('text', 200),
  });
}

type Absent<T> = { readonly [Key in keyof T]: T[Key] | undefined };

/** Without what is undefined. */
const given = (filter: Absent<RolloutFilter>): RolloutFilter =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as unknown as RolloutFilter;
