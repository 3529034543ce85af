/**
 * Random initial weights. Norm weights are 1, biases 0; matrices are normal with a standard deviation given per kind. The projections
 * that write into the residual stream are scaled by 1/sqrt(2 layers) (Radford et al., GPT-2).
 */
import { childKey, type RandomKey, RandomStream } from '../core/random.ts';
import type { ModelConfig } from './config.ts';
import { parameterLayout, type Slot, view } from './parameters.ts';

export interface InitialScale {
  readonly embedding: number;
  readonly linear: number;
}

function standardDeviation(slot: Slot, config: ModelConfig, scale: InitialScale): number {
  if (slot.name === 'embedding') return scale.embedding;
  const writesResidual = slot.name.endsWith('.attentionOut') || slot.name.endsWith('.down');
  return writesResidual ? scale.linear / Math.sqrt(2 * config.layers) : scale.linear;
}

/** [layout.length] a fresh flat parameter buffer; a function of the key alone. */
export function initialParameters(config: ModelConfig, key: RandomKey, scale: InitialScale): Float32Array {
  const layout = parameterLayout(config);
  const flat = new Float32Array(layout.length);
  for (const slot of layout.tensors) {
    const weights = view(flat, slot);
    if (slot.name.endsWith('Norm')) weights.fill(1);
    else if (slot.shape.length > 1) {
      const random = new RandomStream(childKey(key, slot.name));
      const deviation = standardDeviation(slot, config, scale);
      for (let i = 0; i < weights.length; i++) weights[i] = deviation * random.normal();
    }
  }
  return flat;
}
