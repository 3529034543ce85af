import { describe, expect, it } from 'vitest';
import { colorsOf } from './colors.ts';
import { chosenCurves, panelView } from './curves.ts';
import { NO_METRICS, type RunMetrics } from './metrics.ts';
import { firstPanels, type Panel } from './panels.ts';

const COLORS = colorsOf('light');
const KEYS = ['policy/entropy_nats/mean', 'policy/negative/entropy_nats/mean', 'policy/positive/entropy_nats/mean'];
const ENTROPY = firstPanels(KEYS)[0] as Panel;

function metricsOf(values: Readonly<Record<string, readonly (number | null)[]>>): RunMetrics {
  const columns = Object.entries(values).map(
    ([key, each]) => [key, { steps: each.map((_, i) => i + 1), values: each }] as const,
  );
  return { ...NO_METRICS, columns: new Map(columns) };
}

const CHOICE = { split: 'every', smoothing: 0, isLog: false } as const;
const alone = [{ name: 'a', runs: ['a'] }];

describe('of one run', () => {
  it('the colour is the polarity, and an empty stratum has no curve', () => {
    const metrics = new Map([
      ['a', metricsOf({ [KEYS[0] ?? '']: [1, 2], [KEYS[2] ?? '']: [3, null], [KEYS[1] ?? '']: [null, null] })],
    ]);
    const { legend, drawing } = panelView(ENTROPY, alone, ['a'], metrics, CHOICE, COLORS);
    expect(legend.map(({ label, color }) => [label, color])).toEqual([
      ['all', COLORS.neutral],
      ['positive', COLORS.positive],
    ]);
    expect(drawing.lines.map(({ values }) => values)).toEqual([
      [1, 2],
      [3, null],
    ]);
  });

  it('the raw curve stays behind the smoothed one, and the legend has the raw values', () => {
    const metrics = new Map([['a', metricsOf({ 'policy/entropy_nats/mean': [1, 3] })]]);
    const { legend, drawing } = panelView(ENTROPY, alone, ['a'], metrics, { ...CHOICE, smoothing: 0.5 }, COLORS);
    expect(drawing.lines.map(({ values, isFaint }) => [values, isFaint])).toEqual([
      [[1, 3], true],
      [[1, 3.5 / 1.5], false],
    ]);
    expect(legend[0]?.values).toEqual([1, 3]);
  });

  it('what is not finite is marked and not drawn', () => {
    const metrics = new Map([['a', metricsOf({ 'policy/entropy_nats/mean': [1, Number.NaN, 3] })]]);
    const { drawing } = panelView(ENTROPY, alone, ['a'], metrics, CHOICE, COLORS);
    expect(drawing.lines[0]?.values).toEqual([1, null, 3]);
    expect(drawing.marks).toEqual([{ step: 2, kind: 'NaN' }]);
  });
});

describe('of several', () => {
  it('seeds are their mean in a band, and the colour is the arm', () => {
    const metrics = new Map([
      ['x-s1', metricsOf({ 'policy/entropy_nats/mean': [1, 2] })],
      ['x-s2', metricsOf({ 'policy/entropy_nats/mean': [3, 6] })],
      ['y', metricsOf({ 'policy/entropy_nats/mean': [9] })],
    ]);
    const arms = [
      { name: 'x', runs: ['x-s1', 'x-s2'] },
      { name: 'y', runs: ['y'] },
    ];
    const { legend, drawing } = panelView(ENTROPY, arms, ['x', 'y'], metrics, { ...CHOICE, split: 'all' }, COLORS);
    expect(drawing.lines.map(({ values }) => values)).toEqual([
      [1, 2],
      [3, 6],
      [2, 4],
      [9, null],
    ]);
    expect(drawing.bands).toEqual([{ low: 0, high: 1, color: COLORS.lines[0] }]);
    expect(legend.map(({ label, color }) => [label, color])).toEqual([
      ['x', COLORS.lines[0]],
      ['y', COLORS.lines[1]],
    ]);
  });

  it('a panel without the stratum asked for shows what it has', () => {
    expect(chosenCurves(ENTROPY, 'positive').map(({ key }) => key)).toEqual(['policy/positive/entropy_nats/mean']);
    const split = firstPanels(KEYS.slice(1))[0] as Panel;
    expect(chosenCurves(split, 'all')).toHaveLength(2);
  });
});
