/**
 * How servers of the protocol differ where it changes numbers. Presets are what was observed (SkyRL a956457, the official SDK 0.25.0);
 * `conformance.ts` measures instead of believing.
 */
import { z } from 'zod';

const stockLoss = z.enum(['cross_entropy', 'importance_sampling', 'ppo', 'cispo']);

export const profileSchema = z.object({
  /** The preset it is, or was measured to be nearest to. */
  name: z.enum(['hosted', 'skyrl-jax', 'skyrl-train']),
  /** `sum`: over all tokens since the last step. `jax-mean`: of each sequence over its length, then over the sequences since the last step. */
  reduction: z.enum(['sum', 'jax-mean']),
  /** `immutable`: a sampler keeps its weights. `live`: it samples whatever the model has become, or rolls it back. */
  snapshots: z.enum(['immutable', 'live']),
  /** Losses that mean there what they mean here. Others take the exact route: log-probabilities, slopes here, importance_sampling. */
  losses: z.array(stockLoss),
  /** AdamW settings that the server does not take from us, with the values it uses. */
  fixedAdam: z.object({
    beta1: z.number().optional(),
    beta2: z.number().optional(),
    epsilon: z.number().optional(),
    weightDecay: z.number().optional(),
    maxGradNorm: z.number().optional(),
  }),
  /** Sampling can be restricted by topK and topP. */
  restrictsSampling: z.boolean(),
  /** Rank 0: all parameters are trained. */
  trainsFull: z.boolean(),
  /** Which parts of the model get adapters is ours to say. */
  takesLoraParts: z.boolean(),
  /** `input`: a position's target is taken from the next input, whatever was sent. */
  targets: z.enum(['as-sent', 'input']),
  /** Requests that wait together are computed with the loss of one of them. */
  mergesLosses: z.boolean(),
});

export type Profile = Readonly<z.output<typeof profileSchema>>;
export type ProfileName = Profile['name'];
export type StockLoss = z.output<typeof stockLoss>;

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  hosted: {
    name: 'hosted',
    reduction: 'sum',
    snapshots: 'immutable',
    losses: ['cross_entropy', 'importance_sampling', 'ppo', 'cispo'],
    fixedAdam: {},
    restrictsSampling: true,
    trainsFull: false,
    takesLoraParts: true,
    targets: 'as-sent',
    mergesLosses: false,
  },
  'skyrl-jax': {
    name: 'skyrl-jax',
    reduction: 'jax-mean',
    snapshots: 'live',
    // its cross_entropy divides by the sum of the weights
    losses: ['importance_sampling', 'ppo', 'cispo'],
    fixedAdam: { maxGradNorm: 0 },
    restrictsSampling: true,
    trainsFull: false,
    takesLoraParts: false,
    targets: 'as-sent',
    mergesLosses: false,
  },
  'skyrl-train': {
    name: 'skyrl-train',
    reduction: 'sum',
    snapshots: 'live',
    // its ppo and cispo are the trainer's own, with other defaults
    losses: ['cross_entropy', 'importance_sampling'],
    fixedAdam: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, maxGradNorm: 1 },
    restrictsSampling: true,
    trainsFull: true,
    takesLoraParts: false,
    targets: 'input',
    mergesLosses: true,
  },
};
