/** The project's own list of what is the same answer and what is not: `math-cases.jsonl`, a line a case. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Case, disagreements } from './judge.ts';

const CASES = readFileSync(new URL('./math-cases.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Required<Omit<Case, 'name'>>);

describe('math cases', () => {
  it('are many, different, and negative to a good part', () => {
    expect(CASES.length).toBeGreaterThan(1000);
    expect(new Set(CASES.map(({ gold, answer }) => JSON.stringify([gold, answer]))).size).toBe(CASES.length);
    const negative = CASES.filter(({ expected }) => expected === 0).length;
    expect(negative / CASES.length).toBeGreaterThan(0.4);
  });

  it.each([...new Set(CASES.map(({ category }) => category))])('of %s are decided as expected', async (category) => {
    expect(await disagreements(CASES.filter((each) => each.category === category))).toEqual([]);
  });
});
