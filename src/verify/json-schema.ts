/**
 * A completion's JSON against a schema, interpreted by a library that compiles no code and fetches nothing.
 */
import { type Schema, type SchemaDraft, Validator } from '@cfworker/json-schema';
import { z } from 'zod';
import { decided, messageOf, refused, unknown } from './verdict.ts';
import type { VerifierDefinition } from './verifier.ts';

/** Deeper JSON is not looked at: the library recurses. */
const DEPTH_LIMIT = 256;

const schemaValue = z.union([z.record(z.string(), z.unknown()), z.boolean()]);
type SchemaValue = z.output<typeof schemaValue>;

const DRAFTS: readonly [SchemaDraft, ...SchemaDraft[]] = ['2020-12', '2019-09', '7', '4'];

const settings = z.strictObject({
  /** One schema for all problems; a gold, where there is one, takes its place. */
  schema: schemaValue.optional(),
  draft: z.enum(DRAFTS).default('2020-12'),
  /** What a completion without any JSON is: a policy that may go without learns to. */
  noAnswer: z.enum(['incorrect', 'unknown']).default('incorrect'),
});

type Settings = z.output<typeof settings>;

/** A schema, as a value or as its JSON text (a column of CSV). */
const gold = z.union([
  schemaValue,
  z.null().transform(() => undefined),
  z.undefined(),
  z.string().transform((text, context): SchemaValue => {
    const parsed = schemaValue.safeParse(parseJson(text).value);
    if (parsed.success) return parsed.data;
    context.addIssue({ code: 'custom', message: 'must be a JSON Schema or its JSON text' });
    return z.NEVER;
  }),
]);

export const jsonSchemaVerifier: VerifierDefinition<Settings, SchemaValue | undefined> = {
  name: 'json-schema',
  summary: 'The completion is JSON, as a whole or in its last fenced block, that satisfies a JSON Schema.',
  version: 1,
  settings,
  gold,
  runsIn: 'worker',
  verify(options, own, completion) {
    const schema = own ?? options.schema;
    if (schema === undefined) return unknown('unparsable gold', 'neither the gold nor the settings have a schema');
    const extracted = findJson(completion);
    if (extracted === undefined) return refused(options.noAnswer, 'no answer', 'no JSON in the completion');
    const parsed = parseJson(extracted.text);
    if (parsed.error !== undefined) return decided(false, `not JSON: ${parsed.error}`, { extracted, rule: 'JSON' });
    if (isDeeper(parsed.value, DEPTH_LIMIT)) {
      return unknown('budget', `the JSON is nested more than ${DEPTH_LIMIT} levels deep`, { extracted });
    }
    return validate(schema, options.draft, parsed.value, extracted);
  },
  /** The schema's own word for a value that satisfies it. */
  goldCompletion(options, own) {
    const schema = own ?? options.schema;
    if (typeof schema !== 'object') return undefined;
    const { examples, const: constant, default: standard } = schema as Schema & { examples?: unknown[] };
    const example = Array.isArray(examples) ? examples[0] : (constant ?? standard);
    return example === undefined ? undefined : JSON.stringify(example);
  },
};

function validate(schema: SchemaValue, draft: SchemaDraft, value: unknown, extracted: Extraction) {
  const rule = 'JSON Schema';
  let result: { readonly valid: boolean; readonly errors: readonly { instanceLocation: string; error: string }[] };
  try {
    result = new Validator(schema as Schema | boolean, draft, false).validate(value);
  } catch (error) {
    // the value is plain JSON, so what it trips over is the schema: an unresolved $ref, a pattern that does not compile
    return unknown('unparsable gold', `the schema cannot be applied: ${messageOf(error)}`, { extracted });
  }
  if (result.valid) return decided(true, 'satisfies the schema', { extracted, rule });
  // the library lists outer schemas first; the last is the keyword that failed
  const last = result.errors.at(-1);
  return decided(false, `${last?.instanceLocation ?? '#'}: ${last?.error ?? 'refused'}`, { extracted, rule });
}

interface Extraction {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly anchor: string;
}

/** The last fenced block; else the whole, where it begins as JSON does. */
function findJson(completion: string): Extraction | undefined {
  const fenced = lastFence(completion);
  if (fenced !== undefined) return fenced;
  const text = completion.trim();
  const start = completion.length - completion.trimStart().length;
  const whole = { text, start, end: start + text.length, anchor: 'whole completion' };
  const isJson = /^[[{"]/.test(text) || parseJson(text).error === undefined;
  return isJson ? whole : undefined;
}

/** Between the last pair of lines that begin with three backticks; an unclosed one runs to the end. */
function lastFence(completion: string): Extraction | undefined {
  const marks = [...completion.matchAll(/^[ \t]*```[^\n]*$/gm)];
  if (marks.length === 0) return undefined;
  const isClosed = marks.length % 2 === 0;
  const opening = marks[isClosed ? marks.length - 2 : marks.length - 1] as RegExpExecArray;
  const start = Math.min(opening.index + opening[0].length + 1, completion.length);
  const end = isClosed ? (marks.at(-1) as RegExpExecArray).index : completion.length;
  return { text: completion.slice(start, end), start, end, anchor: 'last fenced block' };
}

function parseJson(text: string): { readonly value?: unknown; readonly error?: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

function isDeeper(value: unknown, limit: number): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  }
  return false;
}
