/** `npm run golden -- FILE...`: numbers recorded from the official implementations against this one. */
import { UserError } from '../../core/errors.ts';
import { checkGolden, type GoldenResult } from '../../objectives/golden/golden.ts';
import { visible } from '../escape.ts';
import { readText } from '../files.ts';
import type { Terminal } from '../terminal.ts';

/**
 * A line for each case that disagrees, and `N passed, M failed` at the end. Nothing is printed before every file was read.
 * @returns the exit code: 1 when a case disagrees
 * @throws UserError for a file that cannot be read or is not of a schema known here.
 */
export function goldenCommand(paths: readonly string[], terminal: Pick<Terminal, 'print'>): number {
  if (paths.length === 0) throw new UserError('which files? e.g. npm run golden -- test/golden/advantages.json');
  const results = paths.flatMap((path) => checkFile(path).map((result) => ({ path, ...result })));
  const failed = results.filter(({ passed }) => !passed);
  for (const { path, name, detail } of failed) terminal.print(visible(`failed: ${path}: ${name}: ${detail}`));
  terminal.print(`${results.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}

function checkFile(path: string): GoldenResult[] {
  const text = readText(path);
  try {
    return checkGolden(JSON.parse(text), path);
  } catch (error) {
    if (error instanceof SyntaxError) throw new UserError(`${path} is not JSON: ${error.message}`, { cause: error });
    throw error;
  }
}
