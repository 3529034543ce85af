#!/usr/bin/env node
/** The `polarity` command: argv in, exit code out. */
import { CommanderError } from 'commander';
import { failureOf } from './failure.ts';
import { createProgram } from './program.ts';
import { Terminal } from './terminal.ts';

/** A reader that went away (`| head`) ends the output, not the work. */
function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
}

const terminalFor = (json: boolean): Terminal => new Terminal({ stdout: process.stdout, stderr: process.stderr, json });

function fail(error: unknown, json: boolean): number {
  // commander has said what was wrong; asking for help or the version is no error
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const { exitCode, kind, message } = failureOf(error);
  process.stderr.write(`polarity: ${message}\n`);
  terminalFor(json).result({ error: { kind, message } });
  return exitCode;
}

async function main(argv: readonly string[]): Promise<number> {
  let exitCode = 0;
  const program = createProgram({
    terminal: terminalFor,
    onDone: (code) => {
      exitCode = code;
    },
  });
  try {
    if (argv.length <= 2) program.outputHelp();
    else await program.parseAsync(argv);
    return exitCode;
  } catch (error) {
    return fail(error, argv.includes('--json'));
  }
}

/** Native libraries may keep threads alive, so the process is ended once its output is out. */
function leave(exitCode: number): void {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(exitCode)));
}

/** Node ends a process whose work is forgotten without a word. */
function sayWhenForgotten(): void {
  process.once('beforeExit', () => {
    process.stderr.write('polarity: the command stopped without an end: this is a bug in polarity, please report it\n');
    process.exitCode = 1;
  });
}

/** A command that a study started ends with it: runs can be gone on with from any moment. */
function endWithParent(): void {
  // undefined where no channel was given; false when the parent ended before this line
  if (process.connected === undefined) return;
  if (!process.connected) process.exit(1);
  process.once('disconnect', () => process.exit(1));
  // listening keeps nothing alive
  process.channel?.unref();
}

ignoreClosedPipes();
endWithParent();
sayWhenForgotten();
leave(await main(process.argv));
