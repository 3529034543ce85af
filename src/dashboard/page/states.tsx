/**
 * What stands where there is nothing to show, or not all of it: loading, empty, broken, torn. A view never stays blank.
 */
import type { ComponentChildren } from 'preact';
import type { Resource } from './resource.ts';

/** Appears after a moment: what comes at once should not flicker. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <p class="state state-loading" role="status">
      Reading {what}…
    </p>
  );
}

export function Empty({ title, children }: { readonly title: string; readonly children?: ComponentChildren }) {
  return (
    <div class="state state-empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Something could not be had: what, why, and what to do. */
export function Broken({
  title,
  message,
  retry,
}: {
  readonly title: string;
  readonly message: string;
  readonly retry?: () => void;
}) {
  return (
    <div class="state state-broken" role="alert">
      <h2>{title}</h2>
      <p>{message}</p>
      {retry && (
        <button type="button" onClick={retry}>
          Ask again
        </button>
      )}
    </div>
  );
}

/** Sentences about what is damaged; nothing where nothing is. */
export function Damage({ sentences }: { readonly sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <div class="damage" role="alert">
      <strong>Damaged</strong>
      <ul>
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </div>
  );
}

/** Sentences about what is not shown, with nothing broken. */
export function Notes({ sentences }: { readonly sentences: readonly string[] }) {
  if (sentences.length === 0) return null;
  return (
    <ul class="notes" aria-label="Not shown">
      {sentences.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}

/** What a reply says of the end of the file it was read from; damaged lines are told of above every view of the run. */
export function tornEnd(file: string, { tornBytes }: { readonly tornBytes: number }, isRunning: boolean): string[] {
  // the last line of a run that is being written is torn most of the time
  return tornBytes > 0 && !isRunning
    ? [`${file} ends in the middle of a line (${tornBytes} bytes): its writer died.`]
    : [];
}

/** A resource's value once it is there; else why not. A failure after a first answer is a line above the last good one. */
export function Shown<Reply>({
  resource,
  what,
  children,
}: {
  readonly resource: Resource<Reply>;
  /** Completes "Reading ...". */
  readonly what: string;
  readonly children: (value: Reply) => ComponentChildren;
}) {
  if (resource.state === 'loading') return <Loading what={what} />;
  if (resource.state === 'ready') return <>{children(resource.value)}</>;
  const { failure, value, retry } = resource;
  if (value === undefined) return <Broken title={`No ${what}`} message={failure.message} retry={retry} />;
  return (
    <>
      <p class="stale" role="status">
        Shown as last read. {failure.message}
      </p>
      {children(value)}
    </>
  );
}
