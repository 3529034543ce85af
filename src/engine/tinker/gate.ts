/** A counting semaphore over units of any size (requests, bytes): first come, first served, so a large one is not starved by small ones. */
export class Gate {
  #free: number;
  readonly #most: number;
  readonly #line: { readonly units: number; readonly enter: () => void }[] = [];

  constructor(most: number) {
    this.#most = most;
    this.#free = most;
  }

  /**
   * Runs `work` while holding `units`; more than there are count as all of them.
   * @throws the signal's reason when it aborts while waiting
   */
  async hold<Result>(units: number, work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    const held = Math.min(units, this.#most);
    await this.#enter(held, signal);
    try {
      return await work();
    } finally {
      this.#free += held;
      this.#admit();
    }
  }

  #enter(units: number, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#line.splice(this.#line.indexOf(waiting), 1);
        reject(signal?.reason);
        this.#admit();
      };
      const waiting = {
        units,
        enter: () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#line.push(waiting);
      this.#admit();
    });
  }

  #admit(): void {
    for (let first = this.#line[0]; first !== undefined && first.units <= this.#free; first = this.#line[0]) {
      this.#line.shift();
      this.#free -= first.units;
      first.enter();
    }
  }
}
