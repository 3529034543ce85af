/**
 * The reference implementation's own file (python.safetensors, recorded by record-safetensors.py) is read to the values PyTorch had,
 * and writing those values again gives the same bytes.
 */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16 } from '../../src/model/half-floats.ts';
import { type NewTensor, readSafetensors, writeSafetensors } from '../../src/model/safetensors.ts';

const path = join(import.meta.dirname, 'python.safetensors');

async function values() {
  const { tensors } = await readSafetensors(path);
  const entries = [...tensors].map(async ([name, tensor]) => [name, await tensor.read()] as const);
  return new Map(await Promise.all(entries));
}

test('a file written by the Python package is read to the same values', async () => {
  const { metadata, tensors } = await readSafetensors(path);
  expect([...metadata]).toEqual([['format', 'pt']]);
  expect([...tensors].map(([name, { dtype, shape }]) => `${name} ${dtype} [${shape}]`)).toEqual([
    'int64 I64 [2,1]',
    'bfloat.float F32 [20]',
    'empty F32 [0,4]',
    'half.float F32 [20]',
    'layer.0.größe F32 [1]',
    'matrix F32 [2,3]',
    'rounded.float F32 [18]',
    'scalar F32 []',
    'int32 I32 [2]',
    'bfloat.bf16 BF16 [20]',
    'rounded.bf16 BF16 [18]',
    'half.f16 F16 [20]',
    'uint8 U8 [3]',
  ]);
  const read = await values();
  expect(read.get('matrix')).toEqual(Float32Array.of(0, 0.25, 0.5, 0.75, 1, 1.25));
  expect(read.get('scalar')).toEqual(Float32Array.of(3.5));
  expect(read.get('empty')).toEqual(new Float32Array(0));
  expect(read.get('int32')).toEqual(Int32Array.of(-(2 ** 31), 2 ** 31 - 1));
  expect(read.get('int64')).toEqual(BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n));
  expect(read.get('uint8')).toEqual(Uint8Array.of(0, 1, 255));
});

/** Bits, all NaNs alike: PyTorch does not keep a NaN's payload in each of its code paths. */
function bits(floats: unknown): number[] {
  const values = floats as Float32Array;
  return [...new Uint32Array(values.slice().buffer)].map((found, i) => (Number.isNaN(values[i]) ? Number.NaN : found));
}

test('16-bit floats widen and narrow to the bits PyTorch gives', async () => {
  const read = await values();
  expect(bits(float16ToFloat32(read.get('half.f16') as Uint16Array))).toEqual(bits(read.get('half.float')));
  expect(bits(bfloat16ToFloat32(read.get('bfloat.bf16') as Uint16Array))).toEqual(bits(read.get('bfloat.float')));
  expect(float32ToBfloat16(read.get('rounded.float') as Float32Array)).toEqual(read.get('rounded.bf16'));
});

test('writing the same tensors gives the bytes of the Python package, in whatever order they come', async () => {
  const directory = fs.mkdtempSync(join(tmpdir(), 'safetensors-'));
  try {
    const { tensors, metadata } = await readSafetensors(path);
    const again = [...tensors].map(async ([name, { dtype, shape, read }]) => {
      return { name, dtype, shape, data: await read() } as NewTensor;
    });
    const copy = join(directory, 'copy.safetensors');
    await writeSafetensors(copy, (await Promise.all(again)).reverse(), Object.fromEntries(metadata));
    expect(fs.readFileSync(copy).equals(fs.readFileSync(path))).toBe(true);
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
});
