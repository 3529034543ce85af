import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Death, mortalEngines, type Verb } from '../../test/hooked-engine.ts';
import { echoConfig, engineFor, finish, runsIn, type Settings } from '../../test/training-run.ts';
import { EngineError } from '../core/errors.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'polarity-recovery-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const { started, resumed, lines, metricsOf } = runsIn(() => directory);

const settings = (more: Settings = {}): Settings => ({
  // so large that every minibatch has an update
  sampling: { groupSize: 64 },
  training: { steps: 6, problemsPerStep: 4, minibatches: 2, ...more['training'] },
  evaluation: { problems: 4, every: 3 },
  journal: { checkpointsEvery: 2, rolloutsEvery: 0 },
});
const lagging = settings({ training: { minibatches: 1, maxStepsOffPolicy: 2, stream: true } });

let runs = 0;
/** A run whose engines die so, and how it went. */
async function mortal(deaths: readonly Death[], of: Settings) {
  const name = `mortal-${runs++}`;
  const engines = mortalEngines(() => engineFor(echoConfig(of)), deaths);
  const waits: number[] = [];
  const reopen = {
    open: async () => ({ engine: engines.next() }),
    // farewells to engines that are gone are not waited for
    wait: async (milliseconds: number) => milliseconds === 5000 || waits.push(milliseconds),
  };
  const run = await started(name, of, engines.next(), { reopen });
  return { name, run, engines, waits };
}

const weights = (name: string) =>
  readFileSync(join(directory, name, 'checkpoints/step-000006/fake-policy.json'), 'utf8');
const made = (name: string) => ({
  metrics: metricsOf(name),
  evaluations: lines(name, 'evaluations.jsonl'),
  weights: weights(name),
});

describe('a run whose engine is lost', () => {
  const undisturbed: Record<string, ReturnType<typeof made>> = {};
  beforeAll(async () => {
    await finish(await started('plain', settings()));
    undisturbed['plain'] = made('plain');
    await finish(await started('lagging', lagging));
    undisturbed['lagging'] = made('lagging');
  });

  const verbs: Verb[] = ['sampler', 'sample', 'forwardBackward', 'optimStep', 'saveState'];
  it.each(
    verbs.flatMap((verb) =>
      [1, 3].flatMap((call) => (['before', 'after'] as const).map((when) => ({ verb, call, when }))),
    ),
  )('is as if it had not been: %j', async (death) => {
    for (const [kind, of] of [
      ['plain', settings()],
      ['lagging', lagging],
    ] as const) {
      const { name, run, engines } = await mortal([death], of);
      await finish(run);
      expect(engines.died()).toBe(1);
      expect(made(name)).toEqual(undisturbed[kind]);
    }
  });

  it('dies while it loads the checkpoint, again and again, and goes on all the same', async () => {
    const { name, run, engines, waits } = await mortal(
      [
        { verb: 'optimStep', call: 7, when: 'after' },
        { verb: 'loadState', call: 1, when: 'before' },
        { verb: 'loadState', call: 2, when: 'after' },
      ],
      settings(),
    );
    await finish(run);
    expect([engines.died(), engines.opened()]).toEqual([3, 4]);
    expect(waits).toEqual([1000, 2000, 4000]);
    expect(made(name)).toEqual(undisturbed['plain']);
    const events = lines(name, 'events.jsonl').filter(({ kind }) => `${kind}`.startsWith('engine-'));
    expect(events.map(({ kind }) => kind)).toEqual(['engine-lost', 'engine-lost', 'engine-lost', 'engine-recovered']);
    // step 4's second update was lost with its checkpoint at step 2: step 3 was finished
    expect(events.at(-1)).toMatchObject({ step: 2, details: { replayed: 1, attempts: 3 } });
    expect(events[0]).toMatchObject({ level: 'fault', step: 3, message: 'the engine is lost: connection refused' });
  });

  it('dies several times anywhere, and goes on all the same', async () => {
    const death = fc.record({
      verb: fc.constantFrom(...verbs, 'loadState' as const),
      call: fc.integer({ min: 1, max: 30 }),
      when: fc.constantFrom('before' as const, 'after' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(death, { minLength: 1, maxLength: 5 }), fc.boolean(), async (deaths, isLagging) => {
        const { name, run } = await mortal(deaths, isLagging ? lagging : settings());
        await finish(run);
        expect(made(name)).toEqual(undisturbed[isLagging ? 'lagging' : 'plain']);
      }),
      { numRuns: 25, seed: 5 },
    );
  });

  const everyStep = (from: number): Death[] =>
    Array.from({ length: 40 }, (_, i) => ({ verb: 'optimStep', call: from + i, when: 'before' }));

  it('ends after training.recoveries losses without a checkpoint in between, with the loss, and can be resumed', async () => {
    const { name, run, engines } = await mortal(everyStep(5), settings({ training: { recoveries: 3 } }));
    await expect(finish(run)).rejects.toThrow('connection refused');
    expect(engines.died()).toBe(4);
    await finish(await resumed(name, settings()));
    expect(made(name)).toEqual(undisturbed['plain']);
  });

  it('may lose any number of engines as long as it gets from checkpoint to checkpoint', async () => {
    // four updates between checkpoints; each engine lives for five
    const deaths = Array.from(
      { length: 6 },
      (_, i): Death => ({ verb: 'optimStep', call: 5 * (i + 1), when: 'after' }),
    );
    const { name, run, engines } = await mortal(deaths, settings({ training: { recoveries: 1 } }));
    await finish(run);
    expect(engines.died()).toBeGreaterThan(1);
    expect(made(name)).toEqual(undisturbed['plain']);
  });

  it('ends at once where no engine can be opened, where none is to be, and for any other failure', async () => {
    const death: Death = { verb: 'optimStep', call: 3, when: 'before' };
    const off = await mortal([death], settings({ training: { recoveries: 0 } }));
    await expect(finish(off.run)).rejects.toThrow('connection refused');
    const { run } = await mortal([death], settings());
    await expect(finish({ ...run, reopen: undefined })).rejects.toThrow('connection refused');
    const again = await mortal([death], settings());
    const broken = new EngineError('the weights are gone');
    await expect(
      finish({ ...again.run, reopen: { open: () => Promise.reject(broken), wait: async () => {} } }),
    ).rejects.toBe(broken);
  });

  it('is left alone by who is told to stop while it waits', async () => {
    const { run, engines } = await mortal([{ verb: 'optimStep', call: 3, when: 'before' }], settings());
    const wait = async () => run.stopping.abort();
    await expect(finish({ ...run, reopen: { open: async () => ({ engine: engines.next() }), wait } })).rejects.toThrow(
      'connection refused',
    );
    expect(engines.opened()).toBe(1);
  });
});
