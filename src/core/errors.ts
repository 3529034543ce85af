/**
 * The three ways something goes wrong. Nothing else in the project derives from Error.
 */

/** Bad configuration or input. The message says what, where and what would be right; shown without a stack trace; exit code 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/**
 * Weights, runtime or network failed; exit code 3. `retryable` says whether the same call may succeed later; `isGradientFault` that
 * an optimizer step was refused because its gradient was not finite (the weights are as before, so a caller may go on).
 */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly retryable: boolean;
  readonly isGradientFault: boolean;

  constructor(message: string, options: { cause?: unknown; retryable?: boolean; isGradientFault?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.retryable = options.retryable ?? false;
    this.isGradientFault = options.isGradientFault ?? false;
  }
}

/** An invariant of ours. A failure is a bug in this project, never the user's. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`bug in polarity: ${message}`);
}
