/**
 * One request until it is answered: what is repeated, how long, and what each final answer means (the protocol's section on errors). Repeats
 * carry the same body and the same idempotency key, so that a server which saw the first does the work once.
 */
import { randomUUID } from 'node:crypto';
import { randomKey, uniform } from '../../core/random.ts';
import type { Clock } from './clock.ts';
import { quoted, TinkerError } from './failure.ts';
import type { Answer, Http, Outcome, Outgoing } from './http.ts';
import { parsedJson } from './keys.ts';

/** How long what is patiently waited for. */
export interface Patience {
  /** Longest time spent on repeating one request, and on a server that says nothing while results are awaited. */
  readonly totalMs: number;
  /** The same where nothing listens at the address: a server that comes back has forgotten its models. */
  readonly refusedMs: number;
  /** Longest wait for a bill to be paid (status 402). */
  readonly billingMs: number;
}

export const PATIENCE: Patience = { totalMs: 300_000, refusedMs: 30_000, billingMs: 3_600_000 };

export interface Transport {
  readonly http: Http;
  readonly clock: Clock;
  readonly patience: Patience;
  /** Headers that say who we are, asked for anew for each attempt. */
  readonly credentials: () => Promise<Readonly<Record<string, string>>>;
  /** Never shown. */
  readonly secrets: () => readonly string[];
  /** Told of each repeat, for logs and metrics. */
  readonly onRetry?: ((path: string, reason: string) => void) | undefined;
}

export interface InsistOptions {
  /** 409 is final: a taken name stays taken, while a taken sequence number settles. */
  readonly isConflictFinal?: boolean;
  /** An answer that points elsewhere is what was asked for. */
  readonly isRedirectGood?: boolean;
  /** Waits after 429 in its own way; such repeats have no limit, because the server lives and says so. */
  readonly onBusy?: () => Promise<void>;
}

/** An empty 400 is a proxy's, not the server's: so many are forgiven. */
const EMPTY_400S = 16;
/** Longest answer to a submission that is looked at before it is taken. */
const SUBMISSION_BYTES = 65_536;
const LONGEST_WAIT_MS = 30_000;
/** Time limit of one attempt of anything but a poll. */
export const SUBMIT_MS = 60_000;
export const BILLING_WAIT_MS = 5_000;

/**
 * 0.5 s doubling to 30 s, less up to a quarter; or what the server asks for, up to a minute.
 * @param salt differs between requests, so that those which failed together do not come back together
 */
export function waitMs(repeat: number, asked: number | undefined, salt: string): number {
  if (asked !== undefined && asked >= 0 && asked <= 60_000) return asked;
  const jitter = 1 - 0.25 * uniform(randomKey(0, salt), repeat);
  return Math.min(500 * 2 ** Math.min(repeat, 16), LONGEST_WAIT_MS) * jitter;
}

/** An answer of status 2xx. @throws TinkerError by what went wrong; the signal's reason when it aborts */
export async function insist(transport: Transport, outgoing: Outgoing, options: InsistOptions = {}): Promise<Answer> {
  const { http, clock, patience, onRetry } = transport;
  const salt = randomUUID();
  const started = clock.now();
  let billingSince: number | undefined;
  let empty400s = 0;
  for (let repeat = 0; ; repeat++) {
    const headers = { 'x-idempotency-key': salt, ...(await transport.credentials()), ...outgoing.headers };
    const outcome = whole(await http.attempt({ ...outgoing, headers }));
    if ('fault' in outcome) {
      const { reason, isRefused } = outcome.fault;
      const limitMs = isRefused ? Math.min(patience.refusedMs, patience.totalMs) : patience.totalMs;
      if (clock.now() - started > limitMs) throw givenUp(transport, outgoing.path, reason, limitMs);
      onRetry?.(outgoing.path, reason);
      await clock.sleep(waitMs(repeat, undefined, salt), outgoing.signal);
      continue;
    }
    const { answer } = outcome;
    const { status } = answer;
    if (status >= 200 && status < (options.isRedirectGood === true ? 400 : 300)) return answer;
    if (status === 402) {
      billingSince ??= clock.now();
      if (clock.now() - billingSince > patience.billingMs) throw refusal(transport, outgoing.path, answer);
      onRetry?.(outgoing.path, 'billing');
      await clock.sleep(BILLING_WAIT_MS, outgoing.signal);
      continue;
    }
    if (status === 429 && options.onBusy !== undefined) {
      onRetry?.(outgoing.path, 'status 429');
      await options.onBusy();
      continue;
    }
    const isProxys = status === 400 && answer.bytes.length === 0 && empty400s++ < EMPTY_400S;
    const isConflict = status === 409 && options.isConflictFinal !== true;
    if (!isProxys && !isConflict && !isTransient(status)) throw refusal(transport, outgoing.path, answer);
    if (clock.now() - started > patience.totalMs) {
      if (isConflict) throw refusal(transport, outgoing.path, answer);
      throw givenUp(transport, outgoing.path, `status ${status} ${detailOf(answer)}`, patience.totalMs);
    }
    onRetry?.(outgoing.path, `status ${status}`);
    await clock.sleep(waitMs(repeat, answer.retryAfterMs, salt), outgoing.signal);
  }
}

/** JSON that ends too early was cut on its way: as if there were no answer. Those who answer a submission with more than this are read later. */
function whole(outcome: Outcome): Outcome {
  if ('fault' in outcome) return outcome;
  const { status, contentType, bytes } = outcome.answer;
  if (status < 200 || status >= 300 || contentType !== 'application/json' || bytes.length > SUBMISSION_BYTES)
    return outcome;
  try {
    parsedJson(bytes);
    return outcome;
  } catch {
    return { fault: { reason: 'the answer was cut short', isTimeout: false, isRefused: false } };
  }
}

const isTransient = (status: number): boolean => status === 408 || status === 425 || status === 429 || status >= 500;

/** The server is not there, or not itself, any more. */
export function givenUp({ http, secrets }: Transport, path: string, reason: string, afterMs: number): TinkerError {
  return new TinkerError(
    'lost',
    `${http.baseUrl} did not serve ${path} for ${Math.round(afterMs / 1000)} s (last: ${quoted(reason, secrets())}); see that the server runs, then resume the run`,
  );
}

/** What a final answer other than 2xx means. */
export function refusal({ http, secrets }: Transport, path: string, answer: Answer): TinkerError {
  const said = quoted(detailOf(answer), secrets());
  const { status } = answer;
  const where = `${http.baseUrl} answered ${path} with ${status}${said === '' ? '' : `: ${said}`}`;
  switch (status) {
    case 401:
    case 403:
      return new TinkerError('auth', `${where}; set TINKER_API_KEY to a valid key of this server`, { status });
    case 402:
      return new TinkerError('billing', `${where}; see to the account's billing, then resume the run`, { status });
    case 404:
      return new TinkerError('lost', `${where}; the session, model or result is not there any more`, { status });
    case 409:
      return new TinkerError('conflict', where, { status });
    case 410:
      return new TinkerError('gone', where, { status });
    default:
      return new TinkerError('request', where, { status });
  }
}

/** `{"detail": ...}`, `{"error": ...}`, or the text as it is. */
export function detailOf(answer: Answer): string {
  const text = new TextDecoder().decode(answer.bytes.subarray(0, 10_000));
  try {
    const body = JSON.parse(text) as { detail?: unknown; error?: unknown };
    const said = body?.detail ?? body?.error ?? body;
    return typeof said === 'string' ? said : JSON.stringify(said);
  } catch {
    return text;
  }
}
