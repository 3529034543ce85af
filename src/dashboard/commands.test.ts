import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Commanded, commandsFor, quote } from './commands.ts';

const run: Commanded = {
  path: 'runs/a',
  checkpoints: [10, 20],
  step: 20,
  totalSteps: 40,
  files: ['run.yaml', 'manifest.json', 'metrics.jsonl'],
  learningRate: 0.0004,
};
const commands = (of: Partial<Commanded> = {}): [string, string][] =>
  commandsFor({ ...run, ...of }).map(({ kind, command }) => [kind, command]);

it('a run that stopped half-way', () => {
  expect(commands()).toEqual([
    ['resume', 'polarity train --resume runs/a'],
    [
      'fork',
      'mkdir runs/a-fork runs/a-fork/checkpoints && cp runs/a/run.yaml runs/a/manifest.json runs/a/metrics.jsonl runs/a-fork/ && cp -R runs/a/checkpoints/step-000020 runs/a-fork/checkpoints/ && polarity train --resume runs/a-fork@20 --set training.learningRate=0.0002',
    ],
    [
      'replay',
      'mkdir runs/a-replay runs/a-replay/checkpoints && cp runs/a/run.yaml runs/a/manifest.json runs/a/metrics.jsonl runs/a-replay/ && cp -R runs/a/checkpoints/step-000010 runs/a-replay/checkpoints/ && polarity train --resume runs/a-replay@10 --stop-after 1 --set journal.rolloutsEvery=1',
    ],
    ['evaluate', 'polarity evaluate runs/a@20'],
    ['sample', 'polarity sample runs/a@20'],
    ['export', 'polarity export runs/a@20 runs/a-policy'],
  ]);
});

it('a finished run is trained further, and forked where steps are left', () => {
  const finished = Object.fromEntries(commands({ totalSteps: 20 }));
  expect(finished['resume']).toBe('polarity train --resume runs/a --set training.steps=40');
  expect(finished['fork']).toContain('--resume runs/a-fork@10 --set training.learningRate=0.0002');
  const only = Object.fromEntries(commands({ totalSteps: 20, checkpoints: [20] }));
  expect(only['fork']).toContain('--resume runs/a-fork@20 --set training.steps=40');
  expect(only['replay']).toBeUndefined();
});

it('without a checkpoint there is nothing to evaluate, fork or export', () => {
  expect(commands({ checkpoints: [] })).toEqual([['resume', 'polarity train --resume runs/a']]);
});

it('a shell takes any word as it is', () => {
  const words = fc.array(
    fc.string({ unit: 'grapheme' }).filter((word) => !word.includes('\0')),
    { minLength: 1 },
  );
  fc.assert(
    fc.property(words, (given) => {
      const said = execFileSync('sh', ['-c', `printf '%s\\0' ${given.map(quote).join(' ')}`], { encoding: 'utf8' });
      expect(said.split('\0').slice(0, -1)).toEqual(given);
    }),
    { numRuns: 30 },
  );
  expect(['runs/a@20', 'two words', "it's", '', '$(reboot)'].map(quote)).toEqual([
    'runs/a@20',
    "'two words'",
    "'it'\\''s'",
    "''",
    "'$(reboot)'",
  ]);
});
