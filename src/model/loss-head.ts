/**
 * The output head and the losses of core/datum.ts as graph nodes: hidden states -> log-probabilities, entropies, per-token losses and
 * the gradient of the summed loss with respect to the logits, in closed form (d loss / d logprob times d logprob / d logits).
 *
 * Dimensions: N rows (tokens), C hidden, V vocabulary.
 */
import type { Loss } from '../core/datum.ts';
import type { Graph, Value } from '../graph/graph.ts';

/** Per-row inputs of a loss. */
export interface LossInputs {
  /** [N] int64 */
  readonly targets: Value;
  /** [N] float32: 1 evaluated, 0 ignored */
  readonly mask: Value;
  /** [N] float32: A, the coefficient of each token; 0 where the mask is 0 */
  readonly weights: Value;
  /** [N] float32, nats */
  readonly samplingLogprobs: Value;
}

/**
 * What of a loss decides the graph. Its numbers do not: they are inputs, so that a schedule of the bounds does not compile anew at
 * every step.
 */
export function lossForm(loss: Loss): string {
  return loss.kind === 'ppo' && loss.dualClip !== undefined ? 'ppo with dualClip' : loss.kind;
}

/** A loss's numbers by the graph's input of that name, [1] float32 each. ppo(0.8, 1.2) -> {ratioMin: 0.8, ratioMax: 1.2} */
export function lossNumbers(loss: Loss): Readonly<Record<string, number>> {
  if (loss.kind !== 'ppo' && loss.kind !== 'cispo') return {};
  const { ratioMin, ratioMax } = loss;
  const isDualClipped = loss.kind === 'ppo' && loss.dualClip !== undefined;
  return { ratioMin, ratioMax, ...(isDualClipped ? { dualClip: loss.dualClip } : {}) };
}

export interface Scored {
  /** [N, V] logits / temperature */
  readonly logits: Value;
  /** [N, V] log-softmax of it */
  readonly logDistribution: Value;
  /** [N, V] its exponential */
  readonly distribution: Value;
  /** [N] log-probability of the target in nats */
  readonly logprobs: Value;
  /** [N] exact entropy in nats */
  readonly entropies: Value;
}

/** Scores targets under softmax(hidden . head^T / temperature). hidden [N, C] is already normed; head [V, C]. */
export function score(graph: Graph, hidden: Value, head: Value, targets: Value, temperature: number): Scored {
  const rows = hidden.shape[0]!;
  const logits = graph.one('Gemm', [hidden, head], { transB: 1, alpha: 1 / temperature });
  const logDistribution = graph.one('LogSoftmax', [logits], { axis: -1 });
  const distribution = graph.one('Exp', [logDistribution]);
  const column = graph.reshape(targets, [rows, 1]);
  const logprobs = graph.reshape(graph.one('GatherElements', [logDistribution, column], { axis: 1 }), [rows]);
  const products = graph.one('Mul', [distribution, logDistribution]);
  const entropies = graph.one('Neg', [graph.one('ReduceSum', [products, graph.integers([1])], { keepdims: 0 })]);
  return { logits, logDistribution, distribution, logprobs, entropies };
}

/**
 * [N] the loss of each token and [N] its derivative with respect to the token's log-probability. The loss's numbers become inputs
 * (`lossNumbers`).
 */
export function tokenLoss(
  graph: Graph,
  loss: Loss,
  logprobs: Value,
  inputs: LossInputs,
): { losses: Value; slopes: Value } {
  const one = graph.one.bind(graph);
  const negativeWeights = one('Neg', [inputs.weights]);
  if (loss.kind === 'cross_entropy')
    return { losses: one('Mul', [negativeWeights, logprobs]), slopes: negativeWeights };
  // masked before exp: an arbitrary logprob at an ignored position must not overflow into 0 * inf
  const logRatio = one('Mul', [one('Sub', [logprobs, inputs.samplingLogprobs]), inputs.mask]);
  const ratio = one('Exp', [logRatio]);
  const unclipped = one('Mul', [negativeWeights, ratio]);
  if (loss.kind === 'importance_sampling') return { losses: unclipped, slopes: unclipped };
  const number = (name: keyof Extract<Loss, { kind: 'ppo' }>) => graph.input(name, 'float32', [1]);
  const bounded = one('Min', [one('Max', [ratio, number('ratioMin')]), number('ratioMax')]);
  const clipped = one('Mul', [negativeWeights, bounded]);
  if (loss.kind === 'cispo') return { losses: one('Mul', [clipped, logprobs]), slopes: clipped };
  const pessimistic = one('Max', [unclipped, clipped]);
  const isUnclipped = graph.cast(one('LessOrEqual', [clipped, unclipped]), 'float32');
  const slopes = one('Mul', [unclipped, isUnclipped]);
  if (loss.dualClip === undefined) return { losses: pessimistic, slopes };
  // where A < 0 the loss is at most -A * dualClip; where A >= 0 the ceiling must not bind: -A * c <= 0 there, so lift it to +inf
  const isNegative = one('Less', [inputs.weights, graph.scalar(0)]);
  const ceiling = one('Where', [isNegative, one('Mul', [negativeWeights, number('dualClip')]), graph.scalar(3.4e38)]);
  const isBelow = graph.cast(one('LessOrEqual', [pessimistic, ceiling]), 'float32');
  return { losses: one('Min', [pessimistic, ceiling]), slopes: one('Mul', [slopes, isBelow]) };
}

/** [N, V] d(sum of losses) / d(logits) = slope * (onehot(target) - distribution). */
export function logitGradient(graph: Graph, scored: Scored, slopes: Value, targets: Value): Value {
  const rows = scored.logprobs.shape[0]!;
  const column = graph.reshape(slopes, [rows, 1]);
  const spread = graph.one('Mul', [scored.distribution, graph.one('Neg', [column])]);
  return graph.one('ScatterElements', [spread, graph.reshape(targets, [rows, 1]), column], {
    axis: 1,
    reduction: 'add',
  });
}
