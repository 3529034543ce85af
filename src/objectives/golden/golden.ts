/**
 * Checks files of numbers recorded from the official implementations against this one. Pure: a parsed JSON value in, one
 * result per case out.
 */
import { UserError } from '../../core/errors.ts';
import { checkAdvantageFile } from './advantages.ts';
import type { GoldenResult } from './compare.ts';
import { checkLossFile } from './losses.ts';

export type { GoldenResult } from './compare.ts';

/** @param where names the file in messages @throws UserError when the value is not a golden file of a schema read here. */
export function checkGolden(file: unknown, where = 'golden file'): GoldenResult[] {
  const schema = typeof file === 'object' && file !== null && 'schema' in file ? file.schema : undefined;
  if (schema === 'rlvr-advantage-golden/1') return checkAdvantageFile(file, where);
  if (schema === 'rlvr-extra-golden/1') return checkLossFile(file, where);
  throw new UserError(
    `${where}: schema must be rlvr-advantage-golden/1 or rlvr-extra-golden/1, got ${JSON.stringify(schema)}`,
  );
}
