/** A study and its report through the built command, on the fake engine: whole, killed, with a bad arm, with torn runs. */
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withoutTime } from '../../src/journal/schema.ts';
import { polarity, removeFolder, result, start, temporaryFolder } from './polarity.ts';

const STEPS = 40;
const STUDY = [
  'about: What <b>one</b> polarity teaches & "why"',
  'run:',
  '  task: echo',
  '  engine: { fake: { lastTokens: 2, initialLogitStd: 0.1 } }',
  '  sampling: { groupSize: 8, maxTokens: 2 }',
  `  training: { steps: ${STEPS}, problemsPerStep: 8, learningRate: 0.3 }`,
  '  evaluation: { problems: 24, samples: 8, passAt: [4], every: 20 }',
  '  journal: { rolloutsEvery: 0, checkpointsEvery: 5 }',
  'reference: grpo',
  'seeds: [1, 2]',
  'arms:',
  '  grpo: { objective: grpo }',
  '  psr: { objective: psr }',
  '  low: { objective: { recipe: positive-low-probability } }',
  'evaluations:',
  '  words of 2: { task: { name: echo, length: 2, testSize: 12 }, samples: 8, passAt: [4] }',
  'quick: { only: [grpo, psr], run: { training: { steps: 2 } } }',
].join('\n');
const RUNS = ['grpo-s1', 'grpo-s2', 'low-s1', 'low-s2', 'psr-s1', 'psr-s2'];

let folder: string;

const study = (...options: string[]) => polarity(['study', 'study.yaml', ...options], folder);
const lines = (name: string, run: string, file: string) =>
  readFileSync(join(folder, 'runs', name, run, file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.stringify(withoutTime(JSON.parse(line))));
/** What equal studies have in common. */
const made = (name: string) =>
  RUNS.map((run) => [
    run,
    lines(name, run, 'metrics.jsonl'),
    lines(name, run, 'evaluations.jsonl'),
    JSON.parse(readFileSync(join(folder, 'runs', name, 'benchmarks', `${run}.json`), 'utf8')).evaluations.map(
      ({ metrics }: { metrics: unknown }) => metrics,
    ),
  ]);

beforeAll(async () => {
  folder = temporaryFolder();
  writeFileSync(join(folder, 'study.yaml'), STUDY);
});
afterAll(() => removeFolder(folder));

describe('polarity study', () => {
  it('runs every arm with every seed, and has nothing left to do the second time', async () => {
    const first = await study('--name', 'whole', '--json');
    expect([first.exitCode, first.stderr.includes('whole: 3 arms x 2 seeds = 6 runs')]).toEqual([0, true]);
    expect(result(first)).toMatchObject({ jobs: 7, unfinished: [], failures: [] });
    const again = await study('--name', 'whole');
    expect(again.stdout).toContain('0 to do');
    expect(made('whole').map(([run]) => run)).toEqual(RUNS);
    expect(lines('whole', 'grpo-s1', 'metrics.jsonl')).toHaveLength(STEPS);
  });

  it('pairs arms: the same problems and draws until the objectives part', () => {
    const [grpo, psr, other] = ['grpo-s1', 'psr-s1', 'grpo-s2'].map((run) => lines('whole', run, 'evaluations.jsonl'));
    expect(grpo?.[0]).toBe(psr?.[0]);
    expect(grpo?.[1]).not.toBe(psr?.[1]);
    expect(grpo?.[0]).not.toBe(other?.[0]);
  });

  it('killed with its runs and begun again ends with the same runs, byte for byte', async () => {
    const killed = start(['study', 'study.yaml', '--name', 'killed', '--parallel', '2'], folder);
    await killed.seen('grpo-s1 done');
    killed.kill('SIGKILL');
    expect((await killed.outcome).signal).toBe('SIGKILL');
    const directory = join(folder, 'runs', 'killed');
    const begun = readdirSync(directory).filter((name) => existsSync(join(directory, name, 'manifest.json')));
    expect(begun.length).toBeGreaterThan(1);
    expect(begun.length).toBeLessThan(6);
    const running = () => begun.filter((run) => isRunning(join(directory, run, 'lock.json')));
    // the container may take its time to forget them
    await expect.poll(running, { timeout: 20_000 }).toEqual([]);
    const resumed = await study('--name', 'killed');
    expect([resumed.exitCode, resumed.stderr]).toEqual([0, '']);
    expect(made('killed')).toEqual(made('whole'));
  });

  it('refuses a bad arm before anything is written, naming arm and key', async () => {
    const bad = STUDY.replace('psr: { objective: psr }', 'psr: { training: { stepz: 3 } }').replace(
      'recipe: positive-low-probability',
      'recipe: positive-low-probabilty',
    );
    writeFileSync(join(folder, 'bad.yaml'), bad);
    const { exitCode, stderr } = await polarity(['study', 'bad.yaml'], folder);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('bad.yaml: arms.psr: unknown key training.stepz (value 3); did you mean steps?');
    expect(stderr).toContain("bad.yaml: arms.low: there is no recipe 'positive-low-probabilty'");
    expect(existsSync(join(folder, 'runs', 'bad'))).toBe(false);
  });

  it('takes its quick form into a folder of its own, and refuses runs that began otherwise', async () => {
    expect((await study('--quick')).exitCode).toBe(0);
    expect(lines('study-quick', 'psr-s2', 'metrics.jsonl')).toHaveLength(2);
    expect(existsSync(join(folder, 'runs', 'study-quick', 'low-s1'))).toBe(false);
    const { exitCode, stderr } = await study('--name', 'study-quick');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('run grpo-s1 began with other settings');
  });

  it('refuses more at a time than the cores hold', async () => {
    expect((await study('--parallel', '4096')).stderr).toContain('--parallel must be at most');
  });
});

describe('polarity report', () => {
  const page = () => readFileSync(join(folder, 'out', 'report.html'), 'utf8');
  const report = () => polarity(['report', 'runs/whole', '--out', 'out', '--json'], folder);

  it('writes one page that needs nothing else, figures and tables', async () => {
    const outcome = await report();
    expect(outcome.exitCode).toBe(0);
    expect(result(outcome)['problems']).toEqual([]);
    const drawn = [
      'changes',
      'differences',
      'final-values',
      'held-out',
      'held-out-differences',
      'mismatch',
      'pass-at-k',
      'polarity',
    ];
    const figures = [...drawn, 'training', 'training-differences'].map((it) => `${it}.svg`);
    expect(readdirSync(join(folder, 'out', 'figures')).sort()).toEqual(figures.sort());
    const text = page();
    expect(text).toContain('What &lt;b&gt;one&lt;/b&gt; polarity teaches &amp; &quot;why&quot;');
    expect(text).not.toMatch(/<script|<link|@import|url\(|(?:src|href)=["']?(?!#)/);
    const comparisons = readFileSync(join(folder, 'out', 'tables', 'comparisons.csv'), 'utf8');
    expect(comparisons).toMatch(/^held-out,pass@1,grpo,2,0\.\d+/m);
    expect(comparisons).toMatch(/^words of 2,pass@4,psr,2,/m);
    expect(readFileSync(join(folder, 'out', 'tables', 'rules.csv'), 'utf8')).toContain('low,positive_low,');
  });

  it('says which runs are missing, torn or unfinished, and draws the rest', async () => {
    const run = (name: string, ...path: string[]) => join(folder, 'runs', 'whole', name, ...path);
    rmSync(run('psr-s1'), { recursive: true });
    appendFileSync(run('psr-s2', 'metrics.jsonl'), '{"step":41,"rollo');
    const kept = readFileSync(run('grpo-s2', 'metrics.jsonl'), 'utf8').split('\n').slice(0, 10);
    writeFileSync(run('grpo-s2', 'metrics.jsonl'), `${kept.join('\n')}\nnot json\n`);
    writeFileSync(join(folder, 'runs', 'whole', 'benchmarks', 'low-s1.json'), '{');
    const outcome = await report();
    expect(outcome.exitCode).toBe(0);
    expect(result(outcome)['problems']).toEqual([
      expect.stringMatching(/^run psr-s1: .*holds no run/),
      'low-s1: its evaluations at the end cannot be read',
      expect.stringMatching(/^run grpo-s2: metrics.jsonl has 1 unreadable lines, left out: at byte \d+/),
      `run grpo-s2: unfinished, after step 10 of ${STEPS}: in the curves, not in the tables`,
      'run psr-s2: metrics.jsonl ends in 17 bytes of an unfinished line, left out',
    ]);
    expect(page()).toContain('Not everything is there');
  });

  it('keeps hostile names as text', async () => {
    const path = join(folder, 'runs', 'whole', 'study.yaml');
    const hostile = '</text><script>alert(1)</script>';
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replaceAll('words of 2', hostile).replaceAll('name: whole', `name: "${hostile}"`),
    );
    expect((await report()).exitCode).toBe(0);
    expect(page()).not.toContain('<script');
    expect(page()).toContain('&lt;script&gt;');
    for (const name of readdirSync(join(folder, 'out', 'figures')))
      expect(readFileSync(join(folder, 'out', 'figures', name), 'utf8')).not.toContain('<script');
  });

  it('refuses a folder that holds no study', async () => {
    expect(await polarity(['report', 'runs'], folder)).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('holds no study'),
    });
  });
});

/** Whether the owner of a run's lock lives. */
function isRunning(lock: string): boolean {
  if (!existsSync(lock)) return false;
  const { pid } = JSON.parse(readFileSync(lock, 'utf8')) as { pid: number };
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
