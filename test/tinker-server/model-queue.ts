/**
 * The order of one model's requests. Ordered: by sequence number, from 1; a gap blocks, resends give the same future. Unordered: as they
 * arrive; only passes and steps are recognised when they come twice.
 */
import { Refusal } from './reply.ts';

export class ModelQueue {
  readonly #isOrdered: boolean;
  /** What each number was taken by: request id and digest of the payload. */
  readonly #taken = new Map<number, { readonly requestId: string; readonly digest: string }>();
  readonly #waiting = new Map<number, () => Promise<unknown>>();
  #next = 1;
  #running: Promise<unknown> = Promise.resolve();

  constructor(isOrdered: boolean) {
    this.#isOrdered = isOrdered;
  }

  /** How many requests wait for an earlier number. */
  get blocked(): number {
    return this.#waiting.size;
  }

  /**
   * The id of an earlier request with this number and payload, if there is one. @throws Refusal 409 when the number has another payload
   */
  resent(seqId: number | undefined, digest: string): string | undefined {
    const earlier = seqId === undefined ? undefined : this.#taken.get(seqId);
    if (earlier === undefined) return undefined;
    if (earlier.digest !== digest) throw new Refusal(409, `seq_id ${seqId} was used for another request`);
    return earlier.requestId;
  }

  /** @param work must not reject */
  submit(
    seqId: number | undefined,
    taken: { requestId: string; digest: string } | undefined,
    work: () => Promise<unknown>,
  ) {
    if (seqId !== undefined && taken !== undefined) this.#taken.set(seqId, taken);
    if (!this.#isOrdered) {
      this.#run(work);
      return;
    }
    if (seqId === undefined) throw new Refusal(400, 'seq_id is missing');
    this.#waiting.set(seqId, work);
    for (let due = this.#waiting.get(this.#next); due !== undefined; due = this.#waiting.get(this.#next)) {
      this.#waiting.delete(this.#next++);
      this.#run(due);
    }
  }

  #run(work: () => Promise<unknown>): void {
    this.#running = this.#running.then(work);
  }
}
