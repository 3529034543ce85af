/**
 * The process that decodes one Parquet file and writes frames to its stdout. It ends when it takes more memory than it may, or when
 * who started it is gone, even in the middle of a loop: a thread watches.
 */
import { once } from 'node:events';
import { endBeyond } from '../../core/bounded-process.ts';
import { decodeParquet } from './parquet-decode.ts';
import type { ParquetFrame, ParquetRequest } from './parquet-frames.ts';

const request = JSON.parse(process.argv[2] ?? '') as ParquetRequest;

/** Milliseconds between two signs of work at most, so that pages of a few bytes do not become more traffic than rows. */
const SIGN_EVERY_MS = 500;

let lastSign = 0;
function showWork(): void {
  if (performance.now() - lastSign < SIGN_EVERY_MS) return;
  lastSign = performance.now();
  process.stdout.write(lineOf('working'));
}

const lineOf = (frame: ParquetFrame): string => `${JSON.stringify(frame)}\n`;

/** Waits where the reader is behind. */
async function send(line: string): Promise<void> {
  if (!process.stdout.write(line)) await once(process.stdout, 'drain');
}

async function serve(): Promise<void> {
  try {
    for await (const frame of decodeParquet(request, showWork)) await send(`${frame}\n`);
    await send(lineOf('end'));
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    await send(lineOf({ fault: message, ...(code === undefined ? {} : { code }) }));
  }
}

// nobody reads any more
process.stdout.on('error', () => process.exit());
endBeyond(request.memoryBytes);
await serve();
