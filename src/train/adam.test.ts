import { expect, test } from 'vitest';
import { adamFor, refusedChoices, yieldNotes } from './adam.ts';

const defaults = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 1 };

test('a default yields to an engine that takes one value only, and that is said', () => {
  const engine = { fixedAdam: { maxGradNorm: 0, beta1: 0.9 } };
  expect(adamFor(defaults, engine)).toEqual({ ...defaults, maxGradNorm: 0 });
  expect(yieldNotes(defaults, engine)).toEqual([
    'training.maxGradNorm is 0 with this engine, which takes no other value (the default is 1)',
  ]);
  expect(refusedChoices(defaults, engine)).toEqual([]);
});

test('a value that was chosen does not yield', () => {
  const chosen = { ...defaults, maxGradNorm: 0.5 };
  const engine = { fixedAdam: { maxGradNorm: 0 } };
  expect(adamFor(chosen, engine)).toEqual(chosen);
  expect(yieldNotes(chosen, engine)).toEqual([]);
  expect(refusedChoices(chosen, engine)).toEqual([{ name: 'maxGradNorm', asked: 0.5, fixed: 0 }]);
});

test('an engine that takes everything changes nothing', () => {
  expect(adamFor(defaults, {})).toEqual(defaults);
  expect(adamFor({ ...defaults, beta2: 0.999 }, { fixedAdam: { beta2: 0.999 } }).beta2).toBe(0.999);
});
