/** `polarity verify --file`: a file of golds and answers, decided in the pool, against the verdicts that were expected. */
import { UserError } from '../../core/errors.ts';
import type { Verdict } from '../../core/rollout.ts';
import { showValue } from '../../core/settings.ts';
import type { VerifierSpec } from '../../verify/verifier.ts';
import { visible } from '../escape.ts';
import { readText } from '../files.ts';
import type { Terminal } from '../terminal.ts';
import { cut } from '../verdict-view.ts';

/** A verifier with its settings, as results name it, and a way to ask it that never rejects. */
export interface AskedVerifier {
  readonly named: { readonly verifier: VerifierSpec; readonly version: number };
  verify(gold: unknown, completion: string): Promise<Verdict>;
}

/** One line of the file. */
interface Line {
  readonly line: number;
  readonly gold: unknown;
  readonly answer: string;
  /** 1: correct. 0: not correct; an unknown verdict earns nothing, so it agrees. */
  readonly expected?: 0 | 1;
}

interface Decided extends Line {
  readonly verdict: Verdict;
}

/** Decisions asked for before the first of them is waited for. */
const WINDOW = 512;

/**
 * A line for each disagreement, and `N agree, M disagree` at the end. Nothing is decided before the whole file was read.
 * @returns the exit code: 1 when a line disagrees
 * @throws UserError for a file that cannot be read, naming the line
 */
export async function verifyFile(path: string, { named, verify }: AskedVerifier, terminal: Terminal): Promise<number> {
  const lines = readText(path)
    .split('\n')
    .flatMap((text, index) => (text.trim() === '' ? [] : [readLine(text, index + 1, path)]));
  if (lines.length === 0)
    throw new UserError(`${path} has no lines; each is {"gold": ..., "answer": "...", "expected": 1 or 0}`);
  const decided: Decided[] = [];
  for (let start = 0; start < lines.length; start += WINDOW) {
    const some = lines.slice(start, start + WINDOW);
    const verdicts = some.map(({ gold, answer }) => verify(gold, answer));
    for (const [index, verdict] of verdicts.entries())
      decided.push({ ...(some[index] as Line), verdict: await verdict });
  }
  return report(decided, path, named, terminal);
}

function report(decided: readonly Decided[], path: string, named: AskedVerifier['named'], terminal: Terminal): number {
  const expected = decided.filter((it) => it.expected !== undefined);
  const open = decided.filter((it) => it.expected === undefined);
  const disagreements = expected.filter(
    ({ expected, verdict }) => (expected === 1) !== (verdict.outcome === 'correct'),
  );
  for (const each of disagreements) terminal.print(describe(each, path));
  if (open.length > 0) terminal.print(`${open.length} without an expectation: ${tally(open)}`);
  const unknown = expected.filter(({ verdict }) => verdict.outcome === 'unknown');
  if (unknown.length > 0) terminal.print(`${unknown.length} not decided: ${tally(unknown)}`);
  const [agree, disagree] = [expected.length - disagreements.length, disagreements.length];
  terminal.print(`${agree} agree, ${disagree} disagree`);
  terminal.result({ ...named, agree, disagree, withoutExpectation: open.length, disagreements, verdicts: open });
  return disagree === 0 ? 0 : 1;
}

const LONGEST_SHOWN = 200;

function describe({ line, gold, answer, expected, verdict }: Decided, path: string): string {
  const got = verdict.outcome === 'unknown' ? `unknown (${verdict.reason})` : verdict.outcome;
  const shown = (text: string) => cut(visible(text), LONGEST_SHOWN);
  const wanted = expected === 1 ? 'correct' : 'not correct';
  const written = typeof gold === 'string' ? gold : JSON.stringify(gold);
  return `${visible(path)}:${line}: expected ${wanted}, got ${got}: gold ${shown(written)}, answer ${shown(answer)}: ${shown(verdict.explanation)}`;
}

/** `3 correct, 1 unknown (budget)`. */
function tally(decided: readonly Decided[]): string {
  const counts = new Map<string, number>();
  for (const { verdict } of decided) {
    const name = verdict.outcome === 'unknown' ? `unknown (${verdict.reason})` : verdict.outcome;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${count} ${visible(name)}`).join(', ');
}

function readLine(text: string, line: number, path: string): Line {
  const refuse = (what: string): never => {
    throw new UserError(`${path}:${line}: ${what}`);
  };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UserError(`${path}:${line}: not JSON: ${(error as Error).message}`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return refuse(`a line is an object {gold, answer, expected?}, got ${showValue(value)}`);
  const { gold, answer, expected } = value as Record<string, unknown>;
  if (gold === undefined || gold === null) return refuse('gold is missing');
  if (typeof answer !== 'string') return refuse(`answer must be text, got ${showValue(answer)}`);
  if (expected === undefined) return { line, gold, answer };
  if (expected !== 0 && expected !== 1) return refuse(`expected must be 1 or 0, got ${showValue(expected)}`);
  return { line, gold, answer, expected };
}
