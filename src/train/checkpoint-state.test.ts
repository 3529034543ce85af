import { describe, expect, it } from 'vitest';
import { decodeState, encodeState, initialState, problemsDrawn } from './checkpoint-state.ts';

const state = { ...initialState, step: 3, problems: 40, schedules: { alpha: 0.5 } };

describe('a checkpoint’s state', () => {
  it('comes back as it was', () => {
    expect(encodeState(state)['version']).toBe(2);
    expect(decodeState(encodeState(state), 'here')).toEqual(state);
  });

  it('of version 1 has drawn problemsPerStep problems in every step', () => {
    const { version: _, problems: __, ...first } = encodeState(state);
    const decoded = decodeState(first, 'here');
    expect(problemsDrawn(decoded, 8)).toBe(24);
    expect(problemsDrawn(state, 8)).toBe(40);
  });

  it('of a later version, or of something else, is refused by name', () => {
    expect(() => decodeState({ ...encodeState(state), version: 3 }, 'here')).toThrow(/here[\s\S]*upgrade/);
    expect(() => decodeState({}, 'here')).toThrow('here does not hold a training run');
  });
});
