/**
 * How servers of the protocol differ, as data: each field is one observed quirk. Presets name the servers they were observed on.
 */
export interface ServerProfile {
  /** `mean`: each datum's loss over its weight sum, then over the datums between two steps (SkyRL on JAX). */
  readonly reduction: 'sum' | 'mean';
  /** Runs a model's requests by sequence number: a gap blocks, whatever arrives. Else in order of arrival. */
  readonly isOrderedBySeq: boolean;
  /** Remembers `X-Idempotency-Key`: the same key gives the same answer, and no second effect. */
  readonly replays: boolean;
  /** A failed operation: 200 `{error, category}`, or 400 `{detail}`. */
  readonly failsAs: 'body' | 'status';
  /** How long a poll is held open before 408. */
  readonly holdMs: number;
  /** One live copy of the weights: an older sampling session samples new weights, or rolls training back. */
  readonly hasLiveSnapshots: boolean;
  /** Ends a completion though the request does not ask for it. */
  readonly implicitEos: number | undefined;
  /** Whether prompt log-probabilities begin with a null for the first token. */
  readonly hasPromptLead: boolean;
  /** `stop` may only be a list, `lora_config` must be there, `tags` must be there. */
  readonly isStrict: boolean;
  /** Whether a saved name may be saved again with `overwrite`. */
  readonly overwrites: boolean;
  /** `tinker://run/sampler_weights/name`, or without the kind. */
  readonly hasKindInSamplerPath: boolean;
  /** Whether `load_weights` is possible after a model's first request. */
  readonly loadsAnyTime: boolean;
  /** Whether optim_step reports `skyrl.ai/grad_norm`. */
  readonly reportsGradNorm: boolean;
  /** Which AdamW settings are honoured. */
  readonly adam: 'all' | 'without clipping' | 'learning rate only';
  /** Default bounds of `cispo`. */
  readonly cispoBounds: readonly [number, number];
  /** Whether names of inputs that the loss does not know are refused. */
  readonly refusesUnknownInputs: boolean;
  /** Whether there is protobuf at all. */
  readonly speaksProtobuf: boolean;
  /** Sample requests in flight before 429. */
  readonly mostSamples: number;
  /** A key that must come in `X-API-Key`, and whether it is exchanged for a JWT. */
  readonly apiKey: string | undefined;
  readonly exchangesJwt: boolean;
  /** Sessions silent for longer lose their models. */
  readonly sessionTimeoutMs: number;
}

/** The hosted service as the official SDK sees it. */
export const hosted: ServerProfile = {
  reduction: 'sum',
  isOrderedBySeq: true,
  replays: true,
  failsAs: 'body',
  holdMs: 50,
  hasLiveSnapshots: false,
  implicitEos: undefined,
  hasPromptLead: true,
  isStrict: false,
  overwrites: true,
  hasKindInSamplerPath: true,
  loadsAnyTime: false,
  reportsGradNorm: false,
  adam: 'all',
  cispoBounds: [0, 4],
  refusesUnknownInputs: true,
  speaksProtobuf: true,
  mostSamples: 2000,
  apiKey: undefined,
  exchangesJwt: false,
  sessionTimeoutMs: 300_000,
};

/** SkyRL's JAX backend (a956457). */
export const skyrlJax: ServerProfile = {
  ...hosted,
  reduction: 'mean',
  isOrderedBySeq: false,
  replays: false,
  failsAs: 'status',
  holdMs: 300_000,
  hasLiveSnapshots: true,
  hasPromptLead: false,
  isStrict: true,
  overwrites: false,
  hasKindInSamplerPath: false,
  loadsAnyTime: true,
  reportsGradNorm: true,
  adam: 'without clipping',
  cispoBounds: [0.8, 1.2],
  refusesUnknownInputs: false,
  mostSamples: Number.POSITIVE_INFINITY,
};

/** SkyRL's FSDP and Megatron backends: sums, and only the learning rate is taken from the request. */
export const skyrlTrain: ServerProfile = {
  ...skyrlJax,
  reduction: 'sum',
  adam: 'learning rate only',
  cispoBounds: [0, 5],
};
