import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  changedQuery,
  compareHref,
  hrefWith,
  listOf,
  parseRoute,
  RUN_TABS,
  runHref,
  runsHref,
  studyHref,
} from './router.ts';

describe('parseRoute', () => {
  it('begins with the list of runs', () => {
    for (const hash of ['', '#', '#/', '#/runs', '#/runs/'])
      expect(parseRoute(hash)).toEqual({ view: 'runs', query: {} });
  });

  it('takes the last part of a run for its tab, whatever the run is called', () => {
    expect(parseRoute('#/run/polarity-single/grpo-s1/rollouts?step=10')).toEqual({
      view: 'run',
      run: 'polarity-single/grpo-s1',
      tab: 'rollouts',
      query: { step: '10' },
    });
    expect(parseRoute('#/run/charts/events')).toMatchObject({ run: 'charts', tab: 'events' });
    expect(parseRoute('#/run/charts')).toMatchObject({ run: 'charts', tab: 'charts' });
    expect(parseRoute('#/run/echo')).toMatchObject({ run: 'echo', tab: 'charts' });
  });

  it('reads the runs of a comparison', () => {
    expect(parseRoute('#/compare?runs=a,b/c@20')).toMatchObject({ view: 'compare', runs: ['a', 'b/c@20'] });
    expect(parseRoute('#/compare')).toMatchObject({ view: 'compare', runs: [] });
  });

  it('leads nowhere for what it does not know, and never throws', () => {
    expect(parseRoute('#/bla/x')).toMatchObject({ view: 'unknown', path: '/bla/x' });
    expect(parseRoute('#/run/')).toMatchObject({ view: 'unknown' });
    expect(parseRoute('#/run/50%/charts')).toMatchObject({ view: 'run', run: '50%' });
    fc.assert(fc.property(fc.string(), (text) => parseRoute(text) !== undefined));
  });
});

describe('addresses', () => {
  const part = fc
    .string({ minLength: 1 })
    .filter((text) => !text.includes('/') && text !== '.' && text.trim() === text);
  const name = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
  const query = fc.dictionary(
    fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
    fc.string(),
  );

  it('lead back to what they were made of', () => {
    fc.assert(
      fc.property(name, fc.constantFrom(...RUN_TABS), query, (run, tab, asked) => {
        expect(parseRoute(runHref(run, tab, asked))).toEqual({ view: 'run', run, tab, query: asked });
        expect(parseRoute(studyHref(run, asked))).toEqual({ view: 'study', study: run, query: asked });
      }),
    );
  });

  it('stay readable: slashes and commas are what they are', () => {
    expect(compareHref(['a/b', 'c'])).toBe('#/compare?runs=a/b,c');
    expect(runsHref()).toBe('#/runs');
    expect(hrefWith(parseRoute('#/run/a/charts'), { find: 'x' })).toBe('#/run/a/charts?find=x');
  });
});

it('changedQuery takes away what is set to nothing', () => {
  expect(changedQuery({ a: '1', b: '2' }, { a: undefined, b: '', c: 0, d: false })).toEqual({ c: '0', d: 'false' });
});

it('listOf knows that nothing is no name', () => {
  expect(listOf(undefined)).toEqual([]);
  expect(listOf('a,,b/c')).toEqual(['a', 'b/c']);
});
