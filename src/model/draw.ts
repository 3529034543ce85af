/**
 * Drawing a token inside the graph: logits -> token, its log-probability and the exact entropy of the distribution. The reported
 * numbers are those of softmax(logits / temperature) over the whole vocabulary, whatever filter restricts what may be drawn, so that a
 * trainer that recomputes them gets the same values.
 *
 * Dimensions: B rows, V vocabulary, K candidates.
 */
import type { Graph, Value } from '../graph/graph.ts';

/** Which tokens may be drawn, fixed when the graph is built. */
export type Selection =
  | { readonly kind: 'all' }
  /** The likeliest `topK` (0: no limit), of those the smallest set that holds `topP` of the whole distribution's probability. */
  | { readonly kind: 'filtered'; readonly topK: number; readonly topP: number }
  | { readonly kind: 'greedy' };

/** Above this vocabulary the cumulative sum goes in two levels, so that its serial part is short. */
const FLAT_VOCABULARY = 4096;
const BLOCK = 128;

/** logits [B, V]; adds outputs `next` [B] int64, `logprob` [B], `entropy` [B] and inputs `uniforms` [B], `inverseTemperatures` [B, 1]. */
export function draw(graph: Graph, logits: Value, selection: Selection): void {
  const vocabularySize = logits.shape[1] as number;
  const tempered = graph.one('Mul', [logits, graph.input('inverseTemperatures', 'float32', ['B', 1])]);
  const logDistribution = graph.one('LogSoftmax', [tempered], { axis: -1 });
  const distribution = graph.one('Exp', [logDistribution]);
  graph.output('entropy', graph.one('Neg', [rowSum(graph, graph.one('Mul', [distribution, logDistribution]))]));
  const uniforms = graph.reshape(graph.input('uniforms', 'float32', ['B']), ['B', 1]);
  const next = drawn(graph, { logits, distribution, uniforms, vocabularySize, selection });
  const logprob = graph.one('GatherElements', [logDistribution, next], { axis: 1 });
  graph.output('next', graph.reshape(next, ['B']));
  graph.output('logprob', graph.reshape(logprob, ['B']));
}

/**
 * [B, V] -> [B] sums that do not depend on the row's place in the batch. ReduceSum's do: it adds up to the next aligned address one by
 * one, so that rows of 22 floats are summed in different orders. Two columns, because one would take the matrix-vector path.
 */
function rowSum(graph: Graph, x: Value): Value {
  const V = x.shape[1] as number;
  const ones = graph.constant({ type: 'float32', dims: [V, 2], data: new Float32Array(2 * V).fill(1) });
  const sums = graph.one('MatMul', [x, ones]);
  const first = graph.constant({ type: 'int64', dims: [], data: BigInt64Array.of(0n) });
  return graph.one('Gather', [sums, first], { axis: 1 });
}

interface Choice {
  readonly logits: Value;
  readonly distribution: Value;
  readonly uniforms: Value;
  readonly vocabularySize: number;
  readonly selection: Selection;
}

/** [B, 1] int64 token ids. */
function drawn(graph: Graph, { logits, distribution, uniforms, vocabularySize, selection }: Choice): Value {
  if (selection.kind === 'greedy') return graph.one('ArgMax', [logits], { axis: 1, keepdims: 1 });
  if (selection.kind === 'filtered') {
    const count = selection.topK > 0 ? Math.min(selection.topK, vocabularySize) : vocabularySize;
    const [candidates, tokens] = graph.apply('TopK', [distribution, graph.integers([count])], { axis: 1 });
    return graph.one(
      'GatherElements',
      [tokens!, inverseCdf(graph, nucleus(graph, candidates!, selection.topP), uniforms)],
      { axis: 1 },
    );
  }
  if (vocabularySize <= FLAT_VOCABULARY) return inverseCdf(graph, distribution, uniforms);
  return twoLevelInverseCdf(graph, distribution, uniforms, vocabularySize);
}

/** candidates [B, K], falling: those after the mass before them has reached topP become 0. The first always stays. */
function nucleus(graph: Graph, candidates: Value, topP: number): Value {
  if (topP >= 1) return candidates;
  const before = graph.one(
    'CumSum',
    [candidates, graph.constant({ type: 'int64', dims: [], data: BigInt64Array.of(1n) })],
    { exclusive: 1 },
  );
  const isIn = graph.cast(graph.one('Less', [before, graph.scalar(topP)]), 'float32');
  return graph.one('Mul', [candidates, isIn]);
}

/**
 * masses [B, K] (unnormalised), uniforms [B, 1] in [0, 1) -> [B, 1] the first index whose cumulative mass exceeds u * total. With
 * u <= 1 - 2^-24 the product rounds below the total, so such an index exists and its own mass is positive.
 */
function inverseCdf(graph: Graph, masses: Value, uniforms: Value): Value {
  const { cumulative, threshold } = cumulated(graph, masses, uniforms);
  return firstAbove(graph, cumulative, threshold);
}

function cumulated(graph: Graph, masses: Value, uniforms: Value): { cumulative: Value; threshold: Value } {
  const axis = graph.constant({ type: 'int64', dims: [], data: BigInt64Array.of(1n) });
  const cumulative = graph.one('CumSum', [masses, axis]);
  const total = graph.one('Gather', [cumulative, graph.integers([-1])], { axis: 1 });
  return { cumulative, threshold: graph.one('Mul', [uniforms, total]) };
}

function firstAbove(graph: Graph, cumulative: Value, threshold: Value): Value {
  const isAbove = graph.cast(graph.one('Less', [threshold, cumulative]), 'float32');
  return graph.one('ArgMax', [isAbove], { axis: 1, keepdims: 1 });
}

/** As `inverseCdf` over blocks of the vocabulary, then within the chosen block. A large vocabulary is padded with zero mass. */
function twoLevelInverseCdf(graph: Graph, distribution: Value, uniforms: Value, vocabularySize: number): Value {
  const blocks = Math.ceil(vocabularySize / BLOCK);
  const padded =
    blocks * BLOCK === vocabularySize ? distribution : padColumns(graph, distribution, blocks * BLOCK - vocabularySize);
  const blocked = graph.reshape(padded, ['B', blocks, BLOCK]);
  const masses = graph.one('ReduceSum', [blocked, graph.integers([2])], { keepdims: 0 });
  const { cumulative, threshold } = cumulated(graph, masses, uniforms);
  const block = firstAbove(graph, cumulative, threshold);
  const index = graph.one('Expand', [graph.reshape(block, ['B', 1, 1]), graph.integers([1, 1, BLOCK])]);
  const within = graph.reshape(graph.one('GatherElements', [blocked, index], { axis: 1 }), ['B', BLOCK]);
  const chosenMass = graph.one('GatherElements', [masses, block], { axis: 1 });
  const before = graph.one('Sub', [graph.one('GatherElements', [cumulative, block], { axis: 1 }), chosenMass]);
  // where u falls inside the block, as a share of its mass; rounding may leave [0, 1)
  const share = graph.one('Div', [graph.one('Sub', [threshold, before]), chosenMass]);
  const bounded = graph.one('Min', [graph.one('Max', [share, graph.scalar(0)]), graph.scalar(1 - 2 ** -24)]);
  const offset = inverseCdf(graph, within, bounded);
  const size = graph.constant({ type: 'int64', dims: [1], data: BigInt64Array.of(BigInt(BLOCK)) });
  return graph.one('Add', [graph.one('Mul', [block, size]), offset]);
}

/** Zero columns, made from the distribution's own first column so that the row count may stay symbolic. */
function padColumns(graph: Graph, distribution: Value, count: number): Value {
  const column = graph.one('Mul', [
    graph.one('Gather', [distribution, graph.integers([0])], { axis: 1 }),
    graph.scalar(0),
  ]);
  const zeros = graph.one('Expand', [column, graph.integers([1, count])]);
  return graph.one('Concat', [distribution, zeros], { axis: 1 });
}
