/**
 * The fake engine's file: everything that continues training bit for bit, as JSON. Float64 arrays travel as base64 of their
 * little-endian bytes (decimal JSON would lose the sign of zero); a SHA-256 finds any damage.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../core/durable-file.ts';
import { EngineError } from '../core/errors.ts';
import type { TableShape } from './fake-policy.ts';

const FORMAT = 'polarity-fake-policy-1';

export interface FakeState {
  readonly shape: TableShape;
  readonly policyVersion: number;
  /** [R x V] each */
  readonly logits: Float64Array;
  readonly firstMoment: Float64Array;
  readonly secondMoment: Float64Array;
}

const ARRAYS = ['logits', 'firstMoment', 'secondMoment'] as const;

function stateFile(directory: string): string {
  return join(directory, 'fake-policy.json');
}

export async function writeState(directory: string, state: FakeState): Promise<void> {
  const content = {
    format: FORMAT,
    shape: state.shape,
    policyVersion: state.policyVersion,
    logits: toBase64(state.logits),
    firstMoment: toBase64(state.firstMoment),
    secondMoment: toBase64(state.secondMoment),
  };
  const sha256 = digest(content);
  await writeDurably(stateFile(directory), `${JSON.stringify({ ...content, sha256 }, undefined, 1)}\n`);
}

/** @throws EngineError naming the file when it is missing, damaged or of another shape than `expected`. */
export async function readState(directory: string, expected: TableShape): Promise<FakeState> {
  const path = stateFile(directory);
  const content = await readJson(path);
  if (content['format'] !== FORMAT) {
    throw new EngineError(`${path} is not a fake policy's state (format ${JSON.stringify(content['format'])})`);
  }
  const { sha256, ...signed } = content;
  if (digest(signed) !== sha256) {
    throw new EngineError(`${path} is damaged: its content does not match its SHA-256; load an earlier checkpoint`);
  }
  if (JSON.stringify(content['shape']) !== JSON.stringify(expected)) {
    throw new EngineError(
      `${path} holds a table of another shape: ${JSON.stringify(content['shape'])}, this engine has ${JSON.stringify(expected)}`,
    );
  }
  const [logits, firstMoment, secondMoment] = ARRAYS.map((name) => {
    const array = fromBase64(content[name] as string);
    if (!array.every(Number.isFinite)) throw new EngineError(`${path} holds ${name} that are not finite numbers`);
    return array;
  }) as [Float64Array, Float64Array, Float64Array];
  return { shape: expected, policyVersion: content['policyVersion'] as number, logits, firstMoment, secondMoment };
}

async function readJson(path: string): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new EngineError(`cannot read ${path}: ${(cause as Error).message}`, { cause });
  }
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === 'object' && content !== null) return content as Record<string, unknown>;
  } catch (cause) {
    throw new EngineError(`${path} is damaged: ${(cause as Error).message}; load an earlier checkpoint`, { cause });
  }
  throw new EngineError(`${path} is damaged: not a JSON object; load an earlier checkpoint`);
}

function digest(content: unknown): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

function toBase64(values: Float64Array): string {
  const bytes = Buffer.alloc(values.length * 8);
  for (let i = 0; i < values.length; i++) bytes.writeDoubleLE(values[i]!, i * 8);
  return bytes.toString('base64');
}

function fromBase64(text: string): Float64Array {
  const bytes = Buffer.from(text, 'base64');
  return Float64Array.from({ length: bytes.length / 8 }, (_, i) => bytes.readDoubleLE(i * 8));
}
