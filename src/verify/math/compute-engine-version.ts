/**
 * Whether the installed compute engine is one that has closed forms. Reads its package file; loads nothing of it.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../core/errors.ts';

const PACKAGE = '@cortex-js/compute-engine';

/**
 * The 0.x that was tried and found exact and bounded. Before: integrals by 10,000 random points, 2.699 for the limit
 * (1 + 1/n)^n, 26 s for a series (0.27); worker and process ended by a finite sum (0.61); -2 for a divergent integral (0.102). Its package asks for
 * Node 22.3; it was tried on 20.20.
 */
const LEAST_MINOR = 140;

/** It is an optional peer: who asks for it installs it. */
const INSTALL = `npm install ${PACKAGE}@^0.${LEAST_MINOR}`;

/** The version installed. @throws UserError where it is missing */
export function computeEngineVersion(): string {
  try {
    let folder = dirname(fileURLToPath(import.meta.resolve(PACKAGE)));
    while (!folder.endsWith('compute-engine')) folder = dirname(folder);
    return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
  } catch (error) {
    throw new UserError(`symbolic: compute-engine needs the package ${PACKAGE}, which is not installed: ${INSTALL}`, {
      cause: error,
    });
  }
}

export function isComputeEngineUsable(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 0 || minor >= LEAST_MINOR;
}

/** @throws UserError saying which version is needed */
export function checkComputeEngine(): void {
  const version = computeEngineVersion();
  if (isComputeEngineUsable(version)) return;
  throw new UserError(
    `symbolic: compute-engine needs ${PACKAGE} 0.${LEAST_MINOR} or later, ${version} is installed: ${INSTALL}`,
  );
}
