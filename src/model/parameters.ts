/**
 * Where each weight lives: all parameters in one flat float32 buffer, so that gradients, moments, clipping and saving are single
 * passes. Matrices keep Hugging Face's [out, in] layout; q, k, v (and gate, up) lie next to each other, so the packed matrix that one
 * GEMM uses and the tensors a checkpoint names are views of the same memory.
 *
 * Dimensions: C hidden, F feed-forward, V vocabulary, D head size.
 */
import type { ModelConfig } from './config.ts';

/** A named run of the flat buffer. */
export interface Slot {
  readonly name: string;
  readonly shape: readonly number[];
  /** In floats. */
  readonly offset: number;
  readonly length: number;
}

export interface ParameterLayout {
  /** Floats in the flat buffer, padding included. */
  readonly length: number;
  /** Parameters that are weights (padding excluded). */
  readonly count: number;
  /** Every tensor once, in file order, by our name (`embedding`, `layer.0.q`, `layer.0.gate`, ...). */
  readonly tensors: readonly Slot[];
  /** Our name -> the name in a Hugging Face checkpoint. */
  readonly checkpointNames: ReadonlyMap<string, string>;
  /** Adjacent tensors as one matrix: `layer.0.qkv`, `layer.0.qkvBias`, `layer.0.gateUp`. */
  readonly packed: readonly Slot[];
}

/** Slots begin on 64-byte lines, except inside a pack. Padding stays zero: its gradient is zero. */
const ALIGNMENT = 16;

type Tensor = { readonly name: string; readonly checkpointName: string; readonly shape: readonly number[] };
/** Tensors that lie next to each other; `name` is that of the whole. */
type Pack = { readonly name: string; readonly tensors: readonly Tensor[] };

function layerPacks(config: ModelConfig, layer: number): Pack[] {
  const { hiddenSize: C, feedForwardSize: F, headSize: D } = config;
  const Q = config.heads * D;
  const K = config.kvHeads * D;
  const tensor = (name: string, checkpointName: string, ...shape: number[]): Tensor => ({
    name: `layer.${layer}.${name}`,
    checkpointName: `model.layers.${layer}.${checkpointName}`,
    shape,
  });
  const pack = (name: string, ...tensors: Tensor[]): Pack => ({ name: `layer.${layer}.${name}`, tensors });
  return [
    pack('attentionNorm', tensor('attentionNorm', 'input_layernorm.weight', C)),
    pack(
      'qkv',
      tensor('q', 'self_attn.q_proj.weight', Q, C),
      tensor('k', 'self_attn.k_proj.weight', K, C),
      tensor('v', 'self_attn.v_proj.weight', K, C),
    ),
    ...(config.attentionBias
      ? [
          pack(
            'qkvBias',
            tensor('qBias', 'self_attn.q_proj.bias', Q),
            tensor('kBias', 'self_attn.k_proj.bias', K),
            tensor('vBias', 'self_attn.v_proj.bias', K),
          ),
        ]
      : []),
    ...(config.queryKeyNorm
      ? [
          pack('queryNorm', tensor('queryNorm', 'self_attn.q_norm.weight', D)),
          pack('keyNorm', tensor('keyNorm', 'self_attn.k_norm.weight', D)),
        ]
      : []),
    pack('attentionOut', tensor('attentionOut', 'self_attn.o_proj.weight', C, Q)),
    pack('feedForwardNorm', tensor('feedForwardNorm', 'post_attention_layernorm.weight', C)),
    pack('gateUp', tensor('gate', 'mlp.gate_proj.weight', F, C), tensor('up', 'mlp.up_proj.weight', F, C)),
    pack('down', tensor('down', 'mlp.down_proj.weight', C, F)),
  ];
}

function packsOf(config: ModelConfig): Pack[] {
  const { hiddenSize: C, vocabularySize: V } = config;
  const alone = (name: string, checkpointName: string, ...shape: number[]): Pack => ({
    name,
    tensors: [{ name, checkpointName, shape }],
  });
  return [
    alone('embedding', 'model.embed_tokens.weight', V, C),
    ...Array.from({ length: config.layers }, (_, layer) => layerPacks(config, layer)).flat(),
    alone('finalNorm', 'model.norm.weight', C),
    ...(config.tiedHead ? [] : [alone('head', 'lm_head.weight', V, C)]),
  ];
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

export function parameterLayout(config: ModelConfig): ParameterLayout {
  const tensors: Slot[] = [];
  const packed: Slot[] = [];
  const checkpointNames = new Map<string, string>();
  let offset = 0;
  for (const pack of packsOf(config)) {
    const begin = offset;
    for (const { name, checkpointName, shape } of pack.tensors) {
      tensors.push({ name, shape, offset, length: sizeOf(shape) });
      checkpointNames.set(name, checkpointName);
      offset += sizeOf(shape);
    }
    if (pack.tensors.length > 1) {
      const rows = pack.tensors.reduce((sum, tensor) => sum + tensor.shape[0]!, 0);
      packed.push({
        name: pack.name,
        shape: [rows, ...pack.tensors[0]!.shape.slice(1)],
        offset: begin,
        length: offset - begin,
      });
    }
    offset = Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
  }
  return {
    length: offset,
    count: tensors.reduce((sum, slot) => sum + slot.length, 0),
    tensors,
    checkpointNames,
    packed,
  };
}

/** The slot's view of a flat buffer laid out by `parameterLayout`. */
export function view(flat: Float32Array, slot: Slot): Float32Array {
  return flat.subarray(slot.offset, slot.offset + slot.length);
}
