/**
 * What goes wrong between us and a server, by what can be done about it. Server text is a stranger's: shortened, without control characters,
 * without the key.
 */
import { EngineError } from '../../core/errors.ts';

/**
 * - `auth`: the key is missing or refused
 * - `request`: the server calls our request wrong; it would be wrong again
 * - `conflict`: a name or a sequence number is taken by something else
 * - `billing`: payment is asked for, longer than we may wait
 * - `gone`: the server forgot a result it had promised
 * - `lost`: the server, the session or the model is not there any more: rebuild from a saved state
 * - `failed`: the operation itself failed on the server
 */
export type FailureKind = 'auth' | 'request' | 'conflict' | 'billing' | 'gone' | 'lost' | 'failed';

export class TinkerError extends EngineError {
  readonly kind: FailureKind;
  /** HTTP status, where there was one. */
  readonly status: number | undefined;

  constructor(kind: FailureKind, message: string, options: { cause?: unknown; status?: number | undefined } = {}) {
    super(message, { cause: options.cause, retryable: kind === 'lost' || kind === 'gone' });
    this.kind = kind;
    this.status = options.status;
  }
}

const LONGEST = 400;

/** A server's words, fit for a message. @param secrets replaced wherever they occur */
export function quoted(text: string, secrets: readonly string[] = []): string {
  const safe = secrets.reduce((rest, secret) => (secret === '' ? rest : rest.replaceAll(secret, '[key]')), text);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a terminal
  const plain = safe.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ').trim();
  return plain.length > LONGEST ? `${plain.slice(0, LONGEST)}...` : plain;
}
