/**
 * Token rules: which tokens of which rollouts, and what happens to their advantages. Rules act in the order written;
 * overlapping selections compound. Only tokens that still count are candidates.
 *
 * Dimensions: T completion tokens, N candidates of one scope.
 */
import { assert } from '../core/errors.ts';
import { operate, type TokenRule } from './operations.ts';
import type { Sample } from './sample.ts';
import { choose } from './select.ts';
import type { ShapedRollout } from './shaped-rollout.ts';
import { statistics } from './statistics.ts';

interface Row {
  readonly sample: Sample;
  readonly shaped: ShapedRollout;
  /** [T] */
  readonly statistic: Float32Array;
}

/** Applies the rules to `shaped` in place; bit j of `rules[t]` is set where rule j selected token t. */
export function applyTokenRules(
  rules: readonly TokenRule[],
  groups: readonly (readonly Sample[])[],
  shaped: readonly (readonly ShapedRollout[])[],
): void {
  for (const [bit, rule] of rules.entries()) {
    const rows = groups.map((group, g) => {
      const wanted = group.map((sample) => isSubject(rule, sample));
      const values = statistics[rule.statistic].of(group, wanted);
      return group.flatMap((sample, i): Row[] =>
        wanted[i] ? [{ sample, shaped: shaped[g]![i]!, statistic: values[i]! }] : [],
      );
    });
    for (const unit of unitsOf(rule.scope, rows)) applyToUnit(rule, bit, unit);
  }
}

function isSubject(rule: TokenRule, { polarity }: Sample): boolean {
  return polarity !== undefined && (rule.polarity === 'both' || rule.polarity === polarity);
}

function unitsOf(scope: TokenRule['scope'], rows: Row[][]): Row[][] {
  if (scope === 'group') return rows;
  const all = rows.flat();
  return scope === 'batch' ? [all] : all.map((row) => [row]);
}

function applyToUnit(rule: TokenRule, bit: number, unit: readonly Row[]): void {
  const capacity = unit.reduce((total, row) => total + row.statistic.length, 0);
  const values = new Float32Array(capacity);
  const place = new Int32Array(capacity);
  const ends: number[] = [];
  let n = 0;
  for (const row of unit) {
    n = gather(rule, row, values, place, n);
    ends.push(n);
  }
  const chosen = choose(values.subarray(0, n), rule.amount, rule.side);
  let c = 0;
  for (const [i, { shaped, statistic }] of unit.entries()) {
    const { advantages, mask, rules } = shaped;
    const selected = new Uint8Array(statistic.length);
    // no branch: which tokens are chosen is unpredictable
    for (; c < ends[i]!; c++) {
      const t = place[c]!;
      selected[t] = chosen[c]!;
      rules[t]! |= chosen[c]! << bit;
    }
    operate(rule, { advantages, mask, statistic, selected });
  }
}

/** Appends a row's candidates (value and place) from index n on; returns the index after them. */
function gather(rule: TokenRule, row: Row, values: Float32Array, place: Int32Array, n: number): number {
  const { statistic, shaped, sample } = row;
  const { mask } = shaped;
  const isZeroRanked = rule.eligibility === 'all';
  const below =
    typeof rule.eligibility === 'string' ? Number.POSITIVE_INFINITY : Math.log(rule.eligibility.probabilityBelow);
  let next = n;
  for (let t = 0; t < mask.length; t++) {
    const value = statistic[t]!;
    if (mask[t] === 0 || (value === 0 && !isZeroRanked) || sample.logprobs[t]! >= below) continue;
    if (Number.isNaN(value)) assert(false, `statistic '${rule.statistic}' is NaN`);
    values[next] = value;
    place[next++] = t;
  }
  return next;
}
