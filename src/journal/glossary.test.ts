import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHECKS } from './glossary/checks.ts';
import { fits, starPatterns } from './glossary/entry.ts';
import { metricsMarkdown } from './glossary/markdown.ts';
import { GLOSSARY, glossaryEntry, starGlossary } from './glossary.ts';

describe('patterns', () => {
  it('are written out where they can be, and have stars where not', () => {
    expect(starPatterns('rollout/[<polarity>/]tokens')).toEqual([
      'rollout/tokens',
      'rollout/positive/tokens',
      'rollout/negative/tokens',
    ]);
    expect(starPatterns('evaluate/pass_at_<k>')).toEqual(['evaluate/pass_at_*']);
  });

  it('fit keys part by part', () => {
    expect(fits('objective/*/touched_frac', 'objective/positive_low/touched_frac')).toBe(true);
    expect(fits('objective/*/touched_frac', 'objective/a/b/touched_frac')).toBe(false);
    expect(fits('objective/*/touched_frac', 'objective//touched_frac')).toBe(false);
    expect(fits('evaluate/pass_at_*', 'evaluate/pass_at_16')).toBe(true);
  });
});

describe('the glossary', () => {
  it.each([
    ['rollout/negative/tokens', 'rollout/[<stratum>/]tokens'],
    ['objective/positive/gradient_frac', 'objective/<polarity>/gradient_frac'],
    ['objective/positive_low/gradient_frac', 'objective/[<polarity>/]<rule>/gradient_frac'],
    ['objective/negative/positive_low/gradient_frac', 'objective/[<polarity>/]<rule>/gradient_frac'],
    ['policy/entropy_nats/p90', 'policy/[<polarity>/]entropy_nats/p<percent>'],
    ['health/truncation', 'health/truncation'],
    ['time/of_day', undefined],
  ])('knows %s', (key, pattern) => {
    expect(glossaryEntry(key)?.pattern).toBe(pattern);
  });

  it('has one entry for each pattern', () => {
    const patterns = GLOSSARY.map(({ pattern }) => pattern);
    expect(new Set(patterns).size).toBe(patterns.length);
    expect(new Set(GLOSSARY.flatMap(({ pattern }) => starPatterns(pattern))).size).toBe(
      Object.keys(starGlossary()).length,
    );
  });

  it('names what a health check measures: a metric it knows, or a measure it defines', () => {
    for (const check of CHECKS)
      for (const { measure } of check.limits)
        expect('derived' in check && measure in check.derived ? '' : glossaryEntry(measure)?.pattern).toBeDefined();
  });

  it('has meanings of one line', () => {
    for (const entry of GLOSSARY) expect(Object.values(entry).join('')).not.toMatch(/\n/);
  });

  it('is docs/METRICS.md: otherwise run node scripts/metrics.mjs', () => {
    expect(readFileSync(new URL('../../docs/METRICS.md', import.meta.url), 'utf8')).toBe(metricsMarkdown());
  });
});
