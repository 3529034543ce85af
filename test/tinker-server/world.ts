/**
 * What the server knows: sessions, models, sampling sessions, checkpoints, promises; and a ledger of what was done to weights, in order, which
 * is how a test sees that no batch was lost or doubled. `Endpoints` (endpoints.ts) speaks for it.
 */
import type { Sampler } from '../../src/engine/engine.ts';
import { Futures } from './futures.ts';
import { ModelQueue } from './model-queue.ts';
import { type BasePolicy, Policy, type Snapshot } from './policy.ts';
import type { ServerProfile } from './profile.ts';
import { Refusal, type Reply } from './reply.ts';

export interface LedgerLine {
  readonly modelId: string;
  readonly work: 'forward_backward' | 'optim_step' | 'load_weights' | 'save_weights' | 'save_weights_for_sampler';
  /** Of what was asked, without ids and numbers: equal work has equal digests. */
  readonly digest: string;
  /** Optimizer steps behind the weights after it. */
  readonly policyVersion: number;
}

export interface Session {
  readonly id: string;
  lastSeen: number;
  readonly beats: number[];
}

export interface Model {
  readonly id: string;
  readonly session: Session;
  readonly baseModel: string;
  readonly rank: number;
  readonly policy: Policy;
  readonly queue: ModelQueue;
  /** The checkpoint whose weights lie in the one live copy (`hasLiveSnapshots`). */
  liveLabel: string | undefined;
  /** Whether anything was asked of it: some servers load only into a fresh model. */
  isFresh: boolean;
}

export interface SamplingSession {
  readonly id: string;
  readonly session: Session;
  /** `undefined`: the base model. */
  readonly from: { readonly label: string; readonly modelId: string; readonly snapshot: Snapshot } | undefined;
}

export interface Checkpoint {
  readonly path: string;
  readonly kind: 'weights' | 'sampler_weights';
  readonly modelId: string;
  readonly baseModel: string;
  readonly rank: number;
  readonly snapshot: Snapshot;
}

export class World {
  readonly settings: BasePolicy;
  readonly profile: ServerProfile;
  readonly root: string;
  /** Survive the engine's death. */
  readonly checkpoints = new Map<string, Checkpoint>();
  readonly ledger: LedgerLine[] = [];
  readonly sessions = new Map<string, Session>();
  readonly models = new Map<string, Model>();
  readonly samplers = new Map<string, SamplingSession>();
  futures = new Futures();
  /** Models unloaded, in order. */
  readonly unloaded: string[] = [];
  /** When heartbeats came, by `performance.now()`. */
  readonly beats: number[] = [];
  /** Signatures of archives' addresses, by checkpoint. */
  readonly archives = new Map<string, string>();
  /** Answers by path and idempotency key. */
  readonly replies = new Map<string, Reply>();
  /** JWTs given out. */
  readonly tokens = new Set<string>();
  samplesInFlight = 0;
  #base: Promise<Sampler> | undefined;
  #serial = 0;

  constructor(settings: BasePolicy, profile: ServerProfile, root: string) {
    this.settings = settings;
    this.profile = profile;
    this.root = root;
  }

  /** Unique over deaths and restarts. */
  freshId(kind: string): string {
    return `${kind}-${(this.#serial++).toString(36)}`;
  }

  /** The weights nobody trained. */
  base(): Promise<Sampler> {
    this.#base ??= new Policy(this.settings, this.profile, this.root).live();
    return this.#base;
  }

  newModel(id: string, session: Session, baseModel: string, rank: number): Model {
    const policy = new Policy(this.settings, this.profile, this.root);
    const queue = new ModelQueue(this.profile.isOrderedBySeq);
    const model: Model = { id, session, baseModel, rank, policy, queue, liveLabel: undefined, isFresh: true };
    this.models.set(id, model);
    return model;
  }

  session(id: string): Session {
    const session = this.sessions.get(id);
    if (session === undefined) throw new Refusal(404, `session ${id} is not known`);
    if (Date.now() - session.lastSeen > this.profile.sessionTimeoutMs) {
      this.end(session);
      throw new Refusal(404, `session ${id} was silent for too long`);
    }
    return session;
  }

  model(id: string): Model {
    const model = this.models.get(id);
    if (model !== undefined) this.session(model.session.id);
    if (model === undefined) throw new Refusal(404, `model ${id} is not loaded`);
    return model;
  }

  sampler(id: string): SamplingSession {
    const sampler = this.samplers.get(id);
    if (sampler === undefined) throw new Refusal(404, `sampling session ${id} is not known`);
    this.session(sampler.session.id);
    return sampler;
  }

  /** As written, or with the kind left out. @throws Refusal 404 */
  checkpoint(path: string, kind: Checkpoint['kind']): Checkpoint {
    const bare = /^tinker:\/\/([^/]+)\/([^/]+)$/.exec(path);
    const found = this.checkpoints.get(bare === null ? path : `tinker://${bare[1]}/${kind}/${bare[2]}`);
    if (found === undefined || found.kind !== kind) throw new Refusal(404, `checkpoint ${path} does not exist`);
    return found;
  }

  end(session: Session): void {
    this.sessions.delete(session.id);
    for (const model of this.models.values()) if (model.session === session) this.models.delete(model.id);
  }

  /** The engine's process is gone: what was only in memory is lost. */
  lose(): void {
    this.sessions.clear();
    this.models.clear();
    this.samplers.clear();
    this.replies.clear();
    this.futures = new Futures();
    this.samplesInFlight = 0;
  }
}
