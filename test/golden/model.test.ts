/**
 * The embedded engine's arithmetic against an independent PyTorch implementation (record-model.py): log-probabilities, entropies, losses,
 * gradients of every weight, greedy decoding with the cache; by both training plans.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomKey } from '../../src/core/random.ts';
import { microBatches } from '../../src/engine/onnx/batches.ts';
import { capabilitiesOf } from '../../src/engine/onnx/engine.ts';
import { OnnxSampler } from '../../src/engine/onnx/sampler.ts';
import { SegmentedPlan } from '../../src/engine/onnx/segmented-plan.ts';
import { WholePlan } from '../../src/engine/onnx/whole-plan.ts';
import { createExecutor } from '../../src/graph/create-executor.ts';
import type { Executor } from '../../src/graph/executor.ts';
import { parseModelConfig } from '../../src/model/config.ts';
import { parameterLayout, view } from '../../src/model/parameters.ts';
import { digestOf, loadModelFixture, MODEL_FIXTURES, type ModelFixture } from './model-fixture.ts';

/** float32 against float64: the worst seen is about 1e-5; the bar of the project is 1e-4. */
const TOLERANCE = 1e-4;

function flatWeights(fixture: ModelFixture) {
  const config = parseModelConfig(fixture.config, 'fixture');
  const layout = parameterLayout(config);
  const parameters = new Float32Array(layout.length);
  for (const slot of layout.tensors) {
    const stored = fixture.weights.get(layout.checkpointNames.get(slot.name)!)!;
    expect(stored.shape).toEqual(slot.shape);
    parameters.set(stored.data, slot.offset);
  }
  return { config, layout, parameters };
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, scale = 1): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) expect(Math.abs(actual[i]! - expected[i]!)).toBeLessThan(TOLERANCE * scale);
}

describe.each(MODEL_FIXTURES)('model %s', (name) => {
  const fixture = loadModelFixture(name);
  let executor: Executor;
  beforeAll(async () => {
    executor = (await createExecutor({ backend: 'auto', threads: 2 })).executor;
  });
  afterAll(() => executor.close());

  describe.each(['whole', 'segmented'] as const)('by the %s plan', (planName) => {
    const Plan = planName === 'whole' ? WholePlan : SegmentedPlan;

    it.each(fixture.cases)(
      '$name gives the losses, log-probabilities, entropies and gradients of PyTorch',
      async (recorded) => {
        const { config, layout, parameters } = flatWeights(fixture);
        const gradient = new Float32Array(layout.length);
        const plan = new Plan(executor, config, parameters, gradient);
        const { datums } = recorded;
        const empty = () => datums.map(({ input }) => new Float32Array(input.length));
        const results = { logprobs: empty(), entropies: empty() };
        let loss = 0;
        for (const batch of microBatches(
          datums.map(({ input }) => input.length),
          4096,
        ))
          loss += await plan.run(batch, datums, results, recorded.temperature, recorded.loss);
        plan.release();
        expect(Math.abs(loss - recorded.lossSum)).toBeLessThan(TOLERANCE * Math.max(1, Math.abs(recorded.lossSum)));
        datums.forEach((_, d) => {
          expectClose(results.logprobs[d]!, recorded.logprobs[d]!);
          expectClose(results.entropies[d]!, recorded.entropies[d]!);
        });
        for (const slot of layout.tensors) {
          const checkpointName = layout.checkpointNames.get(slot.name)!;
          const digest = recorded.digests.get(checkpointName)!;
          const norm = Math.max(digest[0]!, 1e-6);
          // a signed sum of n terms may be off by sqrt(n) roundings, which the norm bounds
          expectClose(digestOf(view(gradient, slot)), digest, norm);
          const full = recorded.gradients?.get(checkpointName);
          if (full) expectClose(view(gradient, slot), full, norm);
        }
      },
    );
  });

  it('decodes greedily what PyTorch decodes, from the cache', async () => {
    const { config, parameters } = flatWeights(fixture);
    const sampler = new OnnxSampler({
      executor,
      config,
      capabilities: capabilitiesOf(config),
      parameters,
      policyVersion: 0,
      rows: 4,
    });
    for (const { prompt, tokens, logprobs, entropies } of fixture.greedy) {
      const [completion] = await sampler.sample({
        prompt: Int32Array.from(prompt),
        count: 1,
        maxTokens: tokens.length,
        temperature: 0,
        stopTokens: [],
        key: randomKey(0),
      });
      expect([...completion!.tokens]).toEqual(tokens);
      expectClose(completion!.logprobs, logprobs);
      expectClose(completion!.entropies, entropies);
    }
    await sampler.release();
  });
});
