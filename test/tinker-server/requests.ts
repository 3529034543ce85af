/** What clients send, as this server accepts it, in this house's spelling (`src/engine/tinker/keys.ts` translates). */
import { z } from 'zod';

const id = z.string().min(1);
const seq = z.int().min(0);

export const createSession = z.object({ tags: z.array(z.string()).optional(), sdkVersion: z.string().optional() });
export const session = z.object({ sessionId: id });
export const createModel = z.object({
  sessionId: id,
  modelSeqId: seq,
  baseModel: z.string().min(1),
  loraConfig: z.object({ rank: z.int().min(1), seed: z.int().optional() }).optional(),
});
export const model = z.object({ modelId: id });
export const createSamplingSession = z.object({
  sessionId: id,
  samplingSessionSeqId: seq,
  baseModel: z.string().optional(),
  modelPath: z.string().optional(),
});

const modelInput = z.object({
  chunks: z.array(z.object({ type: z.literal('encoded_text').optional(), tokens: z.array(z.int().min(0)) })),
});
export const tokensOf = (input: z.output<typeof modelInput>): Int32Array =>
  Int32Array.from(input.chunks.flatMap(({ tokens }) => tokens));

export const sample = z.object({
  samplingSessionId: id,
  seqId: seq.optional(),
  numSamples: z.int().min(1).default(1),
  prompt: modelInput,
  samplingParams: z.object({
    maxTokens: z.int().min(1),
    seed: z.int().min(0).optional(),
    stop: z.union([z.string(), z.array(z.string()), z.array(z.int())]).optional(),
    temperature: z.number().min(0).default(1),
    topK: z.int().default(-1),
    topP: z.number().gt(0).max(1).default(1),
  }),
  promptLogprobs: z.boolean().default(false),
});

const tensor = z.object({ data: z.array(z.number()), dtype: z.enum(['int64', 'float32']) });
const forwardInput = z.object({
  data: z.array(z.object({ modelInput, lossFnInputs: z.record(z.string(), tensor) })),
  lossFn: z.string(),
  lossFnConfig: z.record(z.string(), z.number()).optional(),
});
export const forwardBackward = z.object({ modelId: id, seqId: seq.optional(), forwardBackwardInput: forwardInput });
export const forward = z.object({ modelId: id, seqId: seq.optional(), forwardInput });

export const optimStep = z.object({
  modelId: id,
  seqId: seq.optional(),
  adamParams: z.object({
    learningRate: z.number().default(1e-4),
    beta1: z.number().default(0.9),
    beta2: z.number().default(0.95),
    eps: z.number().default(1e-12),
    weightDecay: z.number().default(0),
    gradClipNorm: z.number().default(0),
  }),
});

const name = z.string().regex(/^[A-Za-z0-9_-]{1,255}$/);
export const saveWeights = z.object({
  modelId: id,
  seqId: seq.optional(),
  path: name,
  overwrite: z.boolean().default(false),
});
export const saveForSampler = z.object({
  modelId: id,
  seqId: seq.optional(),
  path: name.optional(),
  samplingSessionSeqId: seq.optional(),
  overwrite: z.boolean().default(false),
});
export const loadWeights = z.object({
  modelId: id,
  seqId: seq.optional(),
  path: z.string(),
  optimizer: z.boolean().default(true),
});
export const weightsInfo = z.object({ tinkerPath: z.string() });
export const retrieveFuture = z.object({ requestId: id, allowMetadataOnly: z.boolean().default(false) });
