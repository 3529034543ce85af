/**
 * The decoding graph: T new tokens of each of B rows through the transformer with a key/value cache, then one draw per row inside the
 * graph. T = 1 decodes; B = 1 with T > 1 fills the cache with a prompt. Rows are ragged: each has its own past length. Weights are
 * frozen into the session (prepacked), so the session is a sampler of one policy version.
 *
 * Dimensions: B rows (symbolic), T new tokens (symbolic), S cache positions (symbolic), C hidden, F feed-forward, V vocabulary, H query
 * heads, KV key/value heads, D head size.
 */
import { Graph, type Value } from '../graph/graph.ts';
import type { ModelConfig } from './config.ts';
import { draw, type Selection } from './draw.ts';
import { parameterLayout } from './parameters.ts';
import { rmsNorm, rotaryTables, type WeightOf } from './transformer.ts';

/** Every weight a decoding session freezes, in packed form. */
export function frozenWeights(
  config: ModelConfig,
): { name: string; shape: readonly number[]; offset: number; length: number }[] {
  const layout = parameterLayout(config);
  const inPack = (slot: { offset: number }) =>
    layout.packed.some((pack) => slot.offset >= pack.offset && slot.offset < pack.offset + pack.length);
  return [...layout.tensors.filter((slot) => !inPack(slot)), ...layout.packed];
}

interface Rows {
  readonly config: ModelConfig;
  readonly batch: string;
  readonly length: string;
  readonly cos: Value;
  readonly sin: Value;
  /** [B] int32: cached positions + new tokens - 1 */
  readonly lastPositions: Value;
  /** [1] int32: the longest row's cached positions + new tokens */
  readonly totalLength: Value;
}

/** x [B, T, in] W^T (+ bias). */
function linear(graph: Graph, x: Value, weight: Value, bias?: Value): Value {
  const product = graph.one('FusedMatMul', [x, weight], { transB: 1 });
  return bias ? graph.one('Add', [product, bias]) : product;
}

function attention(graph: Graph, rows: Rows, x: Value, weight: WeightOf, layer: number): Value {
  const { config } = rows;
  const { heads: H, kvHeads: KV, headSize: D } = config;
  const packed = linear(graph, x, weight('qkv'), config.attentionBias ? weight('qkvBias') : undefined);
  const cache = (kind: string) => graph.input(`past.${layer}.${kind}`, 'float32', [rows.batch, KV, 'S', D]);
  const past = [cache('key'), cache('value')];
  const position = [rows.lastPositions, rows.totalLength, rows.cos, rows.sin];
  const queryKeyValue = config.queryKeyNorm ? normedHeads(graph, rows, packed, weight) : [packed, undefined, undefined];
  const attributes = { num_heads: H, kv_num_heads: KV, do_rotary: 1, scale: 1 / Math.sqrt(D) };
  const [mixed, key, value] = graph.apply('GroupQueryAttention', [...queryKeyValue, ...past, ...position], attributes);
  graph.output(`present.${layer}.key`, key!);
  graph.output(`present.${layer}.value`, value!);
  return linear(graph, mixed!, weight('attentionOut'));
}

/** Qwen3: q and k are normed per head before the rotation, so they leave the pack. */
function normedHeads(graph: Graph, rows: Rows, packed: Value, weight: WeightOf): Value[] {
  const { heads: H, kvHeads: KV, headSize: D, normEpsilon } = rows.config;
  const sizes = graph.integers([H * D, KV * D, KV * D]);
  const [q, k, v] = graph.apply('Split', [packed, sizes], { axis: 2 });
  const normed = (x: Value, heads: number, name: string) => {
    const split = graph.reshape(x, [rows.batch, rows.length, heads, D]);
    return graph.reshape(rmsNorm(graph, split, weight(name), normEpsilon), [rows.batch, rows.length, heads * D]);
  };
  return [normed(q!, H, 'queryNorm'), normed(k!, KV, 'keyNorm'), v!];
}

function feedForward(graph: Graph, config: ModelConfig, x: Value, weight: WeightOf): Value {
  const F = config.feedForwardSize;
  const both = linear(graph, x, weight('gateUp'));
  const [gate, up] = graph.apply('Split', [both, graph.integers([F, F])], { axis: 2 });
  const hidden = graph.one('Mul', [graph.one('QuickGelu', [gate!], { alpha: 1 }), up!]);
  return linear(graph, hidden, weight('down'));
}

/** The residual stream: `sum` [.., C], and what the last block wrote but nobody has added yet. */
interface Stream {
  readonly sum: Value;
  readonly added?: Value;
}

/** Adds what is pending and normalises, in one operator. */
function normed(graph: Graph, config: ModelConfig, { sum, added }: Stream, weight: Value): { y: Value; sum: Value } {
  if (!added) return { y: rmsNorm(graph, sum, weight, config.normEpsilon), sum };
  const attributes = { epsilon: config.normEpsilon };
  const [y, total] = graph.apply('SkipSimplifiedLayerNormalization', [sum, added, weight], attributes);
  return { y: y!, sum: total! };
}

/** Only the last new token of each row is scored: [B, T, C] -> [B, C]. */
function lastOf(graph: Graph, { sum, added }: Stream): Stream {
  const index = graph.constant({ type: 'int64', dims: [], data: BigInt64Array.of(-1n) });
  const last = (x: Value) => graph.one('Gather', [x, index], { axis: 1 });
  return { sum: last(sum), ...(added ? { added: last(added) } : {}) };
}

/**
 * Inputs: tokens [B, T] int64, lastPositions [B] int32, totalLength [1] int32, uniforms [B] float32 in [0, 1), inverseTemperatures [B, 1], past.*;
 * outputs: next [B] int64, logprob [B], entropy [B], present.* (may share past.*'s memory).
 */
export function decodeGraph(config: ModelConfig, selection: Selection): Graph {
  const graph = new Graph();
  const shapes = new Map(frozenWeights(config).map((slot) => [slot.name, slot.shape]));
  const frozen = new Map<string, Value>();
  const weight = (name: string): Value => {
    const value = frozen.get(name) ?? graph.frozen(name, 'float32', shapes.get(name)!);
    frozen.set(name, value);
    return value;
  };
  const tokens = graph.input('tokens', 'int64', ['B', 'T']);
  const lastPositions = graph.input('lastPositions', 'int32', ['B']);
  const totalLength = graph.input('totalLength', 'int32', [1]);
  const { cos, sin } = rotaryTables(config, config.maxContext);
  const dims = [config.maxContext, config.headSize / 2];
  const rows: Rows = {
    config,
    batch: 'B',
    length: 'T',
    cos: graph.constant({ type: 'float32', dims, data: cos }),
    sin: graph.constant({ type: 'float32', dims, data: sin }),
    lastPositions,
    totalLength,
  };
  let stream: Stream = { sum: graph.one('Gather', [weight('embedding'), tokens], { axis: 0 }) };
  for (let layer = 0; layer < config.layers; layer++) {
    const of: WeightOf = (name) => weight(`layer.${layer}.${name}`);
    const before = normed(graph, config, stream, of('attentionNorm'));
    stream = { sum: before.sum, added: attention(graph, rows, before.y, of, layer) };
    const middle = normed(graph, config, stream, of('feedForwardNorm'));
    stream = { sum: middle.sum, added: feedForward(graph, config, middle.y, of) };
  }
  const final = normed(graph, config, lastOf(graph, stream), weight('finalNorm'));
  const logits = graph.one('Gemm', [final.y, weight(config.tiedHead ? 'embedding' : 'head')], { transB: 1 });
  draw(graph, logits, selection);
  return graph;
}
