/**
 * Steps that many gradient rules share.
 */
import type { GraphBuilder, Shape, Value } from '../value.ts';
import { sameShape, staticSizes } from './shapes.ts';

/** Undoes broadcasting: sums `cotangent` down to `shape`. */
export function sumTo(graph: GraphBuilder, cotangent: Value, shape: Shape): Value {
  if (sameShape(cotangent.shape, shape)) return cotangent;
  const lead = cotangent.shape.length - shape.length;
  const axes = cotangent.shape.flatMap((size, i) => (i < lead || (shape[i - lead] === 1 && size !== 1) ? [i] : []));
  if (axes.length === 0) return graph.reshape(cotangent, shape);
  const keepdims = axes.length === lead ? 0 : 1;
  return graph.reshape(graph.one('ReduceSum', [cotangent, graph.integers(axes)], { keepdims }), shape);
}

/** A float32 tensor of zeros that is made when it is needed rather than stored. */
export function zeros(graph: GraphBuilder, shape: Shape): Value {
  return graph.one('Expand', [graph.scalar(0), graph.integers(staticSizes(shape))]);
}

/** Whether `value` was made by `zeros`. */
export function isZeros(graph: GraphBuilder, value: Value): boolean {
  const node = graph.producer(value);
  return node?.op === 'Expand' && node.inputs[0]?.tensor?.data[0] === 0;
}
