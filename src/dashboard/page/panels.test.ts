import { describe, expect, it } from 'vitest';
import { allPanels, familyOf, firstPanels, foundPanels } from './panels.ts';

const KEYS = [
  'health/first_ratio',
  'loss/negative/ratio_clipped_frac',
  'loss/positive/ratio_clipped_frac',
  'objective/advantage_mass/after',
  'objective/advantage_mass/before',
  'objective/positive_low/touched_frac',
  'policy/entropy_nats/mean',
  'policy/negative/entropy_nats/mean',
  'policy/positive/entropy_nats/mean',
  'rollout/groups_all_correct',
  'rollout/groups_mixed',
  'time/unix_s',
];

it('a key without its stratum is a family; a rule called positive_low is no stratum', () => {
  expect(familyOf('policy/positive/entropy_nats/mean')).toEqual({
    family: 'policy/entropy_nats/mean',
    stratum: 'positive',
  });
  expect(familyOf('rollout/pass_rate')).toEqual({ family: 'rollout/pass_rate', stratum: 'all' });
  expect(familyOf('objective/positive_low/touched_frac')).toEqual({
    family: 'objective/positive_low/touched_frac',
    stratum: 'all',
  });
  expect(familyOf('objective/negative/negative_high/gradient_frac')).toEqual({
    family: 'objective/negative_high/gradient_frac',
    stratum: 'negative',
  });
});

describe('firstPanels', () => {
  it('have the strata of one family together, all first, and leave out what the run does not measure', () => {
    const panels = firstPanels(KEYS);
    expect(panels.map(({ title }) => title)).toEqual(['Groups', 'Entropy', 'Advantage mass', 'Clipped tokens']);
    expect(panels[1]?.curves.map(({ label, stratum }) => [label, stratum])).toEqual([
      ['all', 'all'],
      ['positive', 'positive'],
      ['negative', 'negative'],
    ]);
  });

  it('name the families of a panel that has several', () => {
    const groups = firstPanels(KEYS).find(({ title }) => title === 'Groups');
    expect(groups?.curves.map(({ label, stratum }) => [label, stratum])).toEqual([
      ['mixed', 'all'],
      ['all correct', 'positive'],
    ]);
    const mass = firstPanels(KEYS).find(({ title }) => title === 'Advantage mass');
    expect(mass?.curves.map(({ label, family }) => [label, family])).toEqual([
      ['all', 0],
      ['before shaping', 1],
    ]);
  });
});

it('allPanels reach every key but those of the health strip and the clock', () => {
  const reached = allPanels(KEYS).flatMap(({ curves }) => curves.map(({ key }) => key));
  expect(reached.sort()).toEqual(KEYS.filter((key) => key !== 'health/first_ratio' && key !== 'time/unix_s'));
});

it('foundPanels need every word, in titles or in keys', () => {
  const titles = (text: string): string[] => foundPanels(allPanels(KEYS), text).map(({ title }) => title);
  expect(titles('ENTROPY')).toEqual(['Entropy']);
  expect(titles('clip negative')).toEqual(['Clipped tokens']);
  expect(titles('touched')).toEqual(['objective/positive_low/touched_frac']);
  expect(titles('entropy clip')).toEqual([]);
});
