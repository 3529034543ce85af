import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Gate } from './gate.ts';

const tick = () => new Promise((resolve) => setImmediate(resolve));

test('never more units inside than there are, everyone gets in, in the order they came', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 30 }), async (sizes) => {
      const gate = new Gate(7);
      const entered: number[] = [];
      let inside = 0;
      await Promise.all(
        sizes.map((units, i) =>
          gate.hold(units, async () => {
            entered.push(i);
            inside += Math.min(units, 7);
            expect(inside).toBeLessThanOrEqual(7);
            await tick();
            inside -= Math.min(units, 7);
          }),
        ),
      );
      expect(entered).toEqual(sizes.map((_, i) => i));
    }),
  );
});

test('who gives up while waiting leaves the line, and those behind move up', async () => {
  const gate = new Gate(1);
  let release = () => {};
  const first = gate.hold(1, () => new Promise<void>((resolve) => (release = resolve)));
  const controller = new AbortController();
  const second = gate.hold(1, async () => 'second', controller.signal);
  const third = gate.hold(1, async () => 'third');
  controller.abort(new Error('enough'));
  await expect(second).rejects.toThrow('enough');
  release();
  await first;
  expect(await third).toBe('third');
});

test('a failure gives the units back', async () => {
  const gate = new Gate(1);
  await expect(gate.hold(1, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await gate.hold(1, async () => 'yes')).toBe('yes');
});
