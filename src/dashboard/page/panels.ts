/**
 * Which metrics share a panel. A key without its stratum is a family: `rollout/positive/truncated_frac` and
 * `rollout/truncated_frac` are one curve each of the family `rollout/truncated_frac`. The panels below are what one looks at first; every other family of
 * a run has a panel of its own, found by searching.
 */

/** What a curve is of. `all` is everything; the names of other curves in a panel with several families are free. */
export type Stratum = 'all' | 'positive' | 'negative' | 'unknown';

export interface PanelCurve {
  readonly key: string;
  /** In the legend. */
  readonly label: string;
  readonly stratum: Stratum;
  /** Of several families in one panel the second and later: drawn with dashes. */
  readonly family: number;
}

export interface Panel {
  readonly title: string;
  readonly section: string;
  readonly curves: readonly PanelCurve[];
}

interface Sketch {
  readonly title: string;
  /** Family -> label; the label of a single family is empty. */
  readonly families: readonly (readonly [family: string, label: string])[];
}

const one = (title: string, family: string): Sketch => ({ title, families: [[family, '']] });

const SECTIONS: readonly (readonly [section: string, sketches: readonly Sketch[]])[] = [
  [
    'Outcome',
    [
      one('Pass rate', 'rollout/pass_rate'),
      one('Reward', 'rollout/reward/mean'),
      {
        title: 'Groups',
        families: [
          ['rollout/groups_mixed', 'mixed'],
          ['rollout/groups_all_correct', 'all correct'],
          ['rollout/groups_all_incorrect', 'all incorrect'],
        ],
      },
    ],
  ],
  [
    'Policy and completions',
    [
      one('Entropy', 'policy/entropy_nats/mean'),
      one('Token probability', 'policy/probability/mean'),
      one('Completion length', 'rollout/completion_tokens/mean'),
      one('Truncated', 'rollout/truncated_frac'),
      one('Repetition', 'rollout/repetition_frac/mean'),
      one('Unknown verdicts', 'rollout/unknown_frac'),
    ],
  ],
  [
    'Objective',
    [
      {
        title: 'Advantage mass',
        families: [
          ['objective/advantage_mass/after', ''],
          ['objective/advantage_mass/before', 'before shaping'],
        ],
      },
      {
        title: 'Advantage mass, + : −',
        families: [
          ['objective/advantage_mass_ratio/after', 'after shaping'],
          ['objective/advantage_mass_ratio/before', 'before'],
        ],
      },
      one('Shaped tokens', 'objective/shaped_frac'),
      one('Share of the gradient', 'objective/gradient_frac'),
    ],
  ],
  [
    'Update',
    [
      one('Gradient norm', 'optim/grad_norm/mean'),
      one('Learning rate', 'optim/learning_rate'),
      one('Clipped tokens', 'loss/ratio_clipped_frac'),
      one('Ratio, largest deviation', 'loss/ratio_deviation/max'),
      one('First ratio, largest deviation', 'loss/first_ratio_deviation/max'),
      {
        title: 'Trainer against sampler',
        families: [
          ['policy/mismatch_nats/mean', 'mean'],
          ['policy/mismatch_nats/max', 'largest'],
        ],
      },
      one('Effective samples', 'loss/effective_sample_frac'),
      one('KL to the reference', 'policy/reference_kl_nats/mean'),
      {
        title: 'Staleness',
        families: [
          ['policy/staleness_steps/mean', 'mean'],
          ['policy/staleness_steps/max', 'largest'],
        ],
      },
    ],
  ],
  [
    'Time',
    [
      {
        title: 'Seconds of a step',
        families: [
          ['time/step_s', 'step'],
          ['time/sample_s', 'sampling'],
          ['time/train_s', 'training'],
        ],
      },
      {
        title: 'Tokens per second',
        families: [
          ['time/sampled_tokens_per_s', 'sampled'],
          ['time/trained_tokens_per_s', 'trained'],
        ],
      },
    ],
  ],
];

/** Curves of a panel whose label says what they are of, though their keys have no stratum. */
const STRATUM_OF_FAMILY: Readonly<Record<string, Stratum>> = {
  'rollout/groups_all_correct': 'positive',
  'rollout/groups_all_incorrect': 'negative',
};

/** Drawn as chips, not as curves. */
const isHidden = (family: string): boolean => family.startsWith('health/') || family === 'time/unix_s';

const STRATUM = /^([a-z0-9_]+)\/(positive|negative|unknown)\//;

/** `policy/positive/entropy_nats/mean` -> positive, `policy/entropy_nats/mean`. */
export function familyOf(key: string): { family: string; stratum: Stratum } {
  const stratum = STRATUM.exec(key)?.[2] as Stratum | undefined;
  return stratum === undefined
    ? { family: key, stratum: STRATUM_OF_FAMILY[key] ?? 'all' }
    : { family: key.replace(STRATUM, '$1/'), stratum };
}

const ORDER: readonly Stratum[] = ['all', 'positive', 'negative', 'unknown'];

/** Family -> its keys, `all` first. */
function families(keys: readonly string[]): Map<string, { key: string; stratum: Stratum }[]> {
  const found = new Map<string, { key: string; stratum: Stratum }[]>();
  for (const key of keys) {
    const { family, stratum } = familyOf(key);
    if (!isHidden(family)) found.set(family, [...(found.get(family) ?? []), { key, stratum }]);
  }
  for (const curves of found.values()) curves.sort((a, b) => ORDER.indexOf(a.stratum) - ORDER.indexOf(b.stratum));
  return found;
}

/** The panels one looks at first; those whose metrics a run does not have are left out. */
export function firstPanels(keys: readonly string[]): Panel[] {
  const known = families(keys);
  return SECTIONS.flatMap(([section, sketches]) =>
    sketches.flatMap((sketch) => {
      const curves = sketch.families.flatMap(([family, label], i) => curvesOf(known.get(family) ?? [], label, i));
      return curves.length > 0 ? [{ title: sketch.title, section, curves }] : [];
    }),
  );
}

/** Every panel: those one looks at first, then one for each family that has none, by the first part of its key. */
export function allPanels(keys: readonly string[]): Panel[] {
  const first = firstPanels(keys);
  const shown = new Set(first.flatMap(({ curves }) => curves.map(({ key }) => key)));
  const rest = [...families(keys)].flatMap(([family, curves]): Panel[] => {
    const left = curves.filter(({ key }) => !shown.has(key));
    return left.length === 0
      ? []
      : [{ title: family, section: `${family.split('/')[0]}/`, curves: curvesOf(left, '', 0) }];
  });
  return [...first, ...rest.sort((a, b) => a.title.localeCompare(b.title))];
}

function curvesOf(found: readonly { key: string; stratum: Stratum }[], label: string, family: number): PanelCurve[] {
  return found.map(({ key, stratum }) => {
    const words = [label, stratum === 'all' || STRATUM_OF_FAMILY[key] ? '' : stratum].filter((word) => word !== '');
    return { key, stratum, family, label: words.join(', ') || 'all' };
  });
}

/** Panels in whose title or keys every word of `text` occurs. */
export function foundPanels(panels: readonly Panel[], text: string): Panel[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return panels.filter(({ title, section, curves }) => {
    const haystack = [title, section, ...curves.map(({ key }) => key)].join(' ').toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
}
