import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { hookedEngine } from '../../test/hooked-engine.ts';
import { echoConfig, engineFor, finish, runsIn } from '../../test/training-run.ts';
import { Watchdog } from './watchdog.ts';

function watched() {
  let now = 1000;
  const dog = new Watchdog(() => now, 300);
  return { dog, after: (seconds: number) => (now += seconds) };
}
/** Ends when told. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

test('silence with something outstanding is named once, and again when it has doubled', () => {
  const { dog, after } = watched();
  void dog.watch('verdict 3 of train/000007', () => gate().opened);
  after(10);
  void dog.watch('completions of train/000009', () => gate().opened);
  after(289);
  expect(dog.look(4)).toBeUndefined();
  after(1);
  expect(dog.look(4)).toEqual({
    step: 4,
    level: 'warning',
    kind: 'stalled',
    message:
      'nothing has moved for 300 s; waiting for verdict 3 of train/000007 (300 s), completions of train/000009 (290 s)',
    details: { outstanding: ['verdict 3 of train/000007', 'completions of train/000009'], count: 2 },
  });
  after(299);
  expect(dog.look(4)).toBeUndefined();
  after(1);
  expect(dog.look(4)?.message).toContain('for 600 s');
});

test('whatever ends is progress, failures too, and nothing outstanding is no stall', async () => {
  const { dog, after } = watched();
  const first = gate();
  const ended = dog.watch('one', () => first.opened);
  void dog.watch('two', () => gate().opened);
  after(299);
  first.open();
  await ended;
  after(299);
  expect(dog.look(0)).toBeUndefined();
  after(1);
  expect(dog.look(0)?.details['outstanding']).toEqual(['two']);

  const other = watched();
  await expect(other.dog.watch('fails', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  other.after(10_000);
  expect(other.dog.look(0)).toBeUndefined();
  // time in which nothing was asked for does not count against what comes after it
  void other.dog.watch('later', () => gate().opened);
  expect(other.dog.look(0)).toBeUndefined();
});

test('of many outstanding the eldest are named and the rest counted', () => {
  const { dog, after } = watched();
  for (let i = 0; i < 11; i++) void dog.watch(`request ${i}`, () => gate().opened);
  after(300);
  expect(dog.look(0)?.message).toMatch(/request 7 \(300 s\) and 3 more$/);
});

test('work begins at once, so that calls keep their order', () => {
  const order: string[] = [];
  const { dog } = watched();
  void dog.watch('a', async () => order.push('a'));
  order.push('after a');
  expect(order).toEqual(['a', 'after a']);
});

test('a run that hangs says in its journal and to whoever watches which problem it waits for, and goes on', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'polarity-watchdog-'));
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  try {
    const { open, opened } = gate();
    const { started, lines } = runsIn(() => directory);
    let samples = 0;
    let now = 0;
    const engine = hookedEngine(engineFor(echoConfig()), {
      before: (verb) => verb === 'sample' && ++samples === 3 && opened,
    });
    const settings = { training: { steps: 1 }, evaluation: { atStart: false, atEnd: false } };
    const run = await started('hangs', settings, engine, { clock: () => now });
    const finished = finish(run);
    const progress = () => run.reports.filter(({ kind }) => kind === 'progress');
    await vi.waitFor(() => expect(progress()).toHaveLength(7), { timeout: 20_000 });
    now = 300;
    vi.advanceTimersByTime(10_000);
    open();
    await finished;
    const [event] = lines('hangs', 'events.jsonl');
    expect(event?.['kind']).toBe('stalled');
    expect(event?.['message']).toMatch(
      /^nothing has moved for 300 s; waiting for completions of train\/\d+ \(300 s\)$/,
    );
    expect(run.reports).toContainEqual({ kind: 'event', event });
  } finally {
    vi.useRealTimers();
    rmSync(directory, { recursive: true, force: true });
  }
});
