/** The program behind `npm run golden`: recorded numbers of the official implementations against ours. */
import { goldenCommand } from './commands/golden.ts';
import { failureOf } from './failure.ts';
import { Terminal } from './terminal.ts';

try {
  const terminal = new Terminal({ stdout: process.stdout, stderr: process.stderr, json: false });
  process.exitCode = goldenCommand(process.argv.slice(2), terminal);
} catch (error) {
  const { exitCode, message } = failureOf(error);
  process.stderr.write(`golden: ${message}\n`);
  process.exitCode = exitCode;
}
