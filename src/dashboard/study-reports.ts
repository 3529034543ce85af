/** Reports of studies, drawn when asked for and kept until a run of the study has something new. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FILES } from '../journal/names.ts';
import type { DescribedStudy, StudyReader } from './studies.ts';

/** Drawing one takes seconds; a hundred runs take a minute. */
const PATIENCE_MS = 180_000;
const MOST_KEPT = 8;

interface Kept {
  readonly signature: string;
  readonly html: Promise<string>;
}

export class StudyReports {
  readonly #reader: StudyReader;
  readonly #kept = new Map<string, Kept>();
  readonly #closing = new AbortController();

  constructor(reader: StudyReader) {
    this.#reader = reader;
  }

  /** Asked for twice at a time, it is drawn once. @throws UserError */
  async html(directory: string, { runs }: DescribedStudy): Promise<string> {
    const signature = await signatureOf(
      directory,
      runs.map(({ name }) => name),
    );
    const known = this.#kept.get(directory);
    if (known?.signature === signature) return known.html;
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(PATIENCE_MS)]);
    const html = this.#reader.report(directory, signal);
    // what failed is tried again when asked for again
    html.catch(() => this.#kept.delete(directory));
    if (this.#kept.size >= MOST_KEPT) this.#kept.clear();
    this.#kept.set(directory, { signature, html });
    return html;
  }

  close(): void {
    this.#closing.abort();
  }
}

/** Folders that hold what a report is drawn from, beside the runs' own files. */
const BESIDE = ['benchmarks', '.'] as const;

async function signatureOf(directory: string, runs: readonly string[]): Promise<string> {
  const files = runs.flatMap((run) => [join(run, FILES.metrics), join(run, FILES.evaluations)]);
  const found = await Promise.all(
    [...files, ...BESIDE].map((path) => stat(join(directory, path)).catch(() => undefined)),
  );
  return found.map((each) => `${each?.size}/${each?.mtimeMs}`).join(' ');
}
