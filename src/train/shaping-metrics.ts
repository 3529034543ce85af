/**
 * What the objective did to a step's tokens: advantage mass before and after shaping, tokens touched by each rule. Absent, never 0,
 * where nothing was measured.
 *
 * Dimensions: T completion tokens.
 */
import type { Group } from '../core/rollout.ts';
import type { ObjectiveAt, ShapedRollout } from '../objectives/objective.ts';
import { Mean, type Metrics, present, type Stratum, share, stratumOf } from './metrics.ts';

const snake = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]+/g, '_');

/** Names of a sentence's token rules as metric keys and journals write them: `positive_low`; one without a name is told by what it selects. */
export function ruleNames({ sentence }: Pick<ObjectiveAt, 'sentence'>): string[] {
  return sentence.rules.map((rule, bit) =>
    snake(rule.name ?? `${rule.polarity} ${rule.side} ${rule.statistic} ${bit}`),
  );
}

/** Counts of one token rule. */
interface Touched {
  tokens: number;
  readonly unlikelihood: Mean;
}

/** Sums of |advantage| over a stratum's tokens. */
interface Mass {
  before: number;
  after: number;
}

/** Before the update: a function of rollouts and shaped advantages alone. */
export function shapingMetrics(
  groups: readonly Group[],
  shaped: readonly (readonly ShapedRollout[])[],
  at: ObjectiveAt,
): Metrics {
  const names = ruleNames(at);
  const touched = names.map((): Touched => ({ tokens: 0, unlikelihood: new Mean() }));
  const mass = new Map<Stratum, Mass>();
  let counted = 0;
  groups.forEach((group, p) => {
    group.rollouts.forEach((rollout, i) => {
      const own = shaped[p]?.[i];
      if (!own) return;
      const stratum = stratumOf(rollout);
      const sums = mass.get(stratum) ?? { before: 0, after: 0 };
      mass.set(stratum, sums);
      own.mask.forEach((bit, t) => {
        if (bit === 0) return;
        counted += 1;
        sums.before += Math.abs(own.baseAdvantage);
        sums.after += Math.abs(own.advantages[t] ?? 0);
      });
      own.rules.forEach((bits, t) => {
        touched.forEach((rule, bit) => {
          if (((bits >>> bit) & 1) === 0) return;
          rule.tokens += 1;
          rule.unlikelihood.add(1 - Math.exp(rollout.completion.logprobs[t] ?? 0));
        });
      });
    });
  });
  const total = [...mass.values()].reduce(
    (sum, each) => ({ before: sum.before + each.before, after: sum.after + each.after }),
    {
      before: 0,
      after: 0,
    },
  );
  return {
    ...massMetrics('', counted > 0 ? total : undefined),
    ...massMetrics('positive/', mass.get('positive')),
    ...massMetrics('negative/', mass.get('negative')),
    ...Object.assign({}, ...touched.map((rule, bit) => ruleMetrics(names[bit] ?? '', rule, counted))),
    ...at.schedules,
  };
}

const massMetrics = (stratum: string, mass: Mass | undefined): Metrics =>
  present({
    [`objective/${stratum}advantage_mass/before`]: mass?.before,
    [`objective/${stratum}advantage_mass/after`]: mass?.after,
  });

const ruleMetrics = (name: string, { tokens, unlikelihood }: Touched, counted: number): Metrics =>
  present({
    [`objective/${name}/touched_frac`]: share(tokens, counted),
    [`objective/${name}/unlikelihood/mean`]: unlikelihood.value,
  });
