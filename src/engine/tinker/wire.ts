/**
 * The JSON bodies of the Tinker protocol, both ways, in this house's spelling (`keys.ts` translates). A schema is what we accept from the other
 * side: unknown fields are ignored, because servers add them; what we rely on is checked. Sources: the official SDK 0.25.0 and SkyRL a956457.
 *
 * Dimensions: N positions of one sequence (tokens in), D datums.
 */
import { z } from 'zod';

export const API_PREFIX = '/api/v1';

const count = z.int().min(0);

/** Flags of `client/config`; the defaults are the SDK's for servers that do not answer it. */
export const clientConfigSchema = z.object({
  /** Exchange the key for short-lived tokens. */
  pjwtAuthEnabled: z.boolean().default(false),
  /** `credential_cmd`: the key is what a command of the user's prints. */
  credentialDefaultSource: z.string().default('api_key'),
  /** Bytes of sample requests on their way at once. */
  sampleDispatchBytesSemaphoreSize: z
    .number()
    .positive()
    .default(10 * 1024 * 1024),
  /** Bytes of results on their way at once. */
  inflightResponseBytesSemaphoreSize: z
    .number()
    .positive()
    .default(50 * 1024 * 1024),
  /** Datums, and estimated bytes, of one request. */
  fwdbwdMaxChunkLen: z.number().positive().default(1024),
  fwdbwdMaxChunkBytesCount: z.number().positive().default(5_000_000),
  billingExceptionMaxPauseDurationSec: z.number().min(0).default(3600),
  sampleMaxConcurrentRequests: z.number().positive().default(2000),
});
export type ClientConfig = z.output<typeof clientConfigSchema>;

export const serverCapabilitiesSchema = z.object({
  supportedModels: z.array(z.object({ modelName: z.string(), maxContextLength: z.number().nullish() })).default([]),
});

export const createSessionSchema = z.object({
  sessionId: z.string(),
  infoMessage: z.string().nullish(),
  warningMessage: z.string().nullish(),
  errorMessage: z.string().nullish(),
});

export interface LoraConfig {
  readonly rank: number;
  readonly seed?: number | undefined;
  readonly trainUnembed: boolean;
  readonly trainMlp: boolean;
  readonly trainAttn: boolean;
}

/** The answer to any request whose work happens later. */
export const futureSchema = z.object({
  requestId: z.union([z.string(), z.int().transform(String)]),
  modelId: z.string().nullish(),
});

export const createModelResultSchema = z.object({ modelId: z.string() });
export const samplingSessionSchema = z.object({ samplingSessionId: z.string() });
export const saveResultSchema = z.object({ path: z.string().nullish(), samplingSessionId: z.string().nullish() });
export const optimStepResultSchema = z.object({ metrics: z.record(z.string(), z.number().nullable()).nullish() });
export const anythingSchema = z.looseObject({});

export const infoSchema = z.object({
  modelId: z.string(),
  modelName: z.string().nullish(),
  isLora: z.boolean().nullish(),
  loraRank: z.number().nullish(),
  modelData: z
    .object({ modelName: z.string().nullish(), tokenizerId: z.string().nullish(), baseModel: z.string().nullish() })
    .nullish(),
});

export const weightsInfoSchema = z.object({
  baseModel: z.string(),
  isLora: z.boolean().nullish(),
  loraRank: z.number().nullish(),
});

/** Not ready, an announcement of the size, a failure, or the result itself. */
export const pendingSchema = z.object({ type: z.literal('try_again'), queueState: z.string().nullish() });
export const queueSchema = z.object({ queueState: z.string().nullish() });
export const announcedSchema = z.object({ status: z.literal('complete_metadata'), responsePayloadSize: count });
export const failedSchema = z.object({ error: z.string(), category: z.string().default('unknown') });

export const tensorSchema = z.object({
  data: z.array(z.number().nullable()),
  dtype: z.enum(['int64', 'float32']).optional(),
});

/** What a request carries for each position of a datum. */
export type Tensor = Int32Array | Float32Array;

/** One sequence as the protocol has it: position i of `tokens` predicts `inputs.target_tokens[i]`. */
export interface WireDatum {
  readonly tokens: Int32Array;
  /** [N] each, by the protocol's names: `target_tokens`, `weights`, `logprobs`, `advantages`. */
  readonly inputs: Readonly<Record<string, Tensor>>;
}

export interface ForwardBackwardRequest {
  readonly modelId: string;
  readonly seqId: number;
  readonly data: readonly WireDatum[];
  readonly lossFn: string;
  readonly lossFnConfig?: Readonly<Record<string, number>> | undefined;
  /** No gradient is accumulated. */
  readonly forwardOnly: boolean;
}

/** One result for each datum, in order; arrays by name: `logprobs`, `elementwise_loss`. */
export interface ForwardBackwardOutput {
  readonly outputs: readonly Readonly<Record<string, Float32Array>>[];
  /** Keys `name:reduction`. */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface SampledSequence {
  readonly tokens: Int32Array;
  /** [T], or absent where the server gives none. */
  readonly logprobs: Float32Array | undefined;
  readonly stopReason: 'stop' | 'length';
}

export interface SampleOutput {
  readonly sequences: readonly SampledSequence[];
  /** As sent: servers differ in whether the first token has one (NaN where it has none). */
  readonly promptLogprobs: Float32Array | undefined;
}

export interface SamplingParams {
  readonly maxTokens: number;
  readonly seed: number;
  readonly stop: readonly number[];
  readonly temperature: number;
  /** -1: all tokens. */
  readonly topK: number;
  readonly topP: number;
}

const numbers = z.array(z.number().nullable());

export const sampleResultSchema = z.object({
  sequences: z.array(
    z.object({
      stopReason: z.enum(['stop', 'length']),
      tokens: z.array(z.int()),
      logprobs: numbers.nullish(),
    }),
  ),
  promptLogprobs: numbers.nullish(),
});

export const forwardBackwardResultSchema = z.object({
  lossFnOutputs: z.array(z.record(z.string(), tensorSchema)),
  metrics: z.record(z.string(), z.number().nullable()).nullish(),
});

function floats(values: readonly (number | null)[]): Float32Array {
  const read = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) read[i] = values[i] ?? Number.NaN;
  return read;
}

export function decodeSample(body: z.output<typeof sampleResultSchema>): SampleOutput {
  return {
    sequences: body.sequences.map(({ stopReason, tokens, logprobs }) => ({
      stopReason,
      tokens: Int32Array.from(tokens),
      logprobs: logprobs == null ? undefined : floats(logprobs),
    })),
    promptLogprobs: body.promptLogprobs == null ? undefined : floats(body.promptLogprobs),
  };
}

export function decodeForwardBackward(body: z.output<typeof forwardBackwardResultSchema>): ForwardBackwardOutput {
  return {
    outputs: body.lossFnOutputs.map((fields) =>
      Object.fromEntries(Object.entries(fields).map(([name, { data }]) => [name, floats(data)])),
    ),
    metrics: finite(body.metrics ?? {}),
  };
}

/** Metrics without those the server could not say as a number. */
export function finite(metrics: Readonly<Record<string, number | null>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(metrics).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}

const tensorJson = (tensor: Tensor) => ({
  data: [...tensor],
  dtype: tensor instanceof Int32Array ? 'int64' : 'float32',
  shape: [tensor.length],
});

const text = (tokens: Int32Array) => ({ chunks: [{ type: 'encoded_text', tokens: [...tokens] }] });

/** The JSON body of `forward_backward`, and of `forward` where nothing is accumulated. */
export function forwardBackwardBody({
  modelId,
  seqId,
  data,
  lossFn,
  lossFnConfig,
  forwardOnly,
}: ForwardBackwardRequest): object {
  const input = {
    data: data.map(({ tokens, inputs }) => ({
      modelInput: text(tokens),
      lossFnInputs: Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, tensorJson(tensor)])),
    })),
    lossFn,
    lossFnConfig,
  };
  return forwardOnly ? { modelId, seqId, forwardInput: input } : { modelId, seqId, forwardBackwardInput: input };
}

/** The JSON body of `asample`. @param promptLogprobs ask for the log-probabilities of the prompt itself */
export function sampleBody(request: {
  readonly samplingSessionId: string;
  readonly seqId: number;
  readonly numSamples: number;
  readonly prompt: Int32Array;
  readonly params: SamplingParams;
  readonly promptLogprobs?: boolean | undefined;
}): object {
  const { samplingSessionId, seqId, numSamples, prompt, params, promptLogprobs } = request;
  return {
    samplingSessionId,
    seqId,
    numSamples,
    prompt: text(prompt),
    samplingParams: { ...params, stop: [...params.stop] },
    promptLogprobs,
  };
}
