/**
 * Reads settings a person wrote against a strict zod schema, and says what is wrong in the person's terms: the key, the
 * value, what would be right, and for an unknown key the nearest one that exists. Knows nothing of which settings there
 * are.
 */
import type { z } from 'zod';
import { nearest } from './edit-distance.ts';
import { UserError } from './errors.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** Where the schemas nest, as far as the search for known keys needs it (zod's own `_zod.def`). */
interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly innerType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
}

/**
 * `value` with the schema's defaults filled in.
 * @param where names the source in messages, e.g. `examples/quickstart.yaml` or `task`.
 * @throws UserError with one line for each thing that is wrong.
 */
export function parseSettings<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.flatMap((issue) => explain(schema, issue, value));
  throw new UserError(lines.map((line) => `${where}: ${line}`).join('\n'));
}

/** A value as it is shown in messages: JSON, shortened. */
export function showValue(value: unknown): string {
  const text = typeof value === 'number' ? `${value}` : (JSON.stringify(value) ?? `${value}`);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function explain(schema: z.core.$ZodType, issue: Issue, root: unknown): string[] {
  const value = valueAt(root, issue.path);
  const key = showPath(issue.path);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((unknown) => explainUnknownKey(schema, issue.path, unknown, root));
    case 'invalid_type':
      if (value === undefined) return [`${key} is missing (${article(issue.expected)})`];
      return [`${key} must be ${article(issue.expected)}, got ${showValue(value)}`];
    case 'too_small':
      return [`${key} must ${bound(issue.origin, issue.inclusive ? 'at least' : 'more than', issue.minimum, value)}`];
    case 'too_big':
      return [`${key} must ${bound(issue.origin, issue.inclusive ? 'at most' : 'less than', issue.maximum, value)}`];
    case 'invalid_value':
      return [`${key} ${oneOf(issue.values, value)}`];
    case 'invalid_union':
      return explainUnion(schema, issue, root, value);
    case 'custom':
      return [`${key} ${issue.message}, got ${showValue(value)}`];
    default:
      return [`${key}: ${issue.message}, got ${showValue(value)}`];
  }
}

function explainUnknownKey(schema: z.core.$ZodType, path: Path, unknown: string, root: unknown): string {
  const known = knownKeys(schema, path);
  const key = showPath([...path, unknown]);
  const near = nearest(unknown, known);
  const remedy = near === undefined ? 'no keys are known there' : `did you mean ${near}? (known: ${known.join(', ')})`;
  return `unknown key ${key} (value ${showValue(valueAt(root, [...path, unknown]))}); ${remedy}`;
}

/** Speaks for the alternative that was meant, as far as one can tell: whose kind of value fits, whose keys were written, with fewest complaints. */
function explainUnion(
  schema: z.core.$ZodType,
  issue: Extract<Issue, { code: 'invalid_union' }>,
  root: unknown,
  value: unknown,
): string[] {
  const key = showPath(issue.path);
  const options = 'options' in issue ? (issue.options as unknown[] | undefined) : undefined;
  if (options !== undefined) return [`${key} ${oneOf(options, value)}`];
  const fitting = issue.errors.filter(
    (issues) => !issues.some((inner) => inner.code === 'invalid_type' && inner.path.length === 0),
  );
  // an alternative that does not know a key which was written is further off than one which misses many
  const strangers = (issues: readonly Issue[]) =>
    issues.filter((inner) => inner.code === 'unrecognized_keys' && inner.path.length === 0).length;
  const meant = fitting.sort((a, b) => strangers(a) - strangers(b) || a.length - b.length)[0];
  if (meant !== undefined) {
    return meant.flatMap((inner) => explain(schema, { ...inner, path: [...issue.path, ...inner.path] } as Issue, root));
  }
  const kinds = issue.errors.flatMap((issues) =>
    issues.map((i) => (i.code === 'invalid_type' ? article(i.expected) : i.message)),
  );
  return [`${key} must be ${[...new Set(kinds)].join(' or ')}, got ${showValue(value)}`];
}

function oneOf(choices: readonly unknown[], value: unknown): string {
  const names = choices.map((choice) => `${choice}`);
  const near = typeof value === 'string' && names.length > 1 ? nearest(value, names) : undefined;
  const wanted = names.length === 1 ? `must be ${names[0]}` : `must be one of ${names.join(', ')}`;
  return `${wanted}, got ${showValue(value)}${near === undefined ? '' : `; did you mean ${near}?`}`;
}

function bound(origin: string, relation: string, limit: unknown, value: unknown): string {
  const isOne = Number(limit) === 1;
  const ofText = isOne ? ' character' : ' characters';
  const ofList = isOne ? ' entry' : ' entries';
  const unit = origin === 'string' ? ofText : origin === 'array' || origin === 'set' ? ofList : '';
  return `${unit === '' ? 'be' : 'have'} ${relation} ${limit}${unit}, got ${showValue(value)}`;
}

function article(expected: string): string {
  if (expected === 'int') return 'a whole number';
  if (expected === 'object' || expected === 'record') return 'a mapping of keys to values';
  if (expected === 'array') return 'a list';
  return expected === 'undefined' ? 'absent' : `a ${expected}`;
}

function showPath(path: Path): string {
  if (path.length === 0) return 'the whole';
  return path
    .map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`))
    .join('');
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

/** The keys a schema accepts at a path, seen through defaults, optionals, lists and every alternative of a union. */
function knownKeys(schema: z.core.$ZodType, path: Path): string[] {
  const definition = schema._zod.def as unknown as Definition;
  const through = definition.innerType ?? definition.in;
  if (through !== undefined) return knownKeys(through, path);
  if (definition.options !== undefined) {
    return [...new Set(definition.options.flatMap((option) => knownKeys(option, path)))];
  }
  const [next, ...rest] = path;
  if (next === undefined) return Object.keys(definition.shape ?? {});
  const inner = definition.shape?.[String(next)] ?? definition.element ?? definition.valueType;
  return inner === undefined ? [] : knownKeys(inner, rest);
}
