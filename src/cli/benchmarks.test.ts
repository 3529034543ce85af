import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveTask } from '../tasks/catalogue.ts';
import { parseBenchmarks } from './benchmarks.ts';

const FOLDER = join(import.meta.dirname, '../../examples/benchmarks');

describe('a benchmark file', () => {
  it.each(readdirSync(FOLDER))('%s of the examples is one, and its tasks have no unknown settings', (file) => {
    const benchmarks = parseBenchmarks(readFileSync(join(FOLDER, file), 'utf8'), file);
    for (const { task } of Object.values(benchmarks))
      expect(resolveTask(task, file, () => '/data').name).toBe(task.name);
  });

  it('holds the paper’s five with the sampling of the authors’ validation', () => {
    const benchmarks = parseBenchmarks(readFileSync(join(FOLDER, 'paper.yaml'), 'utf8'), 'paper.yaml');
    expect(Object.keys(benchmarks)).toEqual(['AIME24', 'AIME25', 'MATH500', 'GPQA', 'LiveCodeBench']);
    expect(benchmarks['AIME24']).toMatchObject({ samples: 32, temperature: 0.6, topP: 0.95, maxTokens: 16_384 });
    expect(benchmarks['MATH500']).toMatchObject({ samples: 8, temperature: 0.6, topP: 0.95, maxTokens: 16_384 });
  });

  it('takes what it leaves out from its defaults, then from ours', () => {
    const { a, b } = parseBenchmarks(
      'defaults: { samples: 4 }\nbenchmarks: { a: { task: echo }, b: { task: echo, samples: 2 } }',
      'f',
    );
    expect(a).toEqual({ task: { name: 'echo' }, samples: 4, temperature: 1, topK: 0, topP: 1, passAt: [] });
    expect(b?.samples).toBe(2);
  });

  it.each([
    ['benchmarks: {}', 'f: benchmarks must name at least one benchmark'],
    ['defaults: { samples: 4 }', 'f: benchmarks is missing'],
    ['benchmarks: { a: { task: echo, sample: 2 } }', 'unknown key benchmarks.a.sample'],
    [
      'benchmarks: { a: { task: echo, samples: 2, passAt: [4] } }',
      'f: benchmarks.a.passAt must be at most samples (2), got 4',
    ],
    [
      'benchmarks: { a: { task: echo, samples: 2, majorityAt: [4] } }',
      'benchmarks.a.majorityAt must be at most samples (2), got 4',
    ],
    ['benchmarks: { a: { task: echo, temperature: 0 } }', 'benchmarks.a.samples must be 1 at temperature 0'],
    ['defaults: { task: echo }\nbenchmarks: { a: { task: echo } }', 'unknown key defaults.task'],
  ])('%s is refused: %s', (text, message) => {
    expect(() => parseBenchmarks(text, 'f')).toThrow(message);
  });
});
