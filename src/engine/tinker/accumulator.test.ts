import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Accumulator } from './accumulator.ts';
import type { ModelClient, Operation } from './model-client.ts';
import type { Pass } from './passes.ts';
import type { ForwardBackwardOutput, WireDatum } from './wire.ts';

/** The arithmetic of two servers on one parameter: the gradient of a datum is the sum of its advantages. */
class Ledger {
  sent: WireDatum[] = [];
  readonly requests: number[] = [];
  readonly model = {
    forwardBackward: (data: readonly WireDatum[]): Operation<ForwardBackwardOutput> => {
      this.sent.push(...data);
      this.requests.push(data.length);
      const done = Promise.resolve();
      return { submitted: done, result: done.then(() => ({ outputs: [], metrics: {} })) };
    },
  } as unknown as ModelClient;

  sum(): number {
    return this.sent.reduce((total, datum) => total + gradientOf(datum), 0);
  }

  mean(): number {
    return this.sent.reduce((total, datum) => total + gradientOf(datum) / datum.tokens.length, 0) / this.sent.length;
  }
}

const gradientOf = ({ inputs }: WireDatum): number =>
  (inputs['advantages'] as Float32Array).reduce((total, advantage) => total + advantage, 0);

const passOf = (advantages: readonly number[][]): Pass => ({
  data: advantages.map((each) => ({
    tokens: new Int32Array(each.length),
    inputs: { advantages: Float32Array.from(each) },
  })),
  loss: { lossFn: 'importance_sampling' },
});

test('whatever the passes of a step, the gradient is the plain sum of all', () => {
  const datum = fc.array(fc.integer({ min: -8, max: 8 }), { minLength: 1, maxLength: 6 });
  const passes = fc.array(fc.array(datum, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(passes, (step) => {
      const expected = step.flat(2).reduce((total, advantage) => total + advantage, 0);
      for (const reduction of ['sum', 'jax-mean'] as const) {
        const ledger = new Ledger();
        const accumulator = new Accumulator(reduction);
        for (const advantages of step) accumulator.add(passOf(advantages), ledger.model);
        accumulator.flush(ledger.model);
        expect(reduction === 'sum' ? ledger.sum() : ledger.mean()).toBeCloseTo(expected, 3);
      }
    }),
  );
});

test('one pass a step is sent once and at once, also where the number of datums must be known', () => {
  const ledger = new Ledger();
  const accumulator = new Accumulator('jax-mean');
  expect(accumulator.waits).toBe(false);
  expect(accumulator.add(passOf([[1], [2]]), ledger.model)).toBeDefined();
  expect(accumulator.isSent).toBe(true);
  expect(accumulator.waits).toBe(true);
  expect(accumulator.flush(ledger.model)).toEqual([]);
  expect(ledger.requests).toEqual([2]);
  // and the next step begins anew
  expect([accumulator.isSent, accumulator.waits]).toEqual([false, false]);
});

test('further passes wait for the step, and the first goes again for what it lacks', () => {
  const ledger = new Ledger();
  const accumulator = new Accumulator('jax-mean');
  accumulator.add(passOf([[1], [2]]), ledger.model);
  expect(accumulator.add(passOf([[3]]), ledger.model)).toBeUndefined();
  expect(ledger.requests).toEqual([2]);
  accumulator.flush(ledger.model);
  expect(ledger.requests).toEqual([2, 2, 1]);
  expect(ledger.mean()).toBe(6);
});
