/**
 * Shape arithmetic shared by the shape rules. A size is a number or a name known at run time; products of names are written
 * `B*L`, so that a reshape can merge them.
 */
import type { ElementType } from '../executor.ts';
import type { Attributes, Dim, Shape, Value } from '../value.ts';
import type { Operands } from './record.ts';

/** @throws Error with the bare message; `Graph.apply` adds op and shapes. */
export function fits(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

export function operand(inputs: Operands, index: number): Value {
  const value = inputs[index];
  fits(value, `input ${index} is missing`);
  return value;
}

/** The one element type that all of them have. */
export function commonType(values: readonly Value[]): ElementType {
  const type = values[0]!.type;
  fits(
    values.every((value) => value.type === type),
    'operands have different element types',
  );
  return type;
}

/** NumPy broadcasting; equal names match, 1 stretches. */
export function broadcast(shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    let size: Dim = 1;
    for (const shape of shapes) {
      const own = shape[shape.length - rank + i] ?? 1;
      fits(own === size || own === 1 || size === 1, `sizes ${size} and ${own} do not broadcast`);
      if (own !== 1) size = own;
    }
    return size;
  });
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** A possibly negative axis as an index into a shape of this rank. */
export function axisOf(axis: number, rank: number): number {
  fits(Number.isInteger(axis) && axis >= -rank && axis < rank, `axis ${axis} is outside rank ${rank}`);
  return axis < 0 ? axis + rank : axis;
}

/** The contents of an integer operand that has to be a constant of the model. */
export function contents(inputs: Operands, index: number): readonly number[] {
  const { tensor, type } = operand(inputs, index);
  fits(tensor && type === 'int64', `input ${index} must be an int64 constant stored in the model`);
  return Array.from(tensor.data as BigInt64Array, Number);
}

/** The sizes of a shape without names. */
export function staticSizes(shape: Shape): readonly number[] {
  return shape.map((size) => {
    fits(typeof size === 'number', `size ${size} must be a number here`);
    return size;
  });
}

export function elementCount(shape: Shape): number {
  return staticSizes(shape).reduce((count, size) => count * size, 1);
}

export function numberAttribute(attributes: Attributes, name: string, absent: number): number {
  const value = attributes[name] ?? absent;
  fits(typeof value === 'number', `attribute ${name} must be a number`);
  return value;
}

interface Product {
  readonly count: number;
  readonly names: readonly string[];
}

function product(shape: Shape): Product {
  let count = 1;
  const names: string[] = [];
  for (const size of shape) {
    for (const factor of String(size).split('*')) {
      if (/^\d+$/.test(factor)) count *= Number(factor);
      else names.push(factor);
    }
  }
  return { count, names: names.sort() };
}

/** whole / part as one size, or `undefined` when it does not divide. */
function quotient(whole: Product, part: Product): Dim | undefined {
  const names = [...whole.names];
  for (const name of part.names) {
    const at = names.indexOf(name);
    if (at < 0) return undefined;
    names.splice(at, 1);
  }
  const count = part.count === 0 ? 0 : whole.count / part.count;
  if (!Number.isInteger(count)) return undefined;
  if (names.length === 0) return count;
  return [...(count === 1 ? [] : [String(count)]), ...names].join('*');
}

/** The result of ONNX's Reshape: 0 copies the size at that place, one -1 is inferred. */
export function reshaped(shape: Shape, target: readonly number[]): Shape {
  const result = target.map((size, i) => {
    fits(size !== 0 || i < shape.length, `target ${i} copies a size that does not exist`);
    return size === 0 ? shape[i]! : size;
  });
  const inferred = result.indexOf(-1);
  const rest = result.filter((size) => size !== -1);
  const missing = quotient(product(shape), product(rest));
  const isFull = inferred >= 0 ? rest.length === result.length - 1 : missing === 1 || product(shape).count === 0;
  fits(isFull && missing !== undefined, `[${shape}] cannot be reshaped to [${target}]`);
  return result.map((size) => (size === -1 ? missing : size));
}

/** The target of the Reshape that turns `from` into `to`. */
export function reshapeTarget(from: Shape, to: Shape): readonly number[] {
  const target = to.map((size, i) => (typeof size === 'number' ? size : size === from[i] ? 0 : -1));
  fits(
    target.filter((size) => size === -1).length <= 1,
    `[${from}] to [${to}] leaves more than one named size to infer`,
  );
  return target;
}
