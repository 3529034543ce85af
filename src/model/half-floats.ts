/**
 * 16-bit floats as bits: bfloat16 (8 exponent bits, 7 fraction bits) and IEEE binary16 (5 and 10). Widening is exact; narrowing
 * rounds to nearest, ties to even, as PyTorch does.
 */

const float = new Float32Array(1);
const floatBits = new Uint32Array(float.buffer);

/** Every bfloat16 is the upper half of a float32. */
export function bfloat16ToFloat32(bits: Uint16Array, into: Float32Array = new Float32Array(bits.length)): Float32Array {
  const wide = new Uint32Array(into.buffer, into.byteOffset, bits.length);
  for (let i = 0; i < bits.length; i++) wide[i] = bits[i]! << 16;
  return into;
}

/** A NaN stays a NaN (quiet); what is beyond the largest bfloat16 by half a unit becomes infinite. */
export function float32ToBfloat16(
  values: Float32Array,
  into: Uint16Array = new Uint16Array(values.length),
): Uint16Array {
  const wide = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < wide.length; i++) {
    const bits = wide[i]!;
    const isNotANumber = (bits & 0x7fffffff) > 0x7f800000;
    // adding just under half a unit, and the rest of it when the kept part is odd, carries exactly where rounding goes up
    into[i] = isNotANumber ? (bits >>> 16) | 0x40 : (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
  }
  return into;
}

/** Subnormals, infinities and NaN payloads included. */
export function float16ToFloat32(bits: Uint16Array, into: Float32Array = new Float32Array(bits.length)): Float32Array {
  const wide = new Uint32Array(into.buffer, into.byteOffset, bits.length);
  for (let i = 0; i < bits.length; i++) wide[i] = widen(bits[i]!);
  return into;
}

function widen(bits: number): number {
  const sign = (bits & 0x8000) << 16;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  // the exponent's bias is 15 here and 127 there
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  // subnormal: fraction * 2^-24, which float32 holds as a normal number
  float[0] = fraction / 0x1000000;
  return sign | floatBits[0]!;
}
