/**
 * Our AdamW against torch.optim.AdamW with clip_grad_norm_, as recorded by record-adamw.py.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createExecutor } from '../../src/graph/create-executor.ts';
import { type AdamWSettings, createAdamW } from '../../src/model/adamw.ts';

interface Golden {
  readonly cases: readonly {
    readonly name: string;
    readonly adam: AdamWSettings;
    readonly initial: readonly number[][];
    readonly steps: readonly {
      readonly gradients: readonly number[][];
      readonly gradNorm: number;
      readonly parameters: readonly number[][];
    }[];
  }[];
}

const golden = JSON.parse(readFileSync(new URL('adamw.json', import.meta.url), 'utf8')) as Golden;

describe.each(['koffi', 'node'] as const)('AdamW on the %s executor does what PyTorch does:', (backend) => {
  it.each(golden.cases)('$name', async ({ adam, initial, steps }) => {
    const { executor } = await createExecutor({ backend, threads: 1 });
    const parameters = Float32Array.from(initial.flat());
    const { length } = parameters;
    const gradient = new Float32Array(length);
    const memory = {
      parameters,
      gradient,
      firstMoment: new Float32Array(length),
      secondMoment: new Float32Array(length),
    };
    const adamw = createAdamW(executor, length);
    for (const [i, step] of steps.entries()) {
      gradient.set(step.gradients.flat());
      const { gradNorm } = await adamw.step({ ...memory, stepNumber: i + 1, settings: adam });
      expect(gradNorm / step.gradNorm).toBeCloseTo(1, 6);
      // ten float32 roundings of parameters up to 2, and the 1e-6 in the denominator of PyTorch's clipping
      const worst = Math.max(...step.parameters.flat().map((value, at) => Math.abs(value - parameters[at]!)));
      expect(worst).toBeLessThan(1e-6);
    }
    adamw.release();
    executor.close();
  });
});
