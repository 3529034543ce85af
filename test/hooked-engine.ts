/** Engines that wait, or die, at chosen calls: real engines with something in between. */
import { EngineError } from '../src/core/errors.ts';
import type { Engine, Sampler } from '../src/engine/engine.ts';

export const VERBS = [
  'sampler',
  'sample',
  'forward',
  'forwardBackward',
  'optimStep',
  'saveState',
  'loadState',
] as const;
export type Verb = (typeof VERBS)[number];

/** What happens around every call; a failure is the call's. */
export interface Hooks {
  /** When the call is made. */
  readonly made?: (verb: Verb) => void;
  /** Before it takes effect, when every earlier call of training has. */
  readonly before?: (verb: Verb) => unknown;
  /** When it has taken effect, before its answer arrives. @param begun what `before` gave */
  readonly after?: (verb: Verb, begun: unknown) => unknown;
}

/** Calls of training keep their order; samples wait for nobody. */
export function hookedEngine(inner: Engine, { made, before, after }: Hooks): Engine {
  let earlier: Promise<unknown> = Promise.resolve();
  const around = async <Result>(verb: Verb, call: () => Promise<Result>): Promise<Result> => {
    const begun = await before?.(verb);
    const result = await call();
    await after?.(verb, begun);
    return result;
  };
  const inOrder = <Result>(verb: Verb, call: () => Promise<Result>): Promise<Result> => {
    made?.(verb);
    const result = earlier.then(() => around(verb, call));
    earlier = result.catch(() => undefined);
    return result;
  };
  return {
    capabilities: inner.capabilities,
    get policyVersion() {
      return inner.policyVersion;
    },
    sampler: async () => {
      const sampler = await inOrder('sampler', () => inner.sampler());
      const sample: Sampler['sample'] = (request) => {
        made?.('sample');
        return around('sample', () => sampler.sample(request));
      };
      return { policyVersion: sampler.policyVersion, sample };
    },
    forward: (...args) => inOrder('forward', () => inner.forward(...args)),
    forwardBackward: (...args) => inOrder('forwardBackward', () => inner.forwardBackward(...args)),
    optimStep: (...args) => inOrder('optimStep', () => inner.optimStep(...args)),
    saveState: (...args) => inOrder('saveState', () => inner.saveState(...args)),
    loadState: (...args) => inOrder('loadState', () => inner.loadState(...args)),
    exportWeights: (into) => inner.exportWeights(into),
    close: () => inner.close(),
  };
}

/** One death: at the n-th call of a verb, counted over all engines of the run from 1, before or after it took effect. */
export interface Death {
  readonly verb: Verb;
  readonly call: number;
  readonly when: 'before' | 'after';
}

/** Engines one after the other: each ends for good at the next death, as if its server were gone. */
export function mortalEngines(open: () => Engine, deaths: readonly Death[]) {
  const calls = new Map<Verb, number>();
  let opened = 0;
  let died = 0;
  const next = (): Engine => {
    opened += 1;
    let isDead = false;
    const refuse = () => {
      if (isDead) throw new EngineError('connection refused', { retryable: true });
    };
    const die = (verb: Verb, call: number, when: Death['when']) => {
      const isDue = deaths.some((death) => death.verb === verb && death.call === call && death.when === when);
      if (!isDead && isDue) {
        isDead = true;
        died += 1;
      }
      refuse();
    };
    return hookedEngine(open(), {
      before: (verb) => {
        refuse();
        const call = (calls.get(verb) ?? 0) + 1;
        calls.set(verb, call);
        die(verb, call, 'before');
        return call;
      },
      after: (verb, call) => die(verb, call as number, 'after'),
    });
  };
  return { next, opened: () => opened, died: () => died };
}
