/**
 * What every metric and every health check means: for people, in docs/METRICS.md and the dashboard. Data and pure functions; who writes a
 * new metric adds its line here, and a test finds the metric that has none.
 */
import { CHECKS, type Check } from './glossary/checks.ts';
import { fits, type GlossaryEntry, type PatternEntry, starPatterns } from './glossary/entry.ts';
import { OBJECTIVE } from './glossary/objective.ts';
import { EVALUATE, TIME } from './glossary/other.ts';
import { POLICY } from './glossary/policy.ts';
import { ROLLOUT } from './glossary/rollout.ts';
import { UPDATE } from './glossary/update.ts';

export { CHECKS, type Check } from './glossary/checks.ts';
export type { GlossaryEntry, PatternEntry } from './glossary/entry.ts';

/** `amber above 0.5, red above 0.9` */
export const limitWords = ({ limits }: Pick<Check, 'limits'>): string =>
  limits.map(({ colour, measure, side, limit }) => `${colour}: ${measure} ${side} ${limit}`).join('; ');

const healthEntry = (check: Check): PatternEntry => ({
  pattern: `health/${check.name}`,
  meaning: `${check.promise} 0 green, 1 amber, 2 red; otherwise ${check.meaning}.`,
  unit: 'state',
  healthy: `0. ${limitWords(check)}.`,
  remedy: `${check.remedy.charAt(0).toUpperCase()}${check.remedy.slice(1)}.`,
  ...(check.absent === 'never' ? {} : { when: `not ${check.absent}` }),
});

/** By rooms, in the order a step meets them. */
export const GLOSSARY: readonly PatternEntry[] = [
  ...CHECKS.map(healthEntry),
  ...ROLLOUT,
  ...POLICY,
  ...OBJECTIVE,
  ...UPDATE,
  ...EVALUATE,
  ...TIME,
];

const STARS: readonly (readonly [string, PatternEntry])[] = GLOSSARY.flatMap(
  (entry) => starPatterns(entry.pattern).map((star) => [star, entry] as const),
  // the fewest stars first: objective/positive/gradient_frac is no rule called positive
).sort(([a], [b]) => starsIn(a) - starsIn(b));

function starsIn(pattern: string): number {
  return pattern.split('*').length;
}

/** What is known of a metric key; undefined for keys of other programs. */
export const glossaryEntry = (key: string): PatternEntry | undefined => STARS.find(([star]) => fits(star, key))?.[1];

/** Star pattern -> entry, most specific first; `*` stands for any text without a slash. */
export const starGlossary = (): Record<string, GlossaryEntry> =>
  Object.fromEntries(
    STARS.map(([star, { meaning, unit, healthy, remedy }]) => [star, { meaning, unit, healthy, remedy }]),
  );
