/** The schema `rlvr-advantage-golden/1`: advantages of the A3PO authors' code, case by case as sentences. */
import { z } from 'zod';
import { parseSettings } from '../../core/settings.ts';
import type { Sample } from '../sample.ts';
import type { SentenceInput } from '../schema.ts';
import { shape } from '../shape.ts';
import { compareRows, type GoldenResult, sameLengths, sentenceFor, type Tolerance } from './compare.ts';

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
        z
          .object({
            group: z.string(),
            score: z.number(),
            reward: z.number(),
            mask: z.array(z.number()),
            old_log_probs: z.array(z.number()),
            entropy: z.array(z.number()),
          })
          .refine(...sameLengths),
      ),
      expected_advantages: z.array(z.array(z.number())),
    }),
  ),
});

type AdvantageCase = z.infer<typeof advantageFile>['cases'][number];

/** @param where names the file in messages @throws UserError when the file is not of this schema. */
export function checkAdvantageFile(file: unknown, where: string): GoldenResult[] {
  const { cases, tolerance } = parseSettings(advantageFile, file, where);
  return cases.map((golden) => checkAdvantages(golden, tolerance, `${where}: case '${golden.name}'`));
}

function checkAdvantages(golden: AdvantageCase, tolerance: Tolerance, where: string): GoldenResult {
  const names = [...new Set(golden.responses.map(({ group }) => group))];
  const members = names.map((name) => golden.responses.filter(({ group }) => group === name));
  const rows = new Map<object, Float32Array>();
  const shaped = shape(
    sentenceFor(golden.estimator === 'grpo' ? grpoShaping(golden.config) : psrNsrShaping(golden.config), where),
    members.map((group) => group.map(sampleOf)),
  );
  for (const [g, group] of members.entries())
    for (const [i, response] of group.entries()) rows.set(response, shaped[g]![i]!.advantages);
  const order = (row: readonly number[]) => (golden.compare === 'sorted_row' ? row.toSorted((a, b) => a - b) : row);
  const actual = golden.responses.map((response) => order([...rows.get(response)!]));
  return compareRows(golden.name, actual, golden.expected_advantages.map(order), tolerance);
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
