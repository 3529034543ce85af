/**
 * A Sampler of the embedded engine: a snapshot of the weights and one lane (compiled session + batch) per kind of selection.
 */
import { EngineError } from '../../core/errors.ts';
import type { Completion } from '../../core/rollout.ts';
import type { Executor, Tensor } from '../../graph/executor.ts';
import { encodeModel } from '../../graph/onnx-model.ts';
import type { ModelConfig } from '../../model/config.ts';
import { decodeGraph, frozenWeights } from '../../model/decode-graph.ts';
import type { Selection } from '../../model/draw.ts';
import { checkSampleRequest } from '../checks.ts';
import type { Capabilities, SampleRequest, Sampler } from '../engine.ts';
import { Lane } from './lane.ts';

export interface OnnxSamplerOptions {
  readonly executor: Executor;
  readonly config: ModelConfig;
  readonly capabilities: Capabilities;
  /** Flat weights; never changed by anyone afterwards. */
  readonly parameters: Float32Array;
  readonly policyVersion: number;
  /** Completions decoded together. */
  readonly rows: number;
}

/** Decoding steps follow each other within a fraction of this. */
export const DECODE_SPIN_US = 1000;

function selectionOf({ temperature, topK = 0, topP = 1 }: SampleRequest): Selection {
  if (temperature === 0) return { kind: 'greedy' };
  return topK > 0 || topP < 1 ? { kind: 'filtered', topK, topP } : { kind: 'all' };
}

export class OnnxSampler implements Sampler {
  readonly policyVersion: number;
  readonly #it: OnnxSamplerOptions;
  readonly #lanes = new Map<string, Promise<Lane>>();
  #isRetired = false;

  constructor(options: OnnxSamplerOptions) {
    this.#it = options;
    this.policyVersion = options.policyVersion;
  }

  async sample(request: SampleRequest): Promise<Completion[]> {
    if (this.#isRetired)
      throw new EngineError(
        `the sampler of policy version ${this.policyVersion} has been retired: take a new one from engine.sampler()`,
      );
    checkSampleRequest(request, this.#it.capabilities);
    const lane = await this.#lane(selectionOf(request));
    const prompt = await lane.prefill(request.prompt);
    return lane.complete(request, prompt);
  }

  async release(): Promise<void> {
    this.#isRetired = true;
    const lanes = await Promise.allSettled(this.#lanes.values());
    this.#lanes.clear();
    for (const lane of lanes) if (lane.status === 'fulfilled') lane.value.release();
  }

  #lane(selection: Selection): Promise<Lane> {
    const key = JSON.stringify(selection);
    const known = this.#lanes.get(key);
    if (known) return known;
    const lane = this.#compile(selection);
    this.#lanes.set(key, lane);
    // a session that could not be made is tried again by the next request
    lane.catch(() => this.#lanes.delete(key));
    return lane;
  }

  async #compile(selection: Selection): Promise<Lane> {
    const { executor, config, parameters, rows, policyVersion } = this.#it;
    const constants: Record<string, Tensor> = {};
    for (const { name, shape, offset, length } of frozenWeights(config))
      constants[name] = { type: 'float32', dims: shape, data: parameters.subarray(offset, offset + length) };
    const session = await executor.session(encodeModel(decodeGraph(config, selection)), {
      constants,
      idleSpinUs: DECODE_SPIN_US,
    });
    return new Lane({ session, config, rows, synchronous: executor.synchronous, policyVersion });
  }
}
