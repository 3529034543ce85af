import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EngineError } from '../core/errors.ts';
import { type NewTensor, readSafetensors, writeSafetensors } from './safetensors.ts';
import { repeatedKey } from './safetensors-header.ts';

let directory = '';
let path = '';

beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'safetensors-'));
  path = join(directory, 'model.safetensors');
});

afterEach(() => {
  fs.rmSync(directory, { recursive: true });
});

/** A file of any header and so many data bytes. */
function writeRaw(header: unknown, dataBytes: number): void {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  fs.writeFileSync(path, Buffer.concat([length, json, Buffer.alloc(dataBytes)]));
}

async function refusal(): Promise<string> {
  const error = await readSafetensors(path).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(EngineError);
  const { message } = error as EngineError;
  expect(message.startsWith(`cannot read ${path}: `)).toBe(true);
  expect(message.endsWith('; save or download it again, or choose another')).toBe(true);
  return message.slice(`cannot read ${path}: `.length, -'; save or download it again, or choose another'.length);
}

const f32 = (name: string, values: number[], shape = [values.length]): NewTensor => ({
  name,
  dtype: 'F32',
  shape,
  data: Float32Array.from(values),
});

const name = fc.string({ unit: 'binary', maxLength: 12 }).filter((text) => text !== '__metadata__');
const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((list) => list.slice().buffer);
const shape = fc.array(fc.nat({ max: 3 }), { maxLength: 3 });
const tensor = (dtype: NewTensor['dtype'], size: number, array: (buffer: ArrayBuffer) => NewTensor['data']) =>
  fc
    .tuple(name, shape)
    .chain(([called, dims]) =>
      bytes(size * dims.reduce((a, b) => a * b, 1)).map(
        (buffer) => ({ name: called, dtype, shape: dims, data: array(buffer) }) as NewTensor,
      ),
    );
const anyTensor = fc.oneof(
  tensor('F32', 4, (buffer) => new Float32Array(buffer)),
  tensor('F16', 2, (buffer) => new Uint16Array(buffer)),
  tensor('BF16', 2, (buffer) => new Uint16Array(buffer)),
  tensor('I32', 4, (buffer) => new Int32Array(buffer)),
  tensor('I64', 8, (buffer) => new BigInt64Array(buffer)),
  tensor('U8', 1, (buffer) => new Uint8Array(buffer)),
);

test('tensors of every type come back bit for bit, by name, with the metadata', async () => {
  const tensors = fc.uniqueArray(anyTensor, { selector: (found) => found.name, maxLength: 6 });
  const metadata = fc.dictionary(name, fc.string({ unit: 'binary' }), { maxKeys: 3, noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(tensors, metadata, async (written, notes) => {
      await writeSafetensors(path, written, notes);
      const file = await readSafetensors(path);
      expect(Object.fromEntries(file.metadata)).toEqual(notes);
      expect([...file.tensors.keys()].sort()).toEqual(written.map((found) => found.name).sort());
      for (const { name: called, dtype, shape: dims, data } of written) {
        const found = file.tensors.get(called)!;
        expect([found.dtype, found.shape]).toEqual([dtype, dims]);
        const read = await found.read();
        expect(read.constructor).toBe(data.constructor);
        expect(Buffer.from(read.buffer)).toEqual(Buffer.from(data.buffer));
      }
    }),
  );
});

test('floats are read straight into a piece of a larger buffer, from any float type', async () => {
  await writeSafetensors(path, [
    f32('a', [1, 2]),
    { name: 'b', dtype: 'BF16', shape: [1, 1], data: Uint16Array.of(0x4040) },
    { name: 'c', dtype: 'F16', shape: [], data: Uint16Array.of(0x4400) },
    { name: 'd', dtype: 'I32', shape: [1], data: Int32Array.of(5) },
  ]);
  const { tensors } = await readSafetensors(path);
  const flat = new Float32Array(6).fill(-1);
  await tensors.get('a')!.readFloat32(flat.subarray(1, 3));
  await tensors.get('b')!.readFloat32(flat.subarray(3, 4));
  await tensors.get('c')!.readFloat32(flat.subarray(4, 5));
  expect(flat).toEqual(Float32Array.of(-1, 1, 2, 3, 4, -1));
  expect(await tensors.get('c')!.readFloat32()).toEqual(Float32Array.of(4));
  await expect(tensors.get('d')!.readFloat32()).rejects.toThrow('tensor "d" holds I32, not floats');
  await expect(tensors.get('a')!.readFloat32(flat)).rejects.toThrow('bug in polarity');
});

test('a 16-bit tensor larger than one piece is widened throughout', async () => {
  const data = new Uint16Array((1 << 19) + 3).map((_, i) => (i % 2 === 0 ? 0x3f80 : 0xc000));
  await writeSafetensors(path, [{ name: 'w', dtype: 'BF16', shape: [data.length], data }]);
  const read = await (await readSafetensors(path)).tensors.get('w')!.readFloat32();
  expect(read.every((found, i) => found === (i % 2 === 0 ? 1 : -2))).toBe(true);
});

test('a view into a larger buffer is written as that view', async () => {
  const flat = Float32Array.of(0, 1, 2, 3);
  await writeSafetensors(path, [{ name: 'v', dtype: 'F32', shape: [2], data: flat.subarray(1, 3) }]);
  expect(await (await readSafetensors(path)).tensors.get('v')!.read()).toEqual(Float32Array.of(1, 2));
});

test('a file cut at any byte is refused, whatever remains', async () => {
  await writeSafetensors(path, [f32('layer.0.weight', [1, 2, 3, 4], [2, 2]), f32('norm', [1, 1])], { format: 'pt' });
  const whole = fs.readFileSync(path);
  for (let length = 0; length < whole.length; length++) {
    fs.writeFileSync(path, whole.subarray(0, length));
    await refusal();
  }
  fs.writeFileSync(path, whole.subarray(0, whole.length - 8));
  expect(await refusal()).toBe('tensor "norm" ends at byte 24 of the data, of which the file holds 16');
  fs.writeFileSync(path, Buffer.concat([whole, Buffer.alloc(1)]));
  expect(await refusal()).toBe('its tensors end at byte 24 of the data, but the file holds 25');
});

const good = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };

test('each fault of a header is named with its tensor', async () => {
  const faults: [unknown, string][] = [
    ['', 'its header does not begin with "{"'],
    [' {}', 'its header does not begin with "{"'],
    ['{', 'its header is not JSON'],
    ['{}x', 'its header is not JSON'],
    [`{"a":${JSON.stringify(good)},"a":${JSON.stringify(good)}}`, '"a" appears twice in its header'],
    [`{"a":${JSON.stringify(good)},"\\u0061":${JSON.stringify(good)}}`, '"a" appears twice in its header'],
    ['{"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}', '"shape" appears twice in its header'],
    [{ __metadata__: 'x' }, '__metadata__ is not an object'],
    [{ __metadata__: { a: 1 } }, '__metadata__ entry "a" is not text'],
    [{ a: null }, 'tensor "a" is not described by an object'],
    [{ a: [] }, 'tensor "a" is not described by an object'],
    [{ a: { ...good, dtype: 'F64' } }, 'tensor "a" has element type "F64", readable are U8, F16, BF16, I32, F32, I64'],
    [
      { a: { ...good, dtype: 'constructor' } },
      'tensor "a" has element type "constructor", readable are U8, F16, BF16, I32, F32, I64',
    ],
    [{ a: { ...good, shape: [-2] } }, 'tensor "a" has shape [-2], not a list of whole numbers'],
    [{ a: { ...good, shape: [0.5] } }, 'tensor "a" has shape [0.5], not a list of whole numbers'],
    [{ a: { ...good, shape: 2 } }, 'tensor "a" has shape 2, not a list of whole numbers'],
    [{ a: { dtype: 'F32', shape: [2] } }, 'tensor "a" has data_offsets missing, not [begin, end]'],
    [{ a: { ...good, data_offsets: [8, 0] } }, 'tensor "a" has data_offsets [8,0], not [begin, end]'],
    [{ a: { ...good, data_offsets: [0, 8, 8] } }, 'tensor "a" has data_offsets [0,8,8], not [begin, end]'],
    [{ a: { ...good, shape: [3] } }, 'tensor "a" of F32 and shape [3] takes 12 bytes, its data_offsets span 8'],
    [
      { a: { ...good, shape: [2 ** 40, 2 ** 40] } },
      'tensor "a" of F32 and shape [1099511627776,1099511627776] takes 4.835703278458517e+24 bytes, its data_offsets span 8',
    ],
    [
      { a: good, b: { ...good, data_offsets: [4, 12] } },
      'tensor "b" begins at byte 4 of the data, inside the tensor before it, which ends at 8',
    ],
    [
      { a: good, b: { ...good, data_offsets: [12, 20] } },
      'tensor "b" begins at byte 12 of the data, a gap after the tensor before it, which ends at 8',
    ],
    [
      { a: { ...good, data_offsets: [8, 16] } },
      'tensor "a" begins at byte 8 of the data, a gap after the tensor before it, which ends at 0',
    ],
    [{}, 'its tensors end at byte 0 of the data, but the file holds 8'],
  ];
  for (const [header, message] of faults) {
    writeRaw(header, 8);
    expect(await refusal()).toBe(message);
  }
});

test('a header that claims to be enormous is refused before any of it is read', async () => {
  const claim = (length: bigint) => {
    const start = Buffer.alloc(16);
    start.writeBigUInt64LE(length);
    fs.writeFileSync(path, start);
  };
  claim(100_000_001n);
  expect(await refusal()).toBe('it says that its header has 100000001 bytes, more than the 100000000 allowed');
  claim(2n ** 64n - 1n);
  expect(await refusal()).toContain('18446744073709551615 bytes');
  claim(9n);
  expect(await refusal()).toBe('it says that its header has 9 bytes, but only 8 follow');
  writeRaw('[', 0);
  expect(await refusal()).toContain('does not begin');
  writeRaw(`{"a":${'['.repeat(1_000_000)}`, 0);
  expect(await refusal()).toBe('its header is not JSON');
  writeRaw(Buffer.from([0x7b, 0xff, 0x7d]).toString('latin1'), 0);
  await refusal();
});

test('a tensor may be called __proto__ without touching any prototype', async () => {
  await writeSafetensors(path, [f32('__proto__', [1]), f32('constructor', [2])]);
  const { tensors } = await readSafetensors(path);
  expect([...tensors.keys()].sort()).toEqual(['__proto__', 'constructor']);
  expect(await tensors.get('__proto__')!.read()).toEqual(Float32Array.of(1));
  writeRaw('{"__metadata__":{"__proto__":"x"}}', 0);
  expect([...(await readSafetensors(path)).metadata]).toEqual([['__proto__', 'x']]);
  expect(({} as Record<string, unknown>)['dtype']).toBeUndefined();
});

test('a file with any header is read or refused by name, never anything else', async () => {
  const entry = fc.record({
    dtype: fc.oneof(fc.constantFrom('F32', 'U8', 'I64', 'BF16', 'F8'), fc.jsonValue()),
    shape: fc.oneof(fc.array(fc.integer({ min: -1, max: 4 }), { maxLength: 3 }), fc.jsonValue()),
    data_offsets: fc.oneof(fc.tuple(fc.nat({ max: 32 }), fc.nat({ max: 32 })), fc.jsonValue()),
  });
  const header = fc.oneof(fc.dictionary(fc.string(), fc.oneof(entry, fc.jsonValue())), fc.jsonValue());
  await fc.assert(
    fc.asyncProperty(header, fc.nat({ max: 32 }), async (value, dataBytes) => {
      writeRaw(value, dataBytes);
      const file = await readSafetensors(path).catch((error: unknown) => error);
      if (file instanceof Error) {
        expect(file).toBeInstanceOf(EngineError);
        return;
      }
      const { tensors } = file as Awaited<ReturnType<typeof readSafetensors>>;
      let total = 0;
      for (const stored of tensors.values()) total += (await stored.read()).byteLength;
      expect(total).toBe(dataBytes);
    }),
    { numRuns: 200 },
  );
});

test('a byte changed anywhere in the header is read or refused by name', async () => {
  await writeSafetensors(path, [f32('a', [1, 2]), f32('b', [3])], { format: 'pt' });
  const whole = fs.readFileSync(path);
  const headerBytes = whole.length - 12;
  for (let at = 0; at < headerBytes; at++) {
    const damaged = Buffer.from(whole);
    damaged[at]! ^= [1, 0x20, 0x80][at % 3]!;
    fs.writeFileSync(path, damaged);
    const file = await readSafetensors(path).catch((error: unknown) => error);
    if (file instanceof Error) expect(file).toBeInstanceOf(EngineError);
  }
});

test('a key that stands twice is found at any depth, and only there', () => {
  expect(repeatedKey('{"a":{"b":1,"b":2}}')).toBe('b');
  expect(repeatedKey('{"a" : 1, "c": [{"x":1},{"x":2}], "b":{"a":"a","c":"\\"a\\":"}}')).toBeUndefined();
  expect(repeatedKey('{"a\\"":1,"a":"a","a\\u0022":2}')).toBe('a"');
  fc.assert(fc.property(fc.jsonValue(), (value) => repeatedKey(JSON.stringify(value, null, 1)) === undefined));
});

test('a file replaced between header and tensor is not mixed up', async () => {
  await writeSafetensors(path, [f32('a', [1, 2])]);
  const { tensors } = await readSafetensors(path);
  await writeSafetensors(path, [f32('a', [3, 4])]);
  await expect(tensors.get('a')!.read()).rejects.toThrow('it was changed while it was being read');
});

test('what is not a file is refused by name', async () => {
  expect(await refusal()).toBe('it does not exist');
  path = directory;
  expect(await refusal()).toBe('it is not a file');
});

test('names that are taken and shapes that do not fit are our bug, found before anything is written', async () => {
  await expect(writeSafetensors(path, [f32('a', [1]), f32('a', [1])])).rejects.toThrow('tensor name a is taken');
  await expect(writeSafetensors(path, [f32('__metadata__', [1])])).rejects.toThrow('is taken');
  await expect(writeSafetensors(path, [f32('a', [1, 2], [3])])).rejects.toThrow('tensor a has 2 elements, shape [3]');
  expect(fs.readdirSync(directory)).toEqual([]);
});
