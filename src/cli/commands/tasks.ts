/** `polarity tasks`: what tasks there are, what their problems look like, and whether their golds pass. */
import { RandomStream, randomKey } from '../../core/random.ts';
import type { Prompt } from '../../core/rollout.ts';
import { resolveTask, selfCheck, taskCatalogue } from '../../tasks/catalogue.ts';
import type { Task } from '../../tasks/task.ts';
import { applyOverride, expandShorthands } from '../../train/run-file.ts';
import { visible } from '../escape.ts';
import { openRunTask } from '../tasks.ts';
import type { Terminal } from '../terminal.ts';

export interface TasksOptions {
  /** Of the task's settings, e.g. `numberCount=4`. */
  readonly set: readonly string[];
  readonly problems: number;
  /** Golds to verify in each split; 0: none. */
  readonly check: number;
}

/** @returns the exit code */
export async function tasksCommand(
  name: string | undefined,
  options: TasksOptions,
  terminal: Terminal,
): Promise<number> {
  if (name === undefined) {
    for (const { name, summary } of taskCatalogue)
      terminal.print(`${terminal.colors.bold(name.padEnd(12))} ${summary}`);
    terminal.result({ tasks: taskCatalogue.map(({ name, summary }) => ({ name, summary })) });
    return 0;
  }
  const settings = options.set.reduce(applyOverride, expandShorthands({ name }));
  const spec = { ...settings, name };
  const task = await openRunTask(spec, '--set');
  const resolved = resolveTask(spec, '--set');
  terminal.print(`${JSON.stringify(resolved)}`);
  terminal.print(`${task.size('train')} problems to train on, ${task.size('test')} held out`);
  const examples = Array.from({ length: Math.min(options.problems, task.size('train')) }, (_, index) =>
    exampleOf(task, index),
  );
  for (const { prompt, gold, demonstration } of examples) {
    for (const [label, text] of shownPrompt(prompt)) terminal.print(`  ${label.padEnd(13)} ${visible(text)}`);
    if (gold !== undefined) terminal.print(`  gold          ${visible(gold)}`);
    if (demonstration !== undefined) terminal.print(`  demonstration ${visible(demonstration)}`);
  }
  const checked = options.check > 0 ? await selfCheck(task, options.check) : undefined;
  if (checked) terminal.print(`${checked.checked} golds verified, ${checked.failures.length} refused`);
  for (const { id, gold, explanation } of checked?.failures ?? [])
    terminal.print(`  ${id}: ${visible(gold)}: ${visible(explanation)}`);
  terminal.result({
    task: resolved,
    train: task.size('train'),
    test: task.size('test'),
    examples,
    ...(checked ? { selfCheck: checked } : {}),
  });
  return checked && checked.failures.length > 0 ? 1 : 0;
}

/** Lines of a prompt, each with its label: of a conversation the role, since no policy is here to render it. */
function shownPrompt(prompt: Prompt): (readonly [label: string, text: string])[] {
  if (typeof prompt === 'string') return [['prompt', prompt]];
  return prompt.map(({ role, content }) => [role, content]);
}

function exampleOf(task: Task, index: number) {
  const problem = task.problem('train', index);
  const gold = task.gold(problem);
  const demonstration = task.demonstration?.(problem, new RandomStream(randomKey(0, 'example', index)));
  return {
    id: problem.id,
    prompt: task.prompt(problem),
    ...(gold === undefined ? {} : { gold }),
    ...(demonstration === undefined ? {} : { demonstration }),
  };
}
