import { describe, expect, it } from 'vitest';
import { createFakeEngine } from '../engine/fake.ts';
import { createTask } from '../tasks/catalogue.ts';
import { createCharacterTokenizer } from '../text/character-tokenizer.ts';
import { batches, type PretrainStep, pretrain } from './pretrain.ts';
import { parsePretrainConfig } from './pretrain-config.ts';

const task = createTask({ name: 'echo', slip: 0 });
const tokenizer = createCharacterTokenizer(task.alphabet ?? '');
const countdown = createTask({ name: 'countdown' });
const countdownTokenizer = createCharacterTokenizer(countdown.alphabet ?? '');

const config = (...overrides: string[]) =>
  parsePretrainConfig(
    'task: echo\npolicy: out\ntraining: { steps: 40, learningRate: 0.5, batchSize: 8, lengthPool: 4 }',
    'test',
    overrides,
  );

const engine = () =>
  createFakeEngine({
    vocabularySize: tokenizer.vocabularySize,
    maxContext: 16,
    seed: 0,
    conditioning: { lastTokens: 2, positions: 1 },
  });

describe('pretrain', () => {
  it('lowers the loss per completion token towards what the demonstrations leave open', async () => {
    const steps: PretrainStep[] = [];
    const report = (step: PretrainStep) => {
      steps.push(step);
    };
    await pretrain({ config: config(), task, tokenizer, engine: engine(), report, stop: new AbortController().signal });
    expect(steps).toHaveLength(40);
    expect(steps[0]?.lossPerToken).toBeGreaterThan(1);
    expect(steps.at(-1)?.lossPerToken).toBeLessThan(0.1);
  });

  it('stops when told', async () => {
    const stopping = new AbortController();
    const report = ({ step }: PretrainStep) => (step === 3 ? stopping.abort() : undefined);
    expect(await pretrain({ config: config(), task, tokenizer, engine: engine(), report, stop: stopping.signal })).toBe(
      3,
    );
  });

  it('refuses a task without demonstrations', async () => {
    const { demonstration: _none, ...mute } = task;
    const run = {
      config: config(),
      task: mute,
      tokenizer,
      engine: engine(),
      report: () => {},
      stop: new AbortController().signal,
    };
    await expect(pretrain(run)).rejects.toThrow('task echo has no demonstrations');
  });
});

describe('batches', () => {
  const at = (step: number, ...overrides: string[]) =>
    batches({ config: config('training.batchSize=16', ...overrides), task: countdown, tokenizer: countdownTokenizer })(
      step,
    );
  const lengths = (step: number, ...overrides: string[]) =>
    at(step, ...overrides).map(({ prompt, completion }) => prompt.length + completion.length);
  const spread = (values: number[]) => Math.max(...values) - Math.min(...values);

  it('are a function of seed and step alone', () => {
    expect(at(9)).toEqual(at(9));
    expect(at(9, 'seed=1')).not.toEqual(at(9));
    expect(at(9)).not.toEqual(at(8));
  });

  it('hold sequences of like length, which a pool of one batch does not', () => {
    const mean = (...overrides: string[]) => {
      const spreads = Array.from({ length: 8 }, (_, step) => spread(lengths(step, ...overrides)));
      return spreads.reduce((a, b) => a + b, 0) / spreads.length;
    };
    expect(mean('training.lengthPool=8')).toBeLessThan(mean('training.lengthPool=1') / 2);
  });

  it('end every completion with the stop token', () => {
    expect(at(0).every(({ completion }) => completion.at(-1) === countdownTokenizer.stopToken)).toBe(true);
  });
});
