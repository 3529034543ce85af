import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { UserError } from '../core/errors.ts';
import type { Verdict } from '../core/rollout.ts';
import { createVerifierPool, type PoolOptions, type VerifierPool } from './pool.ts';

const testWorker = new URL('../../test/fixtures/verify-worker.mjs', import.meta.url);

/** Closed after the test. With the worker whose completions say what happens, unless told otherwise. */
function poolOf(options: PoolOptions): VerifierPool {
  const pool = createVerifierPool({ workerUrl: testWorker, ...options });
  onTestFinished(() => pool.close());
  return pool;
}

const ask = (pool: VerifierPool, completion: string): Promise<Verdict> =>
  pool.verify({ verifier: { name: 'exact' }, gold: '', completion });

const askAll = (pool: VerifierPool, completions: readonly string[]): Promise<string[]> =>
  Promise.all(completions.map(async (completion) => show(await ask(pool, completion))));

const show = (verdict: Verdict): string => (verdict.outcome === 'unknown' ? verdict.reason : verdict.explanation);

const threadsOfProcess = (): number => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;

describe('the verifier pool', () => {
  it('gives each caller its own verdict, whichever worker is done first', async () => {
    const pool = poolOf({ workers: 3 });
    const waits = fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(waits, async (delays) => {
        const completions = delays.map((ms, i) => `wait ${ms} ${i}`);
        expect(await askAll(pool, completions)).toEqual(completions);
      }),
      { numRuns: 20 },
    );
    expect(pool.stats()).toMatchObject({ inside: 0, waiting: 0, threads: 3, threadsStarted: 3 });
  });

  it.each([
    ['hangs', 'hang', 'timeout'],
    ['waits for what never comes', 'never', 'timeout'],
    ['exits', 'exit', 'crash'],
    ['exhausts its memory', 'allocate', 'crash'],
    ['throws', 'throw', 'verifier error'],
    ['answers with what cannot leave a thread', 'function', 'verifier error'],
  ])('loses one verdict to a decision that %s, and no neighbour', async (_what, completion, reason) => {
    const pool = poolOf({ workers: 2, timeoutMs: reason === 'timeout' ? 1000 : 30_000, memoryMb: 32 });
    const before = ['a', 'b', 'c', 'd'];
    const after = ['e', 'f', 'g', 'h', 'i', 'j'];
    expect(await askAll(pool, [...before, completion, ...after])).toEqual([...before, reason, ...after]);
    expect(await askAll(pool, ['k', 'l'])).toEqual(['k', 'l']);
    expect(pool.stats().threadsStarted).toBe(reason === 'verifier error' ? 2 : 3);
  });

  it('loses as many verdicts as decisions hang', async () => {
    const pool = poolOf({ workers: 4, timeoutMs: 1000 });
    const completions = Array.from({ length: 24 }, (_, i) => (i % 4 === 0 ? 'hang' : `${i}`));
    expect(await askAll(pool, completions)).toEqual(completions.map((each) => (each === 'hang' ? 'timeout' : each)));
    expect(pool.stats()).toMatchObject({ verdicts: 24, timeouts: 6, crashes: 0 });
  });

  it('counts a deadline from when a worker begins the decision, not from the call', async () => {
    const pool = poolOf({ workers: 1, timeoutMs: 1500 });
    const completions = Array.from({ length: 8 }, (_, i) => `wait 250 ${i}`);
    expect(await askAll(pool, completions)).toEqual(completions);
  });

  it('gives a decision the time its verifier asks for', async () => {
    const pool = poolOf({ workers: 2, timeoutMs: 1000 });
    expect(await askAll(pool, ['slow 1500', 'wait 1500', 'a', 'b'])).toEqual(['slow 1500', 'timeout', 'a', 'b']);
  });

  it('blames no decision for the time in which the main thread was busy', async () => {
    const pool = poolOf({ workers: 1, timeoutMs: 1000 });
    await ask(pool, 'started');
    const answers = askAll(pool, ['a', 'b', 'c']);
    const until = performance.now() + 1300;
    while (performance.now() < until);
    expect(await answers).toEqual(['a', 'b', 'c']);
  });

  it('survives a worker that dies between two decisions', async () => {
    const pool = poolOf({ workers: 1 });
    expect(await askAll(pool, ['late exit'])).toEqual(['late exit']);
    const answers = await askAll(pool, ['a', 'b', 'c']);
    expect(answers.slice(1)).toEqual(['b', 'c']);
  });

  it('keeps at most `queue` decisions waiting inside; other callers wait their turn', async () => {
    const pool = poolOf({ workers: 2, queue: 6 });
    const answers = askAll(
      pool,
      Array.from({ length: 40 }, (_, i) => `wait 2 ${i}`),
    );
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, pool.stats().inside);
    }, 1);
    expect(pool.stats()).toMatchObject({ inside: 8, waiting: 32 });
    await answers;
    clearInterval(watch);
    expect(most).toBe(8);
  });

  it('tells everybody when no worker can start, after a few trials', async () => {
    const pool = poolOf({ workers: 2, workerUrl: new URL('file:///nowhere/worker.js') });
    const verdict = await ask(pool, 'a');
    expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'crash' });
    expect(verdict.explanation).toContain('no verifier worker can start (/nowhere/worker.js: Cannot find module');
    expect(new Set(await askAll(pool, ['b', 'c', 'd', 'e']))).toEqual(new Set(['crash']));
    expect(pool.stats().threadsStarted).toBeLessThan(10);
  });

  it('leaves no thread behind when it is closed, also not a hung one, and decides no more', async () => {
    const before = threadsOfProcess();
    const pool = poolOf({ workers: 2 });
    const answers = askAll(pool, ['hang', 'hang', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k']);
    await new Promise((resume) => setTimeout(resume, 100));
    await pool.close();
    expect(new Set(await answers)).toEqual(new Set(['crash']));
    expect(threadsOfProcess()).toBe(before);
    expect(pool.stats()).toMatchObject({ threads: 0, inside: 0, waiting: 0 });
    expect(await askAll(pool, ['late'])).toEqual(['crash']);
  });

  it('does not keep the process alive while it is idle, and does while it is asked', async () => {
    const poolFile = new URL('../../dist/verify/pool.js', import.meta.url).href;
    const program = `
      import { createVerifierPool } from '${poolFile}';
      const pool = createVerifierPool({ workers: 2, workerUrl: new URL('${testWorker.href}') });
      const ask = (completion) => pool.verify({ verifier: { name: 'exact' }, gold: '', completion });
      for (const verdict of await Promise.all(['a', 'wait 50', 'b'].map(ask))) console.log(verdict.explanation);
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
      timeout: 30_000,
    });
    expect(stdout).toBe('a\nwait 50\nb\n');
  });

  it('refuses requests that are not plain JSON without troubling a worker', async () => {
    const pool = poolOf({ workers: 1 });
    const verdict = await pool.verify({ verifier: { name: 'exact' }, gold: 1n, completion: '' });
    expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'verifier error' });
    expect(pool.stats().threadsStarted).toBe(0);
  });

  it('refuses options that make no sense', () => {
    expect(() => createVerifierPool({ workers: 0 })).toThrow(UserError);
    expect(() => createVerifierPool({ timeoutMs: 0.5 })).toThrow(
      'timeoutMs must be a whole number of at least 1, got 0.5',
    );
  });
});

describe('the built worker', () => {
  /** The catalogue's own worker. */
  const builtPool = (options: PoolOptions): VerifierPool => {
    const pool = createVerifierPool(options);
    onTestFinished(() => pool.close());
    return pool;
  };

  it('loses one verdict to a catastrophic pattern', async () => {
    const pool = builtPool({ workers: 2, timeoutMs: 1500 });
    const regex = (completion: string) =>
      pool.verify({ verifier: { name: 'regex', pattern: '^(a+)+$' }, gold: 'aaa', completion });
    const verdicts = await Promise.all(['aaa', `${'a'.repeat(60)}!`, 'aaa', 'aa', 'aaa', 'aaa', 'aaa'].map(regex));
    expect(verdicts.map((verdict) => (verdict.outcome === 'unknown' ? verdict.reason : verdict.outcome))).toEqual([
      ...['correct', 'timeout', 'correct', 'incorrect', 'correct', 'correct', 'correct'],
    ]);
  });

  it('gives the same verdicts with one worker and with several', async () => {
    const gold = { letter: 'B', options: ['x', 'y', 'z'] };
    const completions = ['\\boxed{B}', 'Answer: (C)', 'y', '', 'A or B', 'The answer is A or B', '\u0000', '\ud800'];
    const verdicts = async (workers: number) => {
      const pool = builtPool({ workers });
      return Promise.all(
        completions.map((completion) => pool.verify({ verifier: { name: 'choice' }, gold, completion })),
      );
    };
    const one = await verdicts(1);
    expect(one.map(({ outcome }) => outcome)).toEqual([
      ...['correct', 'incorrect', 'correct', 'incorrect', 'unknown', 'unknown', 'incorrect', 'incorrect'],
    ]);
    expect(await verdicts(3)).toEqual(one);
  });

  it('is not asked where a verifier starts processes of its own', async () => {
    const pool = builtPool({ workers: 2 });
    const request = { verifier: { name: 'python' }, gold: 'not tests', completion: '' };
    const verdicts = await Promise.all(Array.from({ length: 7 }, () => pool.verify(request)));
    expect(new Set(verdicts.map(show))).toEqual(new Set(['unparsable gold']));
    expect(pool.stats()).toMatchObject({ verdicts: 7, inside: 0, waiting: 0, threadsStarted: 0 });
  });

  it('says what is wrong with a misspelt verifier', async () => {
    const pool = builtPool({ workers: 1 });
    const verdict = await pool.verify({ verifier: { name: 'exat' }, gold: 'a', completion: 'a' });
    expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'verifier error' });
    expect(verdict.explanation).toContain('did you mean exact?');
  });
});
