/**
 * The result of a request whose work happens later: polls `retrieve_future` until it is there. A poll that ends without an answer is "not
 * ready" as long as the server answers anything at all; a server that says nothing for longer than our patience is lost.
 */
import { quoted, TinkerError } from './failure.ts';
import type { Gate } from './gate.ts';
import type { Answer } from './http.ts';
import { fromWire, toWire } from './keys.ts';
import { BILLING_WAIT_MS, detailOf, givenUp, refusal, type Transport, waitMs } from './retry.ts';
import { announcedSchema, failedSchema, pendingSchema, queueSchema } from './wire.ts';

/** What a result is of, as the protocol names it. */
export type RequestType =
  | 'CreateModel'
  | 'UnloadModel'
  | 'Forward'
  | 'ForwardBackward'
  | 'OptimStep'
  | 'SaveWeights'
  | 'SaveWeightsForSampler'
  | 'LoadWeights'
  | 'Sample';

export interface Awaited<Result> {
  readonly requestId: string;
  readonly type: RequestType;
  /** @throws Error when the answer is no such result */
  readonly decode: (answer: Answer) => Result;
  /** Content types we would rather have. */
  readonly accept?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface FutureSettings {
  /** Bytes of results on their way to us at once; large ones announce their size. */
  readonly downloads: Gate;
  /** Time limit of one poll. */
  readonly pollMs: number;
  /** The server says why it keeps us waiting. */
  readonly onQueue?: ((state: string) => void) | undefined;
}

const PATH = 'retrieve_future';
const EMPTY_400S = 3;
/** Results that cannot be read are fetched again so often: what cut one short on its way may spare the next. */
const UNREADABLE = 10;
/** Shortest pause between polls that come back at once, doubling to the longest. */
const QUICK_MS = 10;
const LONGEST_PAUSE_MS = 1_000;

/** @throws TinkerError; the signal's reason when it aborts */
export async function retrieve<Result>(
  transport: Transport,
  settings: FutureSettings,
  awaited: Awaited<Result>,
): Promise<Result> {
  const poll = new Poll(transport, settings, awaited);
  for (;;) {
    const answer = await poll.next(true);
    const announced = jsonOf(answer, announcedSchema);
    const download = () => poll.next(false);
    const whole =
      announced === undefined
        ? answer
        : await settings.downloads.hold(announced.responsePayloadSize, download, awaited.signal);
    if (jsonOf(whole, announcedSchema) !== undefined) continue;
    const result = await decoded(transport, awaited, whole, () => poll.again());
    if (result !== AGAIN) return result;
  }
}

const AGAIN = Symbol('fetch it again');

/** @param again waits, and says whether the result may be fetched once more */
async function decoded<Result>(
  { http, secrets }: Transport,
  { decode, type }: Awaited<Result>,
  answer: Answer,
  again: () => Promise<boolean>,
): Promise<Result | typeof AGAIN> {
  try {
    return decode(answer);
  } catch (error) {
    if (await again()) return AGAIN;
    const what = quoted(error instanceof Error ? error.message : String(error), secrets());
    throw new TinkerError('failed', `${http.baseUrl} answered ${type} with something that is no such result: ${what}`, {
      cause: error,
    });
  }
}

interface Schema<Body> {
  safeParse(value: unknown): { readonly success: true; readonly data: Body } | { readonly success: false };
}

/** Only small bodies can be one of the protocol's notices: results are decoded once, by their own schema. */
const NOTICE_BYTES = 16_384;

function jsonOf<Body>(answer: Answer, schema: Schema<Body>): Body | undefined {
  if (answer.contentType !== 'application/json' || answer.bytes.length > NOTICE_BYTES) return undefined;
  try {
    const parsed = schema.safeParse(fromWire(JSON.parse(new TextDecoder().decode(answer.bytes))));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** The polls of one result, with what was seen so far. */
class Poll<Result> {
  readonly #transport: Transport;
  readonly #settings: FutureSettings;
  readonly #awaited: Awaited<Result>;
  #iteration = 0;
  /** Milliseconds in a row in which the server said nothing, to us or to anyone of this client; and how long it only failed. */
  #silentMs = 0;
  #failingSince: number | undefined;
  #billingSince: number | undefined;
  #empty400s = 0;
  #unreadable = 0;
  #quickPolls = 0;
  #repeats = 0;
  #queueState: string | undefined;

  constructor(transport: Transport, settings: FutureSettings, awaited: Awaited<Result>) {
    this.#transport = transport;
    this.#settings = settings;
    this.#awaited = awaited;
  }

  /** The next answer that is a result or its announcement. */
  async next(allowMetadataOnly: boolean): Promise<Answer> {
    for (;;) {
      const found = await this.#once(allowMetadataOnly);
      if (found !== undefined) return found;
    }
  }

  /** After a result that could not be read: waits, and says whether it is worth another try. */
  async again(): Promise<boolean> {
    const { clock, onRetry } = this.#transport;
    if (this.#unreadable >= UNREADABLE) return false;
    onRetry?.(PATH, 'the result could not be read');
    await clock.sleep(waitMs(this.#unreadable++, undefined, this.#awaited.requestId), this.#awaited.signal);
    return true;
  }

  async #once(allowMetadataOnly: boolean): Promise<Answer | undefined> {
    const { http, clock, credentials } = this.#transport;
    const { requestId, type, accept, signal } = this.#awaited;
    const began = clock.now();
    const answersBefore = http.answers;
    const outcome = await http.attempt({
      path: PATH,
      pool: 'retrieve',
      body: toWire({ requestId, allowMetadataOnly }) as object,
      headers: {
        ...(await credentials()),
        'x-tinker-request-iteration': String(this.#iteration++),
        'x-tinker-request-type': type,
        ...(accept !== undefined && { accept }),
      },
      timeoutMs: this.#settings.pollMs,
      signal,
    });
    if ('fault' in outcome) {
      // a wait of minutes in which this thread was busy is no silence of the server
      const elapsed = Math.min(clock.now() - began, this.#settings.pollMs);
      if (http.answers > answersBefore) this.#silentMs = 0;
      else this.#silentMs += elapsed;
      await this.#afterFault(outcome.fault);
      return undefined;
    }
    this.#silentMs = 0;
    const { answer } = outcome;
    if (answer.status >= 500 || answer.status === 429) {
      await this.#afterTrouble(answer);
      return undefined;
    }
    this.#failingSince = undefined;
    this.#repeats = 0;
    return this.#read(answer, clock.now() - began);
  }

  async #afterFault(fault: { readonly reason: string; readonly isTimeout: boolean; readonly isRefused: boolean }) {
    const { clock, patience, onRetry } = this.#transport;
    const limitMs = fault.isRefused ? Math.min(patience.refusedMs, patience.totalMs) : patience.totalMs;
    if (this.#silentMs > limitMs) throw givenUp(this.#transport, PATH, fault.reason, limitMs);
    if (fault.isTimeout) return;
    onRetry?.(PATH, fault.reason);
    const pause = waitMs(this.#repeats++, undefined, this.#awaited.requestId);
    this.#silentMs += pause;
    await clock.sleep(pause, this.#awaited.signal);
  }

  /** 5xx and 429: the server lives; one that only fails is given up in the end. */
  async #afterTrouble(answer: Answer): Promise<void> {
    const { clock, patience, onRetry } = this.#transport;
    this.#failingSince ??= clock.now();
    if (answer.status !== 429 && clock.now() - this.#failingSince > patience.totalMs)
      throw givenUp(this.#transport, PATH, `status ${answer.status} ${detailOf(answer)}`, patience.totalMs);
    onRetry?.(PATH, `status ${answer.status}`);
    await clock.sleep(waitMs(this.#repeats++, answer.retryAfterMs, this.#awaited.requestId), this.#awaited.signal);
  }

  async #read(answer: Answer, elapsedMs: number): Promise<Answer | undefined> {
    const { clock, patience } = this.#transport;
    const { status } = answer;
    if (status >= 200 && status < 300) {
      const pending = jsonOf(answer, pendingSchema);
      if (pending !== undefined) return this.#notReady(pending.queueState, elapsedMs);
      const failed = jsonOf(answer, failedSchema);
      if (failed !== undefined) throw this.#failure(failed.error, failed.category, status);
      return answer;
    }
    if (status === 408) return this.#notReady(jsonOf(answer, queueSchema)?.queueState, elapsedMs);
    if (status === 402) {
      this.#billingSince ??= clock.now();
      if (clock.now() - this.#billingSince > patience.billingMs) throw refusal(this.#transport, PATH, answer);
      await clock.sleep(BILLING_WAIT_MS, this.#awaited.signal);
      return undefined;
    }
    if (status === 400) {
      // a proxy's 400 has no body; SkyRL's is a failed operation
      if (answer.bytes.length === 0 && this.#empty400s++ < EMPTY_400S) return this.#notReady(undefined, elapsedMs);
      throw this.#failure(detailOf(answer), 'unknown', status);
    }
    throw refusal(this.#transport, PATH, answer);
  }

  async #notReady(queueState: string | null | undefined, elapsedMs: number): Promise<undefined> {
    if (queueState != null && queueState !== this.#queueState) {
      this.#queueState = queueState;
      this.#settings.onQueue?.(queueState);
    }
    // a server that does not hold the poll open is not asked a thousand times a second
    this.#quickPolls = elapsedMs < LONGEST_PAUSE_MS ? this.#quickPolls + 1 : 0;
    if (this.#quickPolls > 0) {
      const pause = Math.min(QUICK_MS * 2 ** Math.min(this.#quickPolls - 1, 10), LONGEST_PAUSE_MS);
      await this.#transport.clock.sleep(pause, this.#awaited.signal);
    }
    return undefined;
  }

  #failure(said: string, category: string, status: number): TinkerError {
    const { http, secrets } = this.#transport;
    const { type } = this.#awaited;
    const message = `${http.baseUrl} could not do ${type}: ${quoted(said, secrets())}`;
    if (isLoss(said)) return new TinkerError('lost', message, { status });
    return new TinkerError(category === 'user' ? 'request' : 'failed', message, { status });
  }
}

/** Servers say in words alone that a model was evicted, or died with the server before. */
const isLoss = (said: string): boolean =>
  /\b(model|session)\b.*\b(not loaded|evicted|unloaded|expired|not found)\b/i.test(said);
