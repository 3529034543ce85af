/** `polarity verify`: what a verifier makes of an answer and why; or of a file of them, against what was expected. */
import { UserError } from '../../core/errors.ts';
import { applyOverride } from '../../train/run-file.ts';
import { loadVerifier } from '../../verify/catalogue.ts';
import { createVerifierPool } from '../../verify/pool.ts';
import type { VerifierSpec } from '../../verify/verifier.ts';
import type { Terminal } from '../terminal.ts';
import { explainVerdict } from '../verdict-view.ts';
import { type AskedVerifier, verifyFile } from './verify-file.ts';

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
  if (options.file !== undefined && gold !== undefined)
    throw new UserError('verify takes a gold and an answer, or --file, not both');
  const spec: VerifierSpec = { ...options.set.reduce(applyOverride, {}), name: options.verifier };
  if (options.file !== undefined) return withPool(spec, (asked) => verifyFile(options.file as string, asked, terminal));
  if (gold === undefined || answer === undefined)
    throw new UserError("verify takes a gold and an answer, e.g. polarity verify '1/2' '0.5', or --file");
  const read = options.jsonGold ? parseGold(gold) : gold;
  return withPool(spec, async ({ named, verify }) => {
    const verdict = await verify(read, answer);
    for (const line of explainVerdict(gold, answer, verdict, terminal)) terminal.print(line);
    terminal.result({ ...named, gold: read, answer, verdict });
    return 0;
  });
}

/** @throws UserError for settings that the verifier does not have, and where it cannot decide on this machine. */
async function withPool(spec: VerifierSpec, run: (asked: AskedVerifier) => Promise<number>): Promise<number> {
  const loaded = await loadVerifier(spec, '--verifier');
  await loaded.prepare();
  const { spec: verifier, version } = loaded;
  const pool = createVerifierPool();
  const verify = (gold: unknown, completion: string) => pool.verify({ verifier, gold, completion });
  try {
    return await run({ named: { verifier, version }, verify });
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
