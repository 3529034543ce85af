/**
 * What colour a token has, and the scale that says so. Colours are few and named (tones.css, where contrast with the text is
 * tested): a token's tone is one class on one element. Scales end at round numbers, so that the same colour means the same in the next
 * rollout of a group, most of the time. What was not measured has no tone and a sentence that says so; it is never drawn as 0.
 *
 * Dimensions: T completion tokens.
 */
import type { RolloutDetail } from '../../api.ts';

export const colourings = ['probability', 'entropy', 'advantage', 'rules', 'change'] as const;
export type Colouring = (typeof colourings)[number];

/** Without a tone: nothing to point at. */
export type Tone = string | undefined;

export interface LegendEntry {
  readonly tone: Tone;
  readonly label: string;
  /** Tokens of this rollout. */
  readonly tokens: number;
}

export interface Scale {
  /** [T]; empty where nothing was measured. */
  readonly tones: readonly Tone[];
  readonly legend: readonly LegendEntry[];
  /** What the colours are of, with the unit. */
  readonly title: string;
  /** What is missing and why; empty when nothing is. */
  readonly note: string;
}

type Numbers = readonly (number | null)[];

/** The smallest of 1, 2, 5 times a power of ten that is not below `value`; 1 for 0. */
export function roundCeiling(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  // a hair of slack: 0.2 / 0.1 and the like land just beside round numbers
  return ([1, 2, 5, 10].find((step) => step * power >= value * (1 - 1e-9)) ?? 10) * power;
}

export function scaleOf(colouring: Colouring, rollout: RolloutDetail): Scale {
  switch (colouring) {
    case 'probability':
      return probabilityScale(rollout);
    case 'entropy':
      return entropyScale(rollout);
    case 'advantage':
      return divergingScale(
        rollout.tokens.advantages,
        'advantage after shaping',
        'This rollout was not trained on, so it has no advantages.',
      );
    case 'change':
      return divergingScale(
        rollout.tokens.logprobChanges,
        'change of the log-probability by this step’s updates, nats',
        'This rollout was not probed after the update, so its change is not known.',
      );
    case 'rules':
      return rulesScale(rollout);
  }
}

/** Upper ends of the bins, strongest tone first: unlikely tokens are those worth a look. */
const PROBABILITY_ENDS = [0.001, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, Infinity] as const;
const PROBABILITY_LABELS = ['< 0.001', '0.01', '0.05', '0.2', '0.5', '0.8', '0.95', '≤ 1'] as const;
const STRONGEST = PROBABILITY_ENDS.length - 1;

function probabilityScale({ tokens }: RolloutDetail): Scale {
  const tones = tokens.logprobs.map((logprob) => {
    if (logprob === null) return undefined;
    return `s${STRONGEST - PROBABILITY_ENDS.findIndex((end) => Math.exp(logprob) < end)}`;
  });
  const entries = PROBABILITY_LABELS.map((label, i) => ({ tone: `s${STRONGEST - i}`, label }));
  return scale(tones, entries, 'probability when sampled', '');
}

function entropyScale({ tokens: { entropies } }: RolloutDetail): Scale {
  const title = 'entropy of the choice, nats';
  if (entropies === null) return absent(title, 'The engine that sampled this rollout gave no entropies.');
  const ceiling = roundCeiling(largest(entropies));
  const bins = STRONGEST + 1;
  const tones = entropies.map((value) =>
    value === null ? undefined : `s${Math.min(STRONGEST, Math.max(0, Math.floor((value / ceiling) * bins)))}`,
  );
  const entries = Array.from({ length: bins }, (_, i) => ({
    tone: `s${i}`,
    label: i === 0 ? `< ${number(ceiling / bins)}` : `≥ ${number((i * ceiling) / bins)}`,
  }));
  return scale(tones, entries, title, missing(entropies));
}

/** Tones on each side of 0. */
const SIDE = 4;

/** Blue above 0, orange below; exactly 0 is its own, white. */
function divergingScale(values: Numbers | null, title: string, whyAbsent: string): Scale {
  if (values === null || values.length === 0) return absent(title, whyAbsent);
  const ceiling = roundCeiling(largest(values));
  const tones = values.map((value) => (value === null ? undefined : divergingTone(value, ceiling)));
  const ends = Array.from({ length: SIDE }, (_, i) => ((i + 1) * ceiling) / SIDE);
  const entries = [
    ...ends.map((end, i) => ({ tone: `n${i + 1}`, label: `≥ −${number(end)}` })).reverse(),
    { tone: 'zero', label: '0' },
    ...ends.map((end, i) => ({ tone: `p${i + 1}`, label: `≤ ${number(end)}` })),
  ];
  return scale(tones, entries, title, missing(values));
}

function divergingTone(value: number, ceiling: number): Tone {
  if (value === 0) return 'zero';
  const strength = Math.min(SIDE, Math.max(1, Math.ceil((Math.abs(value) / ceiling) * SIDE - 1e-9)));
  return `${value > 0 ? 'p' : 'n'}${strength}`;
}

/** Rules that have a colour of their own. */
export const COLOURED_RULES = 6;

function rulesScale({ tokens, rules }: RolloutDetail): Scale {
  const title = 'token rule that touched it';
  if (rules.length === 0) return absent(title, 'The objective of this run has no token rules.');
  if (tokens.rules === null || tokens.rules.length === 0)
    return absent(title, 'This rollout was not trained on, so no rule touched it.');
  const tones = tokens.rules.map(ruleTone);
  const single = rules.map((name, bit) => ({ tone: ruleTone(1 << bit), label: name }));
  const entries = [
    { tone: 'zero', label: 'none' },
    ...single,
    ...(rules.length > 1 ? [{ tone: 'many', label: 'several' }] : []),
  ];
  return scale(tones, entries, title, '');
}

function ruleTone(bits: number): Tone {
  if (bits === 0) return 'zero';
  const bit = 31 - Math.clz32(bits);
  return bits === 1 << bit ? `r${bit % COLOURED_RULES}` : 'many';
}

/** Indices of the rules whose bits are set. */
export function rulesOf(bits: number): number[] {
  return Array.from({ length: 31 }, (_, bit) => bit).filter((bit) => ((bits >>> bit) & 1) === 1);
}

function scale(
  tones: readonly Tone[],
  entries: readonly Omit<LegendEntry, 'tokens'>[],
  title: string,
  note: string,
): Scale {
  const counts = new Map<Tone, number>();
  for (const tone of tones) counts.set(tone, (counts.get(tone) ?? 0) + 1);
  return { tones, title, note, legend: entries.map((entry) => ({ ...entry, tokens: counts.get(entry.tone) ?? 0 })) };
}

const absent = (title: string, note: string): Scale => ({ tones: [], legend: [], title, note });

function missing(values: Numbers): string {
  const nulls = values.filter((value) => value === null).length;
  return nulls === 0 ? '' : `${nulls} of ${values.length} tokens have no finite number and are not coloured.`;
}

const largest = (values: Numbers): number =>
  values.reduce<number>((most, value) => (value === null ? most : Math.max(most, Math.abs(value))), 0);

/** Few digits, no trailing zeros: 0.0125, 1.5, 2e-5. */
export const number = (value: number): string => String(Number(value.toPrecision(3)));
