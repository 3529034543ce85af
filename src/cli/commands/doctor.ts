/** `polarity doctor`: is this machine fit, which back end is in use and why, what would a policy need, do tasks and engine keep their word. */
import { availableParallelism, cpus, freemem, totalmem } from 'node:os';
import { randomKey } from '../../core/random.ts';
import type { Engine } from '../../engine/engine.ts';
import { createTask, selfCheck, taskCatalogue } from '../../tasks/catalogue.ts';
import { createCharacterTokenizer } from '../../text/character-tokenizer.ts';
import { toDatum } from '../../train/datums.ts';
import {
  type Attempt,
  describeIsolation,
  type IsolationReport,
  isIsolated,
  whyNot,
} from '../../verify/sandbox/isolation.ts';
import { createFreshEngine, defaultThreads } from '../engines.ts';
import { visible } from '../escape.ts';
import { checkPolicyFolder } from '../files.ts';
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
  const isolation = await describeIsolation();
  for (const line of isolationLines(isolation)) terminal.print(`${'python programs'.padEnd(18)} ${line}`);
  const memory = options.policy === undefined ? undefined : await memoryPlan(options.policy);
  if (memory) printParts(memory, options.policy ?? '', terminal);
  const checks = [...(memory ? [memory.check] : []), ...(await engineChecks(options.backend)), ...(await taskChecks())];
  const { green, red } = terminal.colors;
  for (const { name, isWell, finding } of checks)
    terminal.print(`${isWell ? green('well') : red('ILL ')} ${name.padEnd(13)} ${finding}`);
  const isWell = checks.every((check) => check.isWell);
  terminal.result({ environment, isolation, ...(memory ? { memoryPlan: memory.parts } : {}), checks, isWell });
  return isWell ? 0 : 3;
}

/** What would hold a Python program here, and why others would not. */
function isolationLines({ python, pythonFailure, isolation, attempts }: IsolationReport): string[] {
  if (python === undefined) return [`none can run: ${pythonFailure}`];
  const chosen =
    isolation === 'none'
      ? `refused, nothing would isolate them (Python ${python.version} at ${python.path})`
      : `isolated by ${isolation}, tried with Python ${python.version} at ${python.path}`;
  return [chosen, ...attempts.map((attempt) => `${attempt.kind}: ${isolationFinding(attempt)}`)].map(visible);
}

function isolationFinding(attempt: Attempt): string {
  if (!isIsolated(attempt)) return `not real here: ${whyNot(attempt)}`;
  const limits = attempt.kept?.memory ? 'limits on memory' : 'NO limit on memory';
  const counts = attempt.kept?.processCount ? 'and processes hold' : 'hold, but NO limit on processes';
  return `no network, files or processes of ours; ${limits} ${counts}`;
}

function printParts({ parts }: Plan, policy: string, terminal: Terminal): void {
  const width = Math.max(...Object.keys(parts).map((part) => part.length));
  terminal.print(`memory of ${visible(policy)} while it trains:`);
  for (const [part, size] of Object.entries(parts))
    terminal.print(`  ${part.padEnd(width)} ${bytes(size).padStart(9)}`);
}

async function taskChecks(): Promise<Check[]> {
  return Promise.all(
    taskCatalogue
      .filter(({ create }) => create !== undefined)
      .map(async ({ name }) => {
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

/** With the settings a run file gets when it names none. */
const DEFAULTS = { rows: 64, tokenBudget: 4096 };
const LONGEST_PLANNED = 1024;

interface Plan {
  /** What is measured -> bytes. */
  readonly parts: Readonly<Record<string, number>>;
  readonly check: Check;
}

/** What a policy needs while it trains, and whether this machine has it. */
async function memoryPlan(policy: string): Promise<Plan> {
  checkPolicyFolder(policy);
  const { readModelConfig } = await import('../../engine/onnx/model-folder.ts');
  const { memoryBytes, planMemory, totalBytes } = await import('../../engine/onnx/memory-plan.ts');
  const config = await readModelConfig(policy);
  const { rows, tokenBudget } = DEFAULTS;
  const positions = Math.min(config.maxContext, LONGEST_PLANNED);
  const plan = planMemory(config, { rows, tokenBudget, positions });
  const needed = totalBytes(plan);
  const parts = {
    weights: plan.weightBytes,
    gradient: plan.gradientBytes,
    'two moments': plan.momentBytes,
    'two samplers': plan.samplerBytes,
    [`their caches, ${rows} rows x ${positions} positions`]: plan.cacheBytes,
    [`activations of ${tokenBudget} positions, ${plan.plan} plan`]: plan.activationBytes,
    'together, at most': needed,
  };
  const finding = `training takes up to ${bytes(needed)} of ${bytes(memoryBytes())}`;
  const remedy = '; a smaller engine.onnx.tokenBudget or rows, or a smaller policy, takes less';
  const isWell = needed <= memoryBytes();
  return { parts, check: { name: 'memory', isWell, finding: isWell ? finding : finding + remedy } };
}
