import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { throughStages } from './bounded.ts';
import { Slots } from './slots.ts';

/** One stage that does everything, and one that passes on. */
const mapInOrder = <Element, Result>(
  elements: readonly Element[],
  concurrency: number,
  signal: AbortSignal | undefined,
  work: (element: Element, position: number) => Promise<Result>,
): Promise<Result[]> =>
  throughStages(
    elements,
    signal,
    { slots: new Slots(concurrency), work },
    { slots: new Slots(elements.length + 1), work: async (result: Result) => result },
  ).all;

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

test('who waits for the second stage holds no slot of the first, and both bounds hold', async () => {
  const most = { first: 0, second: 0 };
  const running = { first: 0, second: 0 };
  const during = async (name: 'first' | 'second', wait: () => Promise<unknown>) => {
    most[name] = Math.max(most[name], ++running[name]);
    await wait();
    running[name]--;
  };
  const elements = [0, 1, 2, 3, 4, 5, 6, 7];
  let left = elements.length;
  let open = () => {};
  const allThroughTheFirst = new Promise<void>((resolve) => {
    open = resolve;
  });
  const { all, each } = throughStages(
    elements,
    undefined,
    {
      slots: new Slots(2),
      work: async (element) => {
        await during('first', () => setTimeout(1));
        if (--left === 0) open();
        return element;
      },
    },
    {
      slots: new Slots(3),
      work: async (element) => {
        // would wait for ever if it kept the others from the first stage
        await during('second', () => allThroughTheFirst);
        return element;
      },
    },
  );
  expect(await each[0]).toBe(0);
  expect(await all).toEqual(elements);
  expect(most).toEqual({ first: 2, second: 3 });
});

test('slots that two lists share bound both together, the earlier list first', async () => {
  const slots = new Slots(2);
  const order: string[] = [];
  const begin = (name: string) =>
    throughStages(
      [0, 1, 2],
      undefined,
      {
        slots,
        work: async (element) => {
          order.push(`${name}${element}`);
          await setTimeout(1);
        },
      },
      { slots: new Slots(1), work: async () => undefined },
    );
  await Promise.all([begin('a').all, begin('b').all]);
  expect(order).toEqual(['a0', 'a1', 'a2', 'b0', 'b1', 'b2']);
});
