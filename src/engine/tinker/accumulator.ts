/**
 * The gradient between two optimizer steps, as plain sums whatever the server's reduction.
 *
 * `sum`: a pass is sent as it is. `jax-mean`: the server divides each datum by its length S and everything by the number N of datums since the
 * last step, so advantages are sent times S N. N is known at the step only; the first pass is sent at once as if it were all (which it mostly
 * is). Later ones wait for the step, where N is known: they are sent times S N, and the first again for what it lacks. With n datums in the
 * first pass and m in the later ones N = 2 n + m, and the first counts n + (N - n) = N times, as the others do.
 */
import type { ModelClient, Operation } from './model-client.ts';
import { type Pass, scaled } from './passes.ts';
import type { Profile } from './profile.ts';
import type { ForwardBackwardOutput, WireDatum } from './wire.ts';

const length = ({ tokens }: WireDatum): number => tokens.length;

export class Accumulator {
  readonly #reduction: Profile['reduction'];
  #first: Pass | undefined;
  #waiting: Pass[] = [];
  #isSent = false;

  constructor(reduction: Profile['reduction']) {
    this.#reduction = reduction;
  }

  /** Whether the server holds a gradient. */
  get isSent(): boolean {
    return this.#isSent;
  }

  /** Whether the next pass waits for the step, so that its log-probabilities must be had otherwise. */
  get waits(): boolean {
    return this.#reduction === 'jax-mean' && this.#first !== undefined;
  }

  /** Sends the pass, or keeps it for the step. */
  add(pass: Pass, model: ModelClient): Operation<ForwardBackwardOutput> | undefined {
    if (this.waits) {
      this.#waiting.push(pass);
      return undefined;
    }
    this.#isSent = true;
    if (this.#reduction === 'sum') return model.forwardBackward(pass.data, pass.loss);
    this.#first = pass;
    return this.#send(pass, pass.data.length, model);
  }

  /** Sends what waited, and is empty again. */
  flush(model: ModelClient): Operation<ForwardBackwardOutput>[] {
    const [first, waiting] = [this.#first, this.#waiting];
    this.clear();
    if (first === undefined || waiting.length === 0) return [];
    const count = waiting.reduce((sum, { data }) => sum + data.length, 2 * first.data.length);
    return [
      this.#send(first, count - first.data.length, model),
      ...waiting.map((pass) => this.#send(pass, count, model)),
    ];
  }

  clear(): void {
    this.#first = undefined;
    this.#waiting = [];
    this.#isSent = false;
  }

  #send(pass: Pass, times: number, model: ModelClient): Operation<ForwardBackwardOutput> {
    const { data, loss } = scaled(pass, (datum) => length(datum) * times);
    return model.forwardBackward(data, loss);
  }
}
