/**
 * The schema of a pretraining file: a fresh model of a given shape, taught a task's demonstrations by cross-entropy.
 */
import { z } from 'zod';
import { UserError } from '../core/errors.ts';
import { parseSettings } from '../core/settings.ts';
import { LARGEST, type ModelConfig } from '../model/config.ts';
import type { InitialScale } from '../model/initialise.ts';
import { adamFields, engineSchema, evaluationContradictions, evaluationSchema } from './config.ts';
import { learningRateContradictions, learningRateFields } from './learning-rate.ts';
import { readSettings } from './run-file.ts';

const count = z.int().min(1);

const model = z.strictObject({
  family: z.enum(['llama', 'qwen2', 'qwen3']).default('llama'),
  hiddenSize: count.max(LARGEST.hiddenSize).default(128),
  layers: count.max(LARGEST.layers).default(4),
  heads: count.max(LARGEST.heads).default(4),
  /** Divides `heads`. Absent: as many. */
  kvHeads: count.max(LARGEST.kvHeads).optional(),
  /** Absent: hiddenSize / heads. */
  headSize: count.max(LARGEST.headSize).optional(),
  feedForwardSize: count.max(LARGEST.feedForwardSize).default(344),
  maxContext: z.int().min(2).max(LARGEST.maxContext).default(128),
  ropeTheta: z.number().positive().default(10_000),
  normEpsilon: z.number().positive().default(1e-6),
  /** The output head is the transposed embedding. */
  tiedHead: z.boolean().default(false),
  /** Standard deviations of the initial weights. */
  initial: z
    .strictObject({ embedding: z.number().positive().default(0.5), linear: z.number().positive().default(0.08) })
    .prefault({}),
});

const training = z.strictObject({
  steps: count,
  /** Demonstrations of a step. */
  batchSize: count.default(64),
  /** So many batches are drawn together and sorted by length, so that little of a batch is padding. 1: not sorted. */
  lengthPool: count.default(8),
  ...learningRateFields,
  ...adamFields,
});

const schema = z.strictObject({
  seed: z.int().min(0).default(0),
  task: z.looseObject({ name: z.string() }),
  /** Where the model folder is written. */
  policy: z.string().min(1),
  model: model.prefault({}),
  engine: engineSchema.prefault({ onnx: {} }),
  training,
  /** How the finished policy is measured on held-out problems. */
  evaluation: evaluationSchema.omit({ every: true, atStart: true }).prefault({}),
  sampling: z.strictObject({ maxTokens: count.default(96), concurrency: count.default(64) }).prefault({}),
});

export type PretrainConfig = z.output<typeof schema>;

function contradictions({ model, training, engine, evaluation, sampling }: PretrainConfig): string[] {
  const headSize = model.headSize ?? model.hiddenSize / model.heads;
  const found = [
    ...learningRateContradictions(training).map((message) => `training.${message}`),
    ...evaluationContradictions({ ...evaluation, every: 0, atStart: false }).map((message) => `evaluation.${message}`),
  ];
  const refuse = (isWrong: boolean, message: string) => isWrong && found.push(message);
  refuse(!('onnx' in engine), 'engine must be onnx: only it holds a transformer');
  refuse(
    headSize % 16 !== 0,
    `model.headSize must be a multiple of 16 (ONNX Runtime's attention), got ${headSize}: hiddenSize ${model.hiddenSize}, heads ${model.heads}`,
  );
  refuse(
    model.heads % (model.kvHeads ?? model.heads) !== 0,
    `model.kvHeads must divide heads (${model.heads}), got ${model.kvHeads}`,
  );
  refuse(
    sampling.maxTokens >= model.maxContext,
    `sampling.maxTokens must be below model.maxContext (${model.maxContext}), got ${sampling.maxTokens}`,
  );
  return found;
}

/** A pretraining file's text with `--set` overrides. @throws UserError */
export function parsePretrainConfig(text: string, where: string, overrides: readonly string[] = []): PretrainConfig {
  const config = parseSettings(schema, readSettings(text, where, overrides), where);
  const found = contradictions(config);
  if (found.length > 0) throw new UserError(found.map((problem) => `${where}: ${problem}`).join('\n'));
  return config;
}

/** The model's shape once the vocabulary is known, and the scale of its initial weights. */
export function modelOf(
  { model }: PretrainConfig,
  vocabularySize: number,
): { config: ModelConfig; initial: InitialScale } {
  const { initial, kvHeads, headSize, family, ...shape } = model;
  const config: ModelConfig = {
    ...shape,
    family,
    vocabularySize,
    kvHeads: kvHeads ?? model.heads,
    headSize: headSize ?? model.hiddenSize / model.heads,
    attentionBias: family === 'qwen2',
    queryKeyNorm: family === 'qwen3',
  };
  return { config, initial };
}
