/** `polarity export`: a run's policy as a model folder that other tools read. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { writeFailure } from '../../core/durable-file.ts';
import { UserError } from '../../core/errors.ts';
import { tokenizerFiles } from '../../text/load-tokenizer.ts';
import { absolute, shown } from '../files.ts';
import { openTarget } from '../targets.ts';
import type { Terminal } from '../terminal.ts';

/** @returns the exit code */
export async function exportCommand(target: string, given: string, terminal: Terminal): Promise<number> {
  const folder = absolute(given);
  if (existsSync(folder)) throw new UserError(`${folder} exists already; choose another folder`);
  const { engine, config, state, name } = await openTarget(target, []);
  const aside = join(dirname(folder), `.${basename(folder)}.${process.pid}.partial`);
  try {
    await mkdir(aside, { recursive: true });
    await engine.exportWeights(aside);
    if (config.policy !== undefined)
      for (const file of tokenizerFiles(config.policy)) await copyFile(join(config.policy, file), join(aside, file));
    await rename(aside, folder);
  } catch (error) {
    await rm(aside, { recursive: true, force: true }).catch(() => undefined);
    throw writeFailure(folder, error);
  } finally {
    await engine.close();
  }
  terminal.print(`${name}, after step ${state.step}, written to ${shown(folder)}`);
  terminal.result({ target: name, step: state.step, policy: folder });
  return 0;
}
