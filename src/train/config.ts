/**
 * The run file's schema: every setting of a training run, with its default. Strict: an unknown key is an error that names the
 * nearest one, and a setting that would have no effect is refused with the reason.
 */
import { z } from 'zod';
import { UserError } from '../core/errors.ts';
import { parseSettings } from '../core/settings.ts';
import { COLDEST } from '../engine/checks.ts';
import { learningRateContradictions, learningRateFields } from './learning-rate.ts';
import { readSettings } from './run-file.ts';

const count = z.int().min(1);
/** Every so many steps; 0 never. */
const every = z.int().min(0);

/** Where weights live and what computes. One key, the engine's name; its value, the engine's own settings. */
export const engineSchema = z.union([
  z.strictObject({
    /** Embedded: ONNX Runtime on the CPU. */
    onnx: z.strictObject({
      /** CPU threads of one operator. Absent: the machine's cores, at most 8. */
      threads: count.max(256).optional(),
      /** `koffi` copies nothing and keeps the event loop free, `node` is portable, `auto` is koffi where it loads. */
      backend: z.enum(['auto', 'koffi', 'node']).default('auto'),
      /** Completions decoded side by side. */
      rows: count.max(4096).default(64),
      /** Positions of one training micro-batch, padding included. */
      tokenBudget: count.default(4096),
    }),
  }),
  z.strictObject({
    /** An exact table of logits, for tests and for trying objectives: no weights, no context beyond the last tokens. */
    fake: z.strictObject({
      /** A prediction depends on this many last tokens. */
      lastTokens: z.int().min(0).max(4).default(1),
      /** ... and on the position, up to this many of them. */
      positions: count.default(1),
      /** Standard deviation of the initial logits; 0 starts uniform. */
      initialLogitStd: z.number().min(0).default(1),
      maxContext: z.int().min(2).default(128),
    }),
  }),
  z.strictObject({
    /**
     * A server of the Tinker protocol: the hosted one, or SkyRL and others on machines of your own. `policy` is the local folder of the same
     * model's tokenizer and chat template. The key, where the server asks for one, comes from TINKER_API_KEY, never from a file.
     */
    tinker: z.strictObject({
      /** Where the server listens, without `/api/v1`. */
      baseUrl: z.string().min(1),
      /** As the server names it. */
      model: z.string().min(1),
      /** Of the LoRA adapter; 0 trains all parameters, where the server can. */
      rank: z.int().min(0).max(1024).default(32),
      /** Of the adapter's initial weights. Absent: the run's. */
      seed: z
        .int()
        .min(0)
        .max(2 ** 31 - 1)
        .optional(),
      /** Parts of the model that get adapters, where the server leaves the choice. */
      trainUnembed: z.boolean().default(true),
      trainMlp: z.boolean().default(true),
      trainAttn: z.boolean().default(true),
      /** How training data travel; auto is protobuf to the hosted server and JSON elsewhere. */
      wire: z.enum(['auto', 'json', 'protobuf']).default('auto'),
      /** What kind of server it is; auto knows the hosted one and measures others. */
      profile: z.enum(['auto', 'hosted', 'skyrl-jax', 'skyrl-train']).default('auto'),
      /** Of profile auto: once for each server and model, at every start, or never (only what was measured before). */
      probe: z.enum(['cached', 'always', 'never']).default('cached'),
      /** Tokens of one sequence. Absent: what the server says, else the policy's config.json. */
      maxContext: z.int().min(2).optional(),
    }),
  }),
]);

export type EngineSettings = z.output<typeof engineSchema>;

export const adamFields = {
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.95),
  epsilon: z.number().positive().default(1e-8),
  weightDecay: z.number().min(0).default(0),
  /** Gradients are scaled down to this global L2 norm; 0 never. */
  maxGradNorm: z.number().min(0).default(1),
};

const sampling = z.strictObject({
  /** Completions of each problem. */
  groupSize: z.int().min(2).default(8),
  maxTokens: count.default(96),
  /**
   * While fewer than `problemsPerStep` groups disagree, up to so many batches of as many problems are sampled in a step: DAPO's dynamic
   * sampling (its code: 10). Needs an objective with the filter constant-groups. 1: one batch, whatever it holds.
   */
  maxBatches: count.default(1),
  /** Divides the logits, while sampling and in the loss alike. */
  temperature: z.number().min(COLDEST).default(1),
  /** Problems sampled at a time. Results do not depend on it. */
  concurrency: count.default(64),
  /** Completions cut off at maxTokens: incorrect, verified as they stand, or left without a verdict and untrained. */
  truncated: z.enum(['incorrect', 'verify', 'unknown']).default('incorrect'),
});

const training = z.strictObject({
  /** One rollout batch each. */
  steps: count.default(100),
  problemsPerStep: count.default(32),
  /** Optimizer steps a batch is cut into, by problems. */
  minibatches: count.default(1),
  /**
   * Gradients of a problem's group are computed while others are still sampled: the same numbers in less time, on engines that can do
   * both. Refused where the objective compares groups.
   */
  stream: z.boolean().default(false),
  /**
   * A step trains on rollouts of the policy this many steps before it (of the first one, in the first steps), sampled while earlier steps
   * train. The importance ratio corrects for it. 0: on-policy.
   */
  maxStepsOffPolicy: z.int().min(0).max(64).default(0),
  /** A lost engine is replaced up to so many times in a row without a checkpoint in between. 0: it ends the run, which can be resumed. */
  recoveries: z.int().min(0).default(5),
  ...learningRateFields,
  ...adamFields,
});

export const evaluationSchema = z.strictObject({
  /** Held-out problems, the first of the test split. */
  problems: count.default(128),
  /** Completions of each. */
  samples: count.default(16),
  /** Also every so many steps; 0: only at the start and the end. */
  every: every.default(0),
  atStart: z.boolean().default(true),
  atEnd: z.boolean().default(true),
  /** 0: the likeliest token each time. */
  temperature: z.number().min(0).default(1),
  /** Only the k likeliest tokens; 0: all. */
  topK: z.int().min(0).default(0),
  /** Only the likeliest tokens holding this much probability; 1: all. */
  topP: z.number().gt(0).max(1).default(1),
  /** k of the pass@k that are reported; each at most `samples`. */
  passAt: z.array(count).min(1).default([1, 4, 16]),
});

const journal = z.strictObject({
  /** Rollouts as Parquet every so many steps; 0: never. */
  rolloutsEvery: every.default(10),
  /** So many rollouts of each step are looked at again after its updates, for how their log-probabilities changed; 0: none. */
  probedRollouts: every.default(6),
  /** A checkpoint every so many steps; 0: only at the end and when interrupted. */
  checkpointsEvery: every.default(50),
  /** The last so many checkpoints stay. */
  keepCheckpoints: count.default(2),
});

/** For conversations; refused where the policy has no chat template or the problems are plain text. */
const chatSchema = z
  .strictObject({
    /** Which of several named templates. Absent: `default`. */
    template: z.string().min(1).optional(),
    /** Of the template's own, e.g. `enable_thinking: false`. */
    variables: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).optional(),
    /** For templates that write the date. Absent: 2024-07-26, so that a run repeated another day poses the same prompts. */
    date: z.iso.date().optional(),
  })
  .refine((chat) => Object.keys(chat).length > 0, 'must say something: template, variables or date');

export const runSchema = z.strictObject({
  /** Of the run's directory, numbered when taken. Absent: the run file's. */
  name: z.string().min(1).optional(),
  seed: z.int().min(0).default(0),
  /** A name of the catalogue beside that task's own settings. */
  task: z.looseObject({ name: z.string() }),
  /** A model folder: config.json, model.safetensors, tokenizer.json. */
  policy: z.string().min(1).optional(),
  engine: engineSchema.prefault({ onnx: {} }),
  /** What the policy's chat template is told. */
  chat: chatSchema.optional(),
  sampling: sampling.prefault({}),
  training,
  /** A recipe's name, a recipe with changes, or a full sentence of the objective grammar. */
  objective: z.record(z.string(), z.unknown()).prefault({ recipe: 'a3po' }),
  evaluation: evaluationSchema.prefault({}),
  journal: journal.prefault({}),
});

export type RunConfig = z.output<typeof runSchema>;
export type EvaluationSettings = z.output<typeof evaluationSchema>;

/** Which engine a setting asks for: its only key. */
export function engineKind(engine: EngineSettings): 'onnx' | 'fake' | 'tinker' {
  if ('tinker' in engine) return 'tinker';
  return 'onnx' in engine ? 'onnx' : 'fake';
}

/** Settings that are well-formed one by one and make no sense together. */
function contradictions(config: RunConfig): string[] {
  const { training, evaluation, policy, engine, chat } = config;
  const found: string[] = [];
  const refuse = (isWrong: boolean, message: string) => isWrong && found.push(message);
  refuse(
    training.minibatches > training.problemsPerStep,
    `training.minibatches must be at most problemsPerStep (${training.problemsPerStep}), got ${training.minibatches}: a problem's group is never split`,
  );
  refuse(
    training.stream && config.sampling.maxBatches > 1,
    `training.stream has no effect with sampling.maxBatches above 1, got ${config.sampling.maxBatches}: which groups are trained on is known when all are sampled`,
  );
  refuse(
    training.stream && config.sampling.truncated === 'unknown',
    'training.stream does not go with sampling.truncated: unknown: completions leave the mean as they come, and each step would be computed twice',
  );
  refuse(
    engineKind(engine) === 'onnx' && policy === undefined,
    'policy is missing (a model folder); make one with `polarity pretrain`, or start from assets/countdown-base',
  );
  refuse(
    engineKind(engine) === 'tinker' && policy === undefined,
    "policy is missing: with engine tinker, the local folder of the model's tokenizer.json (and chat template)",
  );
  if ('tinker' in engine)
    found.push(...tinkerContradictions(engine.tinker).map((message) => `engine.tinker.${message}`));
  refuse(
    engineKind(engine) === 'fake' && policy !== undefined,
    `policy has no effect with engine: fake, which has a table of its own; leave it out, got ${policy}`,
  );
  refuse(
    engineKind(engine) === 'fake' && chat !== undefined,
    'chat has no effect with engine: fake, which reads characters; leave it out',
  );
  found.push(...learningRateContradictions(training).map((message) => `training.${message}`));
  found.push(...evaluationContradictions(evaluation).map((message) => `evaluation.${message}`));
  return found;
}

type TinkerSettings = Extract<EngineSettings, { tinker: unknown }>['tinker'];

function tinkerContradictions({ profile, probe, rank, seed, ...parts }: TinkerSettings): string[] {
  const { trainUnembed, trainMlp, trainAttn } = parts;
  const found: string[] = [];
  if (profile !== 'auto' && probe !== 'cached')
    found.push(`probe has no effect with profile ${profile}, which is believed; leave one of them out, got ${probe}`);
  if (rank > 0 && !trainUnembed && !trainMlp && !trainAttn)
    found.push('trainUnembed, trainMlp and trainAttn are all false: nothing would be trained');
  if (rank === 0 && !(trainUnembed && trainMlp && trainAttn))
    found.push(
      'trainUnembed, trainMlp and trainAttn have no effect with rank 0, which trains everything; leave them out',
    );
  if (rank === 0 && seed !== undefined)
    found.push(`seed has no effect with rank 0, which has no adapter to initialise; leave it out, got ${seed}`);
  return found;
}

/** The same for an evaluation alone, without the section's name. */
export function evaluationContradictions({ passAt, samples, temperature, topK, topP }: EvaluationSettings): string[] {
  const found: string[] = [];
  const tooMany = passAt.filter((k) => k > samples);
  if (tooMany.length > 0) found.push(`passAt must be at most samples (${samples}), got ${tooMany.join(', ')}`);
  if (temperature === 0 && samples > 1)
    found.push(`samples must be 1 at temperature 0, got ${samples}: all completions of a problem would be the same`);
  if (temperature === 0 && (topK > 0 || topP < 1))
    found.push('topK and topP have no effect at temperature 0; leave them out');
  if (temperature > 0 && temperature < COLDEST)
    found.push(`temperature must be 0 (the likeliest token) or at least ${COLDEST}, got ${temperature}`);
  return found;
}

/** Keys people look for and do not find, with the reason. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'sampling.topK':
    'training samples from the whole distribution, because the importance ratio is taken of it; for evaluation write evaluation.topK',
  'sampling.topP':
    'training samples from the whole distribution, because the importance ratio is taken of it; for evaluation write evaluation.topP',
};

function refuseElsewhere(settings: Record<string, unknown>, where: string): void {
  for (const [path, reason] of Object.entries(ELSEWHERE)) {
    const [section = '', key = ''] = path.split('.');
    const value = settings[section];
    if (typeof value === 'object' && value !== null && key in value)
      throw new UserError(`${where}: ${path} does not exist: ${reason}`);
  }
}

/** The whole configuration, defaults filled in. @param where names the source in messages. @throws UserError */
export function resolveConfig(settings: Record<string, unknown>, where: string): RunConfig {
  refuseElsewhere(settings, where);
  const config = parseSettings(runSchema, settings, where);
  const problems = contradictions(config);
  if (problems.length > 0) throw new UserError(problems.map((problem) => `${where}: ${problem}`).join('\n'));
  return config;
}

/** A run file's text with `--set` overrides as a configuration. @throws UserError */
export function parseConfig(text: string, where: string, overrides: readonly string[] = []): RunConfig {
  return resolveConfig(readSettings(text, where, overrides), where);
}
