/**
 * The whole model as one graph: B sequences of T tokens -> log-probabilities, entropies, per-token losses and, when a loss is given,
 * the gradient of every weight added to an accumulator that the output may overwrite in place. For models whose activations fit;
 * `segments.ts` is the other plan.
 *
 * Inputs: tokens [N] int64, targets [N] int64, weights by our names, lookup [V, C] (the embedding's memory again: rows are read through it,
 * so that `embedding` itself receives a gradient only as a tied head); with a loss also mask, weights, samplingLogprobs [N],
 * the loss's numbers (`lossNumbers`) and `accumulated.<name>` for each tensor. Outputs: logprobs, entropies [N]; with a loss also losses [N], `gradient.<name>`, and
 * inputGradient [N, C] (the embedding's gradient before it is scattered to the rows of the tokens; duplicates race inside ONNX Runtime's
 * parallel scatter, so that sum is the caller's).
 *
 * Dimensions: N = B*T rows, C hidden, V vocabulary.
 */
import type { Loss } from '../core/datum.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { gradients } from '../graph/reverse.ts';
import type { ModelConfig } from './config.ts';
import { type LossInputs, logitGradient, score, tokenLoss } from './loss-head.ts';
import { parameterLayout } from './parameters.ts';
import { beginPass, rmsNorm, transformerLayer } from './transformer.ts';

export interface PassShape {
  readonly batch: number;
  readonly length: number;
  readonly temperature: number;
}

/** The per-row inputs every scoring graph has. */
export function lossInputs(graph: Graph, rows: number): LossInputs {
  return {
    targets: graph.input('targets', 'int64', [rows]),
    mask: graph.input('mask', 'float32', [rows]),
    weights: graph.input('weights', 'float32', [rows]),
    samplingLogprobs: graph.input('samplingLogprobs', 'float32', [rows]),
  };
}

/** Without `loss`, the forward pass alone. */
export function trainingGraph(config: ModelConfig, shape: PassShape, loss?: Loss): Graph {
  const graph = new Graph();
  const { batch, length, temperature } = shape;
  const rows = batch * length;
  const weights = new Map<string, Value>();
  for (const { name, shape } of parameterLayout(config).tensors) weights.set(name, graph.input(name, 'float32', shape));
  const weight = (name: string) => weights.get(name)!;
  const tokens = graph.input('tokens', 'int64', [rows]);
  const pass = beginPass(graph, config, batch, length);
  const embedded = graph.one('Gather', [graph.input('lookup', 'float32', weight('embedding').shape), tokens], {
    axis: 0,
  });
  let x = embedded;
  for (let layer = 0; layer < config.layers; layer++)
    x = transformerLayer(graph, pass, x, (name) => weight(`layer.${layer}.${name}`));
  const hidden = rmsNorm(graph, x, weight('finalNorm'), config.normEpsilon);
  const head = weight(config.tiedHead ? 'embedding' : 'head');
  if (!loss) {
    const scored = score(graph, hidden, head, graph.input('targets', 'int64', [rows]), temperature);
    graph.output('logprobs', scored.logprobs);
    graph.output('entropies', scored.entropies);
    return graph;
  }
  const inputs = lossInputs(graph, rows);
  const scored = score(graph, hidden, head, inputs.targets, temperature);
  const { losses, slopes } = tokenLoss(graph, loss, scored.logprobs, inputs);
  graph.output('logprobs', scored.logprobs);
  graph.output('entropies', scored.entropies);
  graph.output('losses', losses);
  const trained = [...weights].filter(([name]) => name !== 'embedding' || config.tiedHead);
  const accumulators = new Map(
    trained.map(([name, value]) => [value, graph.input(`accumulated.${name}`, 'float32', value.shape)]),
  );
  const cotangent = logitGradient(graph, scored, slopes, inputs.targets);
  const seeds = [{ value: scored.logits, cotangent }];
  const wrt = [...trained.map(([, value]) => value), embedded];
  const found = gradients(graph, seeds, wrt, { accumulators });
  for (const [name, value] of trained) graph.output(`gradient.${name}`, found.get(value)!);
  graph.output('inputGradient', found.get(embedded)!);
  return graph;
}
