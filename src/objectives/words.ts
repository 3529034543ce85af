/** Token rules in words, for explanations and listings. */
import { operationWords, type TokenRule } from './operations.ts';

/** How a rule is called where it has no name of its own. */
export const ruleName = (rule: TokenRule): string => rule.name ?? `${rule.polarity}-${rule.side}-${rule.statistic}`;

/** `the lowest 20 % by probability of each correct completion: advantage times 2`. */
export function describeRule(rule: TokenRule): string {
  const whose = { positive: 'correct', negative: 'incorrect', both: 'graded' }[rule.polarity];
  const where = {
    response: `each ${whose} completion`,
    group: `a group's ${whose} completions together`,
    batch: `the step's ${whose} completions together`,
  }[rule.scope];
  return `${amountWords(rule)} of ${where}${eligibilityWords(rule)}: ${operationWords(rule)}`;
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(4))} %`;

function amountWords({ amount, side, statistic }: TokenRule): string {
  if ('ratio' in amount && amount.ratio === 1) return 'all tokens';
  if ('ratio' in amount) return `the ${side}est ${percent(amount.ratio)} by ${statistic}`;
  if ('count' in amount) return `the ${amount.count} ${side}est by ${statistic}`;
  const relation = side === 'high' ? 'at least' : 'at most';
  if ('threshold' in amount) return `tokens with ${statistic} ${relation} ${amount.threshold}`;
  return `tokens with ${statistic} ${relation} its ${percent(amount.quantile)} quantile`;
}

function eligibilityWords({ eligibility, statistic, amount }: TokenRule): string {
  if (typeof eligibility !== 'string') return ` (only tokens with probability below ${eligibility.probabilityBelow})`;
  return eligibility === 'nonzero' && !('threshold' in amount) ? ` (${statistic} exactly 0 is not ranked)` : '';
}
