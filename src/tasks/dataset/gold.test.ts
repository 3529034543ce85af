import { expect, test } from 'vitest';
import { cellAt, GOLD_PLACES, type GoldPlace, lastBoxed } from './gold.ts';

test.each<[GoldPlace, unknown, string]>([
  ['whole', ' 1/2 ', '1/2'],
  ['whole', '073', '073'],
  ['whole', 27.0, '27'],
  ['whole', -0.5, '-0.5'],
  ['whole', ['$2$'], '$2$'],
  ['whole', ['2', 3], '2, 3'],
  ['after-####', 'so 48/2 = <<48/2=24>>24\n#### 72', '72'],
  ['after-####', '#### 1 #### 1,234,567', '1234567'],
  ['after-####', '#### -1,000.50', '-1000.50'],
  ['after-####', '#### 1,2,3', '1,2,3'],
  ['last-boxed', 'first \\boxed{1}, then \\boxed{\\frac{1}{2}}.', '\\frac{1}{2}'],
  ['last-boxed', 'the set \\boxed{\\{1, 2\\}}', '\\{1, 2\\}'],
  ['last-boxed', '$\\fbox{7}$', '7'],
  ['last-boxed', '$\\boxed 9$ apples', '9'],
  ['boxed-or-whole', '$\\frac{1}{2}$', '$\\frac{1}{2}$'],
  ['boxed-or-whole', 'It is \\boxed{4}', '4'],
])('%s of %j is %j', (place, cell, gold) => {
  expect(GOLD_PLACES[place](cell)).toEqual({ gold });
});

test.each<[GoldPlace, unknown, string]>([
  ['whole', '  ', 'is empty'],
  ['whole', null, 'is absent'],
  ['whole', [], 'is empty'],
  ['whole', [['1']], 'is a list of lists'],
  ['whole', true, 'is a boolean, not text or a number'],
  [
    'whole',
    2 ** 70,
    'is the number 1.1805916207174113e+21, whose last digits were lost when it was read: write it as text',
  ],
  ['after-####', 'the answer is 3', 'has no ####'],
  ['after-####', '####', 'is empty'],
  ['last-boxed', 'the answer is 3', 'has no \\boxed{}'],
  ['last-boxed', '\\boxed{1', 'has no \\boxed{}'],
  ['last-boxed', '\\boxed{}', 'is empty'],
])('%s of %j has no gold: it %s', (place, cell, fault) => {
  expect(GOLD_PLACES[place](cell)).toEqual({ fault });
});

test('two hundred thousand open boxes are given up', () => {
  expect(lastBoxed('\\boxed{'.repeat(200_000))).toBeUndefined();
});

test('a cell is found by name, by path, and by a name that holds a dot', () => {
  const cells = { 'a.b': 1, reward_model: { ground_truth: '5' } };
  expect(cellAt(cells, 'a.b')).toBe(1);
  expect(cellAt(cells, 'reward_model.ground_truth')).toBe('5');
  expect(cellAt(cells, 'reward_model.style')).toBeUndefined();
  expect(cellAt(cells, 'constructor.name')).toBeUndefined();
});
