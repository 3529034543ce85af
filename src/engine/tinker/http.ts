/**
 * The only place that touches the network. One attempt of one request: connection pools, time limits, bounded bodies. Knows neither retries
 * (`retry.ts`) nor what bodies mean.
 */
import type { Readable } from 'node:stream';
import { Agent, request as send } from 'undici';
import { EngineError, UserError } from '../../core/errors.ts';
import { API_PREFIX } from './wire.ts';

/** Requests of one pool wait for each other only; a held-open poll blocks no heartbeat. */
export type Pool = 'session' | 'train' | 'sample' | 'retrieve';

/** Connections at once. Submissions of training travel one after the other anyway (`model-client.ts`), for each model. */
const CONNECTIONS: Readonly<Record<Pool, number>> = { session: 4, train: 4, sample: 64, retrieve: 1024 };

const CONNECT_TIMEOUT_MS = 5_000;
const DOWNLOAD_TIMEOUT_MS = 60_000;
/** A larger answer is refused: it would fill memory on a stranger's word. */
const MOST_RESPONSE_BYTES = 512 * 1024 * 1024;

const CLOSED = 'the connections to the server are closed';

export interface Outgoing {
  readonly method?: 'GET' | 'POST';
  /** Below `/api/v1/`. */
  readonly path: string;
  readonly pool: Pool;
  /** An object travels as JSON, bytes as they are. */
  readonly body?: object | Uint8Array | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  /** Without parameters, lower case. */
  readonly contentType: string;
  readonly bytes: Uint8Array;
  /** What the server asks us to wait, if it does. */
  readonly retryAfterMs: number | undefined;
  /** Where a redirection leads; it is not followed. */
  readonly location: string | undefined;
}

/** No answer: refused, reset, timed out. */
export type Outcome =
  | { readonly answer: Answer }
  | { readonly fault: { readonly reason: string; readonly isTimeout: boolean; readonly isRefused: boolean } };

export class Http {
  readonly baseUrl: string;
  readonly #agents = new Map<Pool, Agent>();
  #isClosed = false;
  #answers = 0;
  #requests = 0;
  #bytesSent = 0;
  #bytesReceived = 0;

  /** @throws UserError when the address is none, or sends a key unencrypted to another machine */
  constructor(baseUrl: string) {
    this.baseUrl = checkedUrl(baseUrl);
  }

  /** What was used so far, for metrics. */
  get traffic(): { readonly requests: number; readonly bytesSent: number; readonly bytesReceived: number } {
    return { requests: this.#requests, bytesSent: this.#bytesSent, bytesReceived: this.#bytesReceived };
  }

  /** Rejects only when `signal` aborts, or once closed. */
  async attempt(outgoing: Outgoing): Promise<Outcome> {
    if (this.#isClosed) throw new EngineError(CLOSED);
    const { method = 'POST', path, pool, body, headers = {}, timeoutMs, signal } = outgoing;
    const payload = body === undefined || body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
    const limit = limited(timeoutMs, signal);
    this.#requests++;
    this.#bytesSent += payload?.length ?? 0;
    try {
      const response = await send(`${this.baseUrl}${API_PREFIX}/${path}`, {
        method,
        dispatcher: this.#agent(pool),
        headers: {
          ...(payload !== undefined && !(body instanceof Uint8Array) && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(payload !== undefined && { body: payload }),
        signal: limit.signal,
      });
      this.noteAnswer();
      const bytes = await readBounded(response.body);
      this.#bytesReceived += bytes.length;
      return {
        answer: {
          status: response.statusCode,
          contentType: (one(response.headers['content-type']) ?? '').split(';')[0]?.trim().toLowerCase() ?? '',
          bytes,
          retryAfterMs: retryAfter(response.headers),
          location: one(response.headers['location']),
        },
      };
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (this.#isClosed) throw new EngineError(CLOSED);
      const code = (error as { code?: unknown }).code;
      return {
        fault: {
          reason: limit.isOver() ? `no answer in ${timeoutMs / 1000} s` : messageOf(error),
          isTimeout: limit.isOver(),
          isRefused: code === 'ECONNREFUSED',
        },
      };
    } finally {
      limit.release();
    }
  }

  /** How many answers of any kind have begun so far: whether the server lives is whether this grows. */
  get answers(): number {
    return this.#answers;
  }

  /** Another thread of ours was answered. */
  noteAnswer(): void {
    this.#answers++;
  }

  /** A GET from any address, without credentials, its body to be read or destroyed by the caller. */
  async open(url: string, signal: AbortSignal): Promise<{ readonly status: number; readonly body: Readable }> {
    const response = await send(url, {
      dispatcher: this.#agent('session'),
      signal,
      headersTimeout: DOWNLOAD_TIMEOUT_MS,
    });
    return { status: response.statusCode, body: response.body };
  }

  /** Idle connections end, those in use are cut. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#agents.values()].map((agent) => agent.destroy()));
  }

  #agent(pool: Pool): Agent {
    const found = this.#agents.get(pool);
    if (found !== undefined) return found;
    const agent = new Agent({
      connections: CONNECTIONS[pool],
      pipelining: 1,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      // ours are the time limits: `attempt` aborts
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    this.#agents.set(pool, agent);
    return agent;
  }
}

/** A signal that also comes with time. Own timers: those of `AbortSignal.timeout` and `any` live on until they would have fired. */
function limited(timeoutMs: number, outer: AbortSignal | undefined) {
  const controller = new AbortController();
  let isOver = false;
  const timer = setTimeout(() => {
    isOver = true;
    controller.abort();
  }, timeoutMs);
  const follow = () => controller.abort(outer?.reason);
  if (outer?.aborted) follow();
  outer?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    isOver: () => isOver,
    release: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', follow);
    },
  };
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

function checkedUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UserError(`engine.tinker.baseUrl must be an http(s) address, got ${JSON.stringify(text)}`);
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new UserError(`engine.tinker.baseUrl must start with http:// or https://, got ${JSON.stringify(text)}`);
  if (url.username !== '' || url.password !== '')
    throw new UserError('engine.tinker.baseUrl must not hold a password: keys come from TINKER_API_KEY');
  if (url.search !== '' || url.hash !== '')
    throw new UserError(
      'engine.tinker.baseUrl must be an address alone, without ? or #: keys come from TINKER_API_KEY',
    );
  return url.href.replace(/\/+$/, '');
}

/** Whether what is sent there can be read on the way. */
export function isUnprotected(baseUrl: string): boolean {
  const url = new URL(baseUrl);
  return url.protocol === 'http:' && !LOOPBACK.has(url.hostname);
}

async function readBounded(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    if (length > MOST_RESPONSE_BYTES) throw new Error(`the answer is longer than ${MOST_RESPONSE_BYTES} bytes`);
    parts.push(part);
  }
  return parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts);
}

const one = (header: string | string[] | undefined): string | undefined => (Array.isArray(header) ? header[0] : header);

function retryAfter(headers: Readonly<Record<string, string | string[] | undefined>>): number | undefined {
  const inMs = Number(one(headers['retry-after-ms']) ?? Number.NaN);
  if (Number.isFinite(inMs)) return inMs;
  const inSeconds = Number(one(headers['retry-after']) ?? Number.NaN);
  return Number.isFinite(inSeconds) ? inSeconds * 1000 : undefined;
}

/** The network's reason without addresses of keys: undici names the code and the host. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as { code?: unknown }).code;
  return typeof code === 'string' ? code : error.message;
}
