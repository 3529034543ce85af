import { describe, expect, it } from 'vitest';
import type { RolloutSummary, RolloutsReply } from '../../api.ts';
import { type AskPage, Feed, PAGE_ROWS } from './feed.ts';

/** A run of `total` rollouts, of which the server finds more with every question. */
function server(total: number, questionsUntilComplete = 1) {
  const asked: number[] = [];
  const ask: AskPage = async ({ offset = 0, limit = 0 }) => {
    asked.push(offset / PAGE_ROWS);
    const complete = asked.length >= questionsUntilComplete;
    const found = complete ? total : Math.floor((total * asked.length) / questionsUntilComplete);
    const rows = Array.from({ length: Math.max(0, Math.min(limit, found - offset)) }, (_, i) => ({ row: offset + i }));
    const value: RolloutsReply = {
      rows: rows as RolloutSummary[],
      total: found,
      scanned: { files: Math.min(asked.length, questionsUntilComplete), of: questionsUntilComplete },
      complete,
      damage: [],
    };
    return { ok: true, value };
  };
  return { asked, ask };
}

/** Waits until a claim holds, as a person would. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 1000) throw new Error('it never held');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('the feed of a list', () => {
  it('asks for the pages in sight and for no others', async () => {
    const { asked, ask } = server(1_000_000);
    const feed = new Feed(ask, () => {});
    feed.want(0, 30);
    await until(() => feed.row(0) !== undefined);
    feed.want(500_050, 500_120);
    await until(() => feed.row(500_119) !== undefined);
    expect(asked).toEqual([0, 5000, 5001]);
    expect([feed.row(500_119)?.row, feed.row(400_000), feed.state.reply?.total]).toEqual([
      500_119,
      undefined,
      1_000_000,
    ]);
    feed.close();
  });

  it('goes on asking until the scan is complete, then stops', async () => {
    const { asked, ask } = server(90, 3);
    const feed = new Feed(ask, () => {});
    feed.want(0, 30);
    await until(() => feed.state.reply?.complete === true);
    expect([feed.row(89)?.row, asked]).toEqual([89, [0, 0, 0]]);
    feed.close();
  });

  it('asks no more once it is stopped, until it is resumed', async () => {
    const { asked, ask } = server(90, 3);
    const feed = new Feed(ask, () => {});
    feed.want(0, 30);
    await until(() => asked.length === 1 && feed.state.reply !== undefined);
    feed.stop();
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect([asked.length, feed.state.isStopped]).toEqual([1, true]);
    feed.resume();
    await until(() => feed.state.reply?.complete === true);
    feed.close();
  });

  it('says why there is nothing, and asks again when told to', async () => {
    const { ask } = server(10);
    const failure = { kind: 'unreachable', message: 'The server does not answer.' } as const;
    let isUp = false;
    const feed = new Feed(
      async (part, signal) => (isUp ? ask(part, signal) : { ok: false, failure }),
      () => {},
    );
    feed.want(0, 30);
    await until(() => feed.state.failure !== undefined);
    isUp = true;
    feed.resume();
    await until(() => feed.row(9) !== undefined);
    expect(feed.state.failure).toBeUndefined();
    feed.close();
  });

  it('forgets pages that were looked at long ago', async () => {
    const { ask } = server(1_000_000);
    const feed = new Feed(ask, () => {});
    for (let page = 0; page < 70; page++) {
      feed.want(page * PAGE_ROWS, page * PAGE_ROWS + 10);
      await until(() => feed.row(page * PAGE_ROWS) !== undefined);
    }
    expect([feed.row(0), feed.row(69 * PAGE_ROWS)?.row]).toEqual([undefined, 6900]);
    feed.close();
  });
});
