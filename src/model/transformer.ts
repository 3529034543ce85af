/**
 * One pass of the decoder-only transformer over B sequences of T tokens as a differentiable graph (training, scoring).
 * The decoding twin, with a cache, is `decode-graph.ts`. Knows shapes and weights by name; not losses, not RL.
 *
 * Linear layers are Gemm(x, W^T) on flat rows; residual additions ride in Gemm's C. Grouped-query attention never expands keys:
 * the query heads that share a key/value head are stacked along the rows ([B, KV, R*T, D] x [B, KV, T, D]).
 *
 * Dimensions: B sequences, T tokens each, N = B*T rows, C hidden, F feed-forward, H query heads, KV key/value heads, R = H/KV, D head size.
 */
import type { Graph, Value } from '../graph/graph.ts';
import type { ModelConfig } from './config.ts';

/** Resolves a weight of the current layer (`q`, `attentionNorm`, ...) or of the model (`embedding`, `finalNorm`, ...). */
export type WeightOf = (name: string) => Value;

/** What every layer of a pass shares. */
export interface Pass {
  readonly config: ModelConfig;
  readonly batch: number;
  readonly length: number;
  /** [maxPositions, D/2] each */
  readonly cos: Value;
  readonly sin: Value;
  /** [1] int64: position of the first token (0). */
  readonly firstPosition: Value;
  /** [T, T] 0 on and below the diagonal, -inf-like above. */
  readonly causalMask: Value;
}

/** Low enough that exp underflows to exactly 0 after the row maximum is subtracted, finite so that no 0 * inf arises. */
const MASKED = -1e30;

/** [positions, D/2] cosines and sines of the rotary angles. RoPE, Su et al., arXiv:2104.09864; half-split pairs as in Hugging Face. */
export function rotaryTables(config: ModelConfig, positions: number): { cos: Float32Array; sin: Float32Array } {
  const half = config.headSize / 2;
  const cos = new Float32Array(positions * half);
  const sin = new Float32Array(positions * half);
  for (let position = 0; position < positions; position++) {
    for (let i = 0; i < half; i++) {
      // float32 throughout, as the reference implementations compute it
      const inverseFrequency = Math.fround(1 / Math.fround(config.ropeTheta ** Math.fround((2 * i) / config.headSize)));
      const angle = Math.fround(position * inverseFrequency);
      cos[position * half + i] = Math.cos(angle);
      sin[position * half + i] = Math.sin(angle);
    }
  }
  return { cos, sin };
}

export function beginPass(graph: Graph, config: ModelConfig, batch: number, length: number): Pass {
  const { cos, sin } = rotaryTables(config, length);
  const dims = [length, config.headSize / 2];
  const mask = new Float32Array(length * length);
  for (let row = 0; row < length; row++) mask.fill(MASKED, row * length + row + 1, (row + 1) * length);
  return {
    config,
    batch,
    length,
    cos: graph.constant({ type: 'float32', dims, data: cos }),
    sin: graph.constant({ type: 'float32', dims, data: sin }),
    firstPosition: graph.integers([0]),
    causalMask: graph.constant({ type: 'float32', dims: [length, length], data: mask }),
  };
}

/** [N, out] = x [N, in] W^T (+ bias [out]) (+ residual [N, out]; not both). */
function linear(graph: Graph, x: Value, weight: Value, added?: Value): Value {
  return graph.one('Gemm', added ? [x, weight, added] : [x, weight], { transB: 1 });
}

export function rmsNorm(graph: Graph, x: Value, weight: Value, epsilon: number): Value {
  return graph.one('SimplifiedLayerNormalization', [x, weight], { axis: -1, epsilon, stash_type: 1 });
}

/** [N, heads*D] -> rotated, head-major [B, heads, T, D]. */
function rotatedHeads(graph: Graph, pass: Pass, x: Value, heads: number, norm: Value | undefined): Value {
  const { batch: B, length: T, config } = pass;
  const D = config.headSize;
  const normed = norm ? rmsNorm(graph, graph.reshape(x, [B * T * heads, D]), norm, config.normEpsilon) : x;
  const rows = graph.reshape(normed, [B, T, heads * D]);
  const rotated = graph.one('RotaryEmbedding', [rows, pass.firstPosition, pass.cos, pass.sin], { num_heads: heads });
  return headMajor(graph, pass, rotated, heads);
}

function headMajor(graph: Graph, pass: Pass, x: Value, heads: number): Value {
  const split = graph.reshape(x, [pass.batch, pass.length, heads, pass.config.headSize]);
  return graph.one('Transpose', [split], { perm: [0, 2, 1, 3] });
}

/** x [N, C] (normed) -> [N, H*D] what the heads attended to. */
function attention(graph: Graph, pass: Pass, x: Value, weight: WeightOf): Value {
  const { batch: B, length: T, config } = pass;
  const { heads: H, kvHeads: KV, headSize: D } = config;
  const R = H / KV;
  const bias = (name: string) => (config.attentionBias ? weight(name) : undefined);
  const norm = (name: string) => (config.queryKeyNorm ? weight(name) : undefined);
  const q = rotatedHeads(graph, pass, linear(graph, x, weight('q'), bias('qBias')), H, norm('queryNorm'));
  const k = rotatedHeads(graph, pass, linear(graph, x, weight('k'), bias('kBias')), KV, norm('keyNorm'));
  const v = headMajor(graph, pass, linear(graph, x, weight('v'), bias('vBias')), KV);
  const stacked = graph.reshape(q, [B, KV, R * T, D]);
  const scores = graph.one('FusedMatMul', [stacked, k], { transB: 1, alpha: 1 / Math.sqrt(D) });
  const masked = graph.one('Add', [graph.reshape(scores, [B, H, T, T]), pass.causalMask]);
  const attended = graph.one('Softmax', [masked], { axis: -1 });
  const mixed = graph.one('MatMul', [graph.reshape(attended, [B, KV, R * T, T]), v]);
  const tokenMajor = graph.one('Transpose', [graph.reshape(mixed, [B, H, T, D])], { perm: [0, 2, 1, 3] });
  return graph.reshape(tokenMajor, [B * T, H * D]);
}

/** x [N, C] (normed) -> [N, F] silu(gate) * up. */
function gated(graph: Graph, x: Value, weight: WeightOf): Value {
  const gate = graph.one('QuickGelu', [linear(graph, x, weight('gate'))], { alpha: 1 });
  return graph.one('Mul', [gate, linear(graph, x, weight('up'))]);
}

/** One layer: x [N, C] -> [N, C]. */
export function transformerLayer(graph: Graph, pass: Pass, x: Value, weight: WeightOf): Value {
  const { normEpsilon } = pass.config;
  const attended = attention(graph, pass, rmsNorm(graph, x, weight('attentionNorm'), normEpsilon), weight);
  const middle = linear(graph, attended, weight('attentionOut'), x);
  const hidden = gated(graph, rmsNorm(graph, middle, weight('feedForwardNorm'), normEpsilon), weight);
  return linear(graph, hidden, weight('down'), middle);
}
