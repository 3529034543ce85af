/**
 * A long list of rollouts that the server still counts: pages are asked for as they come into sight, again while the scan goes on, and no
 * more once it is stopped. One question at a time, always the one that matters most at that moment.
 */
import type { RolloutQuery, RolloutSummary, RolloutsReply } from '../../api.ts';
import type { Answer, Failure } from '../client.ts';

/** Rows asked for at once. */
export const PAGE_ROWS = 100;
/** Pages that are kept; the ones least recently looked at go first. */
const MOST_PAGES = 60;
/** Between questions while the scan goes on. */
const PATIENCE_MS = 400;

export interface FeedState {
  /** Undefined before the first answer. */
  readonly reply: RolloutsReply | undefined;
  readonly failure: Failure | undefined;
  /** A person has ended the scan. */
  readonly isStopped: boolean;
}

export type AskPage = (
  part: Pick<RolloutQuery, 'offset' | 'limit'>,
  signal: AbortSignal,
) => Promise<Answer<RolloutsReply>>;

interface Page {
  readonly rows: readonly RolloutSummary[];
  /** The turn it was asked in. */
  readonly turn: number;
}

export class Feed {
  state: FeedState = { reply: undefined, failure: undefined, isStopped: false };
  private readonly askPage: AskPage;
  private readonly tell: () => void;
  private readonly abort = new AbortController();
  private readonly pages = new Map<number, Page>();
  private wanted: readonly [first: number, end: number] = [0, 1];
  /** Grows whenever what is known may be old. */
  private turn = 1;
  private isBusy = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** @param tell called after every change */
  constructor(askPage: AskPage, tell: () => void) {
    this.askPage = askPage;
    this.tell = tell;
  }

  row(i: number): RolloutSummary | undefined {
    return this.pages.get(Math.floor(i / PAGE_ROWS))?.rows[i % PAGE_ROWS];
  }

  /** These rows are in sight. */
  want(first: number, end: number): void {
    this.wanted = [first, Math.max(first + 1, end)];
    void this.work();
  }

  /** The run has grown. */
  refresh(): void {
    if (this.state.isStopped) return;
    this.turn += 1;
    void this.work();
  }

  /** The server gives up a scan that nobody asks about. */
  stop(): void {
    clearTimeout(this.timer);
    this.change({ isStopped: true });
  }

  resume(): void {
    this.change({ isStopped: false, failure: undefined });
    this.refresh();
  }

  close(): void {
    clearTimeout(this.timer);
    this.abort.abort();
  }

  private async work(): Promise<void> {
    if (this.isBusy) return;
    this.isBusy = true;
    for (let page = this.next(); page !== undefined; page = this.next()) {
      const turn = this.turn;
      const answer = await this.askPage({ offset: page * PAGE_ROWS, limit: PAGE_ROWS }, this.abort.signal);
      if (this.abort.signal.aborted) return;
      if (!answer.ok) {
        this.change({ failure: answer.failure });
        break;
      }
      this.keep(page, { rows: answer.value.rows, turn });
      this.change({ reply: answer.value, failure: undefined });
    }
    this.isBusy = false;
    this.waitForMore();
  }

  private waitForMore(): void {
    const { reply, isStopped, failure } = this.state;
    clearTimeout(this.timer);
    if (isStopped || failure !== undefined || reply === undefined || reply.complete) return;
    this.timer = setTimeout(() => this.refresh(), PATIENCE_MS);
  }

  /** The first page in sight that is missing, else one that is old; undefined: nothing to ask. */
  private next(): number | undefined {
    const pages = this.pagesInSight();
    const missing = pages.find((page) => !this.pages.has(page));
    if (missing !== undefined || this.state.isStopped) return missing;
    return pages.find((page) => (this.pages.get(page)?.turn ?? 0) < this.turn);
  }

  private pagesInSight(): number[] {
    const total = this.state.reply?.total ?? Number.POSITIVE_INFINITY;
    const [first, end] = [Math.floor(this.wanted[0] / PAGE_ROWS), Math.ceil(this.wanted[1] / PAGE_ROWS)];
    const last = Math.max(1, Math.ceil(total / PAGE_ROWS));
    const from = Math.min(first, last - 1);
    return Array.from({ length: Math.max(1, Math.min(end, last) - from) }, (_, i) => from + i);
  }

  private keep(number: number, page: Page): void {
    this.pages.delete(number);
    this.pages.set(number, page);
    for (const old of this.pages.keys()) if (this.pages.size > MOST_PAGES) this.pages.delete(old);
  }

  private change(change: Partial<FeedState>): void {
    this.state = { ...this.state, ...change };
    this.tell();
  }
}
