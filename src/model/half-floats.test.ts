import { expect, test } from 'vitest';
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16 } from './half-floats.ts';

const ALL = Uint16Array.from({ length: 65_536 }, (_, i) => i);

/** The definition, in double precision. */
function value(bits: number, exponentBits: number, fractionBits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const top = 2 ** exponentBits - 1;
  const bias = (top - 1) / 2;
  const exponent = (bits >>> fractionBits) & top;
  const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits;
  if (exponent === top) return fraction === 0 ? sign * Infinity : Number.NaN;
  return exponent === 0 ? sign * fraction * 2 ** (1 - bias) : sign * (1 + fraction) * 2 ** (exponent - bias);
}

function sameNumbers(found: Float32Array, expected: (bits: number) => number): boolean {
  return ALL.every((bits) => Object.is(found[bits], expected(bits)));
}

test('every float16 and every bfloat16 widens to its exact value, signed zeros included', () => {
  expect(sameNumbers(float16ToFloat32(ALL), (bits) => value(bits, 5, 10))).toBe(true);
  expect(sameNumbers(bfloat16ToFloat32(ALL), (bits) => value(bits, 8, 7))).toBe(true);
});

test('every bfloat16 narrows to itself; a NaN to a NaN', () => {
  const narrowed = float32ToBfloat16(bfloat16ToFloat32(ALL));
  const isNotANumber = (bits: number) => Number.isNaN(value(bits, 8, 7));
  expect(ALL.every((bits) => (isNotANumber(bits) ? isNotANumber(narrowed[bits]!) : narrowed[bits] === bits))).toBe(
    true,
  );
});

test('between two bfloat16 the nearer is taken, and half way the even one', () => {
  const float = new Float32Array(new Uint32Array(1).buffer);
  const narrow = (bits: number) => {
    new Uint32Array(float.buffer)[0] = bits;
    return float32ToBfloat16(float)[0]!;
  };
  for (const low of [0x0000, 0x0001, 0x007f, 0x3f80, 0x3f81, 0x7f7e, 0x7f7f, 0x8000, 0xbf81]) {
    const bits = (low << 16) >>> 0;
    expect([narrow(bits + 0x7fff), narrow(bits + 0x8000), narrow(bits + 0x8001)]).toEqual([
      low,
      low % 2 === 0 ? low : low + 1,
      low + 1,
    ]);
  }
});

test('a destination that lies inside a larger buffer is filled in place', () => {
  const buffer = new Float32Array(4).fill(9);
  bfloat16ToFloat32(Uint16Array.of(0x3f80, 0xbf80), buffer.subarray(1, 3));
  expect(buffer).toEqual(Float32Array.of(9, 1, -1, 9));
  float16ToFloat32(Uint16Array.of(0x4000), buffer.subarray(3));
  expect(buffer).toEqual(Float32Array.of(9, 1, -1, 2));
});
