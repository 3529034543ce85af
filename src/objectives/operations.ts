/**
 * What a token rule does to the tokens it selected. Adding one touches this file alone (an entry of the schema, and the
 * cases the compiler then asks for), its rows in operations.test.ts and in the table of options.test.ts.
 *
 * Dimensions: T completion tokens.
 */
import { z } from 'zod';
import { type Resolved, scalar, scalarIn } from './schedule.ts';
import { selector } from './selector.ts';

export const tokenRuleSchema = z.discriminatedUnion('operation', [
  /** A *= scale. */
  z.strictObject({ ...selector, operation: z.literal('multiply'), scale: scalar }),
  /** A *= offset + scale * statistic (AR, arXiv:2505.12929: probability with scale alpha, offset 1 - alpha). */
  z.strictObject({ ...selector, operation: z.literal('linear'), scale: scalar, offset: scalar }),
  /** A += min(scale * statistic, |A| / cap): never flips the sign for cap >= 1 (arXiv:2506.14758: entropy, cap 2). */
  z.strictObject({
    ...selector,
    operation: z.literal('add-capped'),
    scale: scalarIn(0, Number.MAX_VALUE),
    cap: scalarIn(1, Number.MAX_VALUE),
  }),
  /** A = 0 on the selected tokens; they still count in the aggregation. */
  z.strictObject({ ...selector, operation: z.literal('drop') }),
  /** A = 0 on the tokens not selected; they still count in the aggregation. */
  z.strictObject({ ...selector, operation: z.literal('keep') }),
  /** The tokens not selected leave the loss and the aggregation's denominator. */
  z.strictObject({ ...selector, operation: z.literal('keep-and-renormalise') }),
]);

/** A rule's bit must fit in the 32-bit mask of each token. */
export const maxTokenRules = 32;

export type TokenRule = Resolved<z.infer<typeof tokenRuleSchema>>;

export interface RuleTokens {
  /** [T] changed in place. */
  readonly advantages: Float32Array;
  /** [T] 1 where the token counts; changed in place by keep-and-renormalise. */
  readonly mask: Uint8Array;
  /** The statistic of token t. */
  readonly statistic: (t: number) => number;
  /** Places of the tokens the rule selected, ascending. */
  readonly selected: Int32Array;
}

export function operate(rule: TokenRule, { advantages, mask, statistic, selected }: RuleTokens): void {
  switch (rule.operation) {
    case 'multiply':
      for (let s = 0; s < selected.length; s++) advantages[selected[s]!]! *= rule.scale;
      break;
    case 'linear':
      for (let s = 0; s < selected.length; s++) {
        const t = selected[s]!;
        advantages[t]! *= rule.offset + rule.scale * statistic(t);
      }
      break;
    case 'add-capped':
      for (let s = 0; s < selected.length; s++) {
        const t = selected[s]!;
        advantages[t]! += Math.min(rule.scale * statistic(t), Math.abs(advantages[t]!) / rule.cap);
      }
      break;
    case 'drop':
      for (let s = 0; s < selected.length; s++) advantages[selected[s]!] = 0;
      break;
    case 'keep':
      forOthers(selected, mask.length, (t) => {
        advantages[t] = 0;
      });
      break;
    case 'keep-and-renormalise':
      forOthers(selected, mask.length, (t) => {
        advantages[t] = 0;
        mask[t] = 0;
      });
      break;
    default:
      rule satisfies never;
  }
}

/** `advantage times 2`, for explanations. */
export function operationWords(rule: TokenRule): string {
  switch (rule.operation) {
    case 'multiply':
      return `advantage times ${rule.scale}`;
    case 'linear':
      return `advantage times ${rule.offset} + ${rule.scale} * ${rule.statistic}`;
    case 'add-capped':
      return `advantage plus ${rule.scale} * ${rule.statistic}, at most |advantage| / ${rule.cap}`;
    case 'drop':
      return 'advantage 0';
    case 'keep':
      return 'the others get advantage 0';
    case 'keep-and-renormalise':
      return 'the others leave the loss and its mean';
  }
}

/** Visits the places from 0 to `length` that were not selected. */
function forOthers(selected: Int32Array, length: number, visit: (t: number) => void): void {
  let s = 0;
  for (let t = 0; t < length; t++) {
    if (selected[s] === t) s++;
    else visit(t);
  }
}
