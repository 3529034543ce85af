/** `polarity verify`: what a verifier makes of an answer and why; or of a file of them, against what was expected. */
import { UserError } from '../../core/errors.ts';
import { applyOverride } from '../../train/run-file.ts';
import { loadVerifier } from '../../verify/catalogue.ts';
import { createVerifierPool } from '../../verify/pool.ts';
import type { VerifierSpec, Verify } from '../../verify/verifier.ts';
import type { Terminal } from '../terminal.ts';
import { explainVerdict } from '../verdict-view.ts';
import { verifyFile } from './verify-file.ts';

export interface VerifyOptions {
  readonly verifier: string;
  /** Of the verifier's settings. */
  readonly set: readonly string[];
  readonly file?: string;
  readonly jsonGold?: boolean;
}

/** @returns the exit code: 1 when a line of the file disagrees */
export async function verifyCommand(
  gold: string | undefined,
  answer: string | undefined,
  options: VerifyOptions,
  terminal: Terminal,
): Promise<number> {
  const spec: VerifierSpec = { ...options.set.reduce(applyOverride, {}), name: options.verifier };
  const verifier = await loadVerifier(spec, '--verifier');
  const named = { verifier: verifier.spec, version: verifier.version };
  const pool = createVerifierPool();
  try {
    const verify: Verify = pool.verify;
    if (options.file !== undefined) {
      if (gold !== undefined) throw new UserError('verify takes a gold and an answer, or --file, not both');
      return await verifyFile(options.file, verifier.spec, named, verify, terminal);
    }
    if (gold === undefined || answer === undefined)
      throw new UserError("verify takes a gold and an answer, e.g. polarity verify '1/2' '0.5', or --file");
    const read = options.jsonGold ? parseGold(gold) : gold;
    const verdict = await verify({ verifier: verifier.spec, gold: read, completion: answer });
    for (const line of explainVerdict(gold, answer, verdict, terminal)) terminal.print(line);
    terminal.result({ ...named, gold: read, answer, verdict });
    return 0;
  } finally {
    await pool.close();
  }
}

function parseGold(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`--json-gold: the gold ${text} is not JSON: ${(error as Error).message}`, { cause: error });
  }
}
