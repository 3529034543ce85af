/** `polarity evaluate`: measures a policy on held-out problems, or on the benchmarks of a file. */
import { assert, UserError } from '../../core/errors.ts';
import type { Sampler } from '../../engine/engine.ts';
import { evaluate } from '../../evaluate/evaluate.ts';
import type { Evaluation } from '../../evaluate/evaluation.ts';
import type { Subject } from '../../evaluate/protocol.ts';
import type { EvaluationLine } from '../../journal/schema.ts';
import { evaluationLine } from '../../train/evaluation.ts';
import { checkChat, checkEvaluation } from '../../train/requirements.ts';
import { type Benchmark, ownBenchmark, readBenchmarks } from '../benchmarks.ts';
import { checkOut, writeEvaluations } from '../evaluation-file.ts';
import { averageEvaluation, evaluationTable, INTERVALS, PLAN_ASSUMES, planText } from '../evaluation-view.ts';
import { listenForInterrupt } from '../interrupt.ts';
import { openTarget, type Target } from '../targets.ts';
import type { Terminal } from '../terminal.ts';
import { passAtOf } from '../training-result.ts';
import { policyHashes } from '../versions.ts';

export interface EvaluateOptions {
  readonly set: readonly string[];
  /** A file of benchmarks, instead of the run file's `evaluation`. */
  readonly benchmarks?: string;
  /** Where to write the evaluations, for `compare`. */
  readonly out?: string;
}

/** @returns the exit code */
export async function evaluateCommand(target: string, options: EvaluateOptions, terminal: Terminal): Promise<number> {
  refuseWithoutEffect(options);
  if (options.out !== undefined) checkOut(options.out);
  const opened = await openTarget(target, options.set);
  const interruption = listenForInterrupt(() => terminal.print('stopping'));
  try {
    const benchmarks = await benchmarksOf(opened, options);
    checkChat(
      opened.config,
      benchmarks.map(({ task }) => task),
    );
    for (const benchmark of benchmarks) checkBenchmark(benchmark, opened);
    terminal.print(`${opened.name} · ${opened.description}`);
    for (const benchmark of benchmarks) terminal.print(`${benchmark.name}: ${planText(benchmark)}`);
    terminal.print(terminal.colors.dim(PLAN_ASSUMES));
    const began = performance.now();
    const [sampler, subject] = [await opened.engine.sampler(), await subjectOf(opened)];
    const lines: EvaluationLine[] = [];
    const found: Evaluation[] = [];
    for (const benchmark of benchmarks) {
      const evaluation = await measure(benchmark, { opened, sampler, signal: interruption.signal, terminal });
      found.push(evaluation);
      lines.push({ ...evaluationLine(opened.state.step, evaluation), name: benchmark.name, subject });
      // after each, so that stopping later loses none of it
      if (options.out !== undefined) await writeEvaluations(options.out, lines, Date.now() / 1000);
    }
    const seconds = (performance.now() - began) / 1000;
    for (const line of evaluationTable(lines)) terminal.print(line);
    for (const line of INTERVALS) terminal.print(terminal.colors.dim(line));
    terminal.print(terminal.colors.dim(`${seconds.toFixed(1)} s`));
    terminal.result({
      target: opened.name,
      ...(options.benchmarks === undefined && own(lines, found)),
      benchmarks: lines,
      average: averageEvaluation(lines),
      seconds,
    });
    return 0;
  } catch (error) {
    if (interruption.exitCode !== undefined && error === interruption.signal.reason) return interruption.exitCode;
    throw error;
  } finally {
    interruption.release();
    await opened.engine.close();
  }
}

/** The only evaluation, without what `benchmarks` says of it. */
function own([line]: readonly EvaluationLine[], [evaluation]: readonly Evaluation[]): object {
  assert(line !== undefined && evaluation !== undefined, 'an evaluation without --benchmarks measures one thing');
  const { step, policyVersion, name, metrics, intervals, testSetIntervals } = line;
  return { step, policyVersion, name, metrics, intervals, testSetIntervals, passAt: passAtOf(evaluation) };
}

function refuseWithoutEffect({ set, benchmarks }: EvaluateOptions): void {
  const idle = set.find((override) => /^evaluation[.=]/.test(override.trim()));
  if (benchmarks !== undefined && idle !== undefined)
    throw new UserError(`--set ${idle} has no effect with --benchmarks: the file ${benchmarks} says how to measure`);
}

async function benchmarksOf({ config, task }: Target, { benchmarks }: EvaluateOptions): Promise<Benchmark[]> {
  return benchmarks === undefined ? [ownBenchmark(config, task)] : readBenchmarks(benchmarks, config);
}

/** @throws UserError naming the benchmark when the engine or the test split cannot give what it asks for. */
export function checkBenchmark(
  { name, task, maxTokens, ...benchmark }: Benchmark,
  { tokenizer, engine }: Pick<Target, 'tokenizer' | 'engine'>,
): void {
  const evaluation = { ...benchmark, passAt: [...benchmark.passAt], every: 0, atStart: false, atEnd: true };
  try {
    checkEvaluation({ config: { evaluation, sampling: { maxTokens } }, task, tokenizer, engine });
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`${name}: ${error.message}`, { cause: error });
    throw error;
  }
}

interface Measuring {
  readonly opened: Target;
  readonly sampler: Sampler;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
}

async function measure(benchmark: Benchmark, { opened, sampler, signal, terminal }: Measuring): Promise<Evaluation> {
  const { name, problems, ...settings } = benchmark;
  const evaluation = await evaluate({
    ...settings,
    split: 'test',
    problemIndices: Array.from({ length: problems }, (_, index) => index),
    tokenizer: opened.tokenizer,
    sampler,
    concurrency: opened.config.sampling.concurrency,
    signal,
    onProgress: ({ rollouts, rolloutsPlanned }) =>
      terminal.panel([`${name}: ${rollouts}/${rolloutsPlanned} completions`]),
  });
  terminal.panel([]);
  return evaluation;
}

async function subjectOf({ name, config, environment, files }: Target): Promise<Subject> {
  const weights = files?.['model.safetensors'] ?? files?.['fake-policy.json'];
  const weightsSha256 =
    files === undefined ? (await policyHashes(config.policy))['model.safetensors'] : weights?.sha256;
  return {
    target: name,
    seed: config.seed,
    engine: environment,
    ...(weightsSha256 !== undefined && { weightsSha256 }),
  };
}
