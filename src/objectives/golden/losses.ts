/**
 * The schema `rlvr-extra-golden/1`: further baselines, pass@k advantages, KL estimators, and losses with their gradients
 * with respect to the logprobs, recorded from the A3PO authors' code, verl and RUCAIBox/Passk_Training.
 */
import { z } from 'zod';
import { UserError } from '../../core/errors.ts';
import { randomKey } from '../../core/random.ts';
import { parseSettings } from '../../core/settings.ts';
import { aggregationScales } from '../aggregate.ts';
import { passAtKAdvantages } from '../baselines.ts';
import { minibatchLoss } from '../loss.ts';
import { klPenalty } from '../penalties.ts';
import type { Sample } from '../sample.ts';
import type { SentenceInput } from '../schema.ts';
import { shape } from '../shape.ts';
import { compareRows, type GoldenResult, sameLengths, sentenceFor, type Tolerance } from './compare.ts';

const numbers = z.array(z.number());
const lossFile = z.object({
  schema: z.literal('rlvr-extra-golden/1'),
  tolerance: z.object({ rtol: z.number(), atol: z.number() }),
  advantages: z.array(
    z.object({
      name: z.string(),
      responses: z.array(z.object({ group: z.string(), reward: z.number(), mask: numbers })),
      expected_advantages: z.array(numbers),
    }),
  ),
  passk: z.array(
    z.object({
      n: z.number(),
      k: z.number(),
      c: z.number(),
      correct: z.number().nullable(),
      wrong: z.number().nullable(),
    }),
  ),
  kl: z.array(
    z
      .object({ mode: z.enum(['k1', 'k2', 'k3', 'abs']), logp: numbers, ref_logp: numbers, expected: numbers })
      .refine(...sameLengths),
  ),
  losses: z.array(
    z.object({
      name: z.string(),
      /** Ends with the name of the recorded function. */
      source: z.string().optional(),
      loss_agg_mode: z.string(),
      config: z.record(z.string(), z.unknown()),
      responses: z.array(
        z
          .object({ mask: numbers, old_log_probs: numbers, log_probs: numbers, advantages: numbers })
          .refine(...sameLengths),
      ),
      expected: z.object({
        loss: z.number(),
        metrics: z.record(z.string(), z.number()),
        grad_log_probs: z.array(numbers),
      }),
    }),
  ),
});

type LossFile = z.infer<typeof lossFile>;
type LossCase = LossFile['losses'][number];

/**
 * @param where names the file in messages
 * @throws UserError when the file is not of this schema, or holds a case this version has no sentence for.
 */
export function checkLossFile(file: unknown, where: string): GoldenResult[] {
  const golden = parseSettings(lossFile, file, where);
  return [
    ...golden.advantages.map((one) => checkBaseline(one, golden.tolerance, where)),
    ...golden.passk.map((one) => checkPassAtK(one, golden.tolerance)),
    ...golden.kl.map((one) => checkKl(one, golden.tolerance)),
    ...golden.losses.map((one) => checkLoss(one, golden.tolerance, where)),
  ];
}

/** The official estimators by the name of the recorded case. */
const baselineSentences: readonly (readonly [RegExp, (match: RegExpMatchArray) => Partial<SentenceInput>])[] = [
  [/^rloo$/, () => ({ baseline: { kind: 'leave-one-out' } })],
  [/^reinforce_plus_plus_baseline$/, () => ({ baseline: { kind: 'group-mean' }, whiten: true })],
  [
    /^reinforce_plus_plus(?:_gamma([\d.]+))?$/,
    ([, gamma]) => ({ baseline: { kind: 'none', discount: Number(gamma ?? 1) }, whiten: true }),
  ],
  [/^opo$/, () => ({ baseline: { kind: 'length-weighted' } })],
  [/^grpo_passk$/, () => ({ baseline: { kind: 'best-minus-second' } })],
];

function checkBaseline(golden: LossFile['advantages'][number], tolerance: Tolerance, where: string): GoldenResult {
  const known = baselineSentences.find(([pattern]) => pattern.test(golden.name));
  if (known === undefined) throw new UserError(`${where}: there is no sentence for advantages '${golden.name}'`);
  const sentence = sentenceFor(known[1](golden.name.match(known[0])!), `${where}: advantages '${golden.name}'`);
  const names = [...new Set(golden.responses.map(({ group }) => group))];
  const members = names.map((name) => golden.responses.filter(({ group }) => group === name));
  const shaped = shape(
    sentence,
    members.map((group) => group.map(({ reward, mask }) => plainSample(reward, mask))),
  );
  const actual = golden.responses.map((response) => {
    const g = names.indexOf(response.group);
    return [...shaped[g]![members[g]!.indexOf(response)]!.advantages];
  });
  return compareRows(golden.name, actual, golden.expected_advantages, tolerance);
}

function plainSample(reward: number, mask: readonly number[]): Sample {
  return {
    polarity: reward === 1 ? 'positive' : 'negative',
    reward,
    mask: Uint8Array.from(mask),
    logprobs: new Float32Array(mask.length),
    entropies: new Float32Array(mask.length),
    tokens: new Int32Array(mask.length),
    isTruncated: false,
  };
}

function checkPassAtK({ n, k, c, correct, wrong }: LossFile['passk'][number], tolerance: Tolerance): GoldenResult {
  const ours = passAtKAdvantages(n, c, k);
  const name = `pass@${k} of ${c} correct in ${n}`;
  return compareRows(
    name,
    [[ours.correct, ours.incorrect]],
    [[correct ?? ours.correct, wrong ?? ours.incorrect]],
    tolerance,
  );
}

function checkKl({ mode, logp, ref_logp, expected }: LossFile['kl'][number], tolerance: Tolerance): GoldenResult {
  const actual = logp.map((logprob, t) => klPenalty(mode, logprob, ref_logp[t]!).value);
  return compareRows(`kl ${mode}`, [actual], [expected], tolerance);
}

/** Value, then gradient, as two rows more than there are completions. */
function checkLoss(golden: LossCase, tolerance: Tolerance, file: string): GoldenResult {
  const where = `${file}: losses '${golden.name}'`;
  const sentence = sentenceFor(lossSentence(golden, where), where);
  const masks = golden.responses.map(({ mask }) => Uint8Array.from(mask));
  const scales = aggregationScales(
    sentence.aggregation,
    masks.map((mask) => mask.reduce((a, b) => a + b, 0)),
  );
  const rollouts = golden.responses.map((response, i) => ({
    advantages: Float32Array.from(response.advantages),
    mask: masks[i]!,
    scale: scales[i]!,
    logprobs: Float32Array.from(response.log_probs),
    oldLogprobs: Float32Array.from(response.old_log_probs),
  }));
  const { loss, gradients, clippedShare } = minibatchLoss(sentence, rollouts, randomKey(0));
  const { metrics } = golden.expected;
  // verl counts the two sides of dual clip apart; for other surrogates its clip metric is another quantity
  const isPpo = sentence.surrogate.kind === 'ppo' && sentence.covariance === undefined;
  const { pg_clipfrac: outside, pg_clipfrac_lower: dual = 0 } = metrics;
  const expectedClipped = isPpo && outside !== undefined ? [outside + dual] : [];
  const clipped = expectedClipped.map(() => clippedShare);
  return compareRows(
    golden.name,
    [[loss], clipped, ...gradients.map((row) => [...row])],
    [[golden.expected.loss], expectedClipped, ...golden.expected.grad_log_probs],
    tolerance,
  );
}

const ppoConfig = z.object({ cliprange_low: z.number(), cliprange_high: z.number(), clip_ratio_c: z.number() });
const clipConfig = z.object({ clip_ratio_low: z.number(), clip_ratio_high: z.number() });
const sapoConfig = z.object({ tau_pos: z.number(), tau_neg: z.number() });
const klCovConfig = z.object({ policy_loss: z.object({ kl_cov_ratio: z.number(), ppo_kl_coef: z.number() }) });
const clipCovConfig = z.object({
  policy_loss: z.object({ clip_cov_ratio: z.number(), clip_cov_lb: z.number(), clip_cov_ub: z.number() }),
});

function lossSentence(golden: LossCase, where: string): Partial<SentenceInput> {
  const { loss_agg_mode, config } = golden;
  const aggregation = loss_agg_mode === 'n/a' ? 'seq-mean-token-mean' : (loss_agg_mode as 'token-mean');
  const slots = lossSlots[lossKind(golden, where)];
  return { aggregation, ...slots(config, `${where}: config`) };
}

/** By the recorded function (`verl b178a3cd5 compute_policy_loss_gspo`), else by the case's name. @throws UserError */
function lossKind({ name, source = '' }: LossCase, where: string): keyof typeof lossSlots {
  const recorded = /compute_policy_loss(?:_(\w+))?$/.exec(source);
  const said = recorded ? (recorded[1] ?? 'ppo') : name.replace(/^dapo/, 'ppo').replace(/^gmpo/, 'geo_mean');
  const kind = (Object.keys(lossSlots) as (keyof typeof lossSlots)[]).find((each) => said.startsWith(each));
  if (kind === undefined) throw new UserError(`${where}: there is no sentence for it`);
  return kind;
}

type LossSlots = (config: unknown, where: string) => Partial<SentenceInput>;

/** Ratio bounds from epsilons around 1. */
function ratioBounds(config: unknown, where: string): { ratioMin: number; ratioMax: number } {
  const { clip_ratio_low, clip_ratio_high } = parseSettings(clipConfig, config, where);
  return { ratioMin: 1 - clip_ratio_low, ratioMax: 1 + clip_ratio_high };
}

/** The official losses by the name of their function after `compute_policy_loss_`. */
const lossSlots = {
  ppo: (config, where) => {
    const { cliprange_low, cliprange_high, clip_ratio_c } = parseSettings(ppoConfig, config, where);
    return {
      surrogate: { kind: 'ppo', ratioMin: 1 - cliprange_low, ratioMax: 1 + cliprange_high, dualClip: clip_ratio_c },
    };
  },
  gspo: (config, where) => ({
    ratioLevel: 'sequence',
    surrogate: { kind: 'ppo', ...ratioBounds(config, where) },
  }),
  cispo: (config, where) => ({ surrogate: { kind: 'cispo', ...ratioBounds(config, where) } }),
  sapo: (config, where) => {
    const { tau_pos, tau_neg } = parseSettings(sapoConfig, config, where);
    return { surrogate: { kind: 'sapo', temperaturePositive: tau_pos, temperatureNegative: tau_neg } };
  },
  geo_mean: (config, where) => {
    const { clip_ratio_low, clip_ratio_high } = parseSettings(clipConfig, config, where);
    // clipped in log space
    const bounds = { ratioMin: Math.exp(-clip_ratio_low), ratioMax: Math.exp(clip_ratio_high) };
    return { surrogate: { kind: 'geometric-mean', ...bounds } };
  },
  kl_cov: (config, where) => {
    const { kl_cov_ratio, ppo_kl_coef } = parseSettings(klCovConfig, config, where).policy_loss;
    return { covariance: { kind: 'kl-cov', ratio: kl_cov_ratio, coefficient: ppo_kl_coef } };
  },
  clip_cov: (config, where) => {
    const { clip_cov_ratio, clip_cov_lb, clip_cov_ub } = parseSettings(clipCovConfig, config, where).policy_loss;
    return {
      // the recorded configuration leaves verl's clip range at its default of 0.2
      surrogate: { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.2 },
      covariance: { kind: 'clip-cov', ratio: clip_cov_ratio, low: clip_cov_lb, high: clip_cov_ub },
    };
  },
} as const satisfies Record<string, LossSlots>;
