/**
 * The contract's promises about order, files and the end.
 */
import { readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Datum } from '../../src/core/datum.ts';
import { EngineError } from '../../src/core/errors.ts';
import { randomKey } from '../../src/core/random.ts';
import type { Engine, SampleRequest } from '../../src/engine/engine.ts';
import type { Promises } from './engine-contract.ts';
import { ADAM, probe, randomData } from './engine-material.ts';

const REQUEST: SampleRequest = {
  prompt: Int32Array.of(1, 2),
  count: 3,
  maxTokens: 6,
  temperature: 1,
  stopTokens: [],
  key: randomKey(5),
};

async function train(engine: Engine, data: readonly Datum[], steps: number) {
  const seen: unknown[] = [];
  for (let step = 0; step < steps; step++) {
    seen.push(await engine.forwardBackward(data, { kind: 'cross_entropy' }), await engine.optimStep(ADAM));
  }
  return [...seen, await probe(engine), await (await engine.sampler()).sample(REQUEST)];
}

export const state: Promises = {
  'calls take effect in the order they are made, awaited or not': async (trial) => {
    const [patient, hasty] = [await trial.engine(), await trial.engine()];
    const data = await randomData(patient, 41);
    const loss = { kind: 'importance_sampling' } as const;
    const awaited = [
      await patient.forward(data),
      await patient.forwardBackward(data, loss),
      await patient.optimStep(ADAM),
      await (await patient.sampler()).sample(REQUEST),
      await patient.forwardBackward(data, loss),
      await patient.optimStep(ADAM),
      await patient.forward(data),
    ];
    const promised = await Promise.all([
      hasty.forward(data),
      hasty.forwardBackward(data, loss),
      hasty.optimStep(ADAM),
      hasty.sampler().then((sampler) => sampler.sample(REQUEST)),
      hasty.forwardBackward(data, loss),
      hasty.optimStep(ADAM),
      hasty.forward(data),
    ]);
    expect(promised).toEqual(awaited);
  },

  'a call made before loadState is done sees the state loaded': async (trial) => {
    const engine = await trial.engine();
    const directory = await trial.directory();
    const data = await randomData(engine, 47);
    const before = await engine.forward(data);
    await engine.saveState(directory);
    await train(engine, data, 2);
    const [, after, sampler] = await Promise.all([engine.loadState(directory), engine.forward(data), engine.sampler()]);
    expect(after).toEqual(before);
    expect(sampler.policyVersion).toBe(0);
  },

  'a call that fails does not stop those after it': async (trial) => {
    const engine = await trial.engine();
    const data = await randomData(engine, 42);
    const failing = engine.loadState(join(await trial.directory(), 'missing'));
    const following = engine.forward(data);
    await expect(failing).rejects.toBeInstanceOf(EngineError);
    expect(await following).toEqual(await engine.forward(data));
  },

  'save, load, continue equals continue, bit for bit': async (trial) => {
    const engine = await trial.engine();
    const directory = await trial.directory();
    const data = await randomData(engine, 43);
    await train(engine, data, 3);
    await engine.saveState(directory);
    const continued = await train(engine, data, 3);
    expect(engine.policyVersion).toBe(6);

    const other = await trial.engine();
    await other.loadState(directory);
    expect(other.policyVersion).toBe(3);
    expect(await train(other, data, 3)).toEqual(continued);
    // an engine that went on can go back
    await engine.loadState(directory);
    expect(await train(engine, data, 3)).toEqual(continued);
  },

  'a state is what it was when saveState was called, whatever follows': async (trial) => {
    const engine = await trial.engine();
    const [early, late] = [await trial.directory(), await trial.directory()];
    const data = await randomData(engine, 44);
    await train(engine, data, 1);
    await engine.saveState(early);
    const saving = engine.saveState(late);
    const learning = Promise.all([engine.forwardBackward(data, { kind: 'cross_entropy' }), engine.optimStep(ADAM)]);
    await Promise.all([saving, learning]);
    const content = async (directory: string) =>
      Promise.all((await readdir(directory)).sort().map((name) => readFile(join(directory, name))));
    expect(await content(late)).toEqual(await content(early));
  },

  'loadState clears a gradient that was never stepped': async (trial) => {
    const engine = await trial.engine();
    const directory = await trial.directory();
    await engine.saveState(directory);
    await engine.forwardBackward(await randomData(engine, 45), { kind: 'cross_entropy' });
    await engine.loadState(directory);
    expect((await engine.optimStep(ADAM)).gradNorm).toBe(0);
  },

  'a state that is missing or cut short is refused by name, and the engine stays as it was': async (trial) => {
    const engine = await trial.engine();
    const [empty, damaged] = [await trial.directory(), await trial.directory()];
    const before = await probe(engine);
    await expect(engine.loadState(empty)).rejects.toThrow(empty);
    await engine.saveState(damaged);
    for (const name of await readdir(damaged)) {
      const path = join(damaged, name);
      await truncate(path, Math.floor((await readFile(path)).length / 2));
    }
    const refusal = await engine.loadState(damaged).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(EngineError);
    expect((refusal as Error).message).toContain(damaged);
    expect(await probe(engine)).toEqual(before);
  },

  'exported weights lie beside a config.json': async (trial) => {
    const engine = await trial.engine();
    const directory = await trial.directory();
    await engine.exportWeights(directory);
    const names = await readdir(directory);
    expect(names).toContain('config.json');
    expect(names.length).toBeGreaterThan(1);
    expect(JSON.parse(await readFile(join(directory, 'config.json'), 'utf8'))).toHaveProperty('model_type');
  },

  'a closed engine has finished what was asked before, and refuses everything after': async (trial) => {
    const engine = await trial.engine();
    const data = await randomData(engine, 46);
    const directory = await trial.directory();
    const sampler = await engine.sampler();
    const pending = engine.forwardBackward(data, { kind: 'cross_entropy' });
    const saving = engine.saveState(directory);
    await engine.close();
    // whole, though nobody waited for it
    await (await trial.engine()).loadState(directory);
    expect((await pending).logprobs.length).toBe(data.length);
    await saving;
    const calls = [
      () => engine.sampler(),
      () => engine.forward(data),
      () => engine.forwardBackward(data, { kind: 'cross_entropy' }),
      () => engine.optimStep(ADAM),
      () => engine.saveState(directory),
      () => engine.loadState(directory),
      () => engine.exportWeights(directory),
      () => sampler.sample(REQUEST),
    ];
    for (const call of calls) await expect(call()).rejects.toBeInstanceOf(EngineError);
    await engine.close();
  },
};
