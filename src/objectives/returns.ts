/**
 * From one number per rollout to one per token, and whitening over the batch's tokens.
 *
 * Dimensions: T completion tokens.
 */

/**
 * [T] discounted return of a reward placed on the last masked-in token: ret_t = rew_t + discount * ret_{t+1}. As in the
 * official code the running return restarts at every masked-out token, so tokens before a hole see 0.
 */
export function discountedReturns(reward: number, discount: number, mask: Uint8Array): Float32Array {
  const returns = new Float32Array(mask.length);
  const last = mask.lastIndexOf(1);
  let running = 0;
  for (let t = mask.length - 1; t >= 0; t--) {
    running = (t === last ? reward : 0) + discount * running;
    returns[t] = running;
    if (mask[t] === 0) running = 0;
  }
  return returns;
}

/**
 * Whitens in place over all masked-in tokens of the batch: (x - mean) / sqrt(var + 1e-8), unbiased variance. Long rollouts
 * weigh more. Equal advantages, or a single token, become exactly 0.
 */
export function whitenTokens(advantages: readonly Float32Array[], masks: readonly Uint8Array[]): void {
  let count = 0;
  let total = 0;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  forEachMasked(advantages, masks, (x) => {
    count++;
    total += x;
    low = Math.min(low, x);
    high = Math.max(high, x);
  });
  const mean = low === high ? low : total / count;
  let squares = 0;
  forEachMasked(advantages, masks, (x) => {
    squares += (x - mean) ** 2;
  });
  const inverse = count > 1 ? 1 / Math.sqrt(squares / (count - 1) + 1e-8) : 0;
  forEachMasked(advantages, masks, (x, row, t) => {
    row[t] = (x - mean) * inverse;
  });
}

function forEachMasked(
  advantages: readonly Float32Array[],
  masks: readonly Uint8Array[],
  visit: (value: number, row: Float32Array, t: number) => void,
): void {
  for (let i = 0; i < advantages.length; i++) {
    const row = advantages[i]!;
    const mask = masks[i]!;
    for (let t = 0; t < row.length; t++) if (mask[t] === 1) visit(row[t]!, row, t);
  }
}
