/**
 * One request until it is answered: what is repeated, how long, and what each final answer means (the protocol's section on errors). Repeats
 * carry the same body and the same idempotency key, so that a server which saw the first does the work once.
 */
import { randomUUID } from 'node:crypto';
import { randomKey, uniform } from '../../core/random.ts';
import type { Clock } from './clock.ts';
import { quoted, TinkerError } from './failure.ts';
import type { Answer, Http, Outgoing } from './http.ts';

export interface RetrySettings {
  /** Longest time spent on repeating one request. */
  readonly totalMs: number;
  /** Longest wait for a bill to be paid (status 402). */
  readonly billingMs: number;
  /** Whether 409 may pass: a taken sequence number settles, a taken name stays taken. */
  readonly conflictPasses: boolean;
}

export interface Transport {
  readonly http: Http;
  readonly clock: Clock;
  /** Headers that say who we are, asked for anew for each attempt. */
  readonly credentials: () => Promise<Readonly<Record<string, string>>>;
  /** Never shown. */
  readonly secrets: () => readonly string[];
  /** Told of each repeat, for logs and metrics. */
  readonly onRetry?: ((path: string, reason: string) => void) | undefined;
}

/** An empty 400 is a proxy's, not the server's: so many are forgiven. */
const EMPTY_400S = 16;
const LONGEST_WAIT_MS = 30_000;
const BILLING_WAIT_MS = 5_000;

/** 0.5 s doubling to 30 s, less up to a quarter; or what the server asks for, up to a minute. */
export function waitMs(repeat: number, asked: number | undefined, path: string): number {
  if (asked !== undefined && asked >= 0 && asked <= 60_000) return asked;
  const jitter = 1 - 0.25 * uniform(randomKey(0, path), repeat);
  return Math.min(500 * 2 ** Math.min(repeat, 16), LONGEST_WAIT_MS) * jitter;
}

/** An answer of status 2xx. @throws TinkerError by what went wrong */
export async function insist(transport: Transport, outgoing: Outgoing, settings: RetrySettings): Promise<Answer> {
  const { http, clock, onRetry } = transport;
  const idempotency = { 'x-idempotency-key': randomUUID() };
  const started = clock.now();
  let billingSince: number | undefined;
  let empty400s = 0;
  for (let repeat = 0; ; repeat++) {
    const headers = { ...idempotency, ...(await transport.credentials()), ...outgoing.headers };
    const outcome = await http.attempt({ ...outgoing, headers });
    const again = (reason: string): never | undefined => {
      if (clock.now() - started > settings.totalMs) throw givenUp(transport, outgoing.path, reason, settings.totalMs);
      onRetry?.(outgoing.path, reason);
      return undefined;
    };
    if ('fault' in outcome) {
      again(outcome.fault.reason);
      await clock.sleep(waitMs(repeat, undefined, outgoing.path), outgoing.signal);
      continue;
    }
    const { answer } = outcome;
    if (answer.status >= 200 && answer.status < 300) return answer;
    if (answer.status === 402) {
      billingSince ??= clock.now();
      if (clock.now() - billingSince > settings.billingMs) throw refusal(transport, outgoing.path, answer);
      onRetry?.(outgoing.path, 'billing');
      await clock.sleep(BILLING_WAIT_MS, outgoing.signal);
      continue;
    }
    const isProxys = answer.status === 400 && answer.bytes.length === 0 && empty400s++ < EMPTY_400S;
    const isConflict = answer.status === 409 && settings.conflictPasses;
    if (!isProxys && !isConflict && !isTransient(answer.status)) throw refusal(transport, outgoing.path, answer);
    again(`status ${answer.status}`);
    await clock.sleep(waitMs(repeat, answer.retryAfterMs, outgoing.path), outgoing.signal);
  }
}

const isTransient = (status: number): boolean => status === 408 || status === 425 || status === 429 || status >= 500;

function givenUp({ http }: Transport, path: string, reason: string, totalMs: number): TinkerError {
  return new TinkerError(
    'lost',
    `${http.baseUrl} did not take ${path} for ${Math.round(totalMs / 1000)} s (last: ${quoted(reason)}); see that the server runs, then resume the run`,
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
