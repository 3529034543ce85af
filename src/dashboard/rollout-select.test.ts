import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RolloutSort } from './api.ts';
import { type FileSummary, OUTCOMES, TRUNCATED_BIT } from './rollout-jobs.ts';
import { ordered, select } from './rollout-select.ts';
import type { RolloutFilter } from './rollout-source.ts';
import { RolloutTable } from './rollout-table.ts';

interface Drawn {
  readonly problem: string;
  readonly outcome: (typeof OUTCOMES)[number];
  readonly reward: number;
  readonly tokens: number;
  readonly truncated: boolean;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  problem: fc.constantFrom('train/1', 'train/2', 'train/10', 'ä'),
  outcome: fc.constantFrom(...OUTCOMES),
  reward: fc.oneof(fc.constantFrom(0, -0, 1, -1, Infinity), fc.double()),
  tokens: fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 100_000 })),
  truncated: fc.boolean(),
});

/** Steps 1.., in some order of arrival. */
const files = fc
  .array(fc.array(drawn, { maxLength: 6 }), { minLength: 1, maxLength: 5 })
  .chain((steps) =>
    fc
      .shuffledSubarray([...steps.keys()], { minLength: steps.length })
      .map((order) => order.map((i) => ({ step: i + 1, rows: steps[i] ?? [] }))),
  );

function summaryOf(rows: readonly Drawn[]): FileSummary {
  const problems = [...new Set(rows.map((row) => row.problem))];
  return {
    problems,
    problem: Uint32Array.from(rows, (row) => problems.indexOf(row.problem)),
    reward: Float64Array.from(rows, (row) => (row.outcome === 'unknown' ? Number.NaN : row.reward)),
    tokens: Uint32Array.from(rows, (row) => row.tokens),
    policyVersion: new Int32Array(rows.length),
    flags: Uint8Array.from(rows, (row) => OUTCOMES.indexOf(row.outcome) | (row.truncated ? TRUNCATED_BIT : 0)),
  };
}

type Placed = Drawn & { readonly step: number; readonly row: number };

function tableOf(arrived: readonly { step: number; rows: readonly Drawn[] }[]): { table: RolloutTable; all: Placed[] } {
  const table = new RolloutTable();
  for (const { step, rows } of arrived) table.add(step, summaryOf(rows));
  const all = [...arrived]
    .sort((a, b) => a.step - b.step)
    .flatMap(({ step, rows }) => rows.map((row, i) => ({ ...row, step, row: i })));
  return { table, all };
}

const shown = (table: RolloutTable, places: Uint32Array) => Array.from(places, (place) => table.at(place));
const spot = ({ step, row }: Placed) => ({ step, row });
const EVERYTHING: RolloutFilter = { firstStep: 0, lastStep: 1000 };

/** The same by plain comparisons, which JavaScript sorts stably. */
const COMPARE: Record<RolloutSort, (a: Placed, b: Placed) => number> = {
  step: () => 0,
  '-step': (a, b) => b.step - a.step,
  tokens: (a, b) => a.tokens - b.tokens,
  '-tokens': (a, b) => b.tokens - a.tokens,
  problem: (a, b) => (a.problem < b.problem ? -1 : a.problem > b.problem ? 1 : 0),
  '-problem': (a, b) => (a.problem < b.problem ? 1 : a.problem > b.problem ? -1 : 0),
  reward: (a, b) => byReward(a, b, 1),
  '-reward': (a, b) => byReward(a, b, -1),
};

const hasReward = ({ outcome, reward }: Drawn) => outcome !== 'unknown' && !Number.isNaN(reward);

function byReward(a: Placed, b: Placed, direction: 1 | -1): number {
  if (!hasReward(a) || !hasReward(b)) return Number(!hasReward(a)) - Number(!hasReward(b));
  return a.reward === b.reward ? 0 : a.reward < b.reward ? -direction : direction;
}

describe('a table of rollouts', () => {
  it.each(Object.keys(COMPARE) as RolloutSort[])('sorts by %s as a stable comparison does', (sort) => {
    fc.assert(
      fc.property(files, (arrived) => {
        const { table, all } = tableOf(arrived);
        const places = ordered(table, select(table, EVERYTHING), sort);
        expect(shown(table, places)).toEqual([...all].sort(COMPARE[sort]).map(spot));
      }),
    );
  });

  it('passes exactly the rollouts that a filter names', () => {
    const filter: fc.Arbitrary<RolloutFilter> = fc.record(
      {
        firstStep: fc.nat({ max: 4 }),
        lastStep: fc.nat({ max: 6 }),
        problem: fc.constantFrom('train/1', 'nobody'),
        polarity: fc.constantFrom('positive' as const, 'negative' as const),
        outcome: fc.constantFrom(...OUTCOMES),
        leastReward: fc.constantFrom(-1, 0, 0.5),
        mostReward: fc.constantFrom(0, 1),
        minTokens: fc.nat({ max: 3 }),
        maxTokens: fc.nat({ max: 50_000 }),
        truncated: fc.boolean(),
      },
      { requiredKeys: ['firstStep', 'lastStep'] },
    );
    fc.assert(
      fc.property(files, filter, (arrived, wanted) => {
        const { table, all } = tableOf(arrived);
        expect(shown(table, select(table, wanted))).toEqual(all.filter((each) => passes(each, wanted)).map(spot));
      }),
    );
  });

  it('passes only rows that a search found, and none of steps it has not looked through', () => {
    const row: Drawn = { problem: 'p', outcome: 'correct', reward: 1, tokens: 1, truncated: false };
    const { table } = tableOf([
      { step: 7, rows: [row, row, row] },
      { step: 3, rows: [row, row] },
    ]);
    const found = select(table, EVERYTHING, new Map([[7, Uint32Array.of(0, 2, 9)]]));
    expect(shown(table, found)).toEqual([
      { step: 7, row: 0 },
      { step: 7, row: 2 },
    ]);
  });
});

function passes(each: Placed, wanted: RolloutFilter): boolean {
  const polarity = each.outcome === 'unknown' ? undefined : each.outcome === 'correct' ? 'positive' : 'negative';
  const within = (value: number, least = -Infinity, most = Infinity) => value >= least && value <= most;
  const asksReward = wanted.leastReward !== undefined || wanted.mostReward !== undefined;
  return (
    within(each.step, wanted.firstStep, wanted.lastStep) &&
    (wanted.problem === undefined || wanted.problem === each.problem) &&
    (wanted.polarity === undefined || wanted.polarity === polarity) &&
    (wanted.outcome === undefined || wanted.outcome === each.outcome) &&
    (!asksReward || (hasReward(each) && within(each.reward, wanted.leastReward, wanted.mostReward))) &&
    within(each.tokens, wanted.minTokens, wanted.maxTokens) &&
    (wanted.truncated === undefined || wanted.truncated === each.truncated)
  );
}
