/** Why a request gets no answer: thrown anywhere below a route, turned into an `ApiError` in one place. */
import { HTTPException } from 'hono/http-exception';
import { UserError } from '../core/errors.ts';
import type { ApiError, ErrorKind } from './api.ts';

const STATUS = {
  'bad-query': 400,
  refused: 403,
  'not-found': 404,
  'read-only': 405,
  damaged: 409,
  'too-large': 413,
  bug: 500,
} as const satisfies Record<ErrorKind, number>;

/** To be thrown. */
export const refusal = (kind: ErrorKind, message: string): HTTPException =>
  new HTTPException(STATUS[kind], { message, cause: kind });

export function apiError(error: unknown): { readonly status: (typeof STATUS)[ErrorKind]; readonly body: ApiError } {
  const kind = kindOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const said = kind === 'bug' ? 'the dashboard failed: this is a bug in polarity; its terminal says more' : message;
  return { status: STATUS[kind], body: { error: kind, message: said } };
}

function kindOf(error: unknown): ErrorKind {
  if (error instanceof HTTPException && typeof error.cause === 'string') return error.cause as ErrorKind;
  // what the journal says of a file it cannot read
  return error instanceof UserError ? 'damaged' : 'bug';
}
