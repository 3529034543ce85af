/** Every other command, and the embedded engine from pretraining to export. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { polarity, ROOT, removeFolder, result, temporaryFolder } from './polarity.ts';

let folder: string;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => removeFolder(folder));

describe('polarity', () => {
  it('lists its commands, and the files its help names exist', async () => {
    const { stdout, exitCode } = await polarity(['--help'], folder);
    expect(exitCode).toBe(0);
    const named = stdout.replace(/\s+/g, ' ').match(/examples\/[a-z-]+\.yaml/g) ?? [];
    expect(named.length).toBeGreaterThan(0);
    for (const file of named) expect(existsSync(join(ROOT, file))).toBe(true);
  });

  it.each([[['tasks']], [['tasks', 'countdown', '--check', '5']], [['objectives']], [['objectives', 'a3po']]])(
    '%j answers in JSON',
    async (args) => {
      const outcome = await polarity([...args, '--json'], folder);
      expect(outcome.exitCode).toBe(0);
      expect(Object.keys(result(outcome)).length).toBeGreaterThan(0);
    },
  );

  it('explains a recipe stage by stage on a group of the user’s', async () => {
    const args = ['a3po', '--rewards', '1,0', '--probs', '0.5,0.25,0.75,1,0.125', '--set', 'ratio=0.4'];
    const explained = await polarity(['objectives', 'explain', ...args], folder);
    expect(await polarity(['objectives', ...args], folder)).toEqual(explained);
    const [positive, negative] = [/^correct .*$/m, /^incorrect .*$/m].map((row) => row.exec(explained.stdout)?.[0]);
    // baseline +-1 / sqrt(2), five tokens of ten: coefficients over 2 * 5
    expect(positive?.split(/\s+/).slice(0, 7)).toEqual(['correct', '1', '0', '0.500', '0.707', '0.707', '0.0707']);
    expect(negative?.split(/\s+/).slice(0, 7)).toEqual(['incorrect', '0', '0', '0.500', '-0.707', '-0.707', '-0.0707']);
    expect(explained.stdout).toContain('positive-low: the lowest 40 % by probability of each correct completion');
    expect(explained.stdout).toMatch(/took 2 tokens, with [\d.]+ % of the gradient/);
  });

  it('explains with a list of probabilities for each rollout', async () => {
    const args = ['objectives', 'grpo', '--rewards', '1,0', '--probabilities', '0.5/0.25,0.75', '--json'];
    const { explanation } = result(await polarity(args, folder)) as {
      explanation: { rollouts: { tokens: object[] }[] };
    };
    expect(explanation.rollouts.map(({ tokens }) => tokens.length)).toEqual([1, 2]);
  });

  it.each(['koffi', 'node'])('doctor finds back end %s well', async (backend) => {
    const outcome = await polarity(['doctor', '--backend', backend, '--json'], folder);
    expect(result(outcome)).toMatchObject({ isWell: true });
    expect(outcome.exitCode).toBe(0);
  });
});

describe('the embedded engine through the command', () => {
  const PRETRAIN = [
    'task: echo',
    'policy: tiny',
    'model: { hiddenSize: 32, layers: 1, heads: 2, feedForwardSize: 64, maxContext: 32 }',
    'training: { steps: 60, batchSize: 32, learningRate: 0.01, warmupSteps: 5, decay: cosine }',
    'sampling: { maxTokens: 4 }',
    'evaluation: { problems: 24, samples: 8, passAt: [1, 4] }',
  ].join('\n');
  const RUN = [
    'task: echo',
    'policy: tiny',
    'sampling: { groupSize: 8, maxTokens: 4 }',
    'training: { steps: 12, problemsPerStep: 8, minibatches: 2, learningRate: 0.003 }',
    'evaluation: { problems: 24, samples: 8, passAt: [1, 4] }',
  ].join('\n');

  beforeAll(async () => {
    writeFileSync(join(folder, 'pretrain.yaml'), PRETRAIN);
    writeFileSync(join(folder, 'run.yaml'), RUN);
    await polarity(['pretrain', 'pretrain.yaml'], folder);
    await polarity(['train', 'run.yaml'], folder);
  });

  it('pretrains the same policy bit for bit', async () => {
    const outcome = await polarity(['pretrain', 'pretrain.yaml', '--out', 'again', '--json'], folder);
    expect(outcome.exitCode).toBe(0);
    for (const file of ['model.safetensors', 'config.json', 'tokenizer.json'])
      expect(readFileSync(join(folder, 'again', file)).equals(readFileSync(join(folder, 'tiny', file)))).toBe(true);
    expect(result(outcome)['loss']).toBeLessThan(1.5);
  });

  it('does not overwrite a policy unasked', async () => {
    const outcome = await polarity(['pretrain', 'pretrain.yaml'], folder);
    expect([outcome.exitCode, outcome.stderr]).toEqual([2, expect.stringContaining('--overwrite')]);
  });

  it('overwrites model folders and nothing else', async () => {
    mkdirSync(join(folder, 'precious'));
    writeFileSync(join(folder, 'precious', 'thesis.tex'), '');
    const outcome = await polarity(['pretrain', 'pretrain.yaml', '--out', 'precious', '--overwrite'], folder);
    expect([outcome.exitCode, outcome.stderr]).toEqual([2, expect.stringContaining('precious is not a model folder')]);
    expect(readdirSync(join(folder, 'precious'))).toEqual(['thesis.tex']);
  });

  it('refuses a tokenizer with more tokens than the model, in every command that reads a policy', async () => {
    cpSync(join(folder, 'tiny'), join(folder, 'mismatched'), { recursive: true });
    const path = join(folder, 'mismatched', 'tokenizer.json');
    const tokenizer = JSON.parse(readFileSync(path, 'utf8'));
    const { vocab } = tokenizer.model;
    vocab['X'] = Object.keys(vocab).length;
    writeFileSync(path, JSON.stringify(tokenizer));
    for (const command of ['train', 'evaluate', 'sample']) {
      const outcome = await polarity([command, 'run.yaml', '--set', 'policy=mismatched'], folder);
      expect([outcome.exitCode, outcome.stderr]).toEqual([2, expect.stringContaining('they do not belong together')]);
    }
  });

  it('trains it', async () => {
    const outcome = await polarity(['train', 'run.yaml', '--name', 'again', '--json'], folder);
    const difference = result(outcome)['difference'] as Record<string, { value: number }>;
    expect(difference['pass@1']?.value).toBeGreaterThan(0);
  });

  it('samples, evaluates and exports what it trained', async () => {
    const sampled = await polarity(['sample', 'runs/run', '--problems', '2', '--samples', '3', '--json'], folder);
    expect(result(sampled)['problems']).toHaveLength(2);
    const own = await polarity(['sample', 'runs/run', '--problem', 'aab:', '--json'], folder);
    expect(result(own)['completions']).toHaveLength(4);
    expect((await polarity(['export', 'runs/run', 'exported/'], folder)).exitCode).toBe(0);
    const trained = await polarity(['evaluate', 'runs/run', '--json'], folder);
    const exported = await polarity(['evaluate', 'run.yaml', '--set', 'policy=exported', '--json'], folder);
    expect(result(exported)['metrics']).toEqual(result(trained)['metrics']);
  });

  it('calls damaged weights an engine error that names the file', async () => {
    await polarity(['pretrain', 'pretrain.yaml', '--out', 'cut', '--set', 'training.steps=1'], folder);
    const path = join(folder, 'cut', 'model.safetensors');
    writeFileSync(path, readFileSync(path).subarray(0, 1000));
    const outcome = await polarity(['evaluate', 'run.yaml', '--set', 'policy=cut'], folder);
    expect([outcome.exitCode, outcome.stderr]).toEqual([3, expect.stringContaining('model.safetensors')]);
    expect(outcome.stderr).not.toMatch(/^\s+at /m);
  });
});
