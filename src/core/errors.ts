/**
 * The three ways something goes wrong. Nothing else in the project derives from Error.
 */

/** Bad configuration or input. The message says what, where and what would be right; shown without a stack trace; exit code 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

/** Weights, runtime or network failed. `retryable` says whether the same call may succeed later; exit code 3. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly retryable: boolean;

  constructor(message: string, options: { cause?: unknown; retryable?: boolean } = {}) {
    super(message, { cause: options.cause });
    this.retryable = options.retryable ?? false;
  }
}

/** An invariant of ours. A failure is a bug in this project, never the user's. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`bug in polarity: ${message}`);
}
