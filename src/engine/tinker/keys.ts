/**
 * snake_case of the wire <-> camelCase of this house, for whole JSON bodies. Keys that are data (names of tensors, metrics, losses' settings,
 * the user's own) are left as they are.
 */

/** Fields whose own keys are names someone chose, in both spellings. */
const MAPS: ReadonlySet<string> = new Set([
  'lossFnInputs',
  'loss_fn_inputs',
  'lossFnConfig',
  'loss_fn_config',
  'lossFnOutputs',
  'loss_fn_outputs',
  'userMetadata',
  'user_metadata',
  'metrics',
]);

const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camel = (key: string): string => key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** Numbers by the thousand: looked at once, not element by element. */
const isNumbers = (list: readonly unknown[]): boolean => typeof list[0] === 'number';

function renamed(value: unknown, rename: (key: string) => string, depth: number): unknown {
  if (depth > 16) throw new Error('nested deeper than 16');
  if (Array.isArray(value)) return isNumbers(value) ? value : value.map((item) => renamed(item, rename, depth + 1));
  if (value === null || typeof value !== 'object') return value;
  const fields: [string, unknown][] = [];
  for (const [key, field] of Object.entries(value)) {
    if (field !== undefined) fields.push([rename(key), MAPS.has(key) ? field : renamed(field, rename, depth + 1)]);
  }
  return Object.fromEntries(fields);
}

/** A body as it travels; fields that are `undefined` are left out. */
export function toWire(body: object): unknown {
  return renamed(body, snake, 0);
}

/** A body that arrived, with our spelling. @throws Error when it is nested absurdly deep */
export function fromWire(body: unknown): unknown {
  return renamed(body, camel, 0);
}

/** Python writes NaN and Infinity, which JSON does not have, as bare words. */
const BARE_WORDS = /(?<=[:[,]\s*)-?(?:NaN|Infinity)(?=\s*[,\]}])/g;

/** @throws SyntaxError when it is no JSON, or not all of it */
export function parsedJson(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(text.replace(BARE_WORDS, 'null'));
  }
}
