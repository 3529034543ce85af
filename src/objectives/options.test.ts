/**
 * Every option that is accepted changes something: the table below holds, for each key of the schema, two sentences that
 * differ in it alone, and the test fails for a key that is missing there or whose two sentences behave alike.
 */
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { sample } from '../../test/fixtures/samples.ts';
import { randomKey } from '../core/random.ts';
import { aggregationScales } from './aggregate.ts';
import { minibatchLoss } from './loss.ts';
import { objectiveAt, parseObjective, requirementsOf } from './objective.ts';
import { recipes } from './recipes/catalogue.ts';
import { scheduleSchema } from './schedule.ts';
import { slots } from './schema.ts';
import { shape } from './shape.ts';
import { countedTokens } from './shaped-rollout.ts';

const entropies = (...values: number[]) => ({ entropies: Float32Array.from(values) });
const groups = [
  [
    sample(1, [0.9, 0.2, 0.6, 0.999, 0.4], entropies(0.4, 1.2, 0.9, 0, 1.1)),
    sample(1, [0.95, 0.3, 1], entropies(0.2, 0.8, 0.1)),
    sample(0.25, [0.8, 0.1, 0.7, 0.5], { ...entropies(0.5, 1.4, 0.6, 0.9), polarity: 'negative', isTruncated: true }),
    sample(0, [0.99, 0.05, 0.3], { ...entropies(0.1, 1.5, 1.3), mask: Uint8Array.of(1, 0, 1) }),
    sample(0, [0.85, 0.35, 0.3, 0.2, 0.6, 0.7, 0.97], entropies(0.3, 0.4, 0.2, 0.1, 0.05, 0.3, 1)),
    sample(undefined, [0.5]),
  ],
  [sample(1, [0.7, 0.45]), sample(1, [0.65])],
  [sample(0, [0.75, 0.25]), sample(1, [0.3, 0.55, 0.15])],
];

/** Everything a sentence decides, at several points of a run, as text. */
function behaviour(choice: unknown): string {
  const objective = parseObjective(choice);
  let scheduleState = {};
  const steps = [0, 30, 60, 99].map((step) => {
    const signals = { step, totalSteps: 100, entropy: 0.2 + step / 200, mismatch: 0.01 + step / 1e4, scheduleState };
    const at = objectiveAt(objective, signals);
    scheduleState = at.scheduleState;
    const shaped = shape(at.sentence, groups).flat();
    const scales = aggregationScales(at.sentence.aggregation, shaped.map(countedTokens));
    const samples = groups.flat();
    const update = minibatchLoss(
      at.sentence,
      shaped.map(({ advantages, mask }, i) => {
        const old = samples[i]!.logprobs;
        const moved = (by: number) => old.map((logprob, t) => logprob + by * Math.sin(7 * t + i));
        const sampled = at.sentence.oldPolicy === 'trainer' ? moved(0.3) : old;
        return {
          advantages,
          mask,
          scale: scales[i]!,
          logprobs: moved(0.6),
          oldLogprobs: sampled,
          samplerLogprobs: old,
          referenceLogprobs: moved(-1),
        };
      }),
      randomKey(3),
    );
    return { schedules: at.schedules, shaped, scales, loss: update.loss, gradients: update.gradients };
  });
  return JSON.stringify({ steps, needs: requirementsOf(objective) }, (_, value) =>
    ArrayBuffer.isView(value) ? Array.from(value as Float32Array, (x) => x + 0) : value,
  );
}

type Definition = {
  innerType?: z.core.$ZodType;
  element?: z.core.$ZodType;
  in?: z.core.$ZodType;
  options?: z.core.$ZodType[];
  shape?: Record<string, z.core.$ZodType>;
  values?: string[];
};
const definition = (schema: z.core.$ZodType) => schema._zod.def as unknown as Definition;
const discriminators = ['transform', 'filter', 'kind', 'operation', 'schedule', 'penalty'];

/** `rules.multiply.scale`, `baseline.constant.discount`, ... with one entry for each alternative itself (`baseline.constant`). */
function keysOf(schema: z.core.$ZodType, path: string): string[] {
  const { innerType, element, in: input, options, shape: fields } = definition(schema);
  const through = innerType ?? element ?? input;
  if (through) return keysOf(through, path);
  if (options?.every((option) => definition(option).shape || definition(option).options)) {
    return path.includes('.') ? [path] : options.flatMap((option) => keysOf(option, path));
  }
  if (!fields) return [path];
  const kind = discriminators.find((name) => name in fields);
  const here = kind ? `${path}.${definition(fields[kind]!).values![0]}` : path;
  const inner = Object.entries(fields).flatMap(([key, field]) => (key === kind ? [] : keysOf(field, `${here}.${key}`)));
  return kind ? [here, ...inner] : inner;
}

const grpo = { recipe: 'grpo' };
const varied = (slot: string, base: object, key: string, a: unknown, b: unknown, wrap = (x: object): unknown => x) =>
  [a, b].map((value) => ({ ...grpo, [slot]: wrap({ ...base, [key]: value }) })) as [object, object];
const listed = (x: object) => [x];
const versus = (slots: object) => [grpo, { ...grpo, ...slots }] as [object, object];

const overlong = { transform: 'overlong', maxTokens: 6, bufferTokens: 3 };
const constant = { kind: 'constant', positive: 0, negative: 1 };
const normalised = (kind: string) => varied('baseline', { kind }, 'epsilon', 1e-6, 0.5);
const ppo = { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.2 };
const cispo = { kind: 'cispo', ratioMin: 0.8, ratioMax: 1.2 };
const gmpo = { kind: 'geometric-mean', ratioMin: 0.9, ratioMax: 1.1 };
const sapo = { kind: 'sapo', temperaturePositive: 1, temperatureNegative: 1 };
const dppo = { kind: 'dppo', maxRise: 0.05, maxFall: 0.05 };
const clipCov = { kind: 'clip-cov', ratio: 0.1, low: 0.05, high: 5 };
const klCov = { kind: 'kl-cov', ratio: 0.1, coefficient: 1 };
const is = { surrogate: { kind: 'importance-sampling' } };
const trainer = { oldPolicy: 'trainer' };
const truncate = { kind: 'truncate', max: 1.1 };
const masked = { kind: 'mask', min: 0.8, max: 1.2 };
const kl = { penalty: 'kl', estimator: 'k3', coefficient: 0.5 };
const inSlots = (pair: [object, object], extra: object) => pair.map((x) => ({ ...x, ...extra })) as [object, object];

const effects: Record<string, [object, object]> = {
  'rewards.binary': versus({ rewards: [{ transform: 'binary' }] }),
  'rewards.signed': versus({ rewards: [{ transform: 'signed' }], baseline: { kind: 'none' } }),
  'rewards.affine': versus({ rewards: [{ transform: 'affine', factor: 1, offset: 1 }], baseline: { kind: 'none' } }),
  'rewards.affine.factor': inSlots(varied('rewards', { transform: 'affine', offset: 0 }, 'factor', 1, 2, listed), {
    baseline: { kind: 'none' },
  }),
  'rewards.affine.offset': inSlots(varied('rewards', { transform: 'affine', factor: 1 }, 'offset', 1, 2, listed), {
    baseline: { kind: 'none' },
  }),
  'rewards.overlong': versus({ rewards: [overlong] }),
  'rewards.overlong.maxTokens': varied('rewards', overlong, 'maxTokens', 6, 5, listed),
  'rewards.overlong.bufferTokens': varied('rewards', overlong, 'bufferTokens', 3, 4, listed),
  'rewards.overlong.factor': varied('rewards', overlong, 'factor', 1, 0.5, listed),
  'filters.constant-groups': versus({ filters: [{ filter: 'constant-groups' }] }),
  'filters.truncated': versus({ filters: [{ filter: 'truncated', when: 'after-baseline' }] }),
  'filters.truncated.when': varied(
    'filters',
    { filter: 'truncated' },
    'when',
    'before-baseline',
    'after-baseline',
    listed,
  ),
  'filters.polarity': versus({ filters: [{ filter: 'polarity', keep: 'positive', when: 'after-baseline' }] }),
  'filters.polarity.keep': varied(
    'filters',
    { filter: 'polarity', when: 'after-baseline' },
    'keep',
    'positive',
    'negative',
    listed,
  ),
  'filters.polarity.when': inSlots(
    varied('filters', { filter: 'polarity', keep: 'positive' }, 'when', 'before-baseline', 'after-baseline', listed),
    { rewards: [overlong] },
  ),
  'baseline.none': versus({ baseline: { kind: 'none' } }),
  'baseline.none.discount': varied('baseline', { kind: 'none' }, 'discount', 1, 0.9),
  'baseline.constant': versus({ baseline: constant }),
  'baseline.constant.positive': varied('baseline', constant, 'positive', 0, 0.5),
  'baseline.constant.negative': varied('baseline', constant, 'negative', 0, 0.5),
  'baseline.constant.discount': varied('baseline', constant, 'discount', 1, 0.9),
  'baseline.group-mean': versus({ baseline: { kind: 'group-mean' } }),
  'baseline.group-normalised': [{ ...grpo, baseline: { kind: 'group-mean' } }, grpo],
  'baseline.group-normalised.epsilon': normalised('group-normalised'),
  'baseline.leave-one-out': versus({ baseline: { kind: 'leave-one-out' } }),
  'baseline.length-weighted': versus({ baseline: { kind: 'length-weighted' } }),
  'baseline.mean-normalised': versus({ baseline: { kind: 'mean-normalised' } }),
  'baseline.mean-normalised.epsilon': normalised('mean-normalised'),
  'baseline.best-minus-second': versus({ baseline: { kind: 'best-minus-second' } }),
  'baseline.best-minus-second.epsilon': inSlots(normalised('best-minus-second'), { rewards: [overlong] }),
  'baseline.pass-at-k': versus({ baseline: { kind: 'pass-at-k', k: 2 } }),
  'baseline.pass-at-k.k': varied('baseline', { kind: 'pass-at-k' }, 'k', 1, 2),
  'baseline.pass-at-k.epsilon': varied('baseline', { kind: 'pass-at-k', k: 2 }, 'epsilon', 1e-6, 0.5),
  whiten: versus({ whiten: true }),
  'weights.name': varied(
    'weights',
    { of: 'positive', weight: { schedule: 'linear', from: 2, to: 1, until: 1 } },
    'name',
    'a',
    'b',
    listed,
  ),
  'weights.of': varied('weights', { weight: 2 }, 'of', 'positive', 'negative', listed),
  'weights.by': inSlots(varied('weights', { of: 'positive', weight: 2 }, 'by', 'verdict', 'advantage', listed), {
    baseline: { kind: 'none' },
  }),
  'weights.weight': varied('weights', { of: 'positive' }, 'weight', 2, 3, listed),
  allowNegativeWeights: [
    { ...grpo, weights: [{ of: 'positive', weight: 1 }] },
    { ...grpo, weights: [{ of: 'positive', weight: -1 }], allowNegativeWeights: true },
  ],
  ratioLevel: versus({ ratioLevel: 'sequence' }),
  oldPolicy: versus(trainer),
  'surrogate.reinforce': versus({ surrogate: { kind: 'reinforce' } }),
  'surrogate.importance-sampling': versus(is),
  'surrogate.ppo': [
    { ...grpo, ...is },
    { ...grpo, surrogate: ppo },
  ],
  'surrogate.ppo.ratioMin': varied('surrogate', ppo, 'ratioMin', 0.8, 0.5),
  'surrogate.ppo.ratioMax': varied('surrogate', ppo, 'ratioMax', 1.2, 1.5),
  'surrogate.ppo.dualClip': varied('surrogate', ppo, 'dualClip', undefined, 1.1),
  'surrogate.cispo': versus({ surrogate: cispo }),
  'surrogate.cispo.ratioMin': varied('surrogate', cispo, 'ratioMin', 0.8, 0.5),
  'surrogate.cispo.ratioMax': varied('surrogate', cispo, 'ratioMax', 1.2, 1.5),
  'surrogate.sapo': versus({ surrogate: sapo }),
  'surrogate.sapo.temperaturePositive': varied('surrogate', sapo, 'temperaturePositive', 1, 2),
  'surrogate.sapo.temperatureNegative': varied('surrogate', sapo, 'temperatureNegative', 1, 2),
  'surrogate.dppo': versus({ surrogate: dppo }),
  'surrogate.dppo.maxRise': varied('surrogate', dppo, 'maxRise', 0.05, 0.5),
  'surrogate.dppo.maxFall': varied('surrogate', dppo, 'maxFall', 0.05, 0.5),
  'surrogate.geometric-mean': versus({ surrogate: gmpo }),
  'surrogate.geometric-mean.ratioMin': varied('surrogate', gmpo, 'ratioMin', 0.9, 0.5),
  'surrogate.geometric-mean.ratioMax': varied('surrogate', gmpo, 'ratioMax', 1.1, 2),
  'covariance.clip-cov': versus({ covariance: clipCov }),
  'covariance.clip-cov.ratio': varied('covariance', clipCov, 'ratio', 0.1, 0.2),
  'covariance.clip-cov.low': varied('covariance', { ...clipCov, ratio: 1 }, 'low', 0.05, 0.3),
  'covariance.clip-cov.high': varied('covariance', { ...clipCov, ratio: 1 }, 'high', 5, 0.1),
  'covariance.kl-cov': [
    { ...grpo, ...is },
    { ...grpo, ...is, covariance: klCov },
  ],
  'covariance.kl-cov.ratio': inSlots(varied('covariance', klCov, 'ratio', 0.1, 0.2), is),
  'covariance.kl-cov.coefficient': inSlots(varied('covariance', klCov, 'coefficient', 1, 2), is),
  'mismatch.truncate': [
    { ...grpo, ...trainer },
    { ...grpo, ...trainer, mismatch: truncate },
  ],
  'mismatch.truncate.max': inSlots(varied('mismatch', truncate, 'max', 1.1, 1.2), trainer),
  'mismatch.truncate.level': inSlots(varied('mismatch', truncate, 'level', 'token', 'sequence'), trainer),
  'mismatch.mask': [
    { ...grpo, ...trainer },
    { ...grpo, ...trainer, mismatch: masked },
  ],
  'mismatch.mask.min': inSlots(varied('mismatch', masked, 'min', 0.8, 0.95), trainer),
  'mismatch.mask.max': inSlots(varied('mismatch', masked, 'max', 1.2, 1.05), trainer),
  'mismatch.mask.level': inSlots(varied('mismatch', masked, 'level', 'token', 'sequence'), trainer),
  'penalties.kl': versus({ penalties: [kl] }),
  'penalties.kl.name': varied(
    'penalties',
    { ...kl, coefficient: { schedule: 'linear', from: 1, to: 0, until: 1 } },
    'name',
    'a',
    'b',
    listed,
  ),
  'penalties.kl.estimator': varied('penalties', kl, 'estimator', 'k2', 'k3', listed),
  'penalties.kl.coefficient': varied('penalties', kl, 'coefficient', 0.5, 1, listed),
  aggregation: versus({ aggregation: 'token-mean' }),
  'aggregation.constantTokens': varied('aggregation', {}, 'constantTokens', 10, 20),
};

const operations: Record<string, object> = {
  multiply: { scale: 2 },
  linear: { scale: 2, offset: 1 },
  'add-capped': { scale: 0.1, cap: 2 },
  drop: {},
  keep: {},
  'keep-and-renormalise': {},
};
for (const [operation, parameters] of Object.entries(operations)) {
  const rule = {
    polarity: 'both',
    statistic: 'entropy',
    side: 'high',
    amount: { ratio: 0.4 },
    operation,
    ...parameters,
  };
  const named = { ...rule, amount: { ratio: { schedule: 'linear', from: 0.2, to: 0.5, until: 1 } } };
  const pair = (key: string, a: unknown, b: unknown, base: object = rule) => varied('rules', base, key, a, b, listed);
  Object.assign(effects, {
    [`rules.${operation}`]: versus({ rules: [rule] }),
    [`rules.${operation}.name`]: pair('name', 'a', 'b', named),
    [`rules.${operation}.polarity`]: pair('polarity', 'positive', 'both'),
    [`rules.${operation}.statistic`]: pair('statistic', 'entropy', 'position'),
    [`rules.${operation}.eligibility`]: pair('eligibility', 'all', { probabilityBelow: 0.9 }),
    [`rules.${operation}.side`]: pair('side', 'high', 'low'),
    [`rules.${operation}.amount`]: pair('amount', { ratio: 0.4 }, { threshold: 0.5 }),
    [`rules.${operation}.scope`]: pair('scope', 'response', 'batch'),
    [`rules.${operation}.scale`]: pair('scale', 0.1, 0.2),
    [`rules.${operation}.offset`]: pair('offset', 1, 2),
    [`rules.${operation}.cap`]: pair('cap', 20, 40),
  });
}

const scheduled = (schedule: object, key: string, value: unknown) =>
  [schedule, { ...schedule, [key]: value }].map((weight) => ({ ...grpo, weights: [{ of: 'positive', weight }] })) as [
    object,
    object,
  ];
const span = { from: 2, to: 1, after: 0, until: 0.5 };
const scheduleExamples: Record<string, object> = {
  linear: span,
  cosine: span,
  exponential: { from: 2, to: 1, timeConstant: 0.2 },
  decrement: { from: 2, floor: 1, perStep: 0.02 },
  stepwise: { stages: [{ after: 0, value: 1 }] },
  entropy: { peak: 2, neutral: 1, target: 0.5 },
  mismatch: { peak: 2, neutral: 1, bound: 0.015 },
  'entropy-switch': { start: 0.5, stride: 0.2, min: 0.2, max: 0.9, target: 0.3 },
  'entropy-pi': { neutral: 1.5, gain: 1, target: 0.3, proportional: 1, integral: 0.1 },
};
const scheduleChange: Record<string, unknown> = {
  stages: [
    { after: 0, value: 1 },
    { after: 0.5, value: 3 },
  ],
  from: 3,
  to: 1.5,
  after: 0.1,
  until: 0.9,
  timeConstant: 0.5,
  floor: 1.5,
  perStep: 0.001,
  peak: 3,
  neutral: 1.2,
  target: 0.4,
  bound: 0.01,
  start: 0.6,
  stride: 0.1,
  min: 0.4,
  max: 0.6,
  gain: 0.5,
  proportional: 2,
  integral: 0.5,
};
for (const [schedule, fields] of Object.entries(scheduleExamples)) {
  const whole = { schedule, ...fields };
  effects[`schedule.${schedule}`] = [grpo, { ...grpo, weights: [{ of: 'positive', weight: whole }] }];
  for (const key of Object.keys(fields))
    effects[`schedule.${schedule}.${key}`] = scheduled(whole, key, scheduleChange[key]);
}

const keys = [
  ...Object.entries(slots).flatMap(([slot, schema]) => (slot === 'aggregation' ? [] : keysOf(schema, slot))),
  'aggregation',
  'aggregation.constantTokens',
  ...scheduleSchema.options
    .flatMap((option) => keysOf(option, 'schedule'))
    .filter((key) => !key.startsWith('schedule.stepwise.stages.')),
  'schedule.stepwise.stages',
];

describe('every option of the grammar', () => {
  it.each(keys)('%s changes something', (key) => {
    expect(effects[key], 'an entry in the table of effects').toBeDefined();
    const [a, b] = effects[key]!;
    expect(behaviour(a)).not.toBe(behaviour(b));
  });
});

/** Parameters that exist only beside another value. */
const companions: Record<string, object> = {
  'a3po.entropyTarget': { decay: 'H5', entropyTarget: 0.4 },
  'a3po.mismatchBound': { decay: 'H6', mismatchBound: 0.01 },
  'dapo.maxTokens': { maxTokens: 6, bufferTokens: 2 },
  'dapo.bufferTokens': { maxTokens: 6, bufferTokens: 2 },
  'positive-advantage-reweighting.entropyTarget': { schedule: 'entropy', entropyTarget: 0.5 },
};
/** Settings without which our small groups leave a recipe nothing to do. */
const roomFor = (name: string) =>
  name === 'clip-cov' ? { low: 0.01 } : /-(probability|entropy)$/.test(name) ? { ratio: 0.5 } : {};
const candidates = [
  3,
  0.6,
  0.25,
  0.02,
  5,
  0.1,
  1,
  'H2',
  'none',
  'all',
  'group',
  'epoch',
  true,
  { probabilityBelow: 0.6 },
];

describe('every parameter of a recipe', () => {
  const parameters = recipes.flatMap(({ name, parameters }) => Object.keys(parameters.shape).map((key) => [name, key]));
  it.each(parameters)('%s: %s changes something', (name, key) => {
    const base = { recipe: name, ...roomFor(name!), ...companions[`${name}.${key}`] };
    const accepted = candidates.flatMap((value) => {
      try {
        return [behaviour({ ...base, [key!]: value })];
      } catch {
        return [];
      }
    });
    expect(accepted.some((other) => other !== behaviour(base))).toBe(true);
  });
});
