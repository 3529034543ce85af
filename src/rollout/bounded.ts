/**
 * Bounded concurrency that leaves no trace in the result: order, and which error is reported, do not depend on timing.
 */
import type { Slots } from './slots.ts';

/** One kind of work that every element goes through, with slots that other lists may share. */
export interface Stage<Element, Result> {
  readonly slots: Slots;
  readonly work: (element: Element, position: number) => Promise<Result>;
}

/** Results on their way. */
export interface Underway<Result> {
  /** In the elements' order, each as soon as it is there. After a failure read `all`, which knows the cause. */
  readonly each: readonly Promise<Result>[];
  /** All of them; or, when everything that ran has ended, the failure of the earliest element, or the signal's reason. */
  readonly all: Promise<Result[]>;
}

/** Why an element was never begun: another one failed, or the signal was aborted. */
const NOT_BEGUN = new Error('not begun');

/**
 * Every element through both stages; those that wait for the second hold no slot of the first. After a failure or an abort nothing new
 * begins; what runs is waited for; then the failure of the earliest element is thrown, whichever came first in time: elements enter
 * the first stage in order, so the earliest failing one always begins.
 */
export function throughStages<Element, Middle, Result>(
  elements: readonly Element[],
  signal: AbortSignal | undefined,
  first: Stage<Element, Middle>,
  second: Stage<Middle, Result>,
): Underway<Result> {
  let hasFailed = false;
  const enter = <In, Out>({ slots, work }: Stage<In, Out>, element: In, position: number): Promise<Out> =>
    slots.hold(async () => {
      if (hasFailed || signal?.aborted) throw NOT_BEGUN;
      try {
        return await work(element, position);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    });
  const each = elements.map(async (element, position) =>
    enter(second, await enter(first, element, position), position),
  );
  const all = Promise.allSettled(each).then((ended) => {
    const earliest = ended.find((each) => each.status === 'rejected' && each.reason !== NOT_BEGUN);
    if (earliest?.status === 'rejected') throw earliest.reason;
    signal?.throwIfAborted();
    return Promise.all(each);
  });
  // a reader of `each` may never look at it
  all.catch(() => undefined);
  return { each, all };
}
