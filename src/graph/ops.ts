/**
 * The ops of a graph, one record each: shape rule, gradient rule, examples. The table is total: an op without a record, or a record
 * without a gradient rule (or the reason for having none), does not compile.
 *
 * Semantics are ONNX's at the opset written by `onnx-model.ts`, as ONNX Runtime's CPU kernels have them.
 */
import { attention } from './ops/attention.ts';
import { elementwise } from './ops/elementwise.ts';
import { indexing } from './ops/indexing.ts';
import { normalisation } from './ops/normalisation.ts';
import { products } from './ops/products.ts';
import type { OpRecord } from './ops/record.ts';
import { reductions } from './ops/reductions.ts';
import { sampling } from './ops/sampling.ts';
import { shaping } from './ops/shaping.ts';
import type { OpName } from './value.ts';

export { elementCode } from './ops/elementwise.ts';
export type { OpRecord } from './ops/record.ts';
export type { OpName } from './value.ts';

const records = {
  ...elementwise,
  ...products,
  ...shaping,
  ...reductions,
  ...normalisation,
  ...indexing,
  ...attention,
  ...sampling,
} satisfies Record<OpName, OpRecord>;

export const opNames = Object.keys(records) as readonly OpName[];

export function opRecord(name: OpName): OpRecord {
  return records[name];
}
