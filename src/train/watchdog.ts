/**
 * Names what a run waits for when nothing has moved for long, instead of hanging without a word. It only speaks: what is slow and what
 * hangs looks the same from here, so nothing is killed.
 */
import type { EventLine } from '../journal/schema.ts';
import type { Watch } from '../rollout/roll-out.ts';

/** Nothing ended for so long, in seconds; then each time the silence has doubled. */
const QUIET_SECONDS = 300;
/** How often it looks, in milliseconds. */
const LOOK_MS = 10_000;
/** More than these are only counted. */
const NAMED = 8;

export class Watchdog {
  readonly #clock: () => number;
  readonly #quietSeconds: number;
  readonly #outstanding = new Map<number, { readonly what: string; readonly since: number }>();
  #next = 0;
  #movedAt: number;
  #speaksAfter: number;

  /** @param clock in seconds */
  constructor(clock: () => number, quietSeconds = QUIET_SECONDS) {
    this.#clock = clock;
    this.#quietSeconds = quietSeconds;
    this.#speaksAfter = quietSeconds;
    this.#movedAt = clock();
  }

  readonly watch: Watch = async (what, work) => {
    const number = this.#next++;
    const since = this.#clock();
    // the silence before is nobody's fault
    if (this.#outstanding.size === 0) this.#moved(since);
    this.#outstanding.set(number, { what, since });
    try {
      return await work();
    } finally {
      this.#outstanding.delete(number);
      this.#moved(this.#clock());
    }
  };

  /** An event when it is time to say something. @param step as journalled: the last that was taken */
  look(step: number): EventLine | undefined {
    const now = this.#clock();
    const quiet = now - this.#movedAt;
    if (this.#outstanding.size === 0 || quiet < this.#speaksAfter) return undefined;
    this.#speaksAfter = 2 * quiet;
    const waiting = [...this.#outstanding.values()];
    const named = waiting.slice(0, NAMED).map(({ what, since }) => `${what} (${(now - since).toFixed(0)} s)`);
    const others = waiting.length > NAMED ? ` and ${waiting.length - NAMED} more` : '';
    return {
      step,
      level: 'warning',
      kind: 'stalled',
      message: `nothing has moved for ${quiet.toFixed(0)} s; waiting for ${named.join(', ')}${others}`,
      details: { outstanding: waiting.slice(0, NAMED).map(({ what }) => what), count: waiting.length },
    };
  }

  #moved(now: number): void {
    this.#movedAt = now;
    this.#speaksAfter = this.#quietSeconds;
  }
}

/** Looks again and again until the returned function is called. */
export function keepLooking(look: () => void): () => void {
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
