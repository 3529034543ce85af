import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../api.ts';
import { byStudy, foundRuns, nextSort, parseSort, sortedRuns } from './run-order.ts';

function run(name: string, rest: Partial<RunSummary> = {}): RunSummary {
  return {
    run: name,
    status: 'finished',
    step: 0,
    totalSteps: null,
    task: null,
    recipe: null,
    policy: null,
    engine: null,
    seed: null,
    started: null,
    updated: null,
    passRate: null,
    reward: null,
    stepSeconds: null,
    health: null,
    study: null,
    damage: [],
    ...rest,
  };
}

const names = (runs: readonly RunSummary[]): string[] => runs.map((each) => each.run);

describe('sorting', () => {
  const runs = [run('s10', { reward: 0.5 }), run('s2', { reward: null }), run('s1', { reward: 0.9 })];

  it('puts runs without a value last, whichever way', () => {
    expect(names(sortedRuns(runs, parseSort('reward')))).toEqual(['s10', 's1', 's2']);
    expect(names(sortedRuns(runs, parseSort('-reward')))).toEqual(['s1', 's10', 's2']);
  });

  it('counts in names', () => {
    expect(names(sortedRuns(runs, parseSort('run')))).toEqual(['s1', 's2', 's10']);
  });

  it('shows the newest first until somebody wants it otherwise', () => {
    expect(parseSort(undefined)).toEqual({ column: 'started', isDescending: true });
    expect(parseSort('-nonsense')).toEqual({ column: 'started', isDescending: true });
  });

  it('turns round with the second click; numbers begin with the greatest', () => {
    expect(nextSort(parseSort(undefined), 'reward')).toBe('-reward');
    expect(nextSort(parseSort('-reward'), 'reward')).toBe('reward');
    expect(nextSort(parseSort('-reward'), 'run')).toBe('run');
    expect(nextSort(parseSort('run'), 'run')).toBe('-run');
  });
});

it('every word must be found somewhere', () => {
  const runs = [
    run('a', { recipe: 'a3po', task: 'countdown' }),
    run('b', { recipe: 'grpo', task: 'countdown', status: 'running' }),
  ];
  expect(names(foundRuns(runs, 'Countdown'))).toEqual(['a', 'b']);
  expect(names(foundRuns(runs, 'countdown running'))).toEqual(['b']);
  expect(names(foundRuns(runs, ' '))).toEqual(['a', 'b']);
});

it('runs of no study come first', () => {
  const groups = byStudy([run('s/a', { study: 's' }), run('b'), run('s/c', { study: 's' })]);
  expect([...groups].map(([study, members]) => [study, names(members)])).toEqual([
    [null, ['b']],
    ['s', ['s/a', 's/c']],
  ]);
});
