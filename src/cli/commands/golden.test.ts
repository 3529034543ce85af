import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../core/errors.ts';
import { goldenCommand } from './golden.ts';

/** rewards 1, 0 in one group: mean .5, unbiased std sqrt(.5); with epsilon 0 the advantages are +-sqrt(.5). */
const advantages = (expected: readonly number[][]) => ({
  schema: 'rlvr-advantage-golden/1',
  tolerance: { rtol: 1e-6, atol: 0 },
  cases: [
    {
      name: 'a pair',
      estimator: 'grpo',
      compare: 'exact_position',
      config: { advantage: 'normal', epsilon: 0, norm_adv_by_std_in_grpo: true },
      responses: [
        { group: 'g', score: 1, reward: 1, mask: [1, 1], old_log_probs: [-1, -2], entropy: [1, 1] },
        { group: 'g', score: 0, reward: 0, mask: [1], old_log_probs: [-1], entropy: [1] },
      ],
      expected_advantages: expected,
    },
  ],
});

/** One token, A = 3, ratio e against an upper bound of 2: the gradient is -3 * 2. */
const losses = (more: object) => ({
  schema: 'rlvr-extra-golden/1',
  tolerance: { rtol: 1e-5, atol: 1e-6 },
  advantages: [],
  passk: [{ n: 4, k: 1, c: 1, correct: Math.sqrt(3), wrong: -1 / Math.sqrt(3) }],
  kl: [],
  losses: [
    {
      name: 'cispo',
      loss_agg_mode: 'token-mean',
      config: { clip_ratio_low: 1, clip_ratio_high: 1 },
      responses: [{ mask: [1], old_log_probs: [-2], log_probs: [-1], advantages: [3] }],
      expected: { loss: 6, metrics: {}, grad_log_probs: [[-6]] },
      ...more,
    },
  ],
});

const half = Math.SQRT1_2;
const contents: Readonly<Record<string, unknown>> = {
  'right.json': advantages([[half, half], [-half]]),
  'wrong.json': advantages([[half, 0.8], [-half]]),
  'losses.json': losses({}),
  'by-source.json': losses({ name: 'anything', source: 'verl compute_policy_loss_cispo' }),
  'unknown-loss.json': losses({ name: 'trpo' }),
  'config.json': losses({ config: { clip_ratio_low: 1 } }),
  'aggregation.json': losses({ loss_agg_mode: 'median' }),
  'lengths.json': losses({ responses: [{ mask: [1, 1], old_log_probs: [-2], log_probs: [-1], advantages: [3] }] }),
  'schema.json': { schema: 'other/1' },
  'list.json': [],
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'polarity-golden-'));
  for (const [name, value] of Object.entries(contents)) writeFileSync(join(folder, name), JSON.stringify(value));
  writeFileSync(join(folder, 'torn.json'), '{"schema": ');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function check(...names: string[]): { exitCode: number; lines: string[] } {
  const lines: string[] = [];
  const paths = names.map((name) => join(folder, name));
  const exitCode = goldenCommand(paths, { print: (line = '') => lines.push(line.replaceAll(`${folder}/`, '')) });
  return { exitCode, lines };
}

describe('npm run golden', () => {
  it('counts the cases of all files', () => {
    expect(check('right.json')).toEqual({ exitCode: 0, lines: ['1 passed, 0 failed'] });
    expect(check('right.json', 'losses.json', 'by-source.json').lines).toEqual(['5 passed, 0 failed']);
  });

  it('says which case disagrees, where, and by what', () => {
    expect(check('right.json', 'wrong.json')).toEqual({
      exitCode: 1,
      lines: ['failed: wrong.json: a pair: row 0, token 1: expected 0.8, got 0.7071067690849304', '1 passed, 1 failed'],
    });
  });

  it.each([
    ['absent.json', 'absent.json: no such file'],
    ['torn.json', 'torn.json is not JSON'],
    ['schema.json', 'schema.json: schema must be rlvr-advantage-golden/1 or rlvr-extra-golden/1, got "other/1"'],
    ['list.json', 'list.json: schema must be'],
    ['unknown-loss.json', "unknown-loss.json: losses 'trpo': there is no sentence for it"],
    ['config.json', "config.json: losses 'cispo': config: clip_ratio_high is missing"],
    ['aggregation.json', "aggregation.json: losses 'cispo': aggregation"],
    ['lengths.json', 'losses[0].responses[0] must have lists of one length'],
  ])('refuses %s: %s', (name, message) => {
    expect(() => check('right.json', name)).toThrow(UserError);
    expect(() => check('right.json', name)).toThrow(message);
  });

  it('asks for files when there are none', () => {
    expect(() => check()).toThrow('which files?');
  });
});
