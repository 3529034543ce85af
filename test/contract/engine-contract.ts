/**
 * The Engine contract as one suite: every implementation of the seam keeps every promise here, or gives a reason why not.
 * Written against the public interface only; weights are observed through log-probabilities and gradient norms.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, type TestContext, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.ts';
import { sampling } from './engine-sampling.ts';
import { state } from './engine-state.ts';
import { training } from './engine-training.ts';

export interface ContractOptions {
  /** Absolute, in nats, between log-probabilities that should agree; relative between losses, norms and weights. */
  readonly tolerance: number;
  /** Relative, between gradients and central differences. Default 0.01. */
  readonly gradientTolerance?: number;
  /** Promise's name -> why this engine does not keep it. */
  readonly skips?: Readonly<Record<string, string>>;
}

/** What a promise is tried with. */
export interface Trial {
  /** A fresh engine with the same weights each time, closed after the test. */
  engine(): Promise<Engine>;
  /** An empty directory, removed after the test. */
  directory(): Promise<string>;
  /** Ends the test as skipped. */
  skip(reason: string): never;
  readonly tolerance: number;
  readonly gradientTolerance: number;
}

export type Promises = Readonly<Record<string, (trial: Trial) => Promise<void>>>;

/**
 * @param makeEngine a fresh engine; the same weights at every call; vocabulary of at least 8 tokens, context of at least 24
 */
export function engineContract(
  name: string,
  makeEngine: () => Engine | Promise<Engine>,
  options: ContractOptions,
): void {
  const promises: Promises = { ...sampling, ...training, ...state };
  const skips = options.skips ?? {};
  describe(`${name} keeps the Engine contract`, () => {
    const engines: Engine[] = [];
    let root = '';
    beforeEach(async () => {
      root = await mkdtemp(join(tmpdir(), 'engine-'));
    });
    afterEach(async () => {
      await Promise.all(engines.splice(0).map((engine) => engine.close()));
      await rm(root, { recursive: true });
    });

    const trial = (context: TestContext): Trial => {
      let directories = 0;
      return {
        engine: async () => {
          const engine = await makeEngine();
          engines.push(engine);
          return engine;
        },
        directory: async () => {
          const path = join(root, String(directories++));
          await mkdir(path);
          return path;
        },
        skip: (reason) => context.skip(reason),
        tolerance: options.tolerance,
        gradientTolerance: options.gradientTolerance ?? 0.01,
      };
    };

    for (const [promise, tryOut] of Object.entries(promises)) {
      test(promise, async (context) => {
        const reason = skips[promise];
        if (reason !== undefined) context.skip(reason);
        await tryOut(trial(context));
      });
    }

    test('every skip names a promise of the contract', ({ expect }) => {
      expect(Object.keys(skips).filter((promise) => !(promise in promises))).toEqual([]);
    });
  });
}
