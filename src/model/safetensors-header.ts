/**
 * The header of a safetensors file: 8 bytes of length, then JSON that says where each tensor lies. Checked as strictly as the
 * reference implementation does, and against repeated names: a file from anywhere may be hostile.
 * https://huggingface.co/docs/safetensors
 */

/** Element type as the header spells it -> bytes of one element. */
export const ELEMENT_BYTES = { U8: 1, F16: 2, BF16: 2, I32: 4, F32: 4, I64: 8 } as const;

export type ElementName = keyof typeof ELEMENT_BYTES;

/** In the reference implementation's order: files are sorted by it, widest last here and first there, so that all is aligned. */
const RANK: readonly ElementName[] = ['U8', 'F16', 'BF16', 'I32', 'F32', 'I64'];

export interface TensorPlace {
  readonly name: string;
  readonly dtype: ElementName;
  readonly shape: readonly number[];
  /** Bytes, from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly metadata: ReadonlyMap<string, string>;
  /** By position. */
  readonly places: readonly TensorPlace[];
}

/** Longer headers are refused, as by the reference implementation. */
export const MAX_HEADER_BYTES = 100_000_000;

const METADATA = '__metadata__';

/** What is wrong with a file; `readSafetensors` adds its name and the remedy. */
export class FileFault {
  readonly message: string;
  constructor(message: string) {
    this.message = message;
  }
}

function require(condition: boolean, message: string): asserts condition {
  if (!condition) throw new FileFault(message);
}

/** Elements of a shape; [] has one. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** Places tensors one after the other, widest elements first, then by name. */
export function placeTensors(
  tensors: readonly { readonly name: string; readonly dtype: ElementName; readonly shape: readonly number[] }[],
): TensorPlace[] {
  const sorted = [...tensors].sort(
    (a, b) => RANK.indexOf(b.dtype) - RANK.indexOf(a.dtype) || Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)),
  );
  let begin = 0;
  return sorted.map(({ name, dtype, shape }) => {
    const end = begin + elementsOf(shape) * ELEMENT_BYTES[dtype];
    const place = { name, dtype, shape: [...shape], begin, end };
    begin = end;
    return place;
  });
}

/** Length and JSON, padded with spaces so that the data begins at a multiple of 8. */
export function encodeHeader(places: readonly TensorPlace[], metadata: Readonly<Record<string, string>>): Uint8Array {
  const entries: [string, unknown][] = places.map(({ name, dtype, shape, begin, end }) => [
    name,
    { dtype, shape, data_offsets: [begin, end] },
  ]);
  if (Object.keys(metadata).length > 0) entries.unshift([METADATA, metadata]);
  const json = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  const bytes = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  bytes.writeBigUInt64LE(BigInt(bytes.length - 8));
  json.copy(bytes, 8);
  return bytes;
}

/**
 * @param json the header without its length
 * @param dataBytes what follows the header in the file
 * @throws FileFault saying what is wrong, with the tensor's name
 */
export function decodeHeader(json: Uint8Array, dataBytes: number): Header {
  const text = decodeText(json);
  const header = parseObject(text);
  const repeated = repeatedKey(text);
  require(repeated === undefined, `${JSON.stringify(repeated)} appears twice in its header`);
  const places: TensorPlace[] = [];
  let metadata: ReadonlyMap<string, string> = new Map();
  for (const [name, value] of Object.entries(header)) {
    if (name === METADATA) metadata = decodeMetadata(value);
    else places.push(decodePlace(name, value));
  }
  places.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCover(places, dataBytes);
  return { metadata, places };
}

function decodeText(json: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(json);
  } catch {
    throw new FileFault('its header is not UTF-8');
  }
}

function parseObject(text: string): object {
  require(text.startsWith('{'), 'its header does not begin with "{"');
  try {
    return JSON.parse(text) as object;
  } catch {
    throw new FileFault('its header is not JSON');
  }
}

function decodeMetadata(value: unknown): ReadonlyMap<string, string> {
  require(isObject(value), `${METADATA} is not an object`);
  const entries = Object.entries(value);
  for (const [key, text] of entries)
    require(typeof text === 'string', `${METADATA} entry ${JSON.stringify(key)} is not text`);
  return new Map(entries as [string, string][]);
}

function decodePlace(name: string, value: unknown): TensorPlace {
  const tensor = `tensor ${JSON.stringify(name)}`;
  require(isObject(value), `${tensor} is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = value as Record<string, unknown>;
  require(typeof dtype === 'string' &&
    Object.hasOwn(
      ELEMENT_BYTES,
      dtype,
    ), `${tensor} has element type ${JSON.stringify(dtype)}, readable are ${Object.keys(ELEMENT_BYTES).join(', ')}`);
  require(isCounts(shape), `${tensor} has shape ${brief(shape)}, not a list of whole numbers`);
  require(isCounts(offsets) &&
    offsets.length === 2 &&
    offsets[0]! <= offsets[1]!, `${tensor} has data_offsets ${brief(offsets)}, not [begin, end]`);
  const [begin, end] = offsets as unknown as [number, number];
  const bytes = elementsOf(shape) * ELEMENT_BYTES[dtype as ElementName];
  require(bytes ===
    end -
      begin, `${tensor} of ${dtype} and shape ${brief(shape)} takes ${bytes} bytes, its data_offsets span ${end - begin}`);
  return { name, dtype: dtype as ElementName, shape, begin, end };
}

/** The data is covered once, without gaps. */
function checkCover(places: readonly TensorPlace[], dataBytes: number): void {
  let covered = 0;
  for (const { name, begin, end } of places) {
    require(begin ===
      covered, `tensor ${JSON.stringify(name)} begins at byte ${begin} of the data, ${begin < covered ? 'inside the tensor before it, which ends' : 'a gap after the tensor before it, which ends'} at ${covered}`);
    require(end <=
      dataBytes, `tensor ${JSON.stringify(name)} ends at byte ${end} of the data, of which the file holds ${dataBytes}`);
    covered = end;
  }
  require(covered === dataBytes, `its tensors end at byte ${covered} of the data, but the file holds ${dataBytes}`);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

/** A key that stands twice in one object of valid JSON, which JSON.parse would pass over. */
export function repeatedKey(json: string): string | undefined {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(undefined);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const end = endOfString(json, at);
      const keys = open.at(-1);
      if (keys !== undefined && isKey(json, end)) {
        const key = JSON.parse(json.slice(at, end)) as string;
        if (keys.has(key)) return key;
        keys.add(key);
      }
      at = end - 1;
    }
  }
  return undefined;
}

/** Index after the closing quote. */
function endOfString(json: string, begin: number): number {
  let at = begin + 1;
  while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at + 1;
}

/** Whether a colon follows. */
function isKey(json: string, after: number): boolean {
  let at = after;
  while (json[at] === ' ' || json[at] === '\n' || json[at] === '\r' || json[at] === '\t') at++;
  return json[at] === ':';
}
