/**
 * Continuous batching over one decoding session: rows that finish are replaced from the queue at the next step, and the batch shrinks
 * (the last row moves into the hole) when the queue is empty. What a row draws depends on its own key and prompt alone.
 *
 * Dimensions: B active rows, R rows at most, S cache positions.
 */
import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import { EngineError } from '../../core/errors.ts';
import type { Completion } from '../../core/rollout.ts';
import { asEngineError } from '../../graph/bind-checks.ts';
import type { Binding, Session } from '../../graph/executor.ts';
import { float32, int32, int64 } from '../../graph/tensor.ts';
import type { ModelConfig } from '../../model/config.ts';
import type { SampleRequest } from '../engine.ts';
import { type Cache, cacheTensors, copyRow, makeCache } from './cache.ts';
import { advance, beginRow, completionOf, nextUniform, type Prompt, type Row } from './rows.ts';

/** Steps shorter than this run on the calling thread: handing one to another thread costs about 0.1 ms. */
const INLINE_MS = 2;
/** The event loop gets its turn at least this often while steps run inline. */
const TURN_MS = 8;
const POSITION_STEP = 64;

/** Memory shared by all batch sizes of a lane. */
interface Inputs {
  readonly tokens: BigInt64Array;
  readonly lastPositions: Int32Array;
  readonly totalLength: Int32Array;
  readonly uniforms: Float32Array;
  readonly inverseTemperatures: Float32Array;
  readonly next: BigInt64Array;
  readonly logprobs: Float32Array;
  readonly entropies: Float32Array;
}

function makeInputs(rows: number): Inputs {
  return {
    tokens: new BigInt64Array(rows),
    lastPositions: new Int32Array(rows),
    totalLength: new Int32Array(1),
    uniforms: new Float32Array(rows),
    inverseTemperatures: new Float32Array(rows),
    next: new BigInt64Array(rows),
    logprobs: new Float32Array(rows),
    entropies: new Float32Array(rows),
  };
}

export interface LaneOptions {
  readonly session: Session;
  readonly config: ModelConfig;
  readonly rows: number;
  readonly synchronous: boolean;
  readonly policyVersion: number;
}

export class Lane {
  readonly #it: LaneOptions;
  readonly #inputs: Inputs;
  readonly #bindings = new Map<number, Binding>();
  readonly #queue: Row[] = [];
  readonly #active: Row[] = [];
  #cache: Cache | undefined;
  #running = false;
  #stepMs = Number.POSITIVE_INFINITY;
  #lastTurn = 0;

  constructor(options: LaneOptions) {
    this.#it = options;
    this.#inputs = makeInputs(options.rows);
  }

  /** Runs the prompt (all but its last token) through the model once. */
  async prefill(tokens: Int32Array): Promise<Prompt> {
    const count = tokens.length - 1;
    if (count === 0) return { tokens, cache: undefined };
    const cache = makeCache(this.#it.config, 1, count);
    const one = makeInputs(1);
    one.lastPositions[0] = count - 1;
    one.totalLength[0] = count;
    const binding = this.#bind(one, cache, 1, BigInt64Array.from(tokens.subarray(0, count), BigInt));
    try {
      await this.#run(binding);
    } finally {
      binding.release();
    }
    return { tokens, cache };
  }

  /** The request's completions, in order. @throws EngineError when the lane fails or is released on the way. */
  complete(request: SampleRequest, prompt: Prompt): Promise<Completion[]> {
    const completions = Array.from(
      { length: request.count },
      (_, index) =>
        new Promise<Completion>((finish, fail) => {
          this.#queue.push(beginRow(request, prompt, index, { finish, fail }));
        }),
    );
    if (!this.#running) void this.#drain();
    return Promise.all(completions);
  }

  release(): void {
    this.#releaseBindings();
    this.#it.session.release();
  }

  async #drain(): Promise<void> {
    this.#running = true;
    try {
      while (this.#queue.length > 0 || this.#active.length > 0) {
        this.#admit();
        await this.#step();
      }
    } catch (cause) {
      const error = asEngineError('sampling failed', cause);
      for (const row of [...this.#active.splice(0), ...this.#queue.splice(0)]) row.fail(error);
    } finally {
      this.#running = false;
    }
  }

  /** Fills free rows from the queue. */
  #admit(): void {
    while (this.#active.length < this.#it.rows && this.#queue.length > 0) {
      const row = this.#queue[0]!;
      // may fail for want of memory: the row is still in the queue then, and told
      this.#reserve(row.prompt.tokens.length + row.request.maxTokens);
      const index = this.#active.push(this.#queue.shift()!) - 1;
      const { cache } = row.prompt;
      if (cache) copyRow(this.#it.config, { cache, row: 0 }, { cache: this.#cache!, row: index }, row.position);
    }
  }

  /** Makes the cache hold `positions`; active rows keep theirs. */
  #reserve(positions: number): void {
    if (this.#cache && this.#cache.positions >= positions) return;
    const size = Math.min(Math.ceil(positions / POSITION_STEP) * POSITION_STEP, this.#it.config.maxContext);
    const grown = makeCache(this.#it.config, this.#it.rows, size);
    const from = this.#cache;
    if (from) {
      this.#active.forEach((row, index) => {
        copyRow(this.#it.config, { cache: from, row: index }, { cache: grown, row: index }, row.position);
      });
    }
    this.#releaseBindings();
    this.#cache = grown;
  }

  async #step(): Promise<void> {
    const active = this.#active;
    const inputs = this.#inputs;
    active.forEach((row, index) => {
      inputs.tokens[index] = BigInt(row.pending);
      inputs.lastPositions[index] = row.position;
      inputs.uniforms[index] = nextUniform(row);
      inputs.inverseTemperatures[index] = row.inverseTemperature;
    });
    inputs.totalLength[0] = Math.max(...active.map((row) => row.position)) + 1;
    await this.#run(this.#bindingOf(active.length));
    this.#mustBeNumbers(active.length);
    // from the last row down, so that a row moved into a hole has already been read
    for (let index = active.length - 1; index >= 0; index--) {
      const row = active[index]!;
      const stop = advance(row, Number(inputs.next[index]), inputs.logprobs[index]!, inputs.entropies[index]!);
      if (stop) this.#remove(index, completionOf(row, stop, this.#it.policyVersion));
    }
  }

  /** @throws EngineError when the weights have overflowed: every later completion would be nonsense. */
  #mustBeNumbers(count: number): void {
    for (let index = 0; index < count; index++) {
      if (Number.isFinite(this.#inputs.logprobs[index])) continue;
      throw new EngineError(
        `the policy of version ${this.#it.policyVersion} gives log-probabilities that are not finite: its weights are too large; ` +
          'go on from an earlier checkpoint with a lower learning rate',
      );
    }
  }

  #remove(index: number, completion: Completion): void {
    const row = this.#active[index]!;
    const last = this.#active.pop()!;
    if (last !== row) {
      const cache = this.#cache!;
      copyRow(this.#it.config, { cache, row: this.#active.length }, { cache, row: index }, last.position);
      this.#active[index] = last;
    }
    row.finish(completion);
  }

  async #run(binding: Binding): Promise<void> {
    const begin = performance.now();
    if (this.#it.synchronous && this.#stepMs < INLINE_MS) {
      binding.run();
      if (performance.now() - this.#lastTurn > TURN_MS) {
        await yieldToEventLoop();
        this.#lastTurn = performance.now();
      }
    } else {
      await binding.runAsync();
      this.#lastTurn = performance.now();
    }
    this.#stepMs = performance.now() - begin;
  }

  #bindingOf(batch: number): Binding {
    const known = this.#bindings.get(batch);
    if (known) return known;
    const binding = this.#bind(this.#inputs, this.#cache!, batch, this.#inputs.tokens.subarray(0, batch));
    this.#bindings.set(batch, binding);
    return binding;
  }

  #bind(memory: Inputs, cache: Cache, batch: number, tokens: BigInt64Array): Binding {
    const caches = cacheTensors(this.#it.config, cache, batch);
    return this.#it.session.bind(
      {
        tokens: int64(tokens, batch, tokens.length / batch),
        lastPositions: int32(memory.lastPositions.subarray(0, batch), batch),
        totalLength: int32(memory.totalLength, 1),
        uniforms: float32(memory.uniforms.subarray(0, batch), batch),
        inverseTemperatures: float32(memory.inverseTemperatures.subarray(0, batch), batch, 1),
        ...caches.inputs,
      },
      {
        next: int64(memory.next.subarray(0, batch), batch),
        logprob: float32(memory.logprobs.subarray(0, batch), batch),
        entropy: float32(memory.entropies.subarray(0, batch), batch),
        ...caches.outputs,
      },
    );
  }

  #releaseBindings(): void {
    for (const binding of this.#bindings.values()) binding.release();
    this.#bindings.clear();
  }
}
