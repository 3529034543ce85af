import { describe, expect, it } from 'vitest';
import { decodeState, encodeState, initialState, problemsDrawn } from './checkpoint-state.ts';

const state = { ...initialState, step: 3, problems: 40, schedules: { alpha: 0.5 } };

describe('a checkpoint’s state', () => {
  it('comes back as it was', () => {
    expect(encodeState(state)['version']).toBe(4);
    expect(decodeState(encodeState(state), 'here')).toEqual(state);
  });

  it('of version 1 has drawn problemsPerStep problems in every step', () => {
    const { version: _, problems: __, ...first } = encodeState(state);
    const decoded = decodeState(first, 'here');
    expect(problemsDrawn(decoded, 8)).toBe(24);
    expect(problemsDrawn(state, 8)).toBe(40);
  });

  it('of version 2 has its evaluations estimated again from their counts', () => {
    const problems = [{ id: 'a', samples: 4, correct: 1, unknown: 0, truncated: 0 }];
    const old = { protocol: { key: [1, 2] }, accuracy: { value: 0.25, low: 0, high: 1 }, passAt: [{ k: 2 }], problems };
    const { first, last } = decodeState({ ...encodeState(state), version: 2, first: old }, 'here');
    expect(first?.accuracy).toMatchObject({ value: 0.25, thisTestSet: { method: 'jackknife' } });
    expect(first?.passAt[0]).toMatchObject({ k: 2, estimate: { value: 0.5 } });
    expect(last).toBeUndefined();
  });

  it('of version 3 keeps what its canaries knew', () => {
    const { health: _, ...rest } = encodeState(state);
    const old = { ...rest, version: 3, canaries: { firstEntropy: 0.5, active: ['truncation'], faultsInARow: 2 } };
    expect(decodeState(old, 'here').health).toEqual({
      first: { 'policy/entropy_nats/mean': { sum: 0.5, count: 1 } },
      refused: 2,
      idle: 0,
      checks: {},
    });
  });

  it('of a later version, or of something else, is refused by name', () => {
    expect(() => decodeState({ ...encodeState(state), version: 5 }, 'here')).toThrow(/here[\s\S]*upgrade/);
    expect(() => decodeState({}, 'here')).toThrow('here does not hold a training run');
  });
});
