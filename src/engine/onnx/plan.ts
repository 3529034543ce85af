/**
 * How a micro-batch is computed: the whole model at once, or layer by layer (`whole-plan.ts`, `segmented-plan.ts`).
 */
import type { Datum, Loss } from '../../core/datum.ts';
import type { Tensor } from '../../graph/executor.ts';
import { lossForm, lossNumbers } from '../../model/loss-head.ts';
import type { MicroBatch } from './batches.ts';

export interface TrainingPlan {
  /**
   * Scores the members of the micro-batch into `results` ([D][L] arrays by datum) and, given a loss, adds its gradient to the engine's;
   * the summed loss (0 without one).
   */
  run(
    batch: MicroBatch,
    data: readonly Datum[],
    results: { logprobs: Float32Array[]; entropies: Float32Array[] },
    temperature: number,
    loss: Loss | undefined,
  ): Promise<number>;
  release(): void;
}

/** Names the graph that a temperature and a loss need: equal keys, equal graphs. */
export const graphKey = (temperature: number, loss: Loss | undefined): string =>
  `${temperature} ${loss ? lossForm(loss) : 'none'}`;

/** The loss's numbers as the inputs of its graph; `set` writes those of another loss of the same form. */
export function numberInputs(loss: Loss | undefined): {
  readonly inputs: Readonly<Record<string, Tensor>>;
  set(loss: Loss): void;
} {
  const arrays = Object.keys(loss ? lossNumbers(loss) : {}).map((name) => [name, new Float32Array(1)] as const);
  return {
    inputs: Object.fromEntries(arrays.map(([name, data]) => [name, { type: 'float32' as const, dims: [1], data }])),
    set: (loss) => {
      const numbers = lossNumbers(loss);
      for (const [name, array] of arrays) array[0] = numbers[name] as number;
    },
  };
}
