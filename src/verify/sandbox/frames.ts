/** JSON messages of a child process, each with its length before it. */
import type { ChildProcess } from 'node:child_process';

export type Frame = Readonly<Record<string, unknown>>;

export function frame(message: object): Buffer {
  const body = Buffer.from(JSON.stringify(message));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  return Buffer.concat([head, body]);
}

/** Hands out the messages on a child's stdout, one for each call of `next`. */
export class Frames {
  readonly #exit: Promise<void>;
  #parts: Buffer[] = [];
  #size = 0;
  #gone: string | undefined;
  #wake: () => void = () => {};

  constructor(child: ChildProcess) {
    this.#exit = new Promise((resolve) => {
      const end = (reason: string) => {
        this.#gone ??= reason;
        this.#wake();
        resolve();
      };
      child.on('error', (error) => end(error.message));
      child.on('close', (code, signal) => end(`the supervisor ended with ${signal ?? code}`));
    });
    child.stdout?.on('data', (part: Buffer) => {
      this.#parts.push(part);
      this.#size += part.length;
      this.#wake();
    });
  }

  /** The next message, or a sentence that says why there is none. */
  async next(timeoutMs: number): Promise<Frame | string> {
    const deadline = Date.now() + timeoutMs;
    while (true) {
      const message = this.#take();
      if (message !== undefined) return message;
      if (this.#gone !== undefined) return this.#gone;
      const leftMs = deadline - Date.now();
      if (leftMs <= 0) return `no report within ${timeoutMs / 1000} s`;
      await this.#news(leftMs);
    }
  }

  /** Whether the child has ended within this time. */
  async ended(timeoutMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), timeoutMs);
    });
    const isEnded = await Promise.race([this.#exit.then(() => true), late]);
    clearTimeout(timer);
    return isEnded;
  }

  #news(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #take(): Frame | undefined {
    if (this.#size < 4) return undefined;
    const head = this.#parts[0]?.length ?? 0;
    if (head < 4) this.#parts = [Buffer.concat(this.#parts)];
    const length = this.#parts[0]?.readUInt32BE(0) ?? 0;
    if (this.#size < 4 + length) return undefined;
    const all = Buffer.concat(this.#parts);
    this.#parts = [all.subarray(4 + length)];
    this.#size -= 4 + length;
    return JSON.parse(all.toString('utf8', 4, 4 + length)) as Frame;
  }
}
