/**
 * Samples from weights the server holds for sampling. Requests are independent of each other: as many at once as the server allows, a pause
 * of all samplers when it says it is busy, and a new request in place of one it forgot.
 */

import { parsed } from './answers.ts';
import { TinkerError } from './failure.ts';
import type { Answer } from './http.ts';
import { decodeSampleResponse, PROTOBUF } from './protobuf.ts';
import type { Session } from './session.ts';
import {
  decodeSample,
  futureSchema,
  type SampleOutput,
  type SamplingParams,
  sampleBody,
  sampleResultSchema,
} from './wire.ts';

export interface Sampling {
  readonly prompt: Int32Array;
  readonly numSamples: number;
  readonly params: SamplingParams;
  readonly promptLogprobs?: boolean;
  /** Nothing is awaited any more; what the server has begun it finishes. */
  readonly signal?: AbortSignal | undefined;
}

/** The official client's estimate of what a prompt costs on its way. */
const BYTES_PER_TOKEN = 10;
const LARGE_BYTES = 128 * 1024;
const PAUSE_MS = 1_000;
const LARGE_PAUSE_MS = 5_000;
/** Times a result may be forgotten before we believe that it always will be. */
const MOST_FORGOTTEN = 20;

export class SamplingClient {
  readonly #session: Session;
  readonly #samplingSessionId: string;
  #seqId = 0;

  constructor(session: Session, samplingSessionId: string) {
    this.#session = session;
    this.#samplingSessionId = samplingSessionId;
  }

  /** @throws TinkerError; the signal's reason when it aborts */
  sample(sampling: Sampling): Promise<SampleOutput> {
    const session = this.#session;
    return session.samplingGate.hold(1, () => this.#sampleUntilThere(sampling), sampling.signal);
  }

  async #sampleUntilThere(sampling: Sampling): Promise<SampleOutput> {
    for (let forgotten = 0; ; forgotten++) {
      try {
        return await this.#sampleOnce(sampling);
      } catch (error) {
        const isGone = error instanceof TinkerError && error.kind === 'gone';
        if (!isGone || forgotten >= MOST_FORGOTTEN) throw error;
      }
    }
  }

  async #sampleOnce({ prompt, numSamples, params, promptLogprobs, signal }: Sampling): Promise<SampleOutput> {
    const session = this.#session;
    const ends = signal ?? session.ended.signal;
    const seqId = this.#seqId++;
    const bytes = prompt.length * BYTES_PER_TOKEN;
    const body = sampleBody({
      samplingSessionId: this.#samplingSessionId,
      seqId,
      numSamples,
      prompt,
      params,
      ...(promptLogprobs === true && { promptLogprobs }),
    });
    await session.whileSamplingPauses(ends);
    const answer = await session.samplingBytes.hold(
      bytes,
      () =>
        session.send(
          { path: 'asample', pool: 'sample', body, headers: { 'x-tinker-sampling-backpressure': '1' }, signal: ends },
          {
            onBusy: async () => {
              session.pauseSampling(bytes > LARGE_BYTES ? LARGE_PAUSE_MS : PAUSE_MS);
              await session.whileSamplingPauses(ends);
            },
          },
        ),
      signal,
    );
    const { requestId } = parsed(futureSchema, answer);
    return session.retrieve({
      requestId,
      type: 'Sample',
      decode: (answer) => sampleOutput(answer, numSamples),
      signal: ends,
    });
  }
}

/** @throws TinkerError when sequences are missing: protobuf that was cut between two of them can still be read */
function sampleOutput(answer: Answer, count: number): SampleOutput {
  const output =
    answer.contentType === PROTOBUF
      ? decodeSampleResponse(answer.bytes)
      : decodeSample(parsed(sampleResultSchema, answer));
  const { length } = output.sequences;
  if (length !== count) throw new TinkerError('failed', `${count} completions were asked for and ${length} came back`);
  return output;
}
