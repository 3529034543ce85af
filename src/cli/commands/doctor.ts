/** `polarity doctor`: is this machine fit, which back end is in use and why, what would a policy need, do tasks and engine keep their word. */
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import { randomKey } from '../../core/random.ts';
import type { Engine } from '../../engine/engine.ts';
import { createTask, selfCheck, taskCatalogue } from '../../tasks/catalogue.ts';
import { createCharacterTokenizer } from '../../text/character-tokenizer.ts';
import { toDatum } from '../../train/datums.ts';
import { createFreshEngine, defaultThreads } from '../engines.ts';
import { checkPolicyFolder, readText } from '../files.ts';
import { bytes } from '../format.ts';
import type { Terminal } from '../terminal.ts';
import { versions } from '../versions.ts';

export interface DoctorOptions {
  /** A model folder whose memory is planned. */
  readonly policy?: string;
  readonly backend: 'auto' | 'koffi' | 'node';
}

interface Check {
  readonly name: string;
  readonly isWell: boolean;
  readonly finding: string;
}

/** @returns the exit code: 3 when something is not well */
export async function doctorCommand(options: DoctorOptions, terminal: Terminal): Promise<number> {
  const environment = {
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    threads: defaultThreads(),
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    versions: versions(),
  };
  for (const [name, version] of Object.entries(environment.versions)) terminal.print(`${name.padEnd(18)} ${version}`);
  terminal.print(
    `${'machine'.padEnd(18)} ${environment.platform}, ${environment.processor}, ${environment.cores} cores (${environment.threads} threads used)`,
  );
  terminal.print(
    `${'memory'.padEnd(18)} ${bytes(environment.memoryBytes)}, ${bytes(environment.freeMemoryBytes)} free`,
  );
  const memory = options.policy === undefined ? undefined : await memoryPlan(options.policy);
  for (const [part, size] of Object.entries(memory ?? {})) terminal.print(`${`  ${part}`.padEnd(18)} ${bytes(size)}`);
  const checks = [...(await engineChecks(options.backend)), ...(await taskChecks())];
  const { green, red } = terminal.colors;
  for (const { name, isWell, finding } of checks)
    terminal.print(`${isWell ? green('well') : red('ILL ')} ${name.padEnd(13)} ${finding}`);
  const isWell = checks.every((check) => check.isWell);
  terminal.result({ environment, ...(memory ? { memoryPlan: memory } : {}), checks, isWell });
  return isWell ? 0 : 3;
}

async function taskChecks(): Promise<Check[]> {
  return Promise.all(
    taskCatalogue.map(async ({ name }) => {
      const { checked, failures } = await selfCheck(createTask({ name }), 100);
      return {
        name,
        isWell: failures.length === 0,
        finding: `${checked - failures.length} of ${checked} golds verified`,
      };
    }),
  );
}

/** A model small enough to build and train in a moment, large enough to have every part. */
const PROBE = { hiddenSize: 32, layers: 2, heads: 2, kvHeads: 1, headSize: 16, feedForwardSize: 64, maxContext: 32 };

async function engineChecks(backend: DoctorOptions['backend']): Promise<Check[]> {
  try {
    const tokenizer = createCharacterTokenizer('0123456789');
    const config = {
      ...PROBE,
      family: 'llama' as const,
      vocabularySize: tokenizer.vocabularySize,
      ropeTheta: 10_000,
      normEpsilon: 1e-6,
      attentionBias: false,
      queryKeyNorm: false,
      tiedHead: false,
    };
    const model = { config, initial: { embedding: 0.5, linear: 0.3 }, key: randomKey(0, 'doctor') };
    const { engine, description } = await createFreshEngine({ backend, rows: 4, tokenBudget: 256 }, tokenizer, model);
    try {
      return [{ name: 'back end', isWell: true, finding: description }, await agreement(engine), await descent(engine)];
    } finally {
      await engine.close();
    }
  } catch (error) {
    return [{ name: 'back end', isWell: false, finding: error instanceof Error ? error.message : String(error) }];
  }
}

const PROMPT = Int32Array.of(2, 3, 4);
const LARGEST_MISMATCH = 1e-4;

/** Cached decoding and the full forward pass must speak of the same policy. */
async function agreement(engine: Engine): Promise<Check> {
  const sampler = await engine.sampler();
  const completions = await sampler.sample({
    prompt: PROMPT,
    count: 4,
    maxTokens: 16,
    temperature: 1,
    stopTokens: [1],
    key: randomKey(1),
  });
  const data = completions.map(({ tokens, logprobs }) =>
    toDatum(PROMPT, tokens, new Float32Array(tokens.length), logprobs),
  );
  const { logprobs } = await engine.forward(data);
  let largest = 0;
  data.forEach((datum, d) => {
    datum.samplingLogprob.forEach((sampled, i) => {
      if (datum.mask[i] === 1) largest = Math.max(largest, Math.abs(sampled - (logprobs[d]?.[i] ?? Number.NaN)));
    });
  });
  return {
    name: 'agreement',
    isWell: largest <= LARGEST_MISMATCH,
    finding: `sampler and trainer differ by at most ${largest.toExponential(1)} nats`,
  };
}

/** Ten steps on one sequence must make it likelier. */
async function descent(engine: Engine): Promise<Check> {
  const target = Int32Array.of(5, 6, 7, 8, 9, 1);
  const datum = toDatum(
    PROMPT,
    target,
    new Float32Array(target.length).fill(1 / target.length),
    new Float32Array(target.length),
  );
  const losses: number[] = [];
  for (let step = 0; step < 10; step++) {
    losses.push((await engine.forwardBackward([datum], { kind: 'cross_entropy' })).loss);
    await engine.optimStep({
      learningRate: 0.01,
      beta1: 0.9,
      beta2: 0.95,
      epsilon: 1e-8,
      weightDecay: 0,
      maxGradNorm: 1,
    });
  }
  const [first = Number.NaN, last = Number.NaN] = [losses[0], losses.at(-1)];
  return {
    name: 'training',
    isWell: last < first,
    finding: `loss ${first.toFixed(3)} -> ${last.toFixed(3)} in 10 steps`,
  };
}

/** Bytes a policy needs while it trains, by part. Activations depend on the batch and are not included. */
async function memoryPlan(policy: string): Promise<Record<string, number>> {
  checkPolicyFolder(policy);
  const { parseModelConfig } = await import('../../model/config.ts');
  const { parameterLayout } = await import('../../model/parameters.ts');
  const path = join(policy, 'config.json');
  const config = parseModelConfig(JSON.parse(readText(path)), path);
  const weights = 4 * parameterLayout(config).length;
  const cacheOfOneRow = 2 * 4 * config.layers * config.kvHeads * config.headSize * config.maxContext;
  return {
    weights,
    gradient: weights,
    moments: 2 * weights,
    'two samplers': 2 * weights,
    'cache, 64 rows': 64 * cacheOfOneRow,
  };
}
