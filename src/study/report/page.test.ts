import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { shortPath } from './page.ts';

test('of a path of this machine its last two parts stay, other text does', () => {
  const settings = { policy: '/home/me/secret/assets/countdown-base', task: { train: 'data/a.jsonl' }, steps: 3 };
  expect(stringify(settings, shortPath)).toBe(
    'policy: …/assets/countdown-base\ntask:\n  train: data/a.jsonl\nsteps: 3\n',
  );
});
