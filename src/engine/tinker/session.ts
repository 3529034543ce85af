/**
 * A session with a server: its settings, who we are, the heartbeat, and every model made in it, which are unloaded at the end. A model that is
 * not unloaded keeps its place on the server for minutes.
 */
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { z } from 'zod';
import { EngineError, UserError } from '../../core/errors.ts';
import { parsed } from './answers.ts';
import { type Clock, systemClock } from './clock.ts';
import { type CredentialSource, Credentials } from './credentials.ts';
import { quoted, TinkerError } from './failure.ts';
import { type Awaited, type FutureSettings, retrieve } from './futures.ts';
import { Gate } from './gate.ts';
import { type Heartbeat, startHeartbeat } from './heartbeat.ts';
import { type Answer, Http, isUnprotected, type Outgoing } from './http.ts';
import { toWire } from './keys.ts';
import { clientConfig, createSession, exchangedToken, type Introduction } from './opening.ts';
import { PROTOBUF } from './protobuf.ts';
import { type InsistOptions, insist, PATIENCE, type Patience, SUBMIT_MS, type Transport } from './retry.ts';
import {
  type ClientConfig,
  createModelResultSchema,
  futureSchema,
  type LoraConfig,
  samplingSessionSchema,
  serverCapabilitiesSchema,
} from './wire.ts';

export interface SessionSettings extends Introduction {
  readonly baseUrl: string;
  readonly credentials?: CredentialSource | undefined;
  /** `auto`: protobuf where the server is the hosted one, JSON elsewhere; what arrives is read by what it says it is. */
  readonly wire?: 'auto' | 'json' | 'protobuf' | undefined;
  readonly patience?: Partial<Patience> | undefined;
  readonly heartbeatMs?: number | undefined;
  readonly pollMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

const HEARTBEAT_MS = 10_000;
/** Below the 60 s at which proxies cut idle connections. */
const POLL_MS = 45_000;
/** For all that is left to say when a session ends. */
const FAREWELL_MS = 5_000;
/** Between two tries of it. */
const FAREWELL_WAIT_MS = 250;
export class Session {
  readonly id: string;
  readonly config: ClientConfig;
  /** Whether training requests, and results where possible, travel as protobuf. */
  readonly isProtobuf: boolean;
  /** Sampling requests of all samplers together. */
  readonly samplingGate: Gate;
  readonly samplingBytes: Gate;
  readonly clock: Clock;
  /** Aborts when the session closes: nothing is sent or awaited any more. */
  readonly ended = new AbortController();
  readonly #transport: Transport;
  readonly #heartbeat: Heartbeat;
  readonly #futures: FutureSettings;
  readonly #models = new Set<string>();
  #modelSeqId = 0;
  #samplingSeqId = 0;
  #busyUntil = Number.NEGATIVE_INFINITY;
  #fault: TinkerError | undefined;
  #closing: Promise<void> | undefined;

  private constructor(parts: {
    readonly id: string;
    readonly config: ClientConfig;
    readonly settings: SessionSettings;
    readonly transport: Transport;
    readonly headers: Readonly<Record<string, string>>;
  }) {
    const { id, config, settings, transport, headers } = parts;
    this.id = id;
    this.config = config;
    // every request on its way listens
    setMaxListeners(0, this.ended.signal);
    this.#transport = transport;
    this.clock = transport.clock;
    const { baseUrl } = transport.http;
    const wire = settings.wire ?? 'auto';
    this.isProtobuf = wire === 'protobuf' || (wire === 'auto' && isHosted(baseUrl));
    this.samplingGate = new Gate(config.sampleMaxConcurrentRequests);
    this.samplingBytes = new Gate(config.sampleDispatchBytesSemaphoreSize);
    this.#futures = {
      downloads: new Gate(config.inflightResponseBytesSemaphoreSize),
      pollMs: settings.pollMs ?? POLL_MS,
      onQueue: (state) => settings.onNotice?.({ level: 'note', message: `${baseUrl} is ${quoted(state)}` }),
    };
    this.#heartbeat = startHeartbeat(
      { baseUrl, sessionId: id, headers, everyMs: settings.heartbeatMs ?? HEARTBEAT_MS },
      ({ status }) => {
        // also renews tokens in time while nothing else is sent
        transport.credentials().then(
          (current) => this.#heartbeat.renew(current),
          () => {},
        );
        if (status === undefined) return;
        transport.http.noteAnswer();
        if (status === 404 || status === 410)
          this.#fault ??= new TinkerError('lost', `${baseUrl} does not know session ${id} any more; resume the run`, {
            status,
          });
      },
      (cause) => {
        this.#fault ??= new TinkerError('lost', 'the thread that keeps the session alive ended; resume the run', {
          cause,
        });
      },
    );
  }

  /** @throws UserError, TinkerError */
  static async open(settings: SessionSettings): Promise<Session> {
    const http = new Http(settings.baseUrl);
    const clock = settings.clock ?? systemClock;
    const credentials = new Credentials(settings.credentials ?? {}, clock);
    if (credentials.isSecret && isUnprotected(http.baseUrl))
      throw new UserError(
        `${http.baseUrl} is not encrypted, and the key of TINKER_API_KEY would be readable on the way: use https, a tunnel to localhost, or unset the key where the server asks for none`,
      );
    const { onNotice } = settings;
    const transport: Transport = {
      http,
      clock,
      patience: { ...PATIENCE, ...settings.patience },
      credentials: () => credentials.headers(),
      secrets: () => credentials.secrets(),
      onRetry: (path, reason) => onNotice?.({ level: 'note', message: `${path} is repeated: ${quoted(reason)}` }),
    };
    try {
      const config = await clientConfig(transport);
      const billed = {
        ...transport,
        patience: {
          ...transport.patience,
          billingMs: settings.patience?.billingMs ?? config.billingExceptionMaxPauseDurationSec * 1000,
        },
      };
      if (config.pjwtAuthEnabled) await credentials.exchangeKey((headers) => exchangedToken(transport, headers));
      else if (config.credentialDefaultSource === 'credential_cmd' && settings.credentials?.command === undefined)
        throw new UserError(`${http.baseUrl} wants the key from a command: set TINKER_CREDENTIAL_CMD`);
      const created = await createSession(billed, settings);
      return new Session({ id: created, config, settings, transport: billed, headers: await credentials.headers() });
    } catch (error) {
      await http.close();
      throw error;
    }
  }

  get baseUrl(): string {
    return this.#transport.http.baseUrl;
  }

  get traffic() {
    return this.#transport.http.traffic;
  }

  get http(): Http {
    return this.#transport.http;
  }

  secrets(): readonly string[] {
    return this.#transport.secrets();
  }

  /** What the server says it serves. */
  async supportedModels(): Promise<z.output<typeof serverCapabilitiesSchema>['supportedModels']> {
    const answer = await this.send({ method: 'GET', path: 'get_server_capabilities', pool: 'session' });
    return parsed(serverCapabilitiesSchema, answer).supportedModels;
  }

  /** One request until it is answered. @throws TinkerError */
  async send(outgoing: Omit<Outgoing, 'timeoutMs'>, options?: InsistOptions): Promise<Answer> {
    if (this.#fault !== undefined) throw this.#fault;
    if (this.ended.signal.aborted) throw this.ended.signal.reason;
    const body =
      outgoing.body === undefined || outgoing.body instanceof Uint8Array ? outgoing.body : toWire(outgoing.body);
    return insist(
      this.#transport,
      { signal: this.ended.signal, ...outgoing, body: body as object, timeoutMs: SUBMIT_MS },
      options,
    );
  }

  /** The result of a request that was taken. @throws TinkerError */
  async retrieve<Result>(awaited: Omit<Awaited<Result>, 'accept'>): Promise<Result> {
    if (this.#fault !== undefined) throw this.#fault;
    const accept = this.isProtobuf ? PROTOBUF : undefined;
    return retrieve(this.#transport, this.#futures, { signal: this.ended.signal, ...awaited, accept });
  }

  /** A fresh model of random adapter weights; it is unloaded with the session. */
  async createModel(baseModel: string, loraConfig: LoraConfig): Promise<string> {
    const modelSeqId = this.#modelSeqId++;
    const body = { sessionId: this.id, modelSeqId, baseModel, userMetadata: {}, loraConfig };
    const future = parsed(futureSchema, await this.send({ path: 'create_model', pool: 'session', body }));
    if (future.modelId != null) this.#models.add(future.modelId);
    const decode = (answer: Answer) => parsed(createModelResultSchema, answer);
    const { modelId } = await this.retrieve({ requestId: future.requestId, type: 'CreateModel', decode });
    this.#models.add(modelId);
    return modelId;
  }

  /** Gives the model's place back. */
  async unloadModel(modelId: string): Promise<void> {
    const answer = await this.send({ path: 'unload_model', pool: 'session', body: { modelId } });
    const { requestId } = parsed(futureSchema, answer);
    await this.retrieve({ requestId, type: 'UnloadModel', decode: () => undefined });
    this.#models.delete(modelId);
  }

  /** Numbers sampling sessions, also those that saving for a sampler makes. */
  nextSamplingSeqId(): number {
    return this.#samplingSeqId++;
  }

  /** Saved weights, or the server's model as it came. */
  async createSamplingSession(
    source: { readonly modelPath: string } | { readonly baseModel: string },
  ): Promise<string> {
    const body = { sessionId: this.id, samplingSessionSeqId: this.nextSamplingSeqId(), ...source };
    const answer = await this.send({ path: 'create_sampling_session', pool: 'session', body });
    return parsed(samplingSessionSchema, answer).samplingSessionId;
  }

  /** After a 429 nobody samples for a while. */
  pauseSampling(ms: number): void {
    this.#busyUntil = Math.max(this.#busyUntil, this.clock.now() + ms);
  }

  async whileSamplingPauses(signal: AbortSignal): Promise<void> {
    for (let left = this.#busyUntil - this.clock.now(); left > 0; left = this.#busyUntil - this.clock.now())
      await this.clock.sleep(left, signal);
  }

  /** Whether the server is there at all. */
  async isAlive(): Promise<boolean> {
    const outcome = await this.#transport.http.attempt({
      method: 'GET',
      path: 'healthz',
      pool: 'session',
      timeoutMs: FAREWELL_MS / 2,
    });
    return 'answer' in outcome && outcome.answer.status < 500;
  }

  /** Unloads every model made here; returns within seconds, also when the server is dead. Closing twice is fine. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.ended.abort(new EngineError('the session with the server is closed'));
    const { http } = this.#transport;
    const farewell = () => Promise.all([...this.#models].map((modelId) => this.#bidFarewell(modelId)));
    // the server forgets models of a silent session by itself, so a farewell that fails is no error
    await farewell().catch(() => {});
    this.#models.clear();
    await this.#heartbeat.stop();
    await http.close();
  }

  /** Asks until an answer is final, nobody listens any more, or `FAREWELL_MS` are over. */
  async #bidFarewell(modelId: string): Promise<void> {
    const { http, clock, credentials } = this.#transport;
    const headers = { ...(await credentials()), 'x-idempotency-key': randomUUID() };
    const body = toWire({ modelId }) as object;
    const began = clock.now();
    const leftMs = () => began + FAREWELL_MS - clock.now();
    for (let timeoutMs = FAREWELL_MS; timeoutMs > 0; timeoutMs = leftMs()) {
      const outcome = await http.attempt({ path: 'unload_model', pool: 'session', body, headers, timeoutMs });
      if ('answer' in outcome ? !isPassing(outcome.answer.status) : outcome.fault.isRefused) return;
      await clock.sleep(FAREWELL_WAIT_MS);
    }
  }
}

/** Of the server's moment, or of a proxy (400), rather than of what was asked. */
const isPassing = (status: number): boolean => [400, 408, 409, 425, 429].includes(status) || status >= 500;

export const isHosted = (baseUrl: string): boolean => {
  const { hostname } = new URL(baseUrl);
  return hostname === 'thinkingmachines.dev' || hostname.endsWith('.thinkingmachines.dev');
};
