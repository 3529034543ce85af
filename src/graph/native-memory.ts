/**
 * JavaScript memory as C sees it. Addresses do not keep memory alive: whoever passes one to C holds the array until C is done.
 */
import koffi from 'koffi';

/** What an empty tensor points at: ONNX Runtime refuses a null address. */
const NOWHERE = new BigUint64Array(16);

/**
 * Address of an array's first element, fixed from here on. V8 keeps small arrays inside its own, moving heap until their `buffer` is
 * asked for; that question moves them out for good.
 */
export function addressOf(array: NodeJS.TypedArray): bigint {
  const { buffer } = array;
  return koffi.address(buffer.byteLength > 0 && array.byteLength > 0 ? array : NOWHERE);
}

/** Memory made for C, with its address. */
export interface NativeArray {
  readonly address: bigint;
  /** Keep this for as long as C may read `address`. */
  readonly memory: unknown;
}

/** An array of addresses, sizes or dimensions: eight bytes each. */
export function words(values: readonly (bigint | number)[]): NativeArray {
  const memory = BigInt64Array.from(values, BigInt);
  return { address: addressOf(memory), memory };
}

/** `const char *const *`. */
export function strings(values: readonly string[], encoding: 'utf8' | 'utf16le' = 'utf8'): NativeArray {
  const texts = values.map((value) => new Uint8Array(Buffer.from(`${value}\0`, encoding)));
  const pointers = words(texts.map(addressOf));
  return { address: pointers.address, memory: [texts, pointers.memory] };
}

/** A place for C to write one pointer or size to. */
export class Slot {
  readonly #word = new BigUint64Array(16);
  readonly address = addressOf(this.#word);

  get value(): bigint {
    return this.#word[0]!;
  }
}
