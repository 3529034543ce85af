/**
 * Checks files of numbers recorded from the official implementations against this one. Pure: a parsed JSON value in, one
 * result per case out.
 */
import { UserError } from '../../core/errors.ts';
import { checkAdvantageFile } from './advantages.ts';
import type { GoldenResult } from './compare.ts';
import { checkLossFile } from './losses.ts';

export type { GoldenResult } from './compare.ts';

/** @throws UserError when the value is not a golden file of a schema read here. */
export function checkGolden(file: unknown): GoldenResult[] {
  const schema = typeof file === 'object' && file !== null && 'schema' in file ? file.schema : undefined;
  if (schema === 'rlvr-advantage-golden/1') return checkAdvantageFile(file);
  if (schema === 'rlvr-extra-golden/1') return checkLossFile(file);
  throw new UserError(
    `golden file: schema must be rlvr-advantage-golden/1 or rlvr-extra-golden/1, got ${JSON.stringify(schema)}`,
  );
}
