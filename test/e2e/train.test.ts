/** Training through the built command, on the fake engine. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  linesWithoutTime,
  type Outcome,
  polarity,
  ROOT,
  removeFolder,
  result,
  start,
  temporaryFolder,
} from './polarity.ts';

const ECHO = join(ROOT, 'examples', 'echo.yaml');

let folder: string;
let whole: Outcome;

const train = (name: string, ...options: string[]) => polarity(['train', ECHO, '--name', name, ...options], folder);
const settings = (...values: string[]) => values.flatMap((value) => ['--set', value]);
const metrics = (run: string) => linesWithoutTime(folder, run, 'metrics.jsonl');

beforeAll(async () => {
  folder = temporaryFolder();
  whole = await train('whole', '--json');
});
afterAll(() => removeFolder(folder));

describe('polarity train', () => {
  it('raises the reward in 20 steps and ends with one line of JSON', () => {
    expect(whole.exitCode).toBe(0);
    expect(whole.stdout.trimEnd().split('\n')).toHaveLength(1);
    const found = result(whole);
    expect(found).toMatchObject({ run: join('runs', 'whole'), steps: 20, interrupted: false });
    const [before, after, difference] = ['before', 'after', 'difference'].map(
      (key) => (found[key] as Record<string, { value: number; interval: [number, number] }>)['pass@1'],
    );
    expect(before?.value).toBeLessThan(0.1);
    expect(after?.value).toBeGreaterThan(0.8);
    expect(difference?.interval[0]).toBeGreaterThan(0.5);
  });

  it('tells people the result and where to look, on standard error under --json', () => {
    expect(whole.stderr).toContain('held-out');
    expect(whole.stderr).toContain(`polarity sample ${join('runs', 'whole')}`);
  });

  it.each([1, 4])('writes byte-identical metrics at concurrency %d', async (concurrency) => {
    const name = `concurrency-${concurrency}`;
    await train(name, ...settings(`sampling.concurrency=${concurrency}`));
    expect(metrics(name)).toEqual(metrics('whole'));
    expect(linesWithoutTime(folder, name, 'evaluations.jsonl')).toEqual(
      linesWithoutTime(folder, 'whole', 'evaluations.jsonl'),
    );
  });

  it('writes other metrics for another seed', async () => {
    await train('seed', ...settings('seed=2'));
    expect(metrics('seed')).not.toEqual(metrics('whole'));
  });

  it('goes on bit for bit: 7 steps + resume + 13 steps = 20 steps', async () => {
    const first = await train('halves', '--stop-after', '7');
    expect(first.stdout).toContain(`polarity train --resume ${join('runs', 'halves')}`);
    expect(metrics('halves')).toHaveLength(7);
    const second = await polarity(['train', '--resume', 'runs/halves', '--json'], folder);
    expect(metrics('halves')).toEqual(metrics('whole'));
    expect(result(second)['difference']).toEqual(result(whole)['difference']);
  });

  it('refuses a damaged checkpoint by name, and goes on from an earlier one', async () => {
    await train('damaged');
    const path = join(folder, 'runs/damaged/checkpoints/step-000020/fake-policy.json');
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, -100));
    const refused = await polarity(['train', '--resume', 'runs/damaged'], folder);
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toMatch(
      /fake-policy\.json has \d+ bytes, its manifest says \d+; use the earlier checkpoint at step 10/,
    );
    expect((await polarity(['train', '--resume', 'runs/damaged@10'], folder)).exitCode).toBe(0);
    expect(metrics('damaged')).toEqual(metrics('whole'));
  });

  it('trains further than it was asked to at first', async () => {
    await train('further', ...settings('training.steps=2', 'objective.decay=none'));
    await polarity(['train', '--resume', 'runs/further', '--set', 'training.steps=4'], folder);
    expect(metrics('further')).toHaveLength(4);
    // the change is kept: a later resume has nothing left to do
    const again = await polarity(['train', '--resume', 'runs/further', '--json'], folder);
    expect(result(again)['steps']).toBe(4);
  });

  it('numbers its runs when the name is only a default', async () => {
    const names = async () =>
      result(await polarity(['train', ECHO, '--json', ...settings('training.steps=1')], folder))['run'];
    expect([await names(), await names()]).toEqual([join('runs', 'echo'), join('runs', 'echo-2')]);
  });
});

describe('an interrupted run', () => {
  const LONG = settings(
    'training.steps=100000',
    'evaluation.atStart=false',
    'journal.checkpointsEvery=10',
    'objective.decay=none',
  );
  const SHORT = settings(
    'training.steps=30',
    'evaluation.atStart=false',
    'journal.checkpointsEvery=10',
    'objective.decay=none',
  );

  it('finishes its step on Ctrl-C, saves a checkpoint and exits 130', async () => {
    const running = start(['train', ECHO, '--name', 'interrupted', ...LONG], folder);
    await running.seen('step     12/');
    running.kill('SIGINT');
    const outcome = await running.outcome;
    expect(outcome.exitCode).toBe(130);
    const steps = metrics('interrupted').length;
    const last = readdirSync(join(folder, 'runs/interrupted/checkpoints')).at(-1);
    expect(last).toBe(`step-${String(steps).padStart(6, '0')}`);
    expect(outcome.stdout).toContain('polarity train --resume');
  });

  it('leaves at once on a second Ctrl-C', async () => {
    const slow = settings('sampling.groupSize=4000', 'sampling.maxTokens=64', 'evaluation.atStart=false');
    const running = start(['train', ECHO, '--name', 'twice', ...slow], folder);
    await running.seen('run ');
    running.kill('SIGINT');
    await running.seen('Ctrl-C again leaves at once');
    running.kill('SIGINT');
    expect((await running.outcome).exitCode).toBe(130);
    expect(existsSync(join(folder, 'runs/twice/checkpoints'))).toBe(false);
  });

  it('loses nothing to kill -9 but what follows the last checkpoint, which resuming makes again', async () => {
    await train('unharmed', ...SHORT);
    const running = start(
      ['train', ECHO, '--name', 'killed', ...SHORT.map((each) => each.replace('steps=30', 'steps=100000'))],
      folder,
    );
    await running.seen('step     14/');
    running.kill('SIGKILL');
    expect((await running.outcome).signal).toBe('SIGKILL');
    // from its checkpoint at step 10, not wherever it was killed
    const outcome = await polarity(['train', '--resume', 'runs/killed@10', '--set', 'training.steps=30'], folder);
    expect(outcome.exitCode).toBe(0);
    expect(metrics('killed')).toEqual(metrics('unharmed'));
  });
});
