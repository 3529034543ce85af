/**
 * The Engine seam over a Tinker server. Calls are submitted in the order they are made and their results pipelined; what servers differ in is
 * in the profile. Log-probabilities are the server's, loss values are computed from them here.
 */
import type { Datum, Loss } from '../../core/datum.ts';
import { EngineError, UserError } from '../../core/errors.ts';
import type { Completion } from '../../core/rollout.ts';
import { checkAdamW, checkData, checkForward, checkSampleRequest } from '../checks.ts';
import type {
  AdamW,
  Capabilities,
  Engine,
  ForwardBackwardResult,
  ForwardOptions,
  ForwardResult,
  OptimStepResult,
  SampleRequest,
  Sampler,
} from '../engine.ts';
import { downloadArchive } from './archive.ts';
import { completionsOf, wireSampling } from './completions.ts';
import { TinkerError } from './failure.ts';
import { lossValue, strayTarget } from './passes.ts';
import type { Profile } from './profile.ts';
import { SamplingClient } from './sampling-client.ts';
import type { Session } from './session.ts';
import { readSavedState, statePath, writeSavedState } from './state-file.ts';
import { type Begun, Trainer, type TrainerParts } from './trainer.ts';

export interface TinkerParts extends TrainerParts {
  /** Closed with the engine. */
  readonly session: Session;
  readonly maxContext: number;
  readonly vocabularySize: number;
}

/** At the end, a server that has said nothing for so long is asked whether it lives. */
const CLOSE_CHECK_MS = 2_000;

/** Takes the session over: it is closed with the engine, also when no engine can be made. @throws TinkerError */
export async function createTinkerEngine(parts: TinkerParts): Promise<TinkerEngine> {
  try {
    return new TinkerEngine(parts, await Trainer.create(parts));
  } catch (error) {
    await parts.session.close();
    throw error;
  }
}

export class TinkerEngine implements Engine {
  readonly capabilities: Capabilities;
  readonly profile: Profile;
  readonly #parts: TinkerParts;
  readonly #session: Session;
  readonly #trainer: Trainer;
  /** Steps whose results came, and steps submitted. */
  #policyVersion = 0;
  #submittedVersion = 0;
  /** Counts what ends the samplers of servers with one copy of the weights. */
  #era = 0;
  /** Settles when every call so far has been submitted. */
  #turn: Promise<unknown> = Promise.resolve();
  readonly #pending = new Set<Promise<unknown>>();
  readonly #sampling = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(parts: TinkerParts, trainer: Trainer) {
    const { session, profile, lora, maxContext, vocabularySize } = parts;
    this.#parts = parts;
    this.#session = session;
    this.#trainer = trainer;
    this.profile = profile;
    this.capabilities = {
      entropies: false,
      temperature: false,
      filteredSampling: profile.restrictsSampling,
      trains: lora.rank === 0 ? 'full' : 'lora',
      maxContext,
      vocabularySize,
      fixedAdam: profile.fixedAdam,
      snapshots: profile.snapshots,
    };
  }

  get policyVersion(): number {
    return this.#policyVersion;
  }

  /** Requests and bytes so far. */
  get traffic() {
    return this.#session.traffic;
  }

  sampler(): Promise<Sampler> {
    return this.#inOrder(async () => {
      const [policyVersion, era] = [this.#submittedVersion, this.#era];
      const { result } = await this.#trainer.saveForSampler();
      return {
        result: result.then((id): Sampler => {
          const client = new SamplingClient(this.#session, id);
          return { policyVersion, sample: (request) => this.#sample(client, { policyVersion, era }, request) };
        }),
      };
    });
  }

  forward(data: readonly Datum[], options: ForwardOptions = {}): Promise<ForwardResult> {
    return this.#inOrder(async () => {
      this.#check(data, options);
      const { result } = await this.#trainer.forward(data);
      return { result: result.then((logprobs) => ({ logprobs, entropies: none(data) })) };
    });
  }

  forwardBackward(data: readonly Datum[], loss: Loss, options: ForwardOptions = {}): Promise<ForwardBackwardResult> {
    return this.#inOrder(async () => {
      this.#check(data, options, loss);
      const { result } = await this.#trainer.gradient(data, loss);
      return {
        result: result.then((logprobs) => ({
          logprobs,
          entropies: none(data),
          loss: lossValue(data, loss, logprobs),
        })),
      };
    });
  }

  optimStep(adam: AdamW): Promise<OptimStepResult> {
    return this.#inOrder(async () => {
      checkAdamW(adam, this.capabilities);
      await this.#endSamplers();
      const { result } = await this.#trainer.step(adam);
      const policyVersion = ++this.#submittedVersion;
      return {
        result: result.then((gradNorm) => {
          this.#policyVersion = policyVersion;
          return { policyVersion, ...(gradNorm !== undefined && { gradNorm }) };
        }),
      };
    });
  }

  saveState(directory: string): Promise<void> {
    return this.#inOrder(async () => {
      const policyVersion = this.#submittedVersion;
      const { result } = await this.#trainer.save();
      const { model, lora, session } = this.#parts;
      const about = { baseUrl: session.baseUrl, model, rank: lora.rank, policyVersion };
      return { result: result.then((path) => writeSavedState(directory, { ...about, path })) };
    });
  }

  loadState(directory: string): Promise<void> {
    return this.#inOrder(async () => {
      const { path, policyVersion } = await this.#readState(directory);
      await this.#endSamplers();
      await this.#trainer.restore(path);
      this.#policyVersion = policyVersion;
      this.#submittedVersion = policyVersion;
      return { result: Promise.resolve() };
    });
  }

  /** The server's own archive of the weights for sampling, see `downloadArchive`: with LoRA the adapter alone. */
  exportWeights(directory: string): Promise<void> {
    return this.#inOrder(async () => {
      const { session, model, lora } = this.#parts;
      const { result } = await this.#trainer.saveWeights();
      return { result: result.then((path) => downloadArchive(session, path, directory, { model, rank: lora.rank })) };
    });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const calls = Promise.allSettled([this.#turn, ...this.#pending, ...this.#sampling]).then(() => true);
    // earlier calls are waited for as long as somebody is there to answer them
    while (!(await this.#within(calls, CLOSE_CHECK_MS)) && (await this.#session.isAlive()));
    await this.#session.close();
  }

  async #within(calls: Promise<boolean>, ms: number): Promise<boolean> {
    const waiting = new AbortController();
    const late = this.#session.clock.sleep(ms, waiting.signal).then(
      () => false,
      () => false,
    );
    const isDone = await Promise.race([calls, late]);
    waiting.abort();
    return isDone;
  }

  /** Begins `work` after every earlier call was submitted, whether that went well or not. */
  async #inOrder<Result>(work: () => Promise<Begun<Result>>): Promise<Result> {
    this.#refuseIfClosed();
    const begun = this.#turn.then(work);
    this.#turn = begun.catch(() => {});
    return tracked(
      this.#pending,
      begun.then(({ result }) => result),
    );
  }

  #refuseIfClosed(): void {
    if (this.#closing !== undefined) throw new EngineError('the engine is closed; make a new one');
  }

  #check(data: readonly Datum[], options: ForwardOptions, loss?: Loss): void {
    checkForward(options, this.capabilities, loss);
    checkData(data, this.capabilities);
    const stray = this.profile.targets === 'input' ? strayTarget(data) : undefined;
    if (stray !== undefined)
      throw new UserError(
        `datum ${stray.datum}: the target at position ${stray.position} is not the next input token, and this server trains on those alone`,
      );
  }

  /** Before the one copy of the weights changes, what samples from it must be done. */
  async #endSamplers(): Promise<void> {
    if (this.profile.snapshots !== 'live') return;
    this.#era++;
    await Promise.allSettled(this.#sampling);
  }

  async #sample(
    client: SamplingClient,
    sampler: { readonly policyVersion: number; readonly era: number },
    request: SampleRequest,
  ): Promise<Completion[]> {
    this.#refuseIfClosed();
    checkSampleRequest(request, this.capabilities);
    if (this.profile.snapshots === 'live' && sampler.era !== this.#era)
      throw new EngineError(
        `this sampler is of policy version ${sampler.policyVersion}, and the server keeps one copy of the weights, which has changed since; make a new sampler after the step`,
      );
    const output = tracked(this.#sampling, client.sample(wireSampling(request)));
    return completionsOf(request, await output, sampler.policyVersion);
  }

  /** @throws EngineError naming the file when the state is none, of something else, or gone from the server */
  async #readState(directory: string) {
    const saved = await readSavedState(directory);
    const { model, lora, session } = this.#parts;
    const file = statePath(directory);
    if (saved.model !== model) throw new EngineError(`${file} is of model ${saved.model}, this engine of ${model}`);
    if (saved.rank !== lora.rank)
      throw new EngineError(`${file} is of LoRA rank ${saved.rank}, this engine of ${lora.rank}`);
    try {
      await session.send({ path: 'weights_info', pool: 'session', body: { tinkerPath: saved.path } });
    } catch (cause) {
      if (
        !(cause instanceof TinkerError) ||
        (cause.kind !== 'lost' && cause.kind !== 'request') ||
        cause.status === undefined
      )
        throw cause;
      throw new EngineError(
        `${file} names ${saved.path} of ${saved.baseUrl}, which ${session.baseUrl} does not have: ${cause.message}`,
        { cause },
      );
    }
    return saved;
  }
}

/** [D] empty: servers do not say entropies. */
const none = (data: readonly Datum[]): Float32Array[] => data.map(() => new Float32Array(0));

/** In the set until it is settled; a rejection is met by whoever awaits the same promise. */
function tracked<Result>(set: Set<Promise<unknown>>, promise: Promise<Result>): Promise<Result> {
  const settled: Promise<unknown> = promise.then(
    () => set.delete(settled),
    () => set.delete(settled),
  );
  set.add(settled);
  return promise;
}
