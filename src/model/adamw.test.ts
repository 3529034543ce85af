import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineError } from '../core/errors.ts';
import { createExecutor } from '../graph/create-executor.ts';
import type { Executor } from '../graph/executor.ts';
import { type AdamWMemory, type AdamWSettings, createAdamW } from './adamw.ts';
import { CHUNK } from './adamw-graph.ts';

const PLAIN: AdamWSettings = {
  learningRate: 0.1,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  weightDecay: 0,
  maxGradNorm: 0,
};

/** The textbook, one element after the other, in float64. */
function reference(memory: Record<keyof AdamWMemory, number[]>, stepNumber: number, settings: AdamWSettings): number {
  const { parameters: p, gradient: g, firstMoment: m, secondMoment: v } = memory;
  const { learningRate, beta1, beta2, epsilon, weightDecay, maxGradNorm } = settings;
  const norm = Math.sqrt(g.reduce((sum, x) => sum + x * x, 0));
  const scale = maxGradNorm > 0 ? Math.min(1, maxGradNorm / norm) : 1;
  p.forEach((value, i) => {
    const gradient = g[i]! * scale;
    m[i] = beta1 * m[i]! + (1 - beta1) * gradient;
    v[i] = beta2 * v[i]! + (1 - beta2) * gradient ** 2;
    const direction = m[i]! / (1 - beta1 ** stepNumber) / (Math.sqrt(v[i]! / (1 - beta2 ** stepNumber)) + epsilon);
    p[i] = value - learningRate * weightDecay * value - learningRate * direction;
  });
  return norm;
}

const wave = (length: number, frequency: number, size = 1) =>
  Float32Array.from({ length }, (_, i) => size * Math.sin(frequency * (i + 1)));

function memoryOf(parameters: Float32Array): AdamWMemory {
  const zeros = () => new Float32Array(parameters.length);
  return { parameters, gradient: zeros(), firstMoment: zeros(), secondMoment: zeros() };
}

function worstDifference(actual: Float32Array, expected: readonly number[]): number {
  return actual.reduce((worst, value, i) => Math.max(worst, Math.abs(value - expected[i]!)), 0);
}

describe.each(['koffi', 'node'] as const)('AdamW on the %s executor', (backend) => {
  let executor: Executor;
  beforeAll(async () => {
    executor = (await createExecutor({ backend, threads: 2 })).executor;
  });
  afterAll(() => executor.close());

  it('moves a single parameter as worked out by hand', async () => {
    const memory = memoryOf(Float32Array.of(1));
    const adamw = createAdamW(executor, 1);
    const settings = { ...PLAIN, weightDecay: 0.5 };

    memory.gradient[0] = -2;
    expect(await adamw.step({ ...memory, stepNumber: 1, settings })).toEqual({ gradNorm: 2 });
    // m = 0.1 (-2), v = 0.01 (4); corrected: -2 and 4, so the direction is -1: p = 1 - 0.1 0.5 1 + 0.1
    expect(memory.parameters[0]).toBeCloseTo(1.05, 6);
    expect(memory.firstMoment[0]).toBeCloseTo(-0.2, 7);
    expect(memory.secondMoment[0]).toBeCloseTo(0.04, 8);
    expect(memory.gradient[0]).toBe(0);

    await adamw.step({ ...memory, stepNumber: 2, settings });
    // no gradient: m = -0.18, v = 0.0396; direction -0.18 / 0.19 / sqrt(0.0396 / 0.0199) = -0.67158
    expect(memory.parameters[0]).toBeCloseTo(1.05 - 0.0525 + 0.067158, 6);
    adamw.release();
  });

  it('scales the gradient down to the largest norm allowed, and reports the norm before', async () => {
    const memory = memoryOf(Float32Array.of(0, 0));
    memory.gradient.set([30, 40]);
    const adamw = createAdamW(executor, 2);
    const { gradNorm } = await adamw.step({ ...memory, stepNumber: 1, settings: { ...PLAIN, maxGradNorm: 5 } });
    expect(gradNorm).toBe(50);
    // the gradient became [3, 4]; m = 0.1 g
    expect(memory.firstMoment[0]).toBeCloseTo(0.3, 6);
    expect(memory.firstMoment[1]).toBeCloseTo(0.4, 6);
    adamw.release();
  });

  const lengths = [1, 1000, CHUNK, 8 * CHUNK + 12_345];
  const variants: Readonly<Record<string, AdamWSettings>> = {
    plain: PLAIN,
    'clipped and decayed': { ...PLAIN, maxGradNorm: 0.5, weightDecay: 0.1 },
    'with a learning rate of 0': { ...PLAIN, learningRate: 0 },
  };
  const cases = Object.keys(variants).flatMap((name) => lengths.map((length) => [name, length] as const));

  it.each(cases)('%s equals the textbook in float64 over 5 steps of %i parameters', async (name, length) => {
    const settings = variants[name]!;
    const memory = memoryOf(wave(length, 0.37));
    const expected = {
      parameters: [...memory.parameters],
      gradient: [] as number[],
      firstMoment: Array<number>(length).fill(0),
      secondMoment: Array<number>(length).fill(0),
    };
    const adamw = createAdamW(executor, length);
    for (let stepNumber = 1; stepNumber <= 5; stepNumber++) {
      memory.gradient.set(wave(length, 0.11 * stepNumber, 10 ** -stepNumber));
      expected.gradient = [...memory.gradient];
      const norm = reference(expected, stepNumber, settings);
      const { gradNorm } = await adamw.step({ ...memory, stepNumber, settings });
      expect(gradNorm / norm).toBeCloseTo(1, 6);
    }
    // parameters are of size 1 and moved by 0.1 a step, so 1e-6 is a few float32 roundings
    expect(worstDifference(memory.parameters, expected.parameters)).toBeLessThan(1e-6);
    expect(worstDifference(memory.firstMoment, expected.firstMoment)).toBeLessThan(1e-8);
    expect(worstDifference(memory.secondMoment, expected.secondMoment)).toBeLessThan(1e-9);
    expect(memory.gradient.every((value) => value === 0)).toBe(true);
    adamw.release();
  });

  it('drops a gradient that is not finite, and leaves parameters and moments alone', async () => {
    const length = 8 * CHUNK + 3;
    const memory = memoryOf(wave(length, 0.2));
    const adamw = createAdamW(executor, length);
    memory.gradient.fill(0.5);
    await adamw.step({ ...memory, stepNumber: 1, settings: PLAIN });
    const kept = [memory.parameters, memory.firstMoment, memory.secondMoment];
    const before = kept.map((array) => array.slice());
    for (const poison of [Number.NaN, Number.POSITIVE_INFINITY, 1e30]) {
      memory.gradient[length - 1] = poison;
      await expect(adamw.step({ ...memory, stepNumber: 2, settings: PLAIN })).rejects.toThrow(EngineError);
      kept.forEach((array, i) => {
        expect(Buffer.compare(Buffer.from(array.buffer), Buffer.from(before[i]!.buffer))).toBe(0);
      });
      expect(memory.gradient.every((value) => value === 0)).toBe(true);
    }
    adamw.release();
  });

  it('gives the same bits again, whatever ran where', async () => {
    const length = 9 * CHUNK + 77;
    const run = async () => {
      const memory = memoryOf(wave(length, 0.3));
      const adamw = createAdamW(executor, length);
      for (let stepNumber = 1; stepNumber <= 3; stepNumber++) {
        memory.gradient.set(wave(length, 0.7 * stepNumber));
        await adamw.step({ ...memory, stepNumber, settings: { ...PLAIN, maxGradNorm: 1 } });
      }
      adamw.release();
      return Buffer.from(memory.parameters.buffer);
    };
    expect(Buffer.compare(await run(), await run())).toBe(0);
  });

  it('treats every element alike, wherever it is in the vector', async () => {
    const length = 8 * CHUNK + 500;
    const adamw = createAdamW(executor, length);
    await fc.assert(
      fc.asyncProperty(fc.nat(length - 1), fc.nat(length - 1), async (i, j) => {
        const memory = memoryOf(new Float32Array(length).fill(0.25));
        memory.gradient[i] = 3;
        memory.gradient[j] = 3;
        await adamw.step({ ...memory, stepNumber: 1, settings: PLAIN });
        const moved = [...memory.parameters.entries()].filter(([, value]) => value !== 0.25);
        expect(moved.map(([at]) => at)).toEqual([...new Set([i, j])].sort((a, b) => a - b));
        expect(new Set(moved.map(([, value]) => value)).size).toBe(1);
      }),
      { numRuns: 5 },
    );
    adamw.release();
  });

  it('works on shared memory, and on other arrays from one step to the next', async () => {
    const shared = () => new Float32Array(new SharedArrayBuffer(400));
    const adamw = createAdamW(executor, 100);
    for (const make of [shared, () => new Float32Array(100), shared]) {
      const memory = { parameters: make(), gradient: make(), firstMoment: make(), secondMoment: make() };
      memory.gradient.fill(-1);
      await adamw.step({ ...memory, stepNumber: 1, settings: PLAIN });
      expect(memory.parameters[99]).toBeCloseTo(0.1, 6);
    }
    adamw.release();
  });

  it('refuses arrays of another length', async () => {
    const adamw = createAdamW(executor, 10);
    await expect(adamw.step({ ...memoryOf(new Float32Array(9)), stepNumber: 1, settings: PLAIN })).rejects.toThrow(
      'AdamW over 10 parameters got 9 as parameters',
    );
  });
});
