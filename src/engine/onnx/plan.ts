/**
 * How a micro-batch is computed: the whole model at once, or layer by layer (`whole-plan.ts`, `segmented-plan.ts`).
 */
import type { Datum, Loss } from '../../core/datum.ts';
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
