/**
 * Checks files of numbers recorded from the official implementations against this one. Pure: a parsed JSON value in, one
 * result per case out. Reads the schema `rlvr-advantage-golden/1`.
 */
import { z } from 'zod';
import { UserError } from '../core/errors.ts';
import { describeIssues } from './issues.ts';
import type { Sample } from './sample.ts';
import { resolveSchedules } from './schedule.ts';
import { type ResolvedSentence, type SentenceInput, sentenceSchema } from './schema.ts';
import { shape } from './shape.ts';

export interface GoldenResult {
  readonly name: string;
  readonly passed: boolean;
  /** The worst disagreement, in words; empty when passed. */
  readonly detail: string;
}

export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

const numberOrNull = z.number().nullable();
const advantageFile = z.object({
  schema: z.literal('rlvr-advantage-golden/1'),
  tolerance: z.object({ rtol: z.number(), atol: z.number() }),
  cases: z.array(
    z.object({
      name: z.string(),
      estimator: z.enum(['grpo', 'psr_nsr']),
      compare: z.enum(['exact_position', 'sorted_row']),
      config: z.record(z.string(), z.union([z.string(), z.boolean(), numberOrNull])),
      responses: z.array(
        z.object({
          group: z.string(),
          score: z.number(),
          reward: z.number(),
          mask: z.array(z.number()),
          old_log_probs: z.array(z.number()),
          entropy: z.array(z.number()),
        }),
      ),
      expected_advantages: z.array(z.array(z.number())),
    }),
  ),
});

type AdvantageCase = z.infer<typeof advantageFile>['cases'][number];

/** @throws UserError when the value is not a golden file this version reads. */
export function checkGolden(file: unknown): GoldenResult[] {
  const parsed = advantageFile.safeParse(file);
  if (!parsed.success) throw new UserError(describeIssues(parsed.error.issues.slice(0, 3), 'golden file'));
  const { cases, tolerance } = parsed.data;
  return cases.map((golden) => checkAdvantages(golden, tolerance));
}

function checkAdvantages(golden: AdvantageCase, tolerance: Tolerance): GoldenResult {
  const names = [...new Set(golden.responses.map(({ group }) => group))];
  const members = names.map((name) => golden.responses.filter(({ group }) => group === name));
  const rows = new Map<object, Float32Array>();
  const shaped = shape(
    sentenceOf(golden),
    members.map((group) => group.map(sampleOf)),
  );
  for (const [g, group] of members.entries())
    for (const [i, response] of group.entries()) rows.set(response, shaped[g]![i]!.advantages);
  const order = (row: readonly number[]) => (golden.compare === 'sorted_row' ? row.toSorted((a, b) => a - b) : row);
  const actual = golden.responses.map((response) => order([...rows.get(response)!]));
  return compareRows(golden.name, actual, golden.expected_advantages.map(order), tolerance);
}

/** Row by row: |actual - expected| <= atol + rtol |expected|. */
export function compareRows(
  name: string,
  actual: readonly (readonly number[])[],
  expected: readonly (readonly number[])[],
  { rtol, atol }: Tolerance,
): GoldenResult {
  let worst = 0;
  let detail = '';
  for (const [i, row] of expected.entries()) {
    for (let t = 0; t < Math.max(row.length, actual[i]?.length ?? 0); t++) {
      const got = actual[i]?.[t] ?? Number.NaN;
      const excess = Math.abs(got - row[t]!) / (atol + rtol * Math.abs(row[t]!));
      if (excess <= 1 || excess <= worst) continue;
      worst = Number.isNaN(excess) ? Number.POSITIVE_INFINITY : excess;
      detail = `row ${i}, token ${t}: expected ${row[t]}, got ${got}`;
    }
    if (row.length !== actual[i]?.length) return { name, passed: false, detail: `row ${i} has another length` };
  }
  return { name, passed: detail === '', detail };
}

function sampleOf(response: AdvantageCase['responses'][number]): Sample {
  return {
    polarity: response.score === 1 ? 'positive' : response.score === 0 ? 'negative' : undefined,
    reward: response.reward,
    mask: Uint8Array.from(response.mask),
    logprobs: Float32Array.from(response.old_log_probs),
    entropies: Float32Array.from(response.entropy),
    tokens: new Int32Array(response.mask.length),
    isTruncated: false,
  };
}

function sentenceOf(golden: AdvantageCase): ResolvedSentence {
  const shaping = golden.estimator === 'grpo' ? grpoShaping(golden.config) : psrNsrShaping(golden.config);
  const sentence = sentenceSchema.parse({
    ...shaping,
    surrogate: { kind: 'importance-sampling' },
    aggregation: 'token-mean',
  } as SentenceInput);
  return resolveSchedules(sentence, { step: 0, totalSteps: 1 }).resolved;
}

type Config = AdvantageCase['config'];
type Shaping = Pick<SentenceInput, 'baseline' | 'weights' | 'rules'>;

const polarityWeights = (config: Config): SentenceInput['weights'] => [
  { of: 'positive', weight: Number(config['positive_advantage_weight']) },
  { of: 'negative', weight: Number(config['negative_advantage_weight']) },
];

function grpoShaping(config: Config): Shaping {
  return {
    baseline: config['norm_adv_by_std_in_grpo']
      ? { kind: 'group-normalised', epsilon: Number(config['epsilon']) }
      : { kind: 'group-mean' },
    weights: config['advantage'] === 'weighted' ? polarityWeights(config) : [],
    rules: config['advantage'] === 'token-weighted' ? officialRules(config) : [],
  };
}

/** The official order; a selector acts only if both its ratio and its scale are given. */
function officialRules(config: Config): SentenceInput['rules'] {
  return (['positive', 'negative'] as const).flatMap((polarity) =>
    (['high', 'low'] as const).flatMap((side) => {
      const ratio = config[`token_weighted_${polarity}_${side}_num_ratio`];
      const scale = config[`token_weighted_${polarity}_${side}_scale`];
      if (typeof ratio !== 'number' || typeof scale !== 'number') return [];
      const statistic = config['token_weighted_metric'] === 'entropy' ? ('entropy' as const) : ('probability' as const);
      return [{ polarity, side, statistic, amount: { ratio }, operation: 'multiply' as const, scale }];
    }),
  );
}

function psrNsrShaping(config: Config): Shaping {
  const discount = Number(config['gamma']);
  switch (config['advantage']) {
    case 'positive':
      return { baseline: { kind: 'constant', positive: 0, negative: 0, discount } };
    case 'negative':
      return { baseline: { kind: 'constant', positive: 1, negative: 1, discount } };
    default:
      return { baseline: { kind: 'constant', positive: 0, negative: 1, discount }, weights: polarityWeights(config) };
  }
}
