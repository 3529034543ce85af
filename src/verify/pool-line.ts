/** The line in which callers of the pool wait. */
import { assert } from '../core/errors.ts';
import type { Decision } from './pool-thread.ts';

/** First in, first out, at a constant cost for each (an array's `shift` moves all the rest). */
export class Line {
  /** Next to leave at its end. */
  #front: Decision[] = [];
  #back: Decision[] = [];

  get length(): number {
    return this.#front.length + this.#back.length;
  }

  push(decision: Decision): void {
    this.#back.push(decision);
  }

  /** Ahead of all others, in their order. */
  putBack(decisions: readonly Decision[]): void {
    this.#front.push(...decisions.toReversed());
  }

  next(): Decision {
    if (this.#front.length === 0) {
      this.#front = this.#back.reverse();
      this.#back = [];
    }
    const decision = this.#front.pop();
    assert(decision !== undefined, 'nobody is in line');
    return decision;
  }
}
