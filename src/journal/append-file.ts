/**
 * A file of JSON lines that only grows. Each line is appended with a single write and is in the operating system's hands when `append`
 * returns, so it survives the death of this process; `sync` puts it on the disk. A line that does not fit is taken back whole.
 */
import fs from 'node:fs';
import { writeFailure } from '../core/durable-file.ts';
import { assert, UserError } from '../core/errors.ts';

export class AppendFile {
  readonly path: string;
  readonly #descriptor: number;
  #bytes: number;
  #isOpen = true;

  /** Opens or creates. @throws UserError when the system refuses. */
  constructor(path: string) {
    this.path = path;
    try {
      this.#descriptor = fs.openSync(path, 'a');
      this.#bytes = fs.fstatSync(this.#descriptor).size;
    } catch (error) {
      throw writeFailure(path, error);
    }
  }

  /** Length of the file. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @throws UserError when the file has been deleted: what is written to it would be lost with it. */
  mustBeThere(): void {
    if (fs.fstatSync(this.#descriptor).nlink > 0) return;
    throw new UserError(
      `${this.path} has been deleted while the run was being written: the run cannot go on, start it again`,
    );
  }

  /** @throws UserError when the line cannot be written; the file then is what it was before. */
  append(line: string): void {
    assert(this.#isOpen, `append to ${this.path} after close`);
    assert(!line.includes('\n'), `a line of ${this.path} contains a newline`);
    this.mustBeThere();
    const bytes = Buffer.from(`${line}\n`);
    try {
      let written = fs.writeSync(this.#descriptor, bytes);
      // a short write means that the disk is about to refuse: asking for the rest says why
      while (written < bytes.length) written += fs.writeSync(this.#descriptor, bytes, written);
    } catch (error) {
      this.#takeBack();
      throw writeFailure(this.path, error);
    }
    this.#bytes += bytes.length;
  }

  /** Returns when every line so far would survive a power cut. */
  sync(): void {
    try {
      fs.fsyncSync(this.#descriptor);
    } catch (error) {
      throw writeFailure(this.path, error);
    }
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    fs.closeSync(this.#descriptor);
  }

  /** The error being reported is the failed write's; what this leaves behind a reader skips as a torn line. */
  #takeBack(): void {
    try {
      fs.ftruncateSync(this.#descriptor, this.#bytes);
    } catch {
      // a device cannot be truncated
    }
  }
}
