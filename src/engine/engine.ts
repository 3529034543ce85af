/**
 * The Engine seam: who owns weights. Tinker's verbs, Tinker's semantics. An engine knows nothing of tasks, text,
 * verdicts or objectives' names.
 *
 * Calls take effect in the order they are made, so a caller may make the next before awaiting the last.
 * Losses are plain sums over tokens: one batch equals the same batch in two halves (gradients accumulate until `optimStep`).
 *
 * Dimensions: D datums, L positions of a datum, T completion tokens.
 */
import type { Datum, Loss } from '../core/datum.ts';
import type { RandomKey } from '../core/random.ts';
import type { Completion } from '../core/rollout.ts';

export interface Capabilities {
  /** Exact per-token entropies from `sample`, `forward` and `forwardBackward`. */
  readonly entropies: boolean;
  /** Whether log-probabilities can be taken at a temperature other than 1 in `forward` / `forwardBackward`. */
  readonly temperature: boolean;
  /**
   * Whether `sample`, `forward` and `forwardBackward` compute in the same 32-bit arithmetic, so that the same weights give a token the same
   * probability within a thousandth. Absent: not known, as of servers that compute in 16 bits.
   */
  readonly isExact?: boolean;
  /** Whether sampling may be restricted by topK / topP. */
  readonly filteredSampling: boolean;
  /** What is trained. */
  readonly trains: 'full' | 'lora';
  /**
   * Whether a sampler's weights stay what they were (`immutable`), or become those after the next `optimStep` or `loadState` (`live`): then
   * everything must be sampled before.
   */
  readonly snapshots: 'immutable' | 'live';
  /** Prompt + completion tokens of one sequence, at most. */
  readonly maxContext: number;
  readonly vocabularySize: number;
  /** AdamW settings this engine does not take, with the values it uses: any other value is refused. Absent: it takes them all. */
  readonly fixedAdam?: { readonly [Setting in keyof AdamW]?: number | undefined };
}

export interface SampleRequest {
  readonly prompt: Int32Array;
  /** How many completions of this prompt. */
  readonly count: number;
  /** At most this many completion tokens each; the prompt and they must fit in `maxContext`. */
  readonly maxTokens: number;
  /** > 0 divides the logits; 0 means argmax (then logprobs and entropies are those of temperature 1). */
  readonly temperature: number;
  /** Only the k likeliest tokens may be drawn. 0 or absent: all. */
  readonly topK?: number;
  /** Only the smallest set of likeliest tokens holding this much probability may be drawn. 1 or absent: all. */
  readonly topP?: number;
  /** Any of these ends a completion (and is its last token). */
  readonly stopTokens: readonly number[];
  /** Completion i draws its token t with `uniform(childKey(key, i), t)`: results do not depend on what else is in flight. */
  readonly key: RandomKey;
}

/** Weights frozen at a policy version. */
export interface Sampler {
  readonly policyVersion: number;
  /** @throws UserError when prompt + maxTokens exceeds the context. */
  sample(request: SampleRequest): Promise<Completion[]>;
}

export interface ForwardOptions {
  /** Log-probabilities and entropies are those of logits / temperature. Default 1. */
  readonly temperature?: number;
}

export interface ForwardResult {
  /** [D][L] log pi(target | prefix) in nats; 0 where the mask is 0. */
  readonly logprobs: Float32Array[];
  /** [D][L] exact entropy in nats; 0 where the mask is 0. Empty arrays without the capability. */
  readonly entropies: Float32Array[];
}

export interface ForwardBackwardResult extends ForwardResult {
  /** The loss, summed over masked tokens. */
  readonly loss: number;
}

/** Decoupled weight decay (Loshchilov & Hutter, arXiv:1711.05101), bias-corrected moments (Kingma & Ba, arXiv:1412.6980). */
export interface AdamW {
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Gradients are scaled down to this global L2 norm; 0 switches clipping off. */
  readonly maxGradNorm: number;
}

export interface OptimStepResult {
  /** Global L2 norm before clipping. Absent when the engine does not say. */
  readonly gradNorm?: number;
  /** Version after the step. */
  readonly policyVersion: number;
}

export interface Engine {
  readonly capabilities: Capabilities;
  /** Optimizer steps taken so far. */
  readonly policyVersion: number;
  /** Freezes the weights as they are after all earlier calls. */
  sampler(): Promise<Sampler>;
  forward(data: readonly Datum[], options?: ForwardOptions): Promise<ForwardResult>;
  /** Adds the loss's gradient to what is accumulated. */
  forwardBackward(data: readonly Datum[], loss: Loss, options?: ForwardOptions): Promise<ForwardBackwardResult>;
  /**
   * One AdamW step on the accumulated gradient, which is then zero again.
   * @throws EngineError with `isGradientFault` when the gradient is not finite; weights, moments and version stay as they were, the gradient is cleared.
   */
  optimStep(adam: AdamW): Promise<OptimStepResult>;
  /** Writes everything needed to continue bit for bit (weights, moments, version) into an existing directory. */
  saveState(directory: string): Promise<void>;
  /**
   * Continues from `saveState`. Gradients accumulated but not stepped are no part of the state and are cleared.
   * @throws EngineError naming the file when something is missing, damaged or of another shape.
   */
  loadState(directory: string): Promise<void>;
  /** Writes the weights alone in the Hugging Face layout (config.json, model.safetensors). */
  exportWeights(directory: string): Promise<void>;
  /** Waits for earlier calls. Later ones, and samplers', are refused with an EngineError. Closing twice is fine. */
  close(): Promise<void>;
}
