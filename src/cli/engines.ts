/**
 * The only place that builds engines. Each is loaded when asked for: who does not use ONNX Runtime does not load it.
 */
import { availableParallelism } from 'node:os';
import { UserError } from '../core/errors.ts';
import type { RandomKey } from '../core/random.ts';
import type { Engine } from '../engine/engine.ts';
import type { ModelConfig } from '../model/config.ts';
import type { InitialScale } from '../model/initialise.ts';
import type { Task } from '../tasks/task.ts';
import { createCharacterTokenizer } from '../text/character-tokenizer.ts';
import { loadTokenizer } from '../text/load-tokenizer.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { EngineSettings } from '../train/config.ts';
import { checkPolicyFolder } from './files.ts';

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
type FakeSettings = Extract<EngineSettings, { fake: unknown }>['fake'];

export const defaultThreads = (): number => Math.min(availableParallelism(), MOST_THREADS);

/** @param policy a model folder; needed by `onnx` alone @throws UserError, EngineError */
export function openEngine(
  settings: EngineSettings,
  policy: string | undefined,
  task: Task,
  seed: number,
): Promise<OpenedEngine> {
  if ('fake' in settings) return openFake(settings.fake, task, seed);
  if (policy === undefined) throw new UserError('policy is missing: engine onnx needs a model folder');
  return openOnnx(settings.onnx, policy);
}

async function openOnnx(settings: OnnxSettings, policy: string): Promise<OpenedEngine> {
  checkPolicyFolder(policy);
  const tokenizer = loadTokenizer(policy);
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
