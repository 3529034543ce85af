import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { UserError } from '../core/errors.ts';
import { parseObjective } from '../objectives/objective.ts';
import { resolveTask } from '../tasks/catalogue.ts';
import { parseConfig } from './config.ts';
import { modelOf, parsePretrainConfig } from './pretrain-config.ts';

const EXAMPLES = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'examples');
const MINIMAL = 'task: echo\nengine: fake\ntraining: { steps: 10, learningRate: 0.1 }';

const parse = (text: string, ...overrides: string[]) => parseConfig(text, 'run.yaml', overrides);

describe('a run file', () => {
  it('needs a task and a learning rate; everything else has a default', () => {
    expect(parse(MINIMAL)).toMatchInlineSnapshot(`
      {
        "engine": {
          "fake": {
            "initialLogitStd": 1,
            "lastTokens": 1,
            "maxContext": 128,
            "positions": 1,
          },
        },
        "evaluation": {
          "atEnd": true,
          "atStart": true,
          "every": 0,
          "passAt": [
            1,
            4,
            16,
          ],
          "problems": 128,
          "samples": 16,
          "temperature": 1,
          "topK": 0,
          "topP": 1,
        },
        "journal": {
          "checkpointsEvery": 50,
          "keepCheckpoints": 2,
          "probedRollouts": 6,
          "rolloutsEvery": 10,
        },
        "objective": {
          "recipe": "a3po",
        },
        "sampling": {
          "concurrency": 64,
          "groupSize": 8,
          "maxBatches": 1,
          "maxTokens": 96,
          "temperature": 1,
          "truncated": "incorrect",
        },
        "seed": 0,
        "task": {
          "name": "echo",
        },
        "training": {
          "beta1": 0.9,
          "beta2": 0.95,
          "decay": "none",
          "epsilon": 1e-8,
          "learningRate": 0.1,
          "maxGradNorm": 1,
          "maxStepsOffPolicy": 0,
          "minibatches": 1,
          "problemsPerStep": 32,
          "recoveries": 5,
          "steps": 10,
          "stream": false,
          "warmupSteps": 0,
          "weightDecay": 0,
        },
      }
    `);
  });

  it.each([
    ['sampling.groupSize=1', 'run.yaml: sampling.groupSize must be at least 2, got 1'],
    ['sampling.groupsize=4', 'run.yaml: unknown key sampling.groupsize (value 4); did you mean groupSize?'],
    ['samplng.groupSize=4', 'run.yaml: unknown key samplng'],
    ['training.steps=many', 'run.yaml: training.steps must be a number, got "many"'],
    ['training.minibatches=64', 'training.minibatches must be at most problemsPerStep (32), got 64'],
    ['training.finalFraction=0.5', 'training.finalFraction has no effect with decay: none'],
    ['training.decay=cosin', 'did you mean cosine?'],
    ['engine=onxx', 'unknown key engine.onxx'],
    ['engine.fake.rows=3', 'unknown key engine.fake.rows'],
    ['engine=onnx', 'run.yaml: policy is missing (a model folder)'],
    ['policy=assets/x', 'policy has no effect with engine: fake'],
    ['evaluation.passAt=[32]', 'evaluation.passAt must be at most samples (16), got 32'],
    ['evaluation.temperature=0', 'evaluation.samples must be 1 at temperature 0, got 16'],
    ['sampling.topP=0.9', 'sampling.topP does not exist: training samples from the whole distribution'],
    ['sampling.temperature=0', 'run.yaml: sampling.temperature must be at least 0.0001, got 0'],
    ['seed=-1', 'run.yaml: seed must be at least 0, got -1'],
  ])('with %s is refused: %s', (override, message) => {
    expect(() => parse(MINIMAL, override)).toThrow(message);
    expect(() => parse(MINIMAL, override)).toThrow(UserError);
  });

  it('says everything that is wrong at once', () => {
    const attempt = () => parse(MINIMAL, 'sampling.groupSize=1', 'seed=x');
    expect(attempt).toThrow(/groupSize[\s\S]*seed|seed[\s\S]*groupSize/);
  });
});

describe('the examples', () => {
  const files = ['.', 'scale'].flatMap((folder) =>
    readdirSync(join(EXAMPLES, folder)).map((file) => join(folder, file)),
  );
  it.each(files.filter((file) => file.endsWith('.yaml')))('%s is well-formed, its task and objective too', (file) => {
    const text = readFileSync(join(EXAMPLES, file), 'utf8');
    const isPretraining = basename(file).startsWith('pretrain');
    const config = isPretraining ? parsePretrainConfig(text, file) : parseConfig(text, file);
    const resolved = resolveTask(config.task, file, () => dirname(join(EXAMPLES, file)));
    expect(resolveTask(resolved, file)).toEqual(resolved);
    if ('objective' in config) expect(parseObjective(config.objective).name).not.toBe('');
  });
});

describe('engine tinker', () => {
  const TINKER = `task: countdown
policy: folder
engine: { tinker: { baseUrl: 'http://127.0.0.1:8000', model: base } }
training: { steps: 10, learningRate: 0.1 }`;

  it('needs an address and a model; everything else has a default', () => {
    expect(parse(TINKER).engine).toEqual({
      tinker: {
        baseUrl: 'http://127.0.0.1:8000',
        model: 'base',
        rank: 32,
        trainUnembed: true,
        trainMlp: true,
        trainAttn: true,
        wire: 'auto',
        profile: 'auto',
        probe: 'cached',
      },
    });
    expect(() => parse('task: countdown\npolicy: p\nengine: tinker\ntraining: { learningRate: 1 }')).toThrow('baseUrl');
  });

  it.each([
    [['policy=null'], 'policy'],
    [['engine.tinker.profile=skyrl-jax', 'engine.tinker.probe=always'], 'probe has no effect with profile skyrl-jax'],
    [
      ['engine.tinker.trainMlp=false', 'engine.tinker.trainAttn=false', 'engine.tinker.trainUnembed=false'],
      'nothing would be trained',
    ],
    [['engine.tinker.rank=0', 'engine.tinker.trainMlp=false'], 'have no effect with rank 0'],
    [['engine.tinker.rank=0', 'engine.tinker.seed=3'], 'seed has no effect with rank 0'],
    [['engine.tinker.apiKey=tml-x'], 'unknown key engine.tinker.apiKey'],
  ])('with %s is refused', (overrides, message) => {
    expect(() => parse(TINKER, ...overrides)).toThrow(message);
  });

  it('without a policy says what it is for', () => {
    expect(() => parse(TINKER.replace('policy: folder\n', ''))).toThrow("local folder of the model's tokenizer.json");
  });
});

describe('a pretraining file', () => {
  const PRETRAIN = 'task: countdown\npolicy: out\ntraining: { steps: 10, learningRate: 0.001 }';
  const pretrain = (...overrides: string[]) => parsePretrainConfig(PRETRAIN, 'pre.yaml', overrides);

  it.each([
    ['engine=fake', 'engine must be onnx'],
    ['model.heads=3', 'model.headSize must be a multiple of 16'],
    ['model.kvHeads=3', 'model.kvHeads must divide heads (4), got 3'],
    ['sampling.maxTokens=128', 'sampling.maxTokens must be below model.maxContext (128), got 128'],
    ['training.batchsize=3', 'did you mean batchSize?'],
    ['evaluation.every=3', 'unknown key evaluation.every'],
  ])('with %s is refused: %s', (override, message) => {
    expect(() => pretrain(override)).toThrow(message);
  });

  it('gives the model its vocabulary, and heads of hiddenSize / heads channels', () => {
    const { config, initial } = modelOf(pretrain(), 23);
    expect(config).toMatchObject({
      vocabularySize: 23,
      headSize: 32,
      kvHeads: 4,
      attentionBias: false,
      queryKeyNorm: false,
    });
    expect(initial).toEqual({ embedding: 0.5, linear: 0.08 });
  });

  it.each([
    ['qwen2', { attentionBias: true, queryKeyNorm: false }],
    ['qwen3', { attentionBias: false, queryKeyNorm: true }],
  ])('makes a %s what that family is', (family, parts) => {
    expect(modelOf(pretrain(`model.family=${family}`), 23).config).toMatchObject(parts);
  });
});
