import { expect, test } from 'vitest';
import { compare, type MeasuredBenchmark } from './comparison.ts';
import type { Protocol } from './protocol.ts';
import { measuredBenchmark } from './record.ts';

/** Problems of 10 samples with so many correct ones each. */
function benchmark(
  name: string,
  counts: readonly number[],
  changes: Partial<MeasuredBenchmark> = {},
): MeasuredBenchmark {
  const problems = counts.map((correct, i) => ({ id: `${i}`, samples: 10, correct, unknown: 0, truncated: 0 }));
  const protocol = {
    task: name,
    split: 'test',
    problems: counts.length,
    samples: 10,
    key: [0, 0],
  } as unknown as Protocol;
  return { name, protocol, problems, scores: [{ kind: 'pass', k: 2 }], ...changes };
}

const repeated = (count: number, value: number) => new Array<number>(count).fill(value);

test('several benchmarks: p-values adjusted, the average counting each alike', () => {
  const { benchmarks, average } = compare([
    [benchmark('large', repeated(10, 2)), benchmark('large', repeated(10, 4))],
    [benchmark('small', [5, 5]), benchmark('small', [5, 9])],
  ]);
  // 2 / 2^10, times two; one problem differs, either sign
  expect(benchmarks.map(({ adjustedPValue }) => adjustedPValue)).toEqual([4 / 1024, 1]);
  expect(benchmarks.map(({ verdict }) => verdict)).toEqual([
    'B is better by 20.0 points',
    'not resolved: the difference (20.0 points) is below what 2 problems x 10 samples can show (56.0 points)',
  ]);
  expect(benchmarks[0]?.scores.map(({ score }) => score)).toEqual(['avg@10', 'pass@2']);
  expect(average?.before).toBeCloseTo(0.35, 12);
  expect(average?.after).toBeCloseTo(0.55, 12);
  expect(average?.difference).toBeCloseTo(0.2, 12);
});

test('one benchmark has no average, and the better side is named', () => {
  const { benchmarks, average } = compare([[benchmark('a', repeated(10, 4)), benchmark('a', repeated(10, 2))]]);
  expect(average).toBeUndefined();
  expect(benchmarks[0]?.verdict).toBe('A is better by 20.0 points');
});

test('what nothing differs in is said to have no difference, and what luck could do is not claimed', () => {
  const same = benchmark('a', [1, 2, 3]);
  expect(compare([[same, same]]).benchmarks[0]?.verdict).toBe('no difference on 3 problems x 10 samples');
  // alike on 4 problems: no spread to say what could be shown, and 2 of 16 signs
  const { benchmarks } = compare([[benchmark('a', repeated(4, 2)), benchmark('a', repeated(4, 5))]]);
  expect(benchmarks[0]?.verdict).toBe(
    'not resolved: luck alone gives 4 problems x 10 samples a difference like 30.0 points too often',
  );
});

test('only scores that both sides have are compared', () => {
  const other = benchmark('a', [1, 2], { scores: [{ kind: 'pass', k: 4 }] });
  expect(compare([[benchmark('a', [1, 2]), other]]).benchmarks[0]?.scores).toHaveLength(1);
});

const LINE = { step: 1, policyVersion: 1, name: 'a', protocol: { task: 'a', samples: 2 }, intervals: {} };

test('a journal’s line is read with the scores its metrics name', () => {
  const metrics = {
    'evaluate/pass_at_1': 1,
    'evaluate/pass_at_2': 1,
    'evaluate/majority_at_1': 1,
    'evaluate/majority_at_2': 1,
  };
  const problems = [{ id: 'x', samples: 2, correct: 2, unknown: 0, truncated: 0 }];
  expect(measuredBenchmark({ ...LINE, metrics, problems }, 'runs/x').scores).toEqual([
    { kind: 'pass', k: 2 },
    { kind: 'majority', k: 2 },
  ]);
});

test('a line of an earlier version, without counts, is refused with the remedy', () => {
  expect(() => measuredBenchmark({ ...LINE, metrics: {} }, 'runs/x@1')).toThrow(
    "runs/x@1: a was recorded without its problems' counts, which comparisons need; measure it again with `polarity evaluate`",
  );
});
