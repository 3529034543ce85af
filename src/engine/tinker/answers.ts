/** Bodies that arrived, by their schemas. */
import { z } from 'zod';
import { quoted, TinkerError } from './failure.ts';
import type { Answer } from './http.ts';
import { fromWire, parsedJson } from './keys.ts';

/** @throws TinkerError naming what the server answered wrong */
export function parsed<Schema extends z.ZodType>(schema: Schema, answer: Answer): z.output<Schema> {
  let body: unknown;
  try {
    body = fromWire(parsedJson(answer.bytes));
  } catch (error) {
    throw new TinkerError('failed', `the server answered something that is not JSON (${answer.contentType})`, {
      cause: error,
    });
  }
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new TinkerError(
    'failed',
    `the server's answer is not of the protocol: ${quoted(z.prettifyError(result.error))}`,
  );
}
