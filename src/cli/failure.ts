/**
 * What a person sees when something went wrong, and the process's exit code: 0 done, 1 a bug of ours (with stack), 2 the user's to
 * mend, 3 engine or machine, 130 interrupted.
 */
import { EngineError, UserError } from '../core/errors.ts';
import { visibleBlock } from './escape.ts';

export interface Failure {
  readonly exitCode: 1 | 2 | 3;
  readonly kind: 'user' | 'engine' | 'bug';
  /** Safe for a terminal. */
  readonly message: string;
}

export function failureOf(error: unknown): Failure {
  if (error instanceof UserError) return { exitCode: 2, kind: 'user', message: visibleBlock(error.message) };
  if (error instanceof EngineError) {
    const cause =
      error.cause instanceof Error && !error.message.includes(error.cause.message) ? ` (${error.cause.message})` : '';
    return { exitCode: 3, kind: 'engine', message: visibleBlock(`${error.message}${cause}`) };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { exitCode: 1, kind: 'bug', message: visibleBlock(`this is a bug in polarity, please report it:\n${stack}`) };
}
