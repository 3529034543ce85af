import { afterAll, describe, expect, test } from 'vitest';
import { verifyHere } from '../catalogue.ts';
import { createVerifierPool, type VerifierPool } from '../pool.ts';
import { computeEngineVersion, isComputeEngineUsable } from './compute-engine-version.ts';

const verifier = { name: 'math', symbolic: 'compute-engine' };

test('versions without closed forms are known', () => {
  expect(['0.27.0', '0.61.0', '0.102.0'].map(isComputeEngineUsable)).toEqual([false, false, false]);
  expect(['0.140.0', '1.0.0'].map(isComputeEngineUsable)).toEqual([true, true]);
  expect(isComputeEngineUsable(computeEngineVersion())).toBe(true);
});

test('the main thread refuses to ask it, whatever the answer', async () => {
  const verdict = await verifyHere({ verifier, gold: '1', completion: '\\boxed{1}' });
  expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'verifier error' });
  expect(verdict.explanation).toBe(
    'symbolic: compute-engine is asked only in a worker of a pool, where it can be ended',
  );
});

describe('in a worker', () => {
  const pool: VerifierPool = createVerifierPool({ workers: 1 });
  afterAll(() => pool.close());
  const outcome = async (gold: string, answer: string) => {
    const verdict = await pool.verify({ verifier, gold, completion: `\\boxed{${answer}}` });
    return verdict.outcome === 'unknown' ? verdict.reason : verdict.outcome;
  };

  test.each([
    ['\\frac12', '\\int_0^1 x \\, dx'],
    ['\\int_0^1 x^2 + 1 \\, dx', '\\frac{4}{3}'],
    ['\\frac{\\sqrt{\\pi}}{2}', '\\int_0^\\infty e^{-x^2} dx'],
    ['1', '\\lim_{x\\to 0} \\frac{\\sin x}{x}'],
    ['e', '\\lim_{n\\to\\infty} (1+\\frac1n)^n'],
    ['\\frac{\\pi^2}{6}', '\\sum_{k=1}^{\\infty} \\frac{1}{k^2}'],
    ['x = \\ln 2', 'x = \\sum_{k=1}^{\\infty} \\frac{(-1)^{k+1}}{k}'],
  ])('%s is %s', async (gold, answer) => {
    expect(await outcome(gold, answer)).toBe('correct');
  });

  test.each([
    ['\\frac13', '\\int_0^1 x \\, dx', 'incorrect'],
    ['3', '\\lim_{x\\to 0} \\frac{\\sin x}{x}', 'incorrect'],
    ['2.7182', '\\lim_{n\\to\\infty} (1+\\frac1n)^n', 'undecided'],
    ['1.6449', '\\sum_{k=1}^{\\infty} \\frac{1}{k^2}', 'undecided'],
    ['-2', '\\int_{-1}^1 \\frac{1}{x^2} dx', 'undecided'],
    ['\\infty', '\\int_0^1 \\frac{1}{x} dx', 'undecided'],
    ['2', '\\log 100', 'undecided'],
    ['MR = SRMC', 'AR = SRMC', 'undecided'],
    ['12', '1 2', 'unparsable answer'],
  ])('%s against %s is %s', async (gold, answer, expected) => {
    expect(await outcome(gold, answer)).toBe(expected);
  });

  test('the rule names the library and says that its steps are not counted', async () => {
    const verdict = await pool.verify({ verifier, gold: '1/3', completion: '\\boxed{\\int_0^1 x^2 dx}' });
    expect(verdict.evidence?.rule).toBe('compute-engine: closed form (its steps are not counted), written the same');
  });

  test('what hangs costs one timeout', async () => {
    const brief = createVerifierPool({ workers: 1, timeoutMs: 1500 });
    const ask = (completion: string) => brief.verify({ verifier, gold: '7', completion });
    const [hung, next] = await Promise.all(['\\boxed{\\lim_{x\\to 1} \\frac{x^{999999}-1}{x-1}}', '7'].map(ask));
    await brief.close();
    expect(hung).toMatchObject({ outcome: 'unknown', reason: 'timeout' });
    expect(next).toMatchObject({ outcome: 'correct' });
  });
});
