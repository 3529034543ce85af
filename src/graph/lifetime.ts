/**
 * Something native that is freed exactly once: at `release()`, or when the last use under way then has ended.
 */
import { EngineError } from '../core/errors.ts';

export class Lifetime {
  readonly #what: string;
  readonly #free: () => void;
  #uses = 0;
  #isReleased = false;

  constructor(what: string, free: () => void) {
    this.#what = what;
    this.#free = free;
  }

  /** @throws EngineError after `release()`. */
  mustLive(): void {
    if (this.#isReleased) throw new EngineError(`the ${this.#what} was used after release()`);
  }

  /** Begins a use; every `enter` is followed by one `leave`. @throws EngineError after `release()`. */
  enter(): void {
    this.mustLive();
    this.#uses++;
  }

  leave(): void {
    this.#uses--;
    if (this.#isReleased && this.#uses === 0) this.#free();
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    if (this.#uses === 0) this.#free();
  }
}
