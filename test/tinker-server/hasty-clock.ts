/** A clock whose sleepers are woken in order of their times, and at once: waits of minutes cost nothing, work costs what it costs. */
import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/engine/tinker/clock.ts';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

export class HastyClock implements Clock {
  #skippedMs = 0;
  #sleepers: Sleeper[] = [];
  #isTicking = false;
  /** How often anyone slept. */
  sleeps = 0;

  now(): number {
    return performance.now() + this.#skippedMs;
  }

  /** Who sleeps at this moment. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.sleeps++;
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const leave = () => {
        this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        until: this.now() + ms,
        wake: () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      this.#sleepers.push(sleeper);
      if (!this.#isTicking) void this.#tick();
    });
  }

  async #tick(): Promise<void> {
    this.#isTicking = true;
    while (this.#sleepers.length > 0) {
      // those who are about to sleep shorter get their turn
      await setImmediate();
      const first = this.#sleepers.toSorted((a, b) => a.until - b.until)[0];
      if (first === undefined) break;
      this.#sleepers = this.#sleepers.filter((each) => each !== first);
      this.#skippedMs += Math.max(0, first.until - this.now());
      first.wake();
    }
    this.#isTicking = false;
  }
}
