/**
 * safetensors files: named tensors, little-endian, row-major, one after the other behind a JSON header. Written durably from the
 * caller's memory and read straight into it: no second copy of the weights exists at any time.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { endianness } from 'node:os';
import { writeDurably } from '../core/durable-file.ts';
import { assert, EngineError } from '../core/errors.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from './half-floats.ts';
import {
  decodeHeader,
  ELEMENT_BYTES,
  type ElementName,
  elementsOf,
  encodeHeader,
  FileFault,
  MAX_HEADER_BYTES,
  placeTensors,
  type TensorPlace,
} from './safetensors-header.ts';

/** Element type -> the array that holds it; 16-bit floats as bits (see half-floats.ts). */
interface Arrays {
  U8: Uint8Array;
  F16: Uint16Array;
  BF16: Uint16Array;
  I32: Int32Array;
  F32: Float32Array;
  I64: BigInt64Array;
}

export type TensorArray = Arrays[ElementName];

const ARRAYS = {
  U8: Uint8Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I32: Int32Array,
  F32: Float32Array,
  I64: BigInt64Array,
} as const;

/** A tensor to write. The element type decides the array. */
export type NewTensor = {
  [Name in ElementName]: {
    readonly name: string;
    readonly dtype: Name;
    readonly shape: readonly number[];
    readonly data: Arrays[Name];
  };
}[ElementName];

/** A tensor in an open file. */
export interface StoredTensor {
  readonly dtype: ElementName;
  readonly shape: readonly number[];
  /** The elements as stored. @throws EngineError when the file ends early or the disk fails. */
  read(): Promise<TensorArray>;
  /** The elements as float32, into `destination` if given; F32, BF16 and F16 only. @throws EngineError as `read`, or for other types. */
  readFloat32(destination?: Float32Array): Promise<Float32Array>;
}

export interface SafetensorsFile {
  readonly metadata: ReadonlyMap<string, string>;
  /** By name, in the order of their data. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/**
 * Writes a file, entirely or not at all. The arrays must not change until the promise resolves: they are not copied.
 * The same tensors give the same bytes in any order, and the bytes that the Python package writes.
 * @throws UserError when the disk is full or forbids it.
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<NewTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  assertLittleEndian();
  const byName = new Map<string, NewTensor>();
  for (const tensor of tensors) {
    const { name, dtype, shape, data } = tensor;
    assert(!byName.has(name) && name !== '__metadata__', `tensor name ${name} is taken`);
    assert(data instanceof ARRAYS[dtype], `tensor ${name} of ${dtype} is not in a ${ARRAYS[dtype].name}`);
    assert(elementsOf(shape) === data.length, `tensor ${name} has ${data.length} elements, shape [${shape}]`);
    byName.set(name, tensor);
  }
  const places = placeTensors([...byName.values()]);
  const pieces = places.map(({ name }) => bytesOf((byName.get(name) as NewTensor).data));
  await writeDurably(path, [encodeHeader(places, metadata), ...pieces]);
}

/**
 * Checks a file's header against its length. Tensors are read when asked for; nothing stays open in between.
 * @throws EngineError naming the file, the tensor and what is wrong.
 */
export async function readSafetensors(path: string): Promise<SafetensorsFile> {
  assertLittleEndian();
  return withFile(path, async (file) => {
    const { dataBegin, header } = await readHeader(file);
    const tensors = header.places.map((place) => [place.name, storedTensor(file.stamp, dataBegin, place)] as const);
    return { metadata: header.metadata, tensors: new Map(tensors) };
  });
}

/** A file as it was when its header was read. */
interface Stamp {
  readonly path: string;
  readonly size: number;
  readonly modifiedMs: number;
  readonly inode: number;
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly stamp: Stamp;
}

async function withFile<T>(path: string, work: (file: OpenFile) => Promise<T>): Promise<T> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const stat = await handle.stat();
    if (!stat.isFile()) throw new FileFault('it is not a file');
    return await work({ handle, stamp: { path, size: stat.size, modifiedMs: stat.mtimeMs, inode: stat.ino } });
  } catch (error) {
    throw error instanceof EngineError ? error : fault(path, error);
  } finally {
    await handle?.close();
  }
}

/** Opens the file again, which must be the one whose header was read. */
function withSameFile<T>(stamp: Stamp, work: (file: OpenFile) => Promise<T>): Promise<T> {
  return withFile(stamp.path, (file) => {
    const { size, modifiedMs, inode } = file.stamp;
    if (size !== stamp.size || modifiedMs !== stamp.modifiedMs || inode !== stamp.inode)
      throw new FileFault('it was changed while it was being read');
    return work(file);
  });
}

async function readHeader(file: OpenFile) {
  const { size } = file.stamp;
  if (size < 8) throw new FileFault(`it has ${size} bytes, too few for the length of a header`);
  const length = new DataView((await readExactly(file, new Uint8Array(8), 0)).buffer).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES))
    throw new FileFault(`it says that its header has ${length} bytes, more than the ${MAX_HEADER_BYTES} allowed`);
  const dataBegin = 8 + Number(length);
  if (dataBegin > size) throw new FileFault(`it says that its header has ${length} bytes, but only ${size - 8} follow`);
  const json = await readExactly(file, new Uint8Array(Number(length)), 8);
  return { dataBegin, header: decodeHeader(json, size - dataBegin) };
}

function storedTensor(stamp: Stamp, dataBegin: number, place: TensorPlace): StoredTensor {
  const { name, dtype, shape } = place;
  const length = (place.end - place.begin) / ELEMENT_BYTES[dtype];
  const begin = dataBegin + place.begin;
  return {
    dtype,
    shape,
    async read() {
      const array = new ARRAYS[dtype](length);
      await withSameFile(stamp, (file) => readExactly(file, bytesOf(array), begin));
      return array;
    },
    async readFloat32(destination = new Float32Array(length)) {
      assert(destination.length === length, `tensor ${name} has ${length} elements, room for ${destination.length}`);
      await withSameFile(stamp, async (file) => {
        if (dtype === 'F32') await readExactly(file, bytesOf(destination), begin);
        else if (dtype === 'BF16') await readHalves(file, destination, begin, bfloat16ToFloat32);
        else if (dtype === 'F16') await readHalves(file, destination, begin, float16ToFloat32);
        else throw new FileFault(`tensor ${JSON.stringify(name)} holds ${dtype}, not floats`);
      });
      return destination;
    },
  };
}

/** Elements that are widened at a time. */
const PIECE = 1 << 19;

async function readHalves(
  file: OpenFile,
  destination: Float32Array,
  begin: number,
  widen: (bits: Uint16Array, into: Float32Array) => Float32Array,
): Promise<void> {
  const bits = new Uint16Array(Math.min(PIECE, destination.length));
  for (let at = 0; at < destination.length; at += PIECE) {
    const piece = bits.subarray(0, Math.min(PIECE, destination.length - at));
    await readExactly(file, bytesOf(piece), begin + 2 * at);
    widen(piece, destination.subarray(at, at + piece.length));
  }
}

/** Bytes asked for in one read: some systems refuse 2 GiB and more. */
const READ_BYTES = 1 << 30;

async function readExactly<Bytes extends Uint8Array>(file: OpenFile, into: Bytes, position: number): Promise<Bytes> {
  let at = 0;
  while (at < into.length) {
    const { bytesRead } = await file.handle.read(into, at, Math.min(READ_BYTES, into.length - at), position + at);
    if (bytesRead === 0) throw new FileFault(`it ends at byte ${position + at}`);
    at += bytesRead;
  }
  return into;
}

function bytesOf(array: TensorArray): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

function fault(path: string, cause: unknown): EngineError {
  const isMissing = (cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
  const reason = cause instanceof FileFault || cause instanceof Error ? cause.message : String(cause);
  return new EngineError(
    `cannot read ${path}: ${isMissing ? 'it does not exist' : reason}; save or download it again, or choose another`,
    { cause },
  );
}

function assertLittleEndian(): void {
  if (endianness() !== 'LE') throw new EngineError('safetensors are little-endian and this machine is not');
}
