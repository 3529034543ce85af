/**
 * Reads the rollout files of a run one after the other in the background, for as long as somebody asks: their small columns into the
 * table, their texts for a search. What is wanted first is read first.
 */
import { UserError } from '../core/errors.ts';
import { RolloutFiles, rolloutFileOf } from './rollout-files.ts';
import type { RolloutReader } from './rollout-reader.ts';
import type { RolloutFilter } from './rollout-source.ts';
import { RolloutTable } from './rollout-table.ts';

/** What a query needs read. */
export interface Wish {
  readonly firstStep: number;
  readonly lastStep: number;
  readonly text?: string;
  /** Which end is read first. */
  readonly order: 'first' | 'last';
}

export interface Progress {
  /** Settled: read, or found to be damaged. */
  readonly files: number;
  readonly of: number;
}

/** A wish, or a search's results, that nobody asked about for so long is given up. */
const PATIENCE_MS = 10_000;
/** Before a damaged file that is asked for by its step is tried once more: its disk may have been stuck. */
const RETRY_MS = 30_000;
const SEARCH_KEPT_MS = 120_000;
const SEARCHES_KEPT = 4;

interface Search {
  /** Rows with the text, by step. */
  readonly matches: Map<number, Uint32Array>;
  askedAt: number;
}

interface Damage {
  readonly reason: string;
  readonly foundAt: number;
}

/** Everything read of one generation of files. */
class Readings {
  readonly table = new RolloutTable();
  readonly indexed = new Set<number>();
  readonly damage = new Map<number, Damage>();
  readonly searches = new Map<string, Search>();
}

export class RolloutScan {
  readonly files: RolloutFiles;
  readonly #directory: string;
  readonly #reader: RolloutReader;
  readonly #wishes = new Map<string, { readonly wish: Wish; askedAt: number }>();
  #readings = new Readings();
  #generation = 0;
  #isPumping = false;
  #isClosed = false;
  /** Of a reader that cannot be started. */
  #failure: unknown;
  #revision = 0;
  #watchers: (() => void)[] = [];

  constructor(directory: string, reader: RolloutReader) {
    this.#directory = directory;
    this.#reader = reader;
    this.files = new RolloutFiles(directory);
  }

  get table(): RolloutTable {
    return this.#readings.table;
  }

  /** Changes whenever something was read. */
  get revision(): number {
    return this.#revision;
  }

  /** By step: why its file cannot be read. */
  get damage(): ReadonlyMap<number, Damage> {
    return this.#readings.damage;
  }

  matches(text: string): ReadonlyMap<number, Uint32Array> {
    return this.#searchFor(text).matches;
  }

  /** Looks for new files, and asks for what the wish needs; called again and again while somebody waits. */
  async want(wish: Wish): Promise<void> {
    await this.#look();
    const now = performance.now();
    if (wish.text !== undefined) this.#searchFor(wish.text).askedAt = now;
    const key = JSON.stringify(wish);
    const known = this.#wishes.get(key);
    if (known === undefined) this.#wishes.set(key, { wish, askedAt: now });
    else known.askedAt = now;
    void this.#pump();
  }

  progress(wish: Wish): Progress {
    const steps = this.#stepsOf(wish);
    return { files: steps.filter((step) => this.#isSettled(step, wish.text)).length, of: steps.length };
  }

  /** Steps that are settled without a gap from the end that is read first; undefined for none. */
  settledRange(wish: Wish): { firstStep: number; lastStep: number } | undefined {
    const steps = this.#stepsOf(wish);
    const count = steps.findIndex((step) => !this.#isSettled(step, wish.text));
    const settled = count < 0 ? steps : steps.slice(0, count);
    if (settled.length === 0) return undefined;
    return {
      firstStep: Math.min(settled[0] ?? 0, settled.at(-1) ?? 0),
      lastStep: Math.max(settled[0] ?? 0, settled.at(-1) ?? 0),
    };
  }

  /** Resolves when something was read, or after `ms`. @throws what keeps the reader from starting */
  async change(ms: number): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    await new Promise<void>((settle) => {
      const timer = setTimeout(settle, ms);
      this.#watchers.push(() => {
        clearTimeout(timer);
        settle();
      });
    });
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Reads what the wish needs of one step at once, with a reader that has nothing else to do. */
  async readNow(step: number, text: string | undefined, reader: RolloutReader): Promise<void> {
    await this.#look();
    const damage = this.#readings.damage.get(step);
    if (damage !== undefined && performance.now() - damage.foundAt < RETRY_MS) return;
    if (this.files.steps.includes(step)) await this.#read(step, text, reader);
  }

  close(): void {
    this.#isClosed = true;
    this.#wishes.clear();
  }

  async #look(): Promise<void> {
    await this.files.look();
    if (this.files.generation === this.#generation) return;
    this.#generation = this.files.generation;
    this.#readings = new Readings();
    this.#revision++;
  }

  #searchFor(text: string): Search {
    const { searches } = this.#readings;
    const known = searches.get(text);
    if (known !== undefined) return known;
    const search: Search = { matches: new Map(), askedAt: performance.now() };
    searches.set(text, search);
    const byAge = [...searches].sort(([, a], [, b]) => b.askedAt - a.askedAt);
    for (const [i, [other, { askedAt }]] of byAge.entries())
      if (i >= SEARCHES_KEPT || performance.now() - askedAt > SEARCH_KEPT_MS) searches.delete(other);
    return search;
  }

  #stepsOf({ firstStep, lastStep, order }: Wish): readonly number[] {
    const steps = this.files.steps.filter((step) => step >= firstStep && step <= lastStep);
    return order === 'first' ? steps : steps.reverse();
  }

  #isSettled(step: number, text: string | undefined): boolean {
    const { indexed, damage, searches } = this.#readings;
    if (damage.has(step)) return true;
    return indexed.has(step) && (text === undefined || searches.get(text)?.matches.has(step) === true);
  }

  /** One file after the other, wishes in turn, until nothing is wished for. */
  async #pump(): Promise<void> {
    if (this.#isPumping) return;
    this.#isPumping = true;
    this.#failure = undefined;
    try {
      for (let next = this.#next(); next !== undefined && !this.#isClosed; next = this.#next())
        await this.#read(next.step, next.text, this.#reader);
    } catch (error) {
      this.#failure = error;
      this.#wishes.clear();
    } finally {
      this.#isPumping = false;
      this.#changed();
    }
  }

  #next(): { step: number; text: string | undefined } | undefined {
    for (const [key, entry] of this.#wishes) {
      const isForgotten = performance.now() - entry.askedAt > PATIENCE_MS;
      const { wish } = entry;
      const step = isForgotten ? undefined : this.#stepsOf(wish).find((each) => !this.#isSettled(each, wish.text));
      this.#wishes.delete(key);
      if (step === undefined) continue;
      // to the end of the line
      this.#wishes.set(key, entry);
      return { step, text: wish.text };
    }
    return undefined;
  }

  async #read(step: number, text: string | undefined, reader: RolloutReader): Promise<void> {
    const readings = this.#readings;
    try {
      const path = await rolloutFileOf(this.#directory, step);
      if (!readings.indexed.has(step)) {
        const summary = await reader.ask({ kind: 'summary', path });
        // two may have asked at once
        if (!readings.indexed.has(step)) readings.table.add(step, summary);
        readings.indexed.add(step);
        readings.damage.delete(step);
      }
      if (text === undefined) return;
      const search = readings.searches.get(text);
      if (search !== undefined && !search.matches.has(step))
        search.matches.set(step, await reader.ask({ kind: 'search', path, text }));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      readings.damage.set(step, { reason: error.message, foundAt: performance.now() });
    } finally {
      this.#changed();
    }
  }

  #changed(): void {
    this.#revision++;
    for (const watcher of this.#watchers.splice(0)) watcher();
  }
}

export const wishOf = ({ firstStep, lastStep, text }: RolloutFilter, order: Wish['order']): Wish => ({
  firstStep,
  lastStep,
  ...(text === undefined ? {} : { text }),
  order,
});
