/**
 * Token rules: which tokens of which rollouts, and what happens to their advantages. Rules act in the order written;
 * overlapping selections compound. Only tokens that still count are candidates.
 *
 * Dimensions: T completion tokens, N candidates of one scope.
 */
import { assert } from '../core/errors.ts';
import { levelOf } from './keys.ts';
import { operate, type TokenRule } from './operations.ts';
import type { Sample } from './sample.ts';
import { choose } from './select.ts';
import type { ShapedRollout } from './shaped-rollout.ts';
import { statistics } from './statistics.ts';

interface Row {
  readonly sample: Sample;
  readonly shaped: ShapedRollout;
  /** [T] of the statistic. */
  readonly keys: Float32Array;
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
      const keys = statistics[rule.statistic].of(group, wanted);
      return group.flatMap((sample, i): Row[] =>
        wanted[i] ? [{ sample, shaped: shaped[g]![i]!, keys: keys[i]! }] : [],
      );
    });
    const isCandidate = candidacy(rule);
    for (const unit of unitsOf(rule.scope, rows)) applyToUnit(rule, bit, unit, isCandidate);
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

/** Bounds that say which tokens are ranked and counted. */
interface Candidacy {
  /** Keys from `zeroLow` to `zeroHigh` are statistics of exactly 0, and left out. */
  readonly zeroLow: number;
  readonly zeroHigh: number;
  /** Logprobs must lie below. */
  readonly below: number;
}

function candidacy({ statistic, eligibility }: TokenRule): Candidacy {
  const { scale } = statistics[statistic];
  const [zeroLow, zeroHigh] =
    eligibility === 'all' ? [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY] : levelOf(scale, scale.zero);
  const below = typeof eligibility === 'string' ? Number.POSITIVE_INFINITY : Math.log(eligibility.probabilityBelow);
  return { zeroLow, zeroHigh, below };
}

function applyToUnit(rule: TokenRule, bit: number, unit: readonly Row[], isCandidate: Candidacy): void {
  const capacity = unit.reduce((total, row) => total + row.keys.length, 0);
  const keys = new Float32Array(capacity);
  const place = new Int32Array(capacity);
  const ends: number[] = [];
  let n = 0;
  for (const row of unit) {
    n = gather(rule, row, isCandidate, { keys, place }, n);
    ends.push(n);
  }
  const { scale } = statistics[rule.statistic];
  const chosen = choose(keys.subarray(0, n), rule.amount, rule.side, scale);
  let c = 0;
  for (const [i, row] of unit.entries()) {
    const { advantages, mask, rules } = row.shaped;
    const first = c;
    while (c < chosen.length && chosen[c]! < ends[i]!) {
      const t = place[chosen[c]!]!;
      rules[t]! |= 1 << bit;
      chosen[c++] = t;
    }
    const statistic = (t: number) => scale.valueOf(row.keys[t]!);
    operate(rule, { advantages, mask, statistic, selected: chosen.subarray(first, c) });
  }
}

/** Appends a row's candidates (key and place) from index n on; returns the index after them. */
function gather(
  rule: TokenRule,
  { keys, shaped, sample }: Row,
  { zeroLow, zeroHigh, below }: Candidacy,
  into: { readonly keys: Float32Array; readonly place: Int32Array },
  n: number,
): number {
  const { mask } = shaped;
  const { logprobs } = sample;
  let next = n;
  for (let t = 0; t < mask.length; t++) {
    const key = keys[t]!;
    if (mask[t] === 0 || (key >= zeroLow && key <= zeroHigh) || logprobs[t]! >= below) continue;
    if (Number.isNaN(key)) assert(false, `statistic '${rule.statistic}' is NaN`);
    into.keys[next] = key;
    into.place[next++] = t;
  }
  return next;
}
