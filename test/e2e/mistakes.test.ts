/** What a user can get wrong: a message that names it, exit code 2, no stack trace, nothing half-written. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { polarity, ROOT, removeFolder, result, temporaryFolder } from './polarity.ts';

const ECHO = join(ROOT, 'examples', 'echo.yaml');
let folder: string;

const FILES: Readonly<Record<string, string>> = {
  'malformed.yaml': 'training: [1, 2',
  'unknown-key.yaml': 'task: echo\nengine: fake\nsampling: { groupsize: 4 }\ntraining: { steps: 1, learningRate: 1 }',
  'range.yaml': 'task: echo\nengine: fake\nsampling: { groupSize: 1 }\ntraining: { steps: 1, learningRate: 1 }',
  'no-effect.yaml': 'task: echo\nengine: fake\nsampling: { topP: 0.9 }\ntraining: { steps: 1, learningRate: 1 }',
  'no-policy.yaml': 'task: countdown\npolicy: nowhere\ntraining: { steps: 1, learningRate: 1 }',
  'objective.yaml': 'task: echo\nengine: fake\nobjective: a3pp\ntraining: { steps: 1, learningRate: 1 }',
  'list.yaml': '- a',
};

beforeAll(() => {
  folder = temporaryFolder();
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
});
afterAll(() => removeFolder(folder));

describe('a mistake in', () => {
  it.each([
    ['YAML', ['train', 'malformed.yaml'], 'malformed.yaml:1:'],
    ['a key', ['train', 'unknown-key.yaml'], 'unknown key sampling.groupsize (value 4); did you mean groupSize?'],
    ['a value', ['train', 'range.yaml'], 'range.yaml: sampling.groupSize must be at least 2, got 1'],
    [
      'a setting without effect',
      ['train', 'no-effect.yaml'],
      'sampling.topP does not exist: training samples from the whole',
    ],
    ['the policy', ['train', 'no-policy.yaml'], 'nowhere: no such folder'],
    ['the objective', ['train', 'objective.yaml'], 'a3pp'],
    ['the file itself', ['train', 'list.yaml'], 'a run file is a mapping'],
    ['the file name', ['train', 'absent.yaml'], 'cannot read absent.yaml: no such file'],
    ['--set', ['train', ECHO, '--set', 'training.stepz=3'], 'did you mean steps?'],
    ['the runs folder', ['train', ECHO, '--runs', join('list.yaml', 'runs')], 'list.yaml'],
    [
      'the context',
      ['train', ECHO, '--set', 'engine.fake.maxContext=5'],
      'sampling.maxTokens must be at most 1, got 2',
    ],
    ['the run name', ['train', ECHO, '--name', '../escape'], 'run name must be'],
    ['the run to resume', ['train', '--resume', 'runs/absent'], 'there is no run directory runs/absent'],
    ['the arguments', ['train'], 'train takes a run file, or --resume'],
    ['an option', ['train', ECHO, '--stop-after', 'soon'], 'whole number'],
    ['a command', ['trian', ECHO], "unknown command 'trian'"],
    ['a target', ['evaluate', 'runs/absent'], 'there is no run directory'],
    ['a task', ['tasks', 'countdwn'], 'did you mean countdown?'],
    ['a recipe', ['objectives', 'nothing'], 'nothing'],
    ['a recipe to explain', ['objectives', 'explain'], 'explain which recipe?'],
    ['two recipes', ['objectives', 'grpo', 'a3po'], 'objectives takes one recipe'],
    ['a number of problems', ['sample', ECHO, '--from', '1000'], 'has 24 test problems'],
    ['a pretraining file', ['pretrain', ECHO], 'echo.yaml'],
  ])('%s is named and exits 2', async (_what, args, message) => {
    const outcome = await polarity(args, folder);
    expect(outcome.stderr).toContain(message);
    expect(outcome.stderr).not.toMatch(/^\s+at /m);
    expect(outcome.exitCode).toBe(2);
    expect(existsSync(join(folder, 'runs'))).toBe(false);
  });

  it('anything ends standard output with an error object under --json', async () => {
    const outcome = await polarity(['train', 'range.yaml', '--json'], folder);
    expect(result(outcome)).toEqual({
      error: { kind: 'user', message: 'range.yaml: sampling.groupSize must be at least 2, got 1' },
    });
  });

  it('a file name with control characters cannot reach the terminal', async () => {
    const outcome = await polarity(['train', '\u001b[2J.yaml'], folder);
    expect(outcome.stderr).toContain('\\x1b[2J.yaml');
    expect(outcome.stderr).not.toContain('\u001b');
  });
});
