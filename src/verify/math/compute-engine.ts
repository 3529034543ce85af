/**
 * Closed forms from the library @cortex-js/compute-engine, which knows integrals, limits and infinite series. It is given trees of ours as
 * MathJSON, never text: its own LaTeX parser reads `MR = SRMC` and `AR = SRMC` as one equation, and `1 2` as 12.
 *
 * Nothing bounds its time but the wall clock, so it is loaded and called only in a thread that can be killed.
 */
import { isMainThread } from 'node:worker_threads';
import { assert } from '../../core/errors.ts';
import type { Budget } from '../budget.ts';
import { type Propose, withClosedForms } from './closed-forms.ts';
import { checkComputeEngine } from './compute-engine-version.ts';
import type { Expression } from './expression.ts';
import { calculusJson, fromMathJson, LetterNames } from './mathjson.ts';

/** The little of the library that is used. */
interface Library {
  readonly ComputeEngine: new () => { box(json: unknown): { evaluate(): { readonly json: unknown } } };
}

/**
 * Each list of trees with closed forms where they hold. A fresh engine for each decision: one that has met a letter remembers what it took
 * it for, and later decisions would depend on it. @throws BudgetExceeded, and UserError for a version without closed forms
 */
export async function closeForms(
  lists: readonly (readonly Expression[])[],
  budget: Budget,
): Promise<readonly (readonly Expression[])[]> {
  assert(!isMainThread, 'the compute engine belongs in a worker');
  checkComputeEngine();
  const { ComputeEngine } = (await import('@cortex-js/compute-engine')) as unknown as Library;
  const engine = silently(() => new ComputeEngine());
  const propose: Propose = (part) => {
    const names = new LetterNames();
    const json = calculusJson(part, names);
    if (json === undefined) return undefined;
    try {
      return fromMathJson(
        silently(() => engine.box(json).evaluate().json),
        names,
      );
    } catch {
      // whatever it throws (its own time limit, a bug met by hostile input), it proposes nothing
      return undefined;
    }
  };
  return lists.map((list) => list.map((e) => withClosedForms(e, propose, budget)));
}

const CHANNELS = ['log', 'info', 'warn', 'error', 'debug'] as const;

/** The library reports on the console what it does not like about its input. */
function silently<T>(run: () => T): T {
  const { console: channel } = globalThis;
  const kept = CHANNELS.map((name) => channel[name]);
  for (const name of CHANNELS) channel[name] = () => {};
  try {
    return run();
  } finally {
    for (const [index, name] of CHANNELS.entries()) channel[name] = kept[index] as Console['log'];
  }
}
