/**
 * What comparing two answers gives.
 */
export interface Decision {
  readonly decision: 'equal' | 'different' | 'undecided';
  /** The rule that decided, for people: `equal rationals`, `differ at a random point`. */
  readonly rule: string;
}

export const equal = (rule: string): Decision => ({ decision: 'equal', rule });
export const different = (rule: string): Decision => ({ decision: 'different', rule });
export const undecided = (rule: string): Decision => ({ decision: 'undecided', rule });

/** All parts equal: equal. One different: different. */
export function allOf(decisions: readonly Decision[], rule: string): Decision {
  const wrong = decisions.find(({ decision }) => decision === 'different');
  if (wrong) return wrong;
  const open = decisions.find(({ decision }) => decision === 'undecided');
  if (open) return open;
  return equal(decisions.length === 1 ? (decisions[0]?.rule ?? rule) : rule);
}
