/** `polarity sample`: a few completions of a policy, with their verdicts. All of it is shown escaped: it came from a model. */
import { UserError } from '../../core/errors.ts';
import { childKey, randomKey } from '../../core/random.ts';
import type { Completion, GradedRollout, Prompt } from '../../core/rollout.ts';
import { rollOut } from '../../rollout/roll-out.ts';
import type { Split, Task } from '../../tasks/task.ts';
import { encodePrompt, renderPrompt } from '../../text/prompt.ts';
import { checkChat } from '../../train/requirements.ts';
import { visible, visibleBlock } from '../escape.ts';
import { openTarget, type Target } from '../targets.ts';
import type { Terminal } from '../terminal.ts';

export interface SampleOptions {
  readonly set: readonly string[];
  readonly split: Split;
  /** Index of the first problem. */
  readonly from: number;
  readonly problems: number;
  readonly samples: number;
  /** A prompt of the user's own, instead of the task's problems. */
  readonly problem?: string;
}

/** @returns the exit code */
export async function sampleCommand(target: string, options: SampleOptions, terminal: Terminal): Promise<number> {
  const opened = await openTarget(target, options.set);
  try {
    checkChat(opened.config, [opened.task]);
    const result =
      options.problem === undefined
        ? await sampleProblems(opened, options, terminal)
        : await samplePrompt(opened, options.problem, options.samples, terminal);
    terminal.result(result);
    return 0;
  } finally {
    await opened.engine.close();
  }
}

async function sampleProblems(
  { config, task, tokenizer, engine }: Target,
  options: SampleOptions,
  terminal: Terminal,
): Promise<unknown> {
  const { split, from, problems, samples } = options;
  if (from + problems > task.size(split))
    throw new UserError(
      `${task.name} has ${task.size(split)} ${split} problems, --from ${from} --problems ${problems} goes beyond`,
    );
  const groups = await rollOut({
    ...config.sampling,
    task,
    tokenizer,
    split,
    problemIndices: Array.from({ length: problems }, (_, i) => from + i),
    groupSize: samples,
    sampler: await engine.sampler(),
    key: childKey(randomKey(config.seed), 'sample'),
  });
  for (const { problem, rollouts } of groups) {
    printPrompt(renderPrompt(tokenizer, task.prompt(problem)), problem.id, terminal);
    for (const rollout of rollouts) printRollout(rollout, terminal);
  }
  return {
    problems: groups.map(({ problem, rollouts }) => ({
      id: problem.id,
      prompt: renderPrompt(tokenizer, task.prompt(problem)),
      completions: rollouts.map(({ text, verdict, completion }) => ({ text, verdict, ...described(completion) })),
    })),
  };
}

/** With its lines, since a rendered conversation has many, but not the empty ones it may end with. */
function printPrompt(prompt: string, id: string, terminal: Terminal): void {
  const { colors } = terminal;
  terminal.print(`${colors.bold(visibleBlock(prompt.trimEnd()))}  ${colors.dim(id)}`.trimEnd());
}

function printRollout({ text, verdict, completion }: GradedRollout, terminal: Terminal): void {
  const { colors } = terminal;
  const paint = { correct: colors.green, incorrect: colors.red, unknown: colors.yellow }[verdict.outcome];
  const cut = completion.stopReason === 'length' ? ' (cut off)' : '';
  terminal.print(
    `  ${paint(verdict.outcome.padEnd(9))} ${visibleBlock(text)}${colors.dim(`${cut}  ${visible(verdict.explanation)}`)}`,
  );
}

const described = ({ tokens, logprobs, stopReason }: Completion) => ({
  tokens: tokens.length,
  logprob: logprobs.reduce((sum, logprob) => sum + logprob, 0),
  stopReason,
});

/** The user's text posed as the task poses its problems: alone, or in the place of the user's message. */
function posed(task: Task, text: string): Prompt {
  const example = task.prompt(task.problem(task.size('train') > 0 ? 'train' : 'test', 0));
  if (typeof example === 'string') return text;
  return [...example.filter(({ role }) => role === 'system'), { role: 'user', content: text }];
}

async function samplePrompt(
  { config, task, tokenizer, engine }: Target,
  text: string,
  samples: number,
  terminal: Terminal,
): Promise<unknown> {
  const { maxTokens, temperature } = config.sampling;
  const prompt = posed(task, text);
  const sampler = await engine.sampler();
  const completions = await sampler.sample({
    prompt: encodePrompt(tokenizer, prompt),
    count: samples,
    maxTokens,
    temperature,
    stopTokens: tokenizer.stopTokens,
    key: childKey(randomKey(config.seed), 'sample'),
  });
  const shown = renderPrompt(tokenizer, prompt);
  printPrompt(shown, '', terminal);
  const texts = completions.map((completion) => ({
    text: tokenizer.decode(completion.tokens),
    ...described(completion),
  }));
  for (const { text } of texts) terminal.print(`  ${visibleBlock(text)}`);
  return { prompt: shown, completions: texts };
}
