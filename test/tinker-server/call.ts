/** One request as endpoints see it. */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { fromWire } from '../../src/engine/tinker/keys.ts';
import { Refusal } from './reply.ts';

export interface Call {
  readonly method: string;
  /** Below `/api/v1/`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Uint8Array;
  /** Aborts when the client went away. */
  readonly abandoned: AbortSignal;
}

/** @throws Refusal 422 as SkyRL's validation does */
export function parse<Schema extends z.ZodType>(schema: Schema, call: Call): z.output<Schema> {
  let body: unknown;
  try {
    body = fromWire(JSON.parse(new TextDecoder().decode(call.body)));
  } catch (error) {
    throw new Refusal(422, `the body is no JSON: ${String(error)}`);
  }
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new Refusal(422, JSON.stringify(parsed.error.issues));
  return parsed.data;
}

export const header = (call: Call, name: string): string => String(call.headers[name] ?? '');

export function digestOf(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('|');
  return hash.digest('hex').slice(0, 24);
}
