import { expect, it } from 'vitest';
import {
  counted,
  formatAge,
  formatBytes,
  formatDifference,
  formatMetric,
  formatNumber,
  formatSeconds,
  formatShare,
} from './format.ts';

it('numbers have three digits that count, and no more places than they need', () => {
  const numbers = [0, 1, 0.2351, 0.5, 12.345, 99.96, 123.4, 7274.3, 1234567, 2.5e9, -0.3, 1.47e-7, 1e20];
  expect(numbers.map(formatNumber)).toEqual([
    '0',
    '1',
    '0.235',
    '0.500',
    '12.3',
    '100',
    '123',
    '7,274',
    '1.23M',
    '2.50G',
    '−0.300',
    '1.47e-7',
    '1.00e20',
  ]);
  expect([Number.NaN, Infinity, -Infinity].map(formatNumber)).toEqual(['NaN', '∞', '−∞']);
});

it('shares are per cent, without the dust of binary fractions', () => {
  expect([0.4609375, 1, 0, 0.07, 0.0004].map(formatShare)).toEqual(['46.1 %', '100 %', '0 %', '7.0 %', '0.0400 %']);
  expect(formatShare(Number.NaN)).toBe('NaN');
});

it('a metric is shown as what its key says it is', () => {
  expect(formatMetric('rollout/truncated_frac', 0.5)).toBe('50.0 %');
  expect(formatMetric('rollout/pass_rate', 0.5)).toBe('50.0 %');
  expect(formatMetric('evaluate/pass_at_4', 0.5)).toBe('50.0 %');
  expect(formatMetric('time/step_s', 3.149)).toBe('3.15 s');
  expect(formatMetric('time/sampled_tokens_per_s', 5781.2)).toBe('5,781');
  expect(formatMetric('optim/learning_rate', 3e-5)).toBe('3.00e-5');
  expect(formatMetric('policy/entropy_nats/mean', 0.5)).toBe('0.500');
});

it('durations name two units at most', () => {
  expect([0.0017, 4.04, 59.6, 75, 120, 7500, 3 * 86400].map(formatSeconds)).toEqual([
    '1.7 ms',
    '4.0 s',
    '1 min',
    '1 min 15 s',
    '2 min',
    '2 h 5 min',
    '3 days',
  ]);
});

it('ages, bytes, differences and counts', () => {
  expect([0, 30, 600, 7200, 400000].map((age) => formatAge(1e6 - age, 1e6))).toEqual([
    'now',
    '30 s ago',
    '10 min ago',
    '2 h ago',
    '5 days ago',
  ]);
  expect([512, 20_480, 3.2e6, 4e9].map(formatBytes)).toEqual(['512 B', '20.5 kB', '3.20 MB', '4.00 GB']);
  expect([0.012, -0.3, 0].map(formatDifference)).toEqual(['+0.0120', '−0.300', '0']);
  expect([counted(1, 'run'), counted(1200, 'run'), counted(0, 'study', 'studies')]).toEqual([
    '1 run',
    '1,200 runs',
    '0 studies',
  ]);
});
