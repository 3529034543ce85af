import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mapInOrder } from './bounded.ts';

test('results come in the order of the elements and never more than `concurrency` run at once', async () => {
  const delays = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(delays, fc.integer({ min: 1, max: 5 }), async (waits, concurrency) => {
      let running = 0;
      let most = 0;
      const results = await mapInOrder(waits, concurrency, undefined, async (wait, position) => {
        most = Math.max(most, ++running);
        await setTimeout(wait);
        running--;
        return `${position}:${wait}`;
      });
      expect(results).toEqual(waits.map((wait, position) => `${position}:${wait}`));
      expect(most).toBe(Math.min(concurrency, waits.length));
    }),
    { numRuns: 20 },
  );
});

test('the failure of the earliest element is thrown, though a later one failed first, and nothing new begins', async () => {
  for (const concurrency of [1, 2, 3, 6]) {
    const begun: number[] = [];
    const running = mapInOrder([0, 1, 2, 3, 4, 5], concurrency, undefined, async (element) => {
      begun.push(element);
      await setTimeout(element === 1 ? 10 : 1);
      if (element >= 1) throw new Error(`element ${element}`);
    });
    await expect(running).rejects.toThrow('element 1');
    expect(begun.length).toBeLessThanOrEqual(Math.max(2, concurrency + 1));
  }
});

test('an abort begins nothing new, waits for what runs, and rejects with its reason', async () => {
  const controller = new AbortController();
  let finished = 0;
  const running = mapInOrder([0, 1, 2, 3], 2, controller.signal, async () => {
    await setTimeout(1);
    controller.abort(new Error('enough'));
    await setTimeout(1);
    finished++;
  });
  await expect(running).rejects.toThrow('enough');
  expect(finished).toBe(2);
  await expect(mapInOrder([0], 1, AbortSignal.abort(new Error('before')), async () => 0)).rejects.toThrow('before');
});

test('nothing to do is done at once', async () => {
  expect(await mapInOrder([], 4, undefined, async () => 0)).toEqual([]);
});
