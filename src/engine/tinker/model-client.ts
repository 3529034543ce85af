/**
 * One model on the server. Submissions travel one after the other in the order of the calls, each with the next sequence number; results come
 * when they come, so a caller may submit the next call before awaiting the last result. When a submission is refused, or a result that changes
 * the model fails, nobody knows what the model holds: every later call is refused.
 */
import { EngineError } from '../../core/errors.ts';
import { parsed } from './answers.ts';
import { chunked, combined } from './chunks.ts';
import { quoted, TinkerError } from './failure.ts';
import type { RequestType } from './futures.ts';
import type { Answer } from './http.ts';
import { decodeForwardBackwardOutput, encodeForwardBackwardRequest, PROTOBUF } from './protobuf.ts';
import type { InsistOptions } from './retry.ts';
import type { Session } from './session.ts';
import {
  anythingSchema,
  decodeForwardBackward,
  type ForwardBackwardOutput,
  forwardBackwardBody,
  forwardBackwardResultSchema,
  futureSchema,
  infoSchema,
  optimStepResultSchema,
  saveResultSchema,
  type WireDatum,
} from './wire.ts';

export interface WireLoss {
  readonly lossFn: string;
  readonly lossFnConfig?: Readonly<Record<string, number>> | undefined;
}

export interface AdamParams {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  readonly gradClipNorm: number;
}

/** A call under way. */
export interface Operation<Result> {
  /** The server has taken it: what is submitted afterwards comes after it. */
  readonly submitted: Promise<void>;
  readonly result: Promise<Result>;
}

interface Request<Result> {
  readonly path: string;
  readonly type: RequestType;
  readonly body: (seqId: number) => object | Uint8Array;
  readonly decode: (answer: Answer) => Result;
  /** Whether a failed result leaves the model in a state nobody knows. */
  readonly changesModel: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly options?: InsistOptions;
  /** A conflict may be our own lost request: how often it is tried again under another name. */
  readonly renames?: number;
}

const RENAMES = 3;

export class ModelClient {
  readonly modelId: string;
  readonly #session: Session;
  #seqId: number;
  /** Settles when every submission so far has been taken or refused. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #results = new Set<Promise<unknown>>();
  #poison: unknown;

  /** @param firstSeqId above 1 to go on where another client of the model ended */
  constructor(session: Session, modelId: string, firstSeqId = 1) {
    this.#session = session;
    this.modelId = modelId;
    this.#seqId = firstSeqId;
  }

  /** The number that the next submission takes. */
  get nextSeqId(): number {
    return this.#seqId;
  }

  /** Whether nothing has been asked of it: the only time weights can be loaded. */
  get isFresh(): boolean {
    return this.#seqId === 1;
  }

  /** Log-probabilities alone; no gradient. */
  forward(data: readonly WireDatum[], loss: WireLoss): Operation<ForwardBackwardOutput> {
    return this.#pass(data, loss, true);
  }

  /** Adds the gradient to what the server has accumulated. */
  forwardBackward(data: readonly WireDatum[], loss: WireLoss): Operation<ForwardBackwardOutput> {
    return this.#pass(data, loss, false);
  }

  /** A step on the accumulated gradient; the server's metrics. */
  optimStep(adamParams: AdamParams): Operation<Readonly<Record<string, number>>> {
    return this.#submit({
      path: 'optim_step',
      type: 'OptimStep',
      body: (seqId) => ({ modelId: this.modelId, seqId, adamParams }),
      decode: (answer) => stepMetrics(answer),
      changesModel: true,
    });
  }

  /** Weights and optimizer under a name that nothing has yet; where they lie. */
  saveState(name: string): Operation<string> {
    return this.#submit(this.#save('save_weights', 'SaveWeights', name));
  }

  /** Weights for sampling under a name that nothing has yet; where they lie. */
  saveWeightsForSampler(name: string): Operation<string> {
    return this.#submit(this.#save('save_weights_for_sampler', 'SaveWeightsForSampler', name));
  }

  /** The weights as they are, for sampling at once: the sampling session's name. */
  saveForSampler(): Operation<string> {
    return this.#submit({
      path: 'save_weights_for_sampler',
      type: 'SaveWeightsForSampler',
      body: (seqId) => ({ modelId: this.modelId, samplingSessionSeqId: this.#session.nextSamplingSeqId(), seqId }),
      decode: (answer) => {
        const { samplingSessionId } = parsed(saveResultSchema, answer);
        if (samplingSessionId == null)
          throw new TinkerError('failed', 'the server saved weights for sampling and named no sampling session');
        return samplingSessionId;
      },
      changesModel: false,
      options: { isConflictFinal: true },
      renames: RENAMES,
    });
  }

  /** Weights, and the optimizer's moments where asked. Only as the first call of a fresh model. */
  loadState(path: string, withOptimizer: boolean): Operation<void> {
    return this.#submit({
      path: 'load_weights',
      type: 'LoadWeights',
      body: (seqId) => ({ modelId: this.modelId, seqId, path, optimizer: withOptimizer }),
      decode: (answer) => void parsed(anythingSchema, answer),
      changesModel: true,
    });
  }

  /** What the server says of the model; not ordered with the other calls. */
  async info() {
    const answer = await this.#session.send({ path: 'get_info', pool: 'session', body: { modelId: this.modelId } });
    return parsed(infoSchema, answer);
  }

  /** Waits for what was asked, then gives the model's place back. */
  async unload(): Promise<void> {
    await this.settled();
    this.#poison ??= new EngineError('the model was unloaded');
    await this.#session.unloadModel(this.modelId);
  }

  /** When every call so far has been answered, well or not. */
  async settled(): Promise<void> {
    await this.#turn.catch(() => {});
    await Promise.allSettled(this.#results);
  }

  #save(path: string, type: RequestType, name: string): Request<string> {
    let attempt = 0;
    return {
      path,
      type,
      body: (seqId) => ({ modelId: this.modelId, seqId, path: attempt++ === 0 ? name : `${name}-${attempt}` }),
      decode: (answer) => {
        const saved = parsed(saveResultSchema, answer).path;
        if (saved == null) throw new TinkerError('failed', `the server saved ${name} and did not say where`);
        return saved;
      },
      changesModel: false,
      options: { isConflictFinal: true },
      renames: RENAMES,
    };
  }

  #pass(data: readonly WireDatum[], loss: WireLoss, forwardOnly: boolean): Operation<ForwardBackwardOutput> {
    const { fwdbwdMaxChunkLen, fwdbwdMaxChunkBytesCount } = this.#session.config;
    const chunks = chunked(data, { mostDatums: fwdbwdMaxChunkLen, mostBytes: fwdbwdMaxChunkBytesCount });
    const parts = chunks.map((chunk) => this.#submit(this.#chunk(chunk, loss, forwardOnly)));
    return {
      submitted: quiet(Promise.all(parts.map(({ submitted }) => submitted)).then(() => {})),
      result: quiet(Promise.all(parts.map(({ result }) => result)).then(combined)),
    };
  }

  #chunk(data: readonly WireDatum[], loss: WireLoss, forwardOnly: boolean): Request<ForwardBackwardOutput> {
    const { isProtobuf } = this.#session;
    const { modelId } = this;
    return {
      // protobuf has no `forward` of its own
      path: forwardOnly && !isProtobuf ? 'forward' : 'forward_backward',
      type: forwardOnly ? 'Forward' : 'ForwardBackward',
      body: (seqId) => {
        const request = { modelId, seqId, data, ...loss, forwardOnly };
        return isProtobuf ? encodeForwardBackwardRequest(request) : forwardBackwardBody(request);
      },
      headers: isProtobuf ? { 'content-type': PROTOBUF } : {},
      decode: (answer) => passOutput(answer, data),
      changesModel: !forwardOnly,
    };
  }

  #submit<Result>(request: Request<Result>): Operation<Result> {
    const sent = this.#turn.then(() => this.#send(request));
    this.#turn = sent.catch(() => {});
    const result = sent.then((requestId) => this.#result(request, requestId));
    const settled = quiet(result).finally(() => this.#results.delete(settled));
    this.#results.add(quiet(settled));
    return { submitted: quiet(sent.then(() => {})), result };
  }

  async #send<Result>({ path, body, headers, options, renames = 0 }: Request<Result>): Promise<string> {
    if (this.#poison !== undefined) throw unusable(this.#poison);
    const seqId = this.#seqId++;
    for (let rename = 0; ; rename++) {
      try {
        const outgoing = { path, pool: 'train' as const, body: body(seqId), ...(headers && { headers }) };
        return parsed(futureSchema, await this.#session.send(outgoing, options)).requestId;
      } catch (error) {
        if (error instanceof TinkerError && error.kind === 'conflict' && rename < renames) continue;
        // its number is used up: whatever is sent next would wait for it, or come in its place
        this.#poison ??= error;
        throw error;
      }
    }
  }

  async #result<Result>({ type, decode, changesModel }: Request<Result>, requestId: string): Promise<Result> {
    try {
      return await this.#session.retrieve({ requestId, type, decode });
    } catch (error) {
      if (changesModel || (error instanceof TinkerError && error.kind === 'lost')) this.#poison ??= error;
      throw error;
    }
  }
}

/** A rejection nobody waits for is no crash: the same error meets whoever awaits. */
function quiet<Result>(promise: Promise<Result>): Promise<Result> {
  promise.catch(() => {});
  return promise;
}

function unusable(cause: unknown): EngineError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof EngineError && !(cause instanceof TinkerError)) return new EngineError(reason, { cause });
  return new TinkerError('lost', `an earlier call failed, and what the model holds since is not known: ${reason}`, {
    cause,
  });
}

function stepMetrics(answer: Answer): Readonly<Record<string, number>> {
  const { metrics } = parsed(optimStepResultSchema, answer);
  // JSON says null for what is no number
  return Object.fromEntries(Object.entries(metrics ?? {}).map(([name, value]) => [name, value ?? Number.NaN]));
}

/** @throws TinkerError when log-probabilities are missing or of another length */
function passOutput(answer: Answer, data: readonly WireDatum[]): ForwardBackwardOutput {
  const output =
    answer.contentType === PROTOBUF
      ? decodeForwardBackwardOutput(answer.bytes)
      : decodeForwardBackward(parsed(forwardBackwardResultSchema, answer));
  if (output.outputs.length !== data.length)
    throw new TinkerError('failed', `${data.length} datums were sent and ${output.outputs.length} results came back`);
  for (const [d, { tokens }] of data.entries()) {
    const length = output.outputs[d]!['logprobs']?.length;
    if (length !== tokens.length)
      throw new TinkerError(
        'failed',
        `datum ${d} has ${tokens.length} positions and ${length ?? 'no'} log-probabilities came back (fields ${quoted(Object.keys(output.outputs[d]!).join(', '))})`,
      );
  }
  return output;
}

/** Names a server takes: letters, digits, `_` and `-`, at most 255. */
export function checkpointName(...parts: readonly (string | number)[]): string {
  return parts
    .join('-')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .slice(-200);
}
