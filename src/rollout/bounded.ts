/**
 * Bounded concurrency that leaves no trace in the result: order, and which error is reported, do not depend on timing.
 */

/**
 * `work` over all elements, at most `concurrency` at once, results in the elements' order. After a failure or an abort nothing new
 * begins; what runs is waited for; then the failure of the earliest element is thrown, whichever came first in time.
 */
export async function mapInOrder<Element, Result>(
  elements: readonly Element[],
  concurrency: number,
  signal: AbortSignal | undefined,
  work: (element: Element, position: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const failures: { readonly position: number; readonly error: unknown }[] = [];
  // shared by all workers, so that elements begin in order: the earliest failing one always begins
  const waiting = elements.entries();
  const worker = async () => {
    for (const [position, element] of waiting) {
      if (signal?.aborted) return;
      try {
        results[position] = await work(element, position);
      } catch (error) {
        failures.push({ position, error });
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, elements.length) }, worker));
  const [earliest] = failures.sort((a, b) => a.position - b.position);
  if (earliest !== undefined) throw earliest.error;
  signal?.throwIfAborted();
  return results;
}
