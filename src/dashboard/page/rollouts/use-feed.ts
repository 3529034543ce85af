/** A feed for as long as a view looks at it. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { api, ask } from '../client.ts';
import { Feed } from './feed.ts';
import { keyOf, type RolloutFilter } from './filter.ts';

/** @param version the feed looks again whenever this changes */
export function useFeed(run: string, filter: RolloutFilter, version: unknown): Feed {
  const [, draw] = useState(0);
  const key = keyOf(filter);
  const feed = useMemo(
    () =>
      new Feed(
        (part, signal) => ask(api.rollouts(run, { ...filter, ...part }), signal),
        () => draw((n) => n + 1),
      ),
    // the key stands for the filter
    [run, key],
  );
  useEffect(() => {
    feed.want(0, 1);
    return () => feed.close();
  }, [feed]);
  useEffect(() => feed.refresh(), [feed, version]);
  return feed;
}
