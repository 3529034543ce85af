/**
 * What changes while the page looks on. One stream of server-sent events for the whole page, closed while the page is hidden: a
 * browser opens six connections to a server, and streams of pages in the background would use them up.
 */
import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { routes, type StreamChange } from '../api.ts';

export type Connection =
  /** Not yet open, or hidden. */
  | 'connecting'
  | 'live'
  /** It was lost; the browser tries again. */
  | 'reconnecting';

export interface Live {
  readonly connection: Connection;
  /** Run -> what its files held last; empty until the stream has spoken. */
  readonly changes: ReadonlyMap<string, StreamChange>;
  /** Grows whenever a run appears or goes, and on reconnection. */
  readonly listVersion: number;
}

const NOTHING: Live = { connection: 'connecting', changes: new Map(), listVersion: 0 };

export const LiveContext = createContext<Live>(NOTHING);

export const useLive = (): Live => useContext(LiveContext);

/** What the stream last said of a run; undefined before it did. Its fields are good versions for `useReply`. */
export const useChange = (run: string): StreamChange | undefined => useLive().changes.get(run);

/** A version that changes with any of a run's files. */
export const versionOf = (change: StreamChange | undefined): string =>
  change === undefined ? '' : Object.values(change).join(' ');

const RETRY_MS = 2000;

/** Keeps the page's stream open for some runs; for the page's root alone. */
export function useStream(runs: readonly string[]): Live {
  const [live, setLive] = useState(NOTHING);
  const isVisible = useVisible();
  const wanted = runs.join(',');

  useEffect(() => {
    if (!isVisible) return;
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = (): void => {
      source = new EventSource(`${routes.stream}${wanted === '' ? '' : `?${new URLSearchParams({ runs: wanted })}`}`);
      source.onopen = () =>
        setLive((before) => ({ ...before, connection: 'live', listVersion: before.listVersion + 1 }));
      source.onerror = () => {
        setLive((before) => ({ ...before, connection: 'reconnecting' }));
        // closed means that the browser has given up: an answer that was no stream
        if (source?.readyState === EventSource.CLOSED) timer = setTimeout(open, RETRY_MS);
      };
      source.addEventListener('runs', () => setLive((before) => ({ ...before, listVersion: before.listVersion + 1 })));
      source.addEventListener('change', ({ data }: MessageEvent<string>) => {
        const change = JSON.parse(data) as StreamChange;
        setLive((before) => ({ ...before, changes: new Map(before.changes).set(change.run, change) }));
      });
    };
    open();
    return () => {
      clearTimeout(timer);
      source?.close();
    };
  }, [wanted, isVisible]);

  return live;
}

function useVisible(): boolean {
  const [isVisible, setVisible] = useState(!document.hidden);
  useEffect(() => {
    const follow = (): void => setVisible(!document.hidden);
    document.addEventListener('visibilitychange', follow);
    return () => document.removeEventListener('visibilitychange', follow);
  }, []);
  return isVisible;
}
