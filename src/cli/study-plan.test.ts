import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { readText } from './files.ts';
import { planStudy } from './study-plan.ts';

const FOLDER = fileURLToPath(new URL('../../examples/studies/', import.meta.url));
const studies = readdirSync(FOLDER).filter((file) => 'arms' in parse(readText(`${FOLDER}${file}`)));

describe('the shipped studies', () => {
  it('are the paper’s five and the smallest there is', () => {
    expect(studies).toEqual([
      'a3po.yaml',
      'echo.yaml',
      'methods.yaml',
      'polarity-single.yaml',
      'polarity-weights.yaml',
      'token-shaping.yaml',
    ]);
  });

  it.each(studies.flatMap((file) => [[file, false] as const, [file, true] as const]))(
    'resolve: every arm of %s can start (quick: %s)',
    async (file, isQuick) => {
      const { arms, runs, study, benchmarks } = await planStudy(`${FOLDER}${file}`, { quick: isQuick });
      expect(arms.filter(({ role }) => role === 'reference')).toHaveLength(1);
      expect(arms.filter(({ role }) => role === 'control').length).toBeGreaterThan(0);
      expect(runs).toHaveLength(arms.length * study.seeds.length);
      expect(Object.keys(benchmarks ?? {}).length).toBeGreaterThan(0);
      const different = new Set(arms.map(({ settings }) => JSON.stringify(settings)));
      // a reseeded control has the reference's settings
      expect(different.size).toBe(arms.filter(({ seedOffset }) => seedOffset === 0).length);
    },
  );

  it('take as many seeds as the exact test needs to reach 0.05, in their full form', async () => {
    for (const file of studies) {
      const { study } = await planStudy(`${FOLDER}${file}`);
      expect(2 / 2 ** study.seeds.length).toBeLessThan(0.05);
    }
  });
});
