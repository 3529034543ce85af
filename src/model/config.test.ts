import { describe, expect, it } from 'vitest';
import { EngineError } from '../core/errors.ts';
import { type ModelConfig, parseModelConfig, toConfigJson } from './config.ts';

/** As published, with keys that do not decide the arithmetic. */
const QWEN25 = {
  architectures: ['Qwen2ForCausalLM'],
  attention_dropout: 0.0,
  bos_token_id: 151643,
  eos_token_id: 151645,
  hidden_act: 'silu',
  hidden_size: 896,
  initializer_range: 0.02,
  intermediate_size: 4864,
  max_position_embeddings: 32768,
  max_window_layers: 21,
  model_type: 'qwen2',
  num_attention_heads: 14,
  num_hidden_layers: 24,
  num_key_value_heads: 2,
  rms_norm_eps: 1e-6,
  rope_theta: 1000000.0,
  sliding_window: 32768,
  tie_word_embeddings: true,
  torch_dtype: 'bfloat16',
  transformers_version: '4.43.1',
  use_cache: true,
  use_sliding_window: false,
  vocab_size: 151936,
};
const QWEN3 = {
  ...QWEN25,
  architectures: ['Qwen3ForCausalLM'],
  model_type: 'qwen3',
  attention_bias: false,
  head_dim: 128,
  hidden_size: 1024,
  intermediate_size: 3072,
  num_attention_heads: 16,
  num_hidden_layers: 28,
  num_key_value_heads: 8,
  rope_scaling: null,
  sliding_window: null,
};
/** transformers 5 writes the rotary settings together. */
const LLAMA = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  attention_bias: false,
  head_dim: 64,
  hidden_act: 'silu',
  hidden_size: 576,
  intermediate_size: 1536,
  max_position_embeddings: 8192,
  mlp_bias: false,
  num_attention_heads: 9,
  num_hidden_layers: 30,
  num_key_value_heads: 3,
  pretraining_tp: 1,
  rms_norm_eps: 1e-5,
  rope_parameters: { rope_theta: 100000, rope_type: 'default' },
  vocab_size: 49152,
};

const parse = (json: unknown) => parseModelConfig(json, 'config.json');

describe('a published config.json', () => {
  it('of Qwen2.5 gives its shape: biases, a tied head, heads that divide the width', () => {
    expect(parse(QWEN25)).toEqual({
      family: 'qwen2',
      vocabularySize: 151936,
      hiddenSize: 896,
      layers: 24,
      heads: 14,
      kvHeads: 2,
      headSize: 64,
      feedForwardSize: 4864,
      maxContext: 32768,
      ropeTheta: 1e6,
      normEpsilon: 1e-6,
      attentionBias: true,
      queryKeyNorm: false,
      tiedHead: true,
    });
  });

  it('of Qwen3 has heads wider than their share, and norms on q and k', () => {
    expect(parse(QWEN3)).toMatchObject({ headSize: 128, heads: 16, hiddenSize: 1024, queryKeyNorm: true });
    const { head_dim: _, ...without } = QWEN3;
    // Qwen3Config's own default, not hidden_size / num_attention_heads
    expect(parse(without).headSize).toBe(128);
  });

  it('of Llama may hold its rotary settings together, and none for what is default', () => {
    expect(parse(LLAMA)).toMatchObject({ ropeTheta: 100000, attentionBias: false, tiedHead: false, kvHeads: 3 });
    const { num_key_value_heads: _, rope_parameters: __, head_dim: ___, ...plain } = LLAMA;
    expect(parse(plain)).toMatchObject({ kvHeads: 9, ropeTheta: 10000, headSize: 64 });
    expect(parse({ ...plain, rope_scaling: { rope_type: 'default' } })).toEqual(parse(plain));
  });
});

it.each([
  ['another family', { model_type: 'gemma2' }, 'model_type'],
  ['another activation', { hidden_act: 'gelu' }, 'hidden_act gelu (only silu)'],
  ['stretched positions', { rope_scaling: { rope_type: 'llama3', factor: 8 } }, 'rope_type llama3'],
  ['positions stretched in the old spelling', { rope_scaling: { type: 'yarn', factor: 4 } }, 'rope_type yarn'],
  ['positions stretched in an unknown way', { rope_scaling: { factor: 4 } }, 'rope_type missing'],
  ['stretched positions of transformers 5', { rope_parameters: { rope_type: 'linear' } }, 'rope_type linear'],
  ['biases elsewhere', { mlp_bias: true }, 'mlp_bias'],
  ['biases of another family', { attention_bias: true }, 'attention_bias with llama'],
  ['a sliding window', { use_sliding_window: true }, 'use_sliding_window'],
  ['heads that cannot share', { num_key_value_heads: 4 }, '9 attention heads cannot share 4 key/value heads'],
  ['heads of a size that no cache takes', { head_dim: 40 }, 'head_dim must be a multiple of 16, got 40'],
  ['a size that cannot be', { vocab_size: 1e12 }, 'vocab_size'],
  ['a size of 0', { hidden_size: 0 }, 'hidden_size'],
])('%s is refused, not computed wrongly', (_what, change, message) => {
  expect(() => parse({ ...LLAMA, ...change })).toThrow(EngineError);
  expect(() => parse({ ...LLAMA, ...change })).toThrow(message);
});

it.each([QWEN25, QWEN3, LLAMA])('what is written is read back: $model_type', (json) => {
  const config: ModelConfig = parse(json);
  expect(parse(JSON.parse(JSON.stringify(toConfigJson(config))))).toEqual(config);
});
