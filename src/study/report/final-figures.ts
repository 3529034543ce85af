/**
 * The figures of what the arms came to.
 */
import type { Comparison } from './comparisons.ts';
import { type Dot, dots } from './dots.ts';
import type { Figure } from './figure.ts';
import type { ReadStudy } from './read-study.ts';
import { armStyles } from './style.ts';

const panelName = ({ readout }: Comparison): string => `${readout.where}: ${readout.label}`;

/** Every arm against the reference. */
export function differences({ record }: ReadStudy, comparisons: readonly Comparison[]): Figure[] {
  const shown = comparisons.filter(({ readout, difference }) => readout.isMain && difference);
  const reference = (of: Comparison) =>
    comparisons.find(({ readout, arm }) => readout === of.readout && arm === record.reference)?.values;
  const values = shown.flatMap((it): Dot[] => {
    const { difference, arm } = it;
    if (difference === undefined) return [];
    const other = reference(it);
    const seeds = [...it.values].flatMap(([seed, value]) => {
      const paired = other?.get(seed);
      return paired === undefined ? [] : [value - paired];
    });
    const bounds = difference.seeds > 2 ? difference.interval : undefined;
    return [{ row: it.readout.where, panel: panelName(it), arm, mean: difference.mean, seeds, ...bounds }];
  });
  const controls = record.arms.filter(({ role }) => role === 'control').map(({ name }) => name);
  const noise = new Map<string, number>();
  for (const { panel, arm, seeds } of values)
    if (controls.includes(arm)) noise.set(panel, Math.max(noise.get(panel) ?? 0, ...seeds.map(Math.abs)));
  if (values.length === 0) return [];
  const grey =
    noise.size > 0 ? ' Grey: as far as a single run of a control, which changes nothing, came to lie from 0.' : '';
  return [
    {
      id: 'differences',
      title: `Differences from ${record.reference}`,
      caption: `At the end of training, paired by seed: mean with its 95 % interval (from three seeds on), a light dot for each seed.${grey}`,
      spec: dots(values, armStyles(record.arms), { zero: true, noise }),
      points: new Map(),
    },
  ];
}

/** Every arm's own values. */
export function finalValues({ record }: ReadStudy, comparisons: readonly Comparison[]): Figure[] {
  const values = comparisons
    .filter(({ readout }) => readout.isMain)
    .map((it): Dot => {
      const bounds = it.value.seeds > 2 ? it.value.interval : undefined;
      const seeds = [...it.values.values()];
      return { row: it.readout.where, panel: panelName(it), arm: it.arm, mean: it.value.mean, seeds, ...bounds };
    });
  if (values.length === 0) return [];
  return [
    {
      id: 'final-values',
      title: 'At the end',
      caption: 'Mean over seeds with its 95 % interval (from three seeds on), a light dot for each seed.',
      spec: dots(values, armStyles(record.arms), {}),
      points: new Map(),
    },
  ];
}
