import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { learningRateAt, learningRateFields } from './learning-rate.ts';

const rates = (rate: object, steps: number) => {
  const parsed = z.strictObject(learningRateFields).parse({ learningRate: 1, ...rate });
  return Array.from({ length: steps }, (_, step) => Number(learningRateAt(parsed, step, steps).toFixed(6)));
};

describe('learningRateAt', () => {
  it('is constant unless told otherwise', () => {
    expect(rates({ learningRate: 0.5 }, 3)).toEqual([0.5, 0.5, 0.5]);
  });

  it('warms up linearly and stays', () => {
    expect(rates({ warmupSteps: 4 }, 6)).toEqual([0.25, 0.5, 0.75, 1, 1, 1]);
  });

  it('decays linearly to the final fraction at the last step', () => {
    expect(rates({ decay: 'linear', finalFraction: 0.2 }, 5)).toEqual([1, 0.8, 0.6, 0.4, 0.2]);
  });

  it('decays to a tenth of the peak by default', () => {
    expect(rates({ decay: 'linear' }, 2)).toEqual([1, 0.1]);
  });

  it('decays by half a cosine after the warm-up', () => {
    expect(rates({ warmupSteps: 1, decay: 'cosine', finalFraction: 0 }, 4)).toEqual([1, 1, 0.5, 0]);
  });

  it('has a defined rate when the warm-up is longer than the run', () => {
    expect(rates({ warmupSteps: 10, decay: 'cosine' }, 2)).toEqual([0.1, 0.2]);
  });
});
