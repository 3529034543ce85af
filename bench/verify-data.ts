/**
 * `npm run verify:data -- FOLDER`: on every JSON or JSONL file of a folder, do golds pass the math verifier as they stand in their column,
 * are their equivalent rewrites accepted, and their near-misses refused? Prints counts, rates and each failure; exit code 1 if there is one.
 *
 *   npm run verify:data -- FOLDER --show 20
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { visible } from '../src/cli/escape.ts';
import { type LoadedVerifier, loadVerifier } from '../src/verify/catalogue.ts';
import { mutations } from '../test/verify/mutations.ts';

type Row = Readonly<Record<string, unknown>>;

/** The text in the braces of the last \boxed of a worked solution. */
function lastBox(solution: string): string | undefined {
  const start = solution.lastIndexOf('\\boxed{') + '\\boxed{'.length;
  if (start < '\\boxed{'.length) return undefined;
  let depth = 1;
  for (let at = start; at < solution.length; at++) {
    if (solution[at] === '{') depth++;
    if (solution[at] === '}' && --depth === 0) return solution.slice(start, at);
  }
  return undefined;
}

/** The gold as the row's column has it; `undefined` for rows without one. */
function goldOf(row: Row): string | number | undefined {
  const gold = row['final_answer'] ?? row['answer'] ?? row['Answer'] ?? lastBox(String(row['solution'] ?? ''));
  const first = Array.isArray(gold) ? gold[0] : gold;
  return typeof first === 'string' || typeof first === 'number' ? first : undefined;
}

/** What a model would write: a worked solution's own answer stands behind its last `####`. */
const answerOf = (gold: string | number): string => String(gold).split('####').at(-1)?.trim() ?? '';

function rowsOf(path: string): Row[] {
  const text = readFileSync(path, 'utf8').trim();
  const rows: unknown = path.endsWith('.json') ? JSON.parse(text) : text.split('\n').map((line) => JSON.parse(line));
  return Array.isArray(rows) ? (rows as Row[]) : [];
}

interface Tally {
  checked: number;
  readonly failures: string[];
}

async function check(
  verifier: LoadedVerifier,
  tally: Tally,
  what: { readonly name: string; readonly gold: string | number; readonly answer: string; readonly isRight: boolean },
): Promise<void> {
  tally.checked++;
  const verdict = await verifier.verify(what.gold, what.answer);
  if ((verdict.outcome === 'correct') === what.isRight) return;
  const got = verdict.outcome === 'unknown' ? `unknown (${verdict.reason})` : verdict.outcome;
  const parts = [what.name, `gold ${what.gold}`, `answer ${what.answer}`, `got ${got}`, verdict.explanation];
  tally.failures.push(visible(parts.join('  |  ')).slice(0, 600));
}

const { values, positionals } = parseArgs({
  options: { show: { type: 'string', default: '1000' } },
  allowPositionals: true,
});
const [folder] = positionals;
if (folder === undefined) throw new Error('which folder? npm run verify:data -- FOLDER');
const verifier = await loadVerifier({ name: 'math' });
const rate = ({ checked, failures }: Tally): string =>
  `${((100 * (checked - failures.length)) / Math.max(checked, 1)).toFixed(2)} % of ${checked}`;
const files = readdirSync(folder).filter((name) => /\.jsonl?$/.test(name));
let failed = 0;
for (const file of files.toSorted()) {
  const golds = rowsOf(join(folder, file)).flatMap((row) => goldOf(row) ?? []);
  const [self, accepted, refused]: [Tally, Tally, Tally] = [
    { checked: 0, failures: [] },
    { checked: 0, failures: [] },
    { checked: 0, failures: [] },
  ];
  const seen = new Set<string>();
  for (const gold of golds) {
    const answer = answerOf(gold);
    await check(verifier, self, { name: 'boxed', gold, answer: `The answer is $\\boxed{${answer}}$.`, isRight: true });
    const own = verifier.goldCompletion(gold);
    if (own !== undefined) await check(verifier, self, { name: 'own', gold, answer: own, isRight: true });
    if (seen.has(answer)) continue;
    seen.add(answer);
    for (const { name, answer: text, expected } of mutations(answer))
      await check(verifier, expected === 1 ? accepted : refused, {
        name,
        gold: answer,
        answer: text,
        isRight: expected === 1,
      });
  }
  console.log(
    `${file}: ${golds.length} golds; pass themselves ${rate(self)}; rewrites accepted ${rate(accepted)}; near-misses refused ${rate(refused)}`,
  );
  for (const tally of [self, accepted, refused])
    for (const failure of tally.failures.slice(0, Number(values.show))) console.log(`  ${failure}`);
  failed += self.failures.length + accepted.failures.length + refused.failures.length;
}
process.exitCode = failed === 0 ? 0 : 1;
