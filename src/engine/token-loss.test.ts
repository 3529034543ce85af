import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Loss } from '../core/datum.ts';
import { tokenLoss } from './token-loss.ts';

const LN2 = Math.LN2;
const ppo: Loss = { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.25 };
const dual: Loss = { ...ppo, dualClip: 1.5 };
const cispo: Loss = { kind: 'cispo', ratioMin: 0.8, ratioMax: 1.25 };

test('each loss at ratio 2 and 1/2 gives the number of its formula', () => {
  // logprob -1 and sampling log-probability -1 -+ ln 2: ratio 2 or 1/2
  const at = (loss: Loss, ratio: 2 | 0.5, weight: number) => {
    const { value, slope } = tokenLoss(loss, -1, ratio === 2 ? -1 - LN2 : -1 + LN2, weight);
    return [value, slope].map((number) => Number(number.toFixed(12)) + 0);
  };
  expect(at({ kind: 'cross_entropy' }, 2, 3)).toEqual([3, -3]);
  expect(at({ kind: 'importance_sampling' }, 2, 3)).toEqual([-6, -6]);
  // advantage > 0: clipped above; below the bound the unclipped value is the larger loss
  expect(at(ppo, 2, 4)).toEqual([-5, 0]);
  expect(at(ppo, 0.5, 4)).toEqual([-2, -2]);
  // advantage < 0: clipped below, unbounded above unless dual clip says so
  expect(at(ppo, 0.5, -4)).toEqual([3.2, 0]);
  expect(at(ppo, 2, -4)).toEqual([8, 8]);
  expect(at(dual, 2, -4)).toEqual([6, 0]);
  expect(at(dual, 2, 4)).toEqual([-5, 0]);
  expect(at(cispo, 2, 4)).toEqual([5, -5]);
  expect(at(cispo, 0.5, 4)).toEqual([3.2, -3.2]);
});

test('slopes equal central differences away from the corners', () => {
  const losses: Loss[] = [{ kind: 'cross_entropy' }, { kind: 'importance_sampling' }, ppo, dual, cispo];
  const logprob = fc.double({ min: -5, max: -0.01, noNaN: true });
  const gap = fc.double({ min: -2, max: 2, noNaN: true });
  fc.assert(
    fc.property(
      fc.constantFrom(...losses),
      logprob,
      gap,
      fc.double({ min: -2, max: 2, noNaN: true }),
      (loss, l, g, w) => {
        const h = 1e-6;
        const corners = [0.8, 1.25, 1.5].map((ratio) => Math.abs(g - Math.log(ratio)));
        fc.pre(Math.min(...corners) > 1e-4);
        const value = (x: number) => {
          if (loss.kind !== 'cispo') return tokenLoss(loss, x, l - g, w).value;
          // cispo's ratio is a constant of the differentiation
          return (tokenLoss(loss, l, l - g, w).value / l) * x;
        };
        const numeric = (value(l + h) - value(l - h)) / (2 * h);
        expect(tokenLoss(loss, l, l - g, w).slope).toBeCloseTo(numeric, 6);
      },
    ),
  );
});

test('ppo and cispo have the slope of importance sampling at ratio 1, even when the bounds are 1 as well', () => {
  for (const weight of [2, -2]) {
    for (const bounds of [
      { ratioMin: 1, ratioMax: 1 },
      { ratioMin: 0.8, ratioMax: 1.2 },
    ]) {
      expect(tokenLoss({ kind: 'ppo', ...bounds }, -1, -1, weight).slope).toBe(-weight);
      expect(tokenLoss({ kind: 'cispo', ...bounds }, -1, -1, weight).slope).toBe(-weight);
    }
  }
});
