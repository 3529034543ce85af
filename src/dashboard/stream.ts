/** Server-sent events: what changed in the runs a page shows. */
import { refusal } from './refusal.ts';
import type { Watch, WatchedRun } from './watch.ts';

/** Pages at a time; each costs a socket. */
const MOST_STREAMS = 48;
/** Keeps proxies and laptops that slept from taking the silence for the end. */
const BEAT_MS = 15_000;
/** Messages a page may leave unread before it is let go: it asks again. */
const MOST_UNREAD = 256;

/** @throws a refusal when too many are open */
export function stream(watch: Watch, runs: readonly WatchedRun[], signal: AbortSignal): Response {
  if (watch.listeners >= MOST_STREAMS)
    throw refusal('too-large', `${MOST_STREAMS} pages are being kept up to date already: close some`);
  let end = () => {};
  const body = new ReadableStream<Uint8Array>(
    {
      async start(controller) {
        const send = sender(controller, () => end());
        send('retry: 2000\n\n');
        const beat = setInterval(() => send(': still here\n\n'), BEAT_MS).unref();
        const stopping = watch.listen({
          runs,
          onChange: (change) => send(`event: change\ndata: ${JSON.stringify(change)}\n\n`),
          onRuns: () => send('event: runs\ndata: {}\n\n'),
        });
        end = once(() => {
          clearInterval(beat);
          void stopping.then((stop) => stop());
          try {
            controller.close();
          } catch {
            // the other side has gone already
          }
        });
        signal.addEventListener('abort', end, { once: true });
        await stopping;
      },
      cancel: () => end(),
    },
    { highWaterMark: MOST_UNREAD },
  );
  return new Response(body, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' },
  });
}

function sender(controller: ReadableStreamDefaultController<Uint8Array>, onFull: () => void): (text: string) => void {
  const encoder = new TextEncoder();
  return (text) => {
    try {
      controller.enqueue(encoder.encode(text));
      if ((controller.desiredSize ?? 1) <= 0) onFull();
    } catch {
      onFull();
    }
  };
}

function once(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (!isDone) act();
    isDone = true;
  };
}
