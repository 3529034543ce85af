/**
 * The only place that builds engines. Each is loaded when asked for: who does not use ONNX Runtime does not load it.
 */
import { existsSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../core/errors.ts';
import type { RandomKey } from '../core/random.ts';
import type { Engine } from '../engine/engine.ts';
import type { ModelConfig } from '../model/config.ts';
import type { InitialScale } from '../model/initialise.ts';
import type { Task } from '../tasks/task.ts';
import { createCharacterTokenizer } from '../text/character-tokenizer.ts';
import type { ChatOptions } from '../text/chat-template.ts';
import { loadTokenizer } from '../text/load-tokenizer.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { EngineSettings } from '../train/config.ts';
import { checkPolicyFolder, isDirectory, readText } from './files.ts';

/** More threads than this make one operator of a small model slower, not faster. */
const MOST_THREADS = 8;

export interface OpenedEngine {
  readonly engine: Engine;
  readonly tokenizer: Tokenizer;
  /** For people, e.g. `onnx (koffi, 4 threads)`. */
  readonly description: string;
  /** For manifests. */
  readonly environment: Readonly<Record<string, string | number>>;
}

type OnnxSettings = Extract<EngineSettings, { onnx: unknown }>['onnx'];
type TinkerSettings = Extract<EngineSettings, { tinker: unknown }>['tinker'];
type FakeSettings = Extract<EngineSettings, { fake: unknown }>['fake'];

export const defaultThreads = (): number => Math.min(availableParallelism(), MOST_THREADS);

export interface OpenOptions {
  /** How many steps old a policy may be that is still sampled from. */
  readonly maxStepsOffPolicy?: number;
  /** What the policy's chat template is told. */
  readonly chat?: ChatOptions | undefined;
}

/** @param policy a model folder; `tinker` needs its tokenizer alone, `fake` none @throws UserError, EngineError */
export function openEngine(
  settings: EngineSettings,
  policy: string | undefined,
  task: Task,
  seed: number,
  { maxStepsOffPolicy = 0, chat }: OpenOptions = {},
): Promise<OpenedEngine> {
  if ('fake' in settings) return openFake(settings.fake, task, seed);
  if ('tinker' in settings) return openTinker(settings.tinker, policy, seed, chat);
  if (policy === undefined) throw new UserError('policy is missing: engine onnx needs a model folder');
  return openOnnx({ ...settings.onnx, keptSamplers: Math.max(2, maxStepsOffPolicy + 1) }, policy, chat);
}

async function openOnnx(
  settings: OnnxSettings & { keptSamplers: number },
  policy: string,
  chat: ChatOptions | undefined,
): Promise<OpenedEngine> {
  checkPolicyFolder(policy);
  const tokenizer = loadTokenizer(policy, chat);
  const { loadOnnxEngine } = await import('../engine/onnx/engine.ts');
  const options = withThreads(settings);
  const engine = await loadOnnxEngine(policy, options);
  const { vocabularySize } = engine.capabilities;
  if (tokenizer.vocabularySize > vocabularySize) {
    await engine.close();
    throw new UserError(
      `policy ${policy}: tokenizer.json has ${tokenizer.vocabularySize} tokens, the model ${vocabularySize}: they do not belong together; copy the tokenizer of this model`,
    );
  }
  return describeOnnx(engine, tokenizer, options.threads);
}

/** A fresh model with random weights. */
export async function createFreshEngine(
  settings: OnnxSettings,
  tokenizer: Tokenizer,
  model: { readonly config: ModelConfig; readonly initial: InitialScale; readonly key: RandomKey },
): Promise<OpenedEngine> {
  const { createOnnxEngine } = await import('../engine/onnx/engine.ts');
  const { initialParameters } = await import('../model/initialise.ts');
  const { checkMemory } = await import('../engine/onnx/memory-plan.ts');
  checkMemory(model.config, 'the model');
  const options = withThreads(settings);
  const parameters = initialParameters(model.config, model.key, model.initial);
  return describeOnnx(await createOnnxEngine(model.config, parameters, options), tokenizer, options.threads);
}

const withThreads = (settings: OnnxSettings) => ({ ...settings, threads: settings.threads ?? defaultThreads() });

interface Onnx extends Engine {
  readonly backend: 'koffi' | 'node';
  readonly fallbackReason: string | undefined;
}

function describeOnnx(engine: Onnx, tokenizer: Tokenizer, threads: number): OpenedEngine {
  const { backend, fallbackReason } = engine;
  const why = fallbackReason === undefined ? '' : `, because koffi does not load: ${fallbackReason}`;
  return {
    engine,
    tokenizer,
    description: `onnx (${backend}, ${threads} thread${threads === 1 ? '' : 's'}${why})`,
    environment: { engine: 'onnx', backend, threads },
  };
}

async function openFake(
  { lastTokens, positions, initialLogitStd, maxContext }: FakeSettings,
  task: Task,
  seed: number,
): Promise<OpenedEngine> {
  if (task.alphabet === undefined) throw new UserError(`task ${task.name} has no alphabet: engine fake needs one`);
  const tokenizer = createCharacterTokenizer(task.alphabet);
  const { createFakeEngine } = await import('../engine/fake.ts');
  const engine = createFakeEngine({
    vocabularySize: tokenizer.vocabularySize,
    maxContext,
    seed,
    conditioning: { lastTokens, positions },
    initialLogitStd,
  });
  return { engine, tokenizer, description: 'fake (an exact table)', environment: { engine: 'fake' } };
}

async function openTinker(
  settings: TinkerSettings,
  policy: string | undefined,
  seed: number,
  chat: ChatOptions | undefined,
): Promise<OpenedEngine> {
  if (policy === undefined || !isDirectory(policy))
    throw new UserError(
      `policy ${policy ?? 'is missing'}: engine tinker needs the local folder of the model's tokenizer.json (and chat template)`,
    );
  const tokenizer = loadTokenizer(policy, chat);
  const { connect, credentialsOf } = await import('../engine/tinker/index.ts');
  const maxContext = settings.maxContext ?? localContext(policy);
  const { engine, profile, report } = await connect({
    ...settings,
    seed: settings.seed ?? seed % 2 ** 31,
    credentials: credentialsOf(process.env),
    tags: (process.env['TINKER_TAGS'] ?? '').split(',').filter((tag) => tag !== ''),
    projectId: process.env['TINKER_PROJECT_ID'] || undefined,
    cacheDirectory: join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'polarity'),
    vocabularySize: tokenizer.vocabularySize,
    maxContext,
    onNotice: ({ level, message }) => {
      if (level !== 'note') console.error(`${level}: ${message}`);
    },
  });
  const { baseUrl, model, rank } = settings;
  const mismatch = report === undefined ? {} : { mismatchNats: report.mismatchNats };
  return {
    engine,
    tokenizer,
    description: `tinker (${new URL(baseUrl).host}, ${profile.name}, ${rank === 0 ? 'all parameters' : `LoRA rank ${rank}`})`,
    environment: {
      engine: 'tinker',
      baseUrl,
      model,
      rank,
      profile: profile.name,
      reduction: profile.reduction,
      snapshots: profile.snapshots,
      ...mismatch,
    },
  };
}

/** What the folder's config.json says, where there is one. */
export function localContext(policy: string): number | undefined {
  const path = join(policy, 'config.json');
  if (!existsSync(path)) return undefined;
  const parsed = z.object({ max_position_embeddings: z.int().min(2) }).safeParse(parsedJson(path));
  return parsed.success ? parsed.data.max_position_embeddings : undefined;
}

function parsedJson(path: string): unknown {
  try {
    return JSON.parse(readText(path));
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path}: it is not JSON (${(error as Error).message})`, { cause: error });
  }
}
