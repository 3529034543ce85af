import { describe, expect, it } from 'vitest';
import { EngineError } from '../core/errors.ts';
import { type CanaryState, listen, refuseFaults } from './canaries.ts';
import type { Metrics } from './metrics.ts';

const calm: CanaryState = { active: [], faultsInARow: 0 };

/** Kinds heard at each step of a sequence. */
function kinds(steps: readonly Metrics[]): string[][] {
  let state = calm;
  return steps.map((metrics, i) => {
    const heard = listen({ metrics, faults: [] }, state, i + 1);
    state = heard.state;
    return heard.events.map(({ kind }) => kind);
  });
}

describe('canaries', () => {
  it.each([
    ['ratio-canary', { 'loss/first_ratio_deviation/max': 2e-3 }, { 'loss/first_ratio_deviation/max': 9e-4 }],
    ['ratio-canary', { 'loss/first_ratio_deviation/max': Number.NaN }, {}],
    ['unknown-verdicts', { 'rollout/unknown_frac': 0.06 }, { 'rollout/unknown_frac': 0.05 }],
    ['truncation', { 'rollout/truncated_frac': 0.51 }, { 'rollout/truncated_frac': 0.5 }],
    ['no-signal', { 'optim/steps': 0 }, { 'optim/steps': 1 }],
  ])('%s speaks on %j and not on %j', (kind, bad, good) => {
    expect(kinds([bad])).toEqual([[kind]]);
    expect(kinds([good])).toEqual([[]]);
  });

  it('speaks once when its condition begins, and again only after it has passed', () => {
    const [bad, good] = [{ 'rollout/truncated_frac': 0.9 }, { 'rollout/truncated_frac': 0.1 }];
    expect(kinds([bad, bad, good, bad])).toEqual([['truncation'], [], [], ['truncation']]);
  });

  it('measures entropy collapse against the run’s first step', () => {
    const entropy = (value: number) => ({ 'policy/entropy_nats/mean': value });
    expect(kinds([entropy(1), entropy(0.11), entropy(0.09)])).toEqual([[], [], ['entropy-collapse']]);
    expect(kinds([entropy(0.09), entropy(0.09)])).toEqual([[], []]);
  });

  it('writes a value that JSON cannot hold as text', () => {
    const { events } = listen({ metrics: { 'loss/first_ratio_deviation/max': Number.NaN }, faults: [] }, calm, 1);
    expect(events[0]?.details).toEqual({ value: 'NaN' });
  });
});

describe('refused gradients', () => {
  const after = (faults: readonly string[], state: CanaryState, steps = 1) =>
    listen({ metrics: { 'optim/steps': steps }, faults }, state, 1);

  it('are counted in a row: a sound step forgives, a step without an update does not', () => {
    const once = after(['NaN'], calm, 0).state;
    expect(once.faultsInARow).toBe(1);
    expect(after([], once, 0).state.faultsInARow).toBe(1);
    expect(after([], once, 1).state.faultsInARow).toBe(0);
  });

  it('stop the run at the third', () => {
    const heard = after(['norm NaN'], { ...calm, faultsInARow: 2 }, 0);
    expect(() => refuseFaults(heard.state, heard.events)).toThrow(EngineError);
    expect(() => refuseFaults(heard.state, heard.events)).toThrow('norm NaN');
    expect(() => refuseFaults({ ...calm, faultsInARow: 2 }, [])).not.toThrow();
  });
});
