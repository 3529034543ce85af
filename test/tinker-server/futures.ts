/** Work that was promised: results by request id, kept for a while, and long polls waiting for them. */
import type { Results } from './reply.ts';

interface Future {
  readonly result: Promise<Results>;
  settled: Results | undefined;
}

/** More are forgotten, oldest first: 410. */
const KEPT = 4096;

export class Futures {
  readonly #byId = new Map<string, Future>();
  readonly #forgotten = new Set<string>();

  /** @param result must not reject */
  add(requestId: string, result: Promise<Results>): void {
    const future: Future = { result, settled: undefined };
    this.#byId.set(requestId, future);
    // biome-ignore lint/nursery/noFloatingPromises: it never rejects
    result.then((results) => {
      future.settled = results;
      if (this.#byId.size > KEPT) this.#forgetOldest();
    });
  }

  has(requestId: string): boolean {
    return this.#byId.has(requestId);
  }

  /** The result, `pending` after `holdMs`, `gone` where it was forgotten, `unknown` where it never was. */
  async wait(
    requestId: string,
    holdMs: number,
    abandoned: AbortSignal,
  ): Promise<Results | 'pending' | 'gone' | 'unknown'> {
    const future = this.#byId.get(requestId);
    if (future === undefined) return this.#forgotten.has(requestId) ? 'gone' : 'unknown';
    if (future.settled !== undefined) return future.settled;
    return new Promise((resolve) => {
      const giveUp = () => {
        clearTimeout(timer);
        resolve('pending');
      };
      const timer = setTimeout(giveUp, holdMs);
      abandoned.addEventListener('abort', giveUp, { once: true });
      // biome-ignore lint/nursery/noFloatingPromises: it never rejects
      future.result.then((results) => {
        clearTimeout(timer);
        abandoned.removeEventListener('abort', giveUp);
        resolve(results);
      });
    });
  }

  /** For tests of clients: the promise is broken. */
  forget(requestId: string): void {
    this.#byId.delete(requestId);
    this.#forgotten.add(requestId);
  }

  #forgetOldest(): void {
    for (const [requestId, { settled }] of this.#byId) {
      if (settled === undefined) continue;
      this.forget(requestId);
      break;
    }
    if (this.#forgotten.size > KEPT) this.#forgotten.delete(this.#forgotten.values().next().value as string);
  }
}
