import { expect, test } from 'vitest';
import { parseObjective } from './objective.ts';
import { obstaclesToStaleness, obstaclesToStreaming } from './overlap.ts';

const streaming = (choice: object) => obstaclesToStreaming(parseObjective(choice)).join('; ');
const staleness = (choice: object) => obstaclesToStaleness(parseObjective(choice)).join('; ');
const entropy = { schedule: 'entropy', peak: 2, neutral: 1, target: 0.5 };

test('A3PO and GRPO can be streamed and may lag; a mismatch schedule looks at the last update, which is over', () => {
  for (const recipe of ['a3po', 'grpo', 'dr-grpo']) {
    expect(streaming({ recipe })).toBe('');
    expect(staleness({ recipe })).toBe('');
  }
  expect(streaming({ recipe: 'a3po', decay: 'H6', mismatchBound: 0.1 })).toBe('');
});

test.each([
  ['whiten', { recipe: 'grpo', baseline: { kind: 'group-mean' }, whiten: true }],
  ['scope batch', { recipe: 'dapo-fork-tokens' }],
  ['token-mean', { recipe: 'grpo', aggregation: 'token-mean' }],
  ['filters', { recipe: 'grpo', filters: [{ filter: 'constant-groups' }] }],
  [
    'covariance',
    {
      recipe: 'grpo',
      surrogate: { kind: 'importance-sampling' },
      covariance: { kind: 'kl-cov', ratio: 0.1, coefficient: 1 },
    },
  ],
  ['entropy schedule', { recipe: 'a3po', decay: 'H5', entropyTarget: 0.5 }],
  ['entropy schedule', { recipe: 'grpo', weights: [{ of: 'positive', weight: entropy }] }],
])('%s keeps groups waiting for each other', (word, choice) => {
  expect(streaming(choice)).toContain(word);
});

test('without a ratio to the sampler rollouts must be of the current policy', () => {
  expect(staleness({ recipe: 'grpo', surrogate: { kind: 'reinforce' } })).toContain('no importance ratio');
  expect(staleness({ recipe: 'grpo', oldPolicy: 'trainer' })).toContain('oldPolicy: trainer');
  const mismatch = { kind: 'truncate', level: 'token', max: 2 };
  expect(staleness({ recipe: 'grpo', oldPolicy: 'trainer', mismatch })).toBe('');
});
