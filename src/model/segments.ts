/**
 * The model in pieces, for shapes whose activations or logits do not fit at once: one layer forward, one layer backward (it recomputes the
 * layer from its input), and the head over a chunk of rows. Every layer shares the two sessions; only the weights bound differ.
 *
 * Dimensions: N = B*T rows, K rows of a head chunk, C hidden, V vocabulary.
 */
import type { Loss } from '../core/datum.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { gradients } from '../graph/reverse.ts';
import type { ModelConfig } from './config.ts';
import { logitGradient, score, tokenLoss } from './loss-head.ts';
import { parameterLayout } from './parameters.ts';
import { lossInputs, type PassShape } from './training-graph.ts';
import { beginPass, rmsNorm, transformerLayer } from './transformer.ts';

/** A layer's tensors by their local name (`q`, `attentionNorm`, ...). */
export function layerTensors(config: ModelConfig): { readonly name: string; readonly shape: readonly number[] }[] {
  const prefix = 'layer.0.';
  return parameterLayout(config)
    .tensors.filter(({ name }) => name.startsWith(prefix))
    .map(({ name, shape }) => ({ name: name.slice(prefix.length), shape }));
}

/** Inputs x [N, C] and the layer's tensors; output y [N, C]. */
export function layerForwardGraph(config: ModelConfig, shape: Omit<PassShape, 'temperature'>): Graph {
  const graph = new Graph();
  graph.output('y', layer(graph, config, shape).y);
  return graph;
}

/** Inputs x, cotangent (of y) [N, C], the layer's tensors, `accumulated.*`; outputs inputGradient [N, C], `gradient.*`. */
export function layerBackwardGraph(config: ModelConfig, shape: Omit<PassShape, 'temperature'>): Graph {
  const graph = new Graph();
  const { x, y, weights } = layer(graph, config, shape);
  const cotangent = graph.input('cotangent', 'float32', y.shape);
  const accumulators = accumulatorsOf(graph, weights);
  const found = gradients(graph, [{ value: y, cotangent }], [...weights.values(), x], { accumulators });
  for (const [name, value] of weights) graph.output(`gradient.${name}`, found.get(value)!);
  graph.output('inputGradient', found.get(x)!);
  return graph;
}

/**
 * Inputs x [K, C] (the last layer's output), finalNorm [C], head [V, C], targets [K]; outputs logprobs, entropies [K]. With a loss also
 * mask, weights, samplingLogprobs [K], the loss's numbers, `accumulated.*` in and losses [K], inputGradient [K, C], `gradient.*` out.
 */
export function headGraph(config: ModelConfig, rows: number, temperature: number, loss?: Loss): Graph {
  const graph = new Graph();
  const x = graph.input('x', 'float32', [rows, config.hiddenSize]);
  const norm = graph.input('finalNorm', 'float32', [config.hiddenSize]);
  const head = graph.input('head', 'float32', [config.vocabularySize, config.hiddenSize]);
  const hidden = rmsNorm(graph, x, norm, config.normEpsilon);
  const inputs = loss ? lossInputs(graph, rows) : undefined;
  const targets = inputs?.targets ?? graph.input('targets', 'int64', [rows]);
  const scored = score(graph, hidden, head, targets, temperature);
  graph.output('logprobs', scored.logprobs);
  graph.output('entropies', scored.entropies);
  if (!loss || !inputs) return graph;
  const { losses, slopes } = tokenLoss(graph, loss, scored.logprobs, inputs);
  graph.output('losses', losses);
  const weights = new Map([
    ['finalNorm', norm],
    ['head', head],
  ]);
  const accumulators = accumulatorsOf(graph, weights);
  const seeds = [{ value: scored.logits, cotangent: logitGradient(graph, scored, slopes, targets) }];
  const found = gradients(graph, seeds, [norm, head, x], { accumulators });
  for (const [name, value] of weights) graph.output(`gradient.${name}`, found.get(value)!);
  graph.output('inputGradient', found.get(x)!);
  return graph;
}

function layer(graph: Graph, config: ModelConfig, { batch, length }: Omit<PassShape, 'temperature'>) {
  const x = graph.input('x', 'float32', [batch * length, config.hiddenSize]);
  const weights = new Map<string, Value>();
  for (const { name, shape } of layerTensors(config)) weights.set(name, graph.input(name, 'float32', shape));
  const y = transformerLayer(graph, beginPass(graph, config, batch, length), x, (name) => weights.get(name)!);
  return { x, y, weights };
}

function accumulatorsOf(graph: Graph, weights: ReadonlyMap<string, Value>): Map<Value, Value> {
  return new Map(
    [...weights].map(([name, value]) => [value, graph.input(`accumulated.${name}`, 'float32', value.shape)]),
  );
}
