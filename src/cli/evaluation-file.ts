/**
 * Evaluations on disk: what `evaluate --out` writes, and what `compare` reads from such a file or from a run's journal.
 */
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { writeDurably } from '../core/durable-file.ts';
import { UserError } from '../core/errors.ts';
import { evaluationsAt, measuredBenchmark } from '../evaluate/record.ts';
import type { Side } from '../evaluate/sides.ts';
import { RunReader } from '../journal/reader.ts';
import { decodeEvaluation, type EvaluationLine, encodeEvaluation } from '../journal/schema.ts';
import { absolute, readText, shown } from './files.ts';
import { runReference } from './targets.ts';

/** Additive, as the journal is. */
const VERSION = 1;

const fileSchema = z.object({
  polarityEvaluation: z.int().min(1).max(VERSION),
  evaluations: z.array(z.unknown()).min(1),
});

/** @throws UserError before anything is measured, so that no earlier result is lost. */
export function checkOut(path: string): void {
  if (existsSync(absolute(path))) throw new UserError(`--out ${path}: it exists; name another file, or remove it`);
}

/** One evaluation for each benchmark, as lines of evaluations.jsonl. */
export async function writeEvaluations(
  path: string,
  lines: readonly EvaluationLine[],
  unixSeconds: number,
): Promise<void> {
  const evaluations = lines.map((line) => encodeEvaluation(line, unixSeconds));
  await writeDurably(
    absolute(path),
    `{"polarityEvaluation":${VERSION},"evaluations":[\n${evaluations.join(',\n')}\n]}\n`,
  );
}

/** `evaluation.json`, `runs/quickstart` (its last evaluation) or `runs/quickstart@50`. @throws UserError */
export async function readSide(text: string): Promise<Side> {
  const { name, lines } = text.endsWith('.json') ? readFile(text) : await readRun(text);
  return { name, benchmarks: lines.map((line) => measuredBenchmark(line, name)) };
}

interface Recorded {
  readonly name: string;
  readonly lines: readonly EvaluationLine[];
}

function readFile(path: string): Recorded {
  const parsed = fileSchema.safeParse(parseJson(readText(path)));
  if (!parsed.success)
    throw new UserError(
      `${path} is not a file that \`polarity evaluate --out\` wrote: ${z.prettifyError(parsed.error)}`,
    );
  try {
    return { name: path, lines: parsed.data.evaluations.map(decodeEvaluation) };
  } catch (error) {
    throw new UserError(`${path} is damaged: ${error instanceof z.ZodError ? z.prettifyError(error) : error}`, {
      cause: error,
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readRun(text: string): Promise<Recorded> {
  const { runsDirectory, name, directory, step } = runReference(text);
  const { lines } = await (await RunReader.open(runsDirectory, name)).evaluations();
  const found = evaluationsAt(lines, step);
  if (found !== undefined) return { name: `${shown(directory)}@${found.step}`, lines: found.lines };
  const steps = [...new Set(lines.map((line) => line.step))];
  const there = steps.length === 0 ? 'it has none' : `it has those of steps ${steps.join(', ')}`;
  throw new UserError(
    `run ${shown(directory)} has no evaluation${step === undefined ? '' : ` of step ${step}`}: ${there}`,
  );
}
