/**
 * The command line: which commands there are, their arguments and options. What they do is in commands/, loaded when asked for.
 */
import { Command, Option } from 'commander';
import { collect, counting, countingEach, listing, portNumber, wholeNumber } from './options.ts';
import type { Terminal } from './terminal.ts';
import { ownVersion } from './versions.ts';

export interface ProgramSettings {
  readonly terminal: (json: boolean) => Terminal;
  /** Told the command's exit code. */
  readonly onDone: (exitCode: number) => void;
}

const SET = '--set <key.path=value>';

/** Throws commander's errors instead of leaving the process. */
export function createProgram({ terminal, onDone }: ProgramSettings): Command {
  const program = new Command('polarity')
    .description('Reinforcement learning with verifiable rewards, sample polarity first.')
    .version(ownVersion())
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)');

  /** A command with what all of them take. `run` resolves to the exit code. */
  const command = (usage: string, description: string, of = program, isDefault = false): Command =>
    of
      .command(usage, { isDefault })
      .description(description)
      .option('--json', 'end standard output with one line of JSON, speak on standard error');
  const withSet = (it: Command, what: string): Command =>
    it.option(SET, `${what}; the value is YAML; may be repeated`, collect, []);
  const ran =
    <Args extends unknown[]>(run: (terminal: Terminal, ...args: Args) => Promise<number>) =>
    async (...given: unknown[]) => {
      const args = given.slice(0, -1) as Args;
      const options = args.at(-1) as { readonly json?: boolean };
      onDone(await run(terminal(options.json === true), ...args));
    };

  withSet(
    command('train [file]', 'train the policy of a run file, e.g. examples/quickstart.yaml'),
    'override a setting of the file',
  )
    .option('--resume <run>', 'go on with a run directory, e.g. runs/quickstart, or runs/quickstart@50 from that step')
    .option(
      '--name <name>',
      'of the run directory; default: the file’s `name` or the file’s own, with a number when taken',
    )
    .option('--runs <folder>', 'where run directories are', 'runs')
    .option('--stop-after <steps>', 'take so many steps now, save and stop; --resume goes on', counting)
    .option('--ui', 'show the run in a dashboard while it trains; `polarity ui` shows it later')
    .action(
      ran(async (it, file, options) =>
        (await import('./commands/train.ts')).trainCommand(file as never, options as never, it),
      ),
    );

  command('ui [runs]', 'watch, question and compare runs in the browser: a local dashboard of a folder of runs')
    .option('--port <port>', 'to listen on; 0: any that is free', portNumber, 4300)
    .option('--host <address>', 'of this machine', '127.0.0.1')
    .option('--open-to-network', 'let --host be an address that other machines reach; there is no password')
    .action(
      ran(async (it, runs, options) =>
        (await import('./commands/ui.ts')).uiCommand((runs ?? 'runs') as never, options as never, it),
      ),
    );

  withSet(
    command(
      'pretrain <file>',
      'make a base policy from a task’s demonstrations, e.g. examples/pretrain-countdown.yaml',
    ),
    'override a setting of the file',
  )
    .option('--out <folder>', 'the model folder to write; default: the file’s `policy`')
    .option('--overwrite', 'replace a folder that exists')
    .action(
      ran(async (it, file, options) =>
        (await import('./commands/pretrain.ts')).pretrainCommand(file as never, options as never, it),
      ),
    );

  withSet(
    command(
      'evaluate <target>',
      'measure on held-out problems: a run file’s starting policy, or a run (runs/quickstart, runs/quickstart@50)',
    ),
    'override a setting, e.g. evaluation.samples=64',
  )
    .option('--benchmarks <file>', 'measure on the benchmarks of a file, e.g. examples/benchmarks/paper.yaml')
    .option('--out <file>', 'write the evaluations as JSON, for compare')
    .action(
      ran(async (it, target, options) =>
        (await import('./commands/evaluate.ts')).evaluateCommand(target as never, options as never, it),
      ),
    );

  command(
    'compare <a> <b>',
    'two evaluations problem by problem: runs (their last, or runs/quickstart@50), or files of evaluate --out',
  )
    .option('--force', 'compare in spite of different protocols, and say so')
    .action(
      ran(async (it, a, b, options) =>
        (await import('./commands/compare.ts')).compareCommand([a, b] as never, options as never, it),
      ),
    );

  command(
    'study <file>',
    'arms x seeds of a study file as runs side by side, e.g. examples/studies/polarity-single.yaml',
  )
    .option('--quick', 'the file’s quick form')
    .option('--only <arms>', 'these arms alone, e.g. grpo,psr; others can be added later by the same command', listing)
    .option('--seeds <seeds>', 'in the place of the file’s, e.g. 1,2,3', countingEach)
    .option('--parallel <runs>', 'at a time; default: as many as the cores hold', counting)
    .option('--runs <folder>', 'where the study’s folder is made', 'runs')
    .option('--name <name>', 'of the study’s folder; default: the file’s `name` or the file’s own')
    .action(
      ran(async (it, file, options) =>
        (await import('./commands/study.ts')).studyCommand(file as never, options as never, it),
      ),
    );

  command('report <study>', 'figures and tables of a study’s runs, in one HTML file; runs may be unfinished')
    .option('--out <folder>', 'where to write; default: report/ in the study’s folder')
    .option('--reference <arm>', 'compare with this arm, e.g. a control, in the place of the study’s own')
    .action(
      ran(async (it, study, options) =>
        (await import('./commands/report.ts')).reportCommand(study as never, options as never, it),
      ),
    );

  withSet(
    command('sample <target>', 'show completions with their verdicts; the target as in evaluate'),
    'override a setting, e.g. sampling.temperature=0.7',
  )
    .addOption(new Option('--split <split>', 'of the task').choices(['train', 'test']).default('test'))
    .option('--from <index>', 'first problem', wholeNumber, 0)
    .option('--problems <count>', 'how many problems', counting, 3)
    .option('--samples <count>', 'completions of each', counting, 4)
    .option('--problem <text>', 'a prompt of your own; its completions have no verdict')
    .action(
      ran(async (it, target, options) =>
        (await import('./commands/sample.ts')).sampleCommand(target as never, options as never, it),
      ),
    );

  withSet(
    command('tasks [name]', 'list the tasks, or show one with its settings and examples'),
    'a setting of the task, e.g. numberCount=4',
  )
    .option('--problems <count>', 'examples to show', counting, 3)
    .option('--check <count>', 'verify so many gold answers of each split', wholeNumber, 0)
    .action(
      ran(async (it, name, options) =>
        (await import('./commands/tasks.ts')).tasksCommand(name as never, options as never, it),
      ),
    );

  withSet(
    command('objectives [name] [recipe]', 'list the recipes, or show what one does; `explain <recipe>` says the same'),
    'a parameter or slot of the recipe, e.g. positiveScale=3',
  )
    .option('--rewards <list>', 'of an example group; ? is an unknown verdict', '1,1,0,0')
    .option(
      '--probs, --probabilities <list>',
      'of each example completion’s tokens: one list for all, or one for each with / between',
    )
    .option('--step <step>', 'for schedules, from 0', wholeNumber, 0)
    .option('--steps <steps>', 'of the whole run', counting, 100)
    .action(
      ran(async (it, name, recipe, options) =>
        (await import('./commands/objectives.ts')).objectivesCommand([name, recipe] as never, options as never, it),
      ),
    );

  withSet(
    command(
      'verify [gold] [answer]',
      'say whether an answer (or a whole completion) is the gold, and why; put -- before a text that begins with a minus',
    ),
    'a setting of the verifier',
  )
    .option('--verifier <name>', 'which verifier', 'math')
    .option('--json-gold', 'the gold is JSON, for verifiers whose golds are not text')
    .option(
      '--file <file>',
      'JSONL of {gold, answer, expected?}, expected 1 or 0: print the disagreements, exit 1 if any',
    )
    .action(
      ran(async (it, gold, answer, options) =>
        (await import('./commands/verify.ts')).verifyCommand(gold as never, answer as never, options as never, it),
      ),
    );

  const exporting = program.command('export').description('write what a run made for other tools');
  command(
    'model <run> <folder>',
    'write the policy as a model folder (config.json, model.safetensors, tokenizer.json); `export <run> <folder>` is short for it',
    exporting,
    true,
  ).action(
    ran(async (it, target, folder) =>
      (await import('./commands/export.ts')).exportCommand(target as never, folder as never, it),
    ),
  );
  command('tensorboard <runs...>', 'write metrics and evaluations as TensorBoard event files', exporting)
    .option('--out <folder>', 'for a folder of each run', 'tensorboard')
    .action(
      ran(async (it, targets, options) =>
        (await import('./commands/export-tensorboard.ts')).exportTensorboardCommand(
          targets as never,
          options as never,
          it,
        ),
      ),
    );
  command('csv <run>', 'write metrics, evaluations and a list of the rollouts as tables', exporting)
    .option('--out <folder>', 'default: <run>-csv')
    .action(
      ran(async (it, target, options) =>
        (await import('./commands/export-csv.ts')).exportCsvCommand(target as never, options as never, it),
      ),
    );

  const data = program.command('data').description('look at data files before a run learns them');
  withSet(
    command('lint <target>', 'try every gold, find copies, conflicts and leaks: a data file, or a run file', data),
    'a setting of the dataset task, e.g. columns.gold=answer',
  )
    .option('--format <name>', 'the file’s layout; default: recognised by its columns')
    .option('--policy <folder>', 'measure prompts with this policy’s tokenizer; default: the run file’s')
    .option('--prompt-tokens <count>', 'that a prompt may have; default: what the run leaves, else 2048', counting)
    .action(
      ran(async (it, target, options) =>
        (await import('./commands/data.ts')).lintCommand(target as never, options as never, it),
      ),
    );

  command('doctor', 'check the machine, the engine’s back end and the tasks')
    .option('--policy <folder>', 'plan the memory of this policy')
    .addOption(new Option('--backend <name>', 'of ONNX Runtime').choices(['auto', 'koffi', 'node']).default('auto'))
    .action(ran(async (it, options) => (await import('./commands/doctor.ts')).doctorCommand(options as never, it)));

  return program;
}
