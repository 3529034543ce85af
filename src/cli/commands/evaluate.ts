/** `polarity evaluate`: measures a policy on held-out problems. */

import type { RunConfig } from '../../train/config.ts';
import { evaluatePolicy, evaluationLine } from '../../train/evaluation.ts';
import { checkEvaluation } from '../../train/requirements.ts';
import { listenForInterrupt } from '../interrupt.ts';
import { openTarget } from '../targets.ts';
import type { Terminal } from '../terminal.ts';
import { passAtOf } from '../training-result.ts';
import { evaluationText } from '../training-view.ts';

/** @returns the exit code */
export async function evaluateCommand(
  target: string,
  options: { set: readonly string[] },
  terminal: Terminal,
): Promise<number> {
  const opened = await openTarget(target, options.set);
  const { config, task, tokenizer, engine, state } = opened;
  const interruption = listenForInterrupt(() => terminal.print('stopping'));
  try {
    checkEvaluation({ config: asked(config), task, tokenizer, engine });
    const { evaluation: settings, sampling, seed } = config;
    terminal.print(`${opened.name} · ${opened.description}: ${settings.problems} problems x ${settings.samples}`);
    const began = performance.now();
    const evaluation = await evaluatePolicy(settings, {
      ...sampling,
      task,
      tokenizer,
      seed,
      sampler: await engine.sampler(),
      signal: interruption.signal,
      onProgress: ({ rollouts, rolloutsPlanned }) => terminal.panel([`${rollouts}/${rolloutsPlanned} completions`]),
    });
    const seconds = (performance.now() - began) / 1000;
    terminal.panel([]);
    const line = evaluationLine(state.step, evaluation);
    terminal.print(evaluationText(line));
    const { truncated, unknown, samples, meanCompletionTokens } = evaluation;
    terminal.print(
      `truncated ${((100 * truncated) / samples).toFixed(1)} %  unknown ${((100 * unknown) / samples).toFixed(1)} %  length ${meanCompletionTokens.toFixed(1)} tokens  ${seconds.toFixed(1)} s`,
    );
    terminal.result({ target: opened.name, ...line, passAt: passAtOf(evaluation), seconds });
    return 0;
  } catch (error) {
    if (interruption.exitCode !== undefined && error === interruption.signal.reason) return interruption.exitCode;
    throw error;
  } finally {
    interruption.release();
    await engine.close();
  }
}

/** The evaluation is asked for by the command, whatever the file says about when. */
const asked = (config: RunConfig): RunConfig => ({ ...config, evaluation: { ...config.evaluation, atEnd: true } });
