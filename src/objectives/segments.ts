/**
 * LESS (arXiv:2512.00908): weights from low-entropy segments that the rollouts of a group share. Differs from the paper:
 * segments are matched by tokens, not by decoded strings.
 *
 * Dimensions: G rollouts of the group, T completion tokens.
 */
import type { Sample } from './sample.ts';

/** The authors' values: the lower 80 % of a completion's entropies are low, and a segment has at least 5 tokens. */
const lowShare = 0.8;
const shortest = 5;

interface Segment {
  readonly rollout: number;
  readonly start: number;
  readonly tokens: Int32Array;
}

/**
 * [G][T] weight of each token. High-entropy tokens: 1. Low ones: 1 / (rollouts of that polarity); in a core shared by both
 * polarities: 0; in a core shared within one polarity: the share of its rollouts that have it. Rollouts without polarity: 0.
 */
export function segmentWeights(group: readonly Sample[]): Float32Array[] {
  const count = (polarity: Sample['polarity']) => group.filter((sample) => sample.polarity === polarity).length;
  const sizes = { positive: count('positive'), negative: count('negative') };
  const thresholds = group.map(lowThreshold);
  const weights = group.map((sample, i) => initialWeights(sample, thresholds[i]!, sizes));
  const segments = group.flatMap((sample, i) => (sample.polarity ? lowSegments(sample, i, thresholds[i]!) : []));
  for (const linked of linkedSegments(segments)) weighCore(linked, group, sizes, weights);
  return weights;
}

type Sizes = Readonly<Record<'positive' | 'negative', number>>;

/** sorted(H)[min(round(0.8 L), L - 1)], halves to even as Python rounds. */
function lowThreshold({ entropies, mask }: Sample): number {
  const sorted = entropies.filter((_, t) => mask[t] === 1).sort();
  const place = lowShare * sorted.length;
  const floor = Math.floor(place);
  const rounded = place - floor === 0.5 ? floor + (floor % 2) : Math.round(place);
  return sorted[Math.min(rounded, sorted.length - 1)] ?? 0;
}

function initialWeights({ entropies, polarity }: Sample, threshold: number, sizes: Sizes): Float32Array {
  return entropies.map((entropy) => (polarity === undefined ? 0 : entropy <= threshold ? 1 / sizes[polarity] : 1));
}

/** Maximal runs of entropies strictly below the threshold, long enough. */
function lowSegments({ entropies, mask, tokens }: Sample, rollout: number, threshold: number): Segment[] {
  const segments: Segment[] = [];
  let start = 0;
  for (let t = 0; t <= entropies.length; t++) {
    if (t < entropies.length && mask[t] === 1 && entropies[t]! < threshold) continue;
    if (t - start >= shortest) segments.push({ rollout, start, tokens: tokens.subarray(start, t) });
    start = t + 1;
  }
  return segments;
}

/** Sets of segments connected by "the first segment of another rollout that contains me"; lone ones are left out. */
function linkedSegments(segments: readonly Segment[]): Segment[][] {
  const parent = segments.map((_, i) => i);
  const root = (i: number): number => (parent[i] === i ? i : root(parent[i]!));
  for (const [i, segment] of segments.entries()) {
    const holder = segments.findIndex(
      (other) => other.rollout !== segment.rollout && placeOf(segment.tokens, other.tokens) >= 0,
    );
    if (holder >= 0) parent[root(i)] = root(holder);
  }
  const sets = new Map<number, Segment[]>();
  for (const [i, segment] of segments.entries()) sets.set(root(i), [...(sets.get(root(i)) ?? []), segment]);
  return [...sets.values()].filter((set) => set.length > 1);
}

/** Where `part` first lies within `whole`; -1 if nowhere. */
function placeOf(part: Int32Array, whole: Int32Array): number {
  for (let start = 0; start + part.length <= whole.length; start++) {
    let length = 0;
    while (length < part.length && whole[start + length] === part[length]) length++;
    if (length === part.length) return start;
  }
  return -1;
}

function weighCore(linked: readonly Segment[], group: readonly Sample[], sizes: Sizes, weights: Float32Array[]): void {
  const core = linked.reduce((a, b) => (b.tokens.length < a.tokens.length ? b : a)).tokens;
  const holders = linked.flatMap((segment) => {
    const place = placeOf(core, segment.tokens);
    return place < 0 ? [] : [{ rollout: segment.rollout, start: segment.start + place }];
  });
  const having = (polarity: 'positive' | 'negative') =>
    new Set(holders.map(({ rollout }) => rollout).filter((i) => group[i]!.polarity === polarity)).size;
  const isMixed = having('positive') > 0 && having('negative') > 0;
  const polarity = having('positive') > 0 ? 'positive' : 'negative';
  for (const { rollout, start } of holders) {
    const row = weights[rollout]!;
    for (let t = start; t < start + core.length; t++)
      row[t] = isMixed ? 0 : Math.max(row[t]!, having(polarity) / sizes[polarity]);
  }
}
