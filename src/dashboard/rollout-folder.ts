/**
 * A run's rollouts, read from its folder as they are asked for. Two processes read: one scans over all steps in the background, the
 * other answers what a person waits for. Nothing is kept on disk.
 */
import { sep } from 'node:path';
import { UserError } from '../core/errors.ts';
import type { RolloutSummary, RolloutsReply } from './api.ts';
import { rolloutFileOf } from './rollout-files.ts';
import { OUTCOME_BITS, OUTCOMES, type RolloutTexts, TRUNCATED_BIT } from './rollout-jobs.ts';
import { READER_LIMITS, type ReaderLimits, RolloutReader } from './rollout-reader.ts';
import { RolloutScan, type Wish, wishOf } from './rollout-scan.ts';
import { ordered, select } from './rollout-select.ts';
import type {
  OneRollout,
  OpenRolloutSource,
  RolloutFilter,
  RolloutPageQuery,
  RolloutSource,
} from './rollout-source.ts';

/** How long a reply waits for a scan to fill its page. */
const WAIT_MS = 250;
/** Texts of rows that were shown. */
const TEXTS_KEPT = 4000;
const DAMAGE_SHOWN = 20;
/** Files looked at, from the last one back, for one that says the names of its rules. */
const RULES_TRIED = 5;

export const openRolloutSource: OpenRolloutSource = (directory) => new RolloutFolder(directory);

/** What a page shows, in order, and what it depends on. */
interface Selection {
  readonly key: string;
  readonly revision: number;
  readonly places: Uint32Array;
}

export class RolloutFolder implements RolloutSource {
  readonly #directory: string;
  /** For what a person waits for. */
  readonly #reader: RolloutReader;
  readonly #scanner: RolloutReader;
  readonly #scan: RolloutScan;
  readonly #texts = new Map<string, RolloutTexts>();
  #selection: Selection | undefined;

  constructor(directory: string, limits: ReaderLimits = READER_LIMITS) {
    this.#directory = directory;
    this.#reader = new RolloutReader(limits);
    this.#scanner = new RolloutReader(limits, 'background');
    this.#scan = new RolloutScan(directory, this.#scanner);
  }

  async page(query: RolloutPageQuery): Promise<RolloutsReply> {
    const { filter, sort, offset, limit } = query;
    this.#reader.warm();
    const wish = wishOf(filter, sort === 'step' ? 'first' : 'last');
    if (filter.firstStep === filter.lastStep) await this.#scan.readNow(filter.firstStep, filter.text, this.#reader);
    else await this.#scanFor(query, wish);
    const places = this.#placesOf(query);
    const { files, of } = this.#scan.progress(wish);
    const { rows, damage } = await this.#rowsOf(places.subarray(offset, offset + limit), filter.text);
    return {
      rows,
      total: places.length,
      scanned: { files, of },
      complete: files === of,
      damage: [...new Set([...this.#damageOf(filter), ...damage])].map(this.#inRun).slice(0, DAMAGE_SHOWN),
    };
  }

  async one(step: number, row: number): Promise<OneRollout> {
    try {
      return await this.#reader.ask({ kind: 'group', path: await rolloutFileOf(this.#directory, step), row });
    } catch (error) {
      throw error instanceof UserError ? new UserError(this.#inRun(error.message), { cause: error }) : error;
    }
  }

  /** A message that names files as they are called in the run. */
  readonly #inRun = (message: string): string => message.replaceAll(this.#directory + sep, '');

  async rules(): Promise<readonly string[]> {
    await this.#scan.files.look();
    for (const step of this.#scan.files.steps.slice(-RULES_TRIED).reverse()) {
      try {
        return await this.#reader.ask({ kind: 'rules', path: await rolloutFileOf(this.#directory, step) });
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
      }
    }
    return [];
  }

  async close(): Promise<void> {
    this.#scan.close();
    this.#scanner.close();
    this.#reader.close();
  }

  /** Asks for what the query needs and waits until that fills the page, but not for long. */
  async #scanFor(query: RolloutPageQuery, wish: Wish): Promise<void> {
    await this.#scan.want(wish);
    const deadline = performance.now() + WAIT_MS;
    while (!this.#isFilled(query, wish)) {
      const left = deadline - performance.now();
      // the first file may take a process that has to start
      if (left <= 0 && (this.#scan.table.length > 0 || left < -10 * WAIT_MS)) return;
      await this.#scan.change(Math.max(left, WAIT_MS));
    }
  }

  /** Whether more files would change the total alone. */
  #isFilled({ filter, sort, offset, limit }: RolloutPageQuery, wish: Wish): boolean {
    const { files, of } = this.#scan.progress(wish);
    if (files === of) return true;
    if (sort !== 'step' && sort !== '-step') return false;
    const range = this.#scan.settledRange(wish);
    if (range === undefined) return false;
    return select(this.#scan.table, { ...filter, ...range }, this.#matchesOf(filter)).length >= offset + limit;
  }

  #placesOf({ filter, sort }: RolloutPageQuery): Uint32Array {
    const { revision, table } = this.#scan;
    const key = JSON.stringify([filter, sort]);
    if (this.#selection?.key === key && this.#selection.revision === revision) return this.#selection.places;
    const places = ordered(table, select(table, filter, this.#matchesOf(filter)), sort);
    this.#selection = { key, revision, places };
    return places;
  }

  #matchesOf({ text }: RolloutFilter): ReadonlyMap<number, Uint32Array> | undefined {
    return text === undefined ? undefined : this.#scan.matches(text);
  }

  #damageOf({ firstStep, lastStep }: RolloutFilter): string[] {
    return [...this.#scan.damage]
      .filter(([step]) => step >= firstStep && step <= lastStep)
      .map(([, { reason }]) => reason);
  }

  async #rowsOf(places: Uint32Array, text?: string): Promise<{ rows: RolloutSummary[]; damage: string[] }> {
    const { table } = this.#scan;
    const shown = Array.from(places, (place) => ({ place, ...table.at(place) }));
    const damage = await this.#readTexts(shown, text);
    const rows = shown.map(({ place, step, row }): RolloutSummary => {
      const { problem, reward, tokens, policyVersion, flags } = table.columns;
      const flag = flags[place] ?? 0;
      const outcome = OUTCOMES[flag & OUTCOME_BITS] ?? 'unknown';
      const texts = this.#texts.get(this.#keyOf(step, row, text)) ?? UNREADABLE;
      return {
        step,
        row,
        ...texts,
        problemId: table.problems[problem[place] ?? 0] ?? '',
        outcome,
        reward: outcome === 'unknown' ? null : (reward[place] ?? null),
        tokens: tokens[place] ?? 0,
        truncated: (flag & TRUNCATED_BIT) !== 0,
        policyVersion: policyVersion[place] ?? 0,
      };
    });
    return { rows, damage };
  }

  readonly #keyOf = (step: number, row: number, text = ''): string =>
    `${this.#scan.files.generation}/${step}/${row}/${text}`;

  /** @returns what could not be read */
  async #readTexts(shown: readonly { step: number; row: number }[], text?: string): Promise<string[]> {
    const missing = new Map<number, number[]>();
    for (const { step, row } of shown) {
      if (this.#texts.has(this.#keyOf(step, row, text))) continue;
      missing.set(step, [...(missing.get(step) ?? []), row]);
    }
    const damage: string[] = [];
    for (const [step, rows] of missing) {
      try {
        const path = await rolloutFileOf(this.#directory, step);
        const texts = await this.#reader.ask({ kind: 'texts', path, rows, ...(text !== undefined && { text }) });
        for (const [i, row] of rows.entries()) this.#keep(this.#keyOf(step, row, text), texts[i] ?? UNREADABLE);
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        damage.push(error.message);
      }
    }
    return damage;
  }

  #keep(key: string, texts: RolloutTexts): void {
    this.#texts.set(key, texts);
    for (const oldest of this.#texts.keys()) {
      if (this.#texts.size <= TEXTS_KEPT) return;
      this.#texts.delete(oldest);
    }
  }
}

/** Of a row whose numbers could be read and whose texts cannot; the reply's `damage` says why. */
const UNREADABLE: RolloutTexts = { group: 0, index: 0, prompt: '', completion: '', explanation: '', hit: null };
