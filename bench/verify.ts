/**
 * `npm run bench:verify`: verdicts of the math verifier per second on one core, warm, in this thread, on the repository's golds and their
 * mutations; half and half an answer alone and a text of several sentences, as completions are.
 *
 *   npm run bench:verify -- --seconds 3
 */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { loadVerifier } from '../src/verify/catalogue.ts';
import { GOLDS } from '../test/verify/golds.ts';
import { mutations } from '../test/verify/mutations.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '2' } } });
const seconds = Number(values.seconds);
if (!(seconds > 0)) throw new Error(`--seconds ${values.seconds}: must be above 0`);

const PROSE =
  'We are given two numbers and look for their product. First, note that $3 \\cdot 4 = 12$ and that $x^2 - 5x + 6 = 0$ has the ' +
  'roots $2$ and $3$.\n\nHence, by the first remark, the number of ways is at least \\(\\frac{7}{2}\\), so we may assume $n \\ge 4$.\n\n';

const verifier = await loadVerifier({ name: 'math' });

interface Pair {
  readonly gold: string;
  readonly answer: string;
}

const pairsOf = (golds: readonly string[]): Pair[] =>
  golds.flatMap((gold) =>
    mutations(gold).map(({ answer }, index) => ({ gold, answer: index % 2 === 0 ? answer : PROSE.repeat(4) + answer })),
  );

/** Milliseconds of each verdict, in rounds over all pairs for about so long. */
async function measure(pairs: readonly Pair[], forMs: number): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + forMs;
  do {
    for (const { gold, answer } of pairs) {
      const start = performance.now();
      await verifier.verify(gold, answer);
      times.push(performance.now() - start);
    }
  } while (performance.now() < end);
  return times.toSorted((a, b) => a - b);
}

function row(name: string, times: readonly number[]): string {
  const at = (quantile: number) => times[Math.min(times.length - 1, Math.floor(quantile * times.length))] ?? Number.NaN;
  const sum = times.reduce((total, ms) => total + ms, 0);
  const perSecond = Math.round(times.length / (sum / 1000));
  const cells = [
    times.length,
    perSecond,
    at(0.5).toFixed(3),
    at(0.99).toFixed(2),
    (times.at(-1) ?? Number.NaN).toFixed(1),
  ];
  return `| ${[name, ...cells].join(' | ')} |`;
}

console.log(`${cpus()[0]?.model}, one thread, Node ${process.versions.node}\n`);
console.log('| golds | verdicts | per second | p50 ms | p99 ms | longest ms |');
console.log('|---|---|---|---|---|---|');
const all = pairsOf(Object.values(GOLDS).flat());
await measure(all, 1000);
for (const [name, golds] of Object.entries(GOLDS))
  console.log(row(name, await measure(pairsOf(golds), (seconds * 1000) / 4)));
console.log(row('**all**', await measure(all, seconds * 1000)));
