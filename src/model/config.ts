/**
 * The shape of a decoder-only transformer of the Llama family (Llama, Qwen2/2.5, Qwen3), read from and written to Hugging Face's
 * `config.json`. Knows nothing of tasks or RL.
 */
import { z } from 'zod';
import { EngineError } from '../core/errors.ts';

export interface ModelConfig {
  readonly family: 'llama' | 'qwen2' | 'qwen3';
  readonly vocabularySize: number;
  /** C, width of the residual stream. */
  readonly hiddenSize: number;
  readonly layers: number;
  /** H query heads. */
  readonly heads: number;
  /** KV key/value heads; divides `heads`. */
  readonly kvHeads: number;
  /** Channels of a head; a multiple of 16. */
  readonly headSize: number;
  /** F, width of the gated feed-forward. */
  readonly feedForwardSize: number;
  /** Positions the model may see. */
  readonly maxContext: number;
  readonly ropeTheta: number;
  readonly normEpsilon: number;
  /** Bias on q, k and v (Qwen2). */
  readonly attentionBias: boolean;
  /** RMSNorm per head on q and k before the rotation (Qwen3). */
  readonly queryKeyNorm: boolean;
  /** The output head is the transposed embedding. */
  readonly tiedHead: boolean;
}

/** Far above any published model of these families: beyond it a size is a mistake, refused before memory is asked for. */
export const LARGEST = {
  vocabularySize: 2 ** 20,
  hiddenSize: 2 ** 16,
  layers: 1024,
  heads: 1024,
  kvHeads: 1024,
  headSize: 1024,
  feedForwardSize: 2 ** 20,
  maxContext: 2 ** 20,
} as const;

const size = (largest: number) => z.number().int().positive().max(largest);

/** The keys of `config.json` that decide the arithmetic. Others (torch_dtype, bos_token_id, ...) are left alone. */
const configJson = z.looseObject({
  model_type: z.enum(['llama', 'qwen2', 'qwen3']),
  vocab_size: size(LARGEST.vocabularySize),
  hidden_size: size(LARGEST.hiddenSize),
  num_hidden_layers: size(LARGEST.layers),
  num_attention_heads: size(LARGEST.heads),
  num_key_value_heads: size(LARGEST.kvHeads).nullish(),
  head_dim: size(LARGEST.headSize).nullish(),
  intermediate_size: size(LARGEST.feedForwardSize),
  max_position_embeddings: size(LARGEST.maxContext),
  rope_theta: z.number().positive().optional(),
  rope_parameters: z
    .looseObject({ rope_theta: z.number().positive().optional(), rope_type: z.string().optional() })
    .nullish(),
  rope_scaling: z.looseObject({ rope_type: z.string().optional(), type: z.string().optional() }).nullish(),
  rms_norm_eps: z.number().positive().default(1e-6),
  attention_bias: z.boolean().optional(),
  mlp_bias: z.boolean().optional(),
  hidden_act: z.string().default('silu'),
  tie_word_embeddings: z.boolean().default(false),
  use_sliding_window: z.boolean().optional(),
});

/** What this transformer cannot compute, by name; empty when it can. */
function unsupported(json: z.infer<typeof configJson>): string[] {
  const reasons: string[] = [];
  if (json.hidden_act !== 'silu') reasons.push(`hidden_act ${json.hidden_act} (only silu)`);
  const scaling = json.rope_scaling;
  const ropeType = scaling
    ? (scaling.rope_type ?? scaling.type ?? 'missing')
    : (json.rope_parameters?.rope_type ?? 'default');
  if (ropeType !== 'default') reasons.push(`rope_type ${ropeType} (only default: no scaling)`);
  if (json.mlp_bias) reasons.push('mlp_bias');
  if (json.use_sliding_window) reasons.push('use_sliding_window');
  if (json.attention_bias && json.model_type !== 'qwen2') reasons.push(`attention_bias with ${json.model_type}`);
  return reasons;
}

/** @throws EngineError naming the file and the key that is missing, ill-formed or not supported. */
export function parseModelConfig(json: unknown, file: string): ModelConfig {
  const parsed = configJson.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const found = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)?.[key], json);
    const shown = JSON.stringify(found)?.slice(0, 80) ?? 'nothing';
    throw new EngineError(`${file}: ${issue.path.join('.') || 'the file'}: ${issue.message}, got ${shown}`);
  }
  const it = parsed.data;
  const reasons = unsupported(it);
  if (reasons.length > 0) throw new EngineError(`${file}: not supported by the embedded engine: ${reasons.join(', ')}`);
  return validated(
    {
      family: it.model_type,
      vocabularySize: it.vocab_size,
      hiddenSize: it.hidden_size,
      layers: it.num_hidden_layers,
      heads: it.num_attention_heads,
      kvHeads: it.num_key_value_heads ?? it.num_attention_heads,
      // Qwen3Config's default; the other families divide
      headSize: it.head_dim ?? (it.model_type === 'qwen3' ? 128 : it.hidden_size / it.num_attention_heads),
      feedForwardSize: it.intermediate_size,
      maxContext: it.max_position_embeddings,
      ropeTheta: it.rope_theta ?? it.rope_parameters?.rope_theta ?? 10000,
      normEpsilon: it.rms_norm_eps,
      attentionBias: it.model_type === 'qwen2',
      queryKeyNorm: it.model_type === 'qwen3',
      tiedHead: it.tie_word_embeddings,
    },
    file,
  );
}

/** @throws EngineError when the sizes do not fit each other. */
export function validated(config: ModelConfig, where: string): ModelConfig {
  if (config.heads % config.kvHeads !== 0)
    throw new EngineError(
      `${where}: ${config.heads} attention heads cannot share ${config.kvHeads} key/value heads evenly`,
    );
  // ONNX Runtime's cached attention; all published models of these families satisfy it
  if (config.headSize % 16 !== 0)
    throw new EngineError(`${where}: head_dim must be a multiple of 16, got ${config.headSize}`);
  return config;
}

/** `config.json` as `transformers` reads it. */
export function toConfigJson(config: ModelConfig): Record<string, unknown> {
  const architecture = { llama: 'LlamaForCausalLM', qwen2: 'Qwen2ForCausalLM', qwen3: 'Qwen3ForCausalLM' }[
    config.family
  ];
  return {
    architectures: [architecture],
    model_type: config.family,
    vocab_size: config.vocabularySize,
    hidden_size: config.hiddenSize,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.kvHeads,
    head_dim: config.headSize,
    intermediate_size: config.feedForwardSize,
    max_position_embeddings: config.maxContext,
    rope_theta: config.ropeTheta,
    rms_norm_eps: config.normEpsilon,
    hidden_act: 'silu',
    attention_bias: config.attentionBias,
    tie_word_embeddings: config.tiedHead,
    torch_dtype: 'float32',
  };
}
