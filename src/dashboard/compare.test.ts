import { expect, test } from 'vitest';
import type { EvaluationLine } from '../journal/schema.ts';
import { pairedEvaluations } from './compare.ts';

/** Ten problems of ten samples, each with so many correct. */
const evaluated = (correct: number): EvaluationLine => ({
  step: 5,
  policyVersion: 1,
  name: 'echo/test',
  protocol: { task: 'echo', split: 'test', problems: 10, samples: 10, key: [0, 0] },
  metrics: { 'evaluate/pass_at_1': correct / 10 },
  intervals: {},
  problems: Array.from({ length: 10 }, (_, i) => ({ id: `${i}`, samples: 10, correct, unknown: 0, truncated: 0 })),
});

test('the better run is called by its name', () => {
  const [good, bad] = [
    { run: 'study/good', evaluations: [evaluated(6)] },
    { run: 'study/bad', evaluations: [evaluated(2)] },
  ];
  const verdict = 'study/good is better by 40.0 points';
  expect(pairedEvaluations(good, bad)).toMatchObject({ kind: 'compared', benchmarks: [{ verdict }] });
  expect(pairedEvaluations(bad, good)).toMatchObject({ kind: 'compared', benchmarks: [{ verdict }] });
});
