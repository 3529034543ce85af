/**
 * What shaping costs: a step of 1,024 completions of 4,096 tokens through several recipes, on one core.
 *
 *   npx tsc -p tsconfig.bench.json; node .cache/bench/bench/objectives.js [--rollouts 1024] [--tokens 4096]
 *
 * With `--dump DIR` the arrays are written for objectives-official.py, which runs the A3PO authors' function on them.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RandomStream, randomKey } from '../src/core/random.ts';
import { objectiveAt, parseObjective } from '../src/objectives/objective.ts';
import type { Sample } from '../src/objectives/sample.ts';
import { shape } from '../src/objectives/shape.ts';

const { values } = parseArgs({
  options: {
    rollouts: { type: 'string', default: '1024' },
    tokens: { type: 'string', default: '4096' },
    group: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '5' },
    dump: { type: 'string' },
  },
});
const [rollouts, tokens, groupSize, rounds] = [values.rollouts, values.tokens, values.group, values.rounds].map(
  Number,
) as [number, number, number, number];

/** Probabilities like a reasoning policy's: about half of the tokens near-deterministic, some exactly 1. */
function makeSample(index: number): Sample {
  const random = new RandomStream(randomKey(7, 'bench', index));
  const logprobs = Float32Array.from({ length: tokens }, () => -(random.uniform() ** 8 * 6));
  const isCorrect = random.uniform() < 0.4;
  return {
    polarity: isCorrect ? 'positive' : 'negative',
    reward: Number(isCorrect),
    mask: new Uint8Array(tokens).fill(1),
    logprobs,
    entropies: logprobs.map((logprob) => -logprob * 0.7),
    tokens: new Int32Array(tokens),
    isTruncated: false,
  };
}

const groups = Array.from({ length: rollouts / groupSize }, (_, g) =>
  Array.from({ length: groupSize }, (_, i) => makeSample(g * groupSize + i)),
);

if (values.dump !== undefined) {
  const samples = groups.flat();
  const logprobs = new Float32Array(rollouts * tokens);
  for (const [i, sample] of samples.entries()) logprobs.set(sample.logprobs, i * tokens);
  writeFileSync(join(values.dump, 'logprobs.f32'), logprobs);
  writeFileSync(
    join(values.dump, 'rewards.f32'),
    Float32Array.from(samples, ({ reward }) => reward ?? Number.NaN),
  );
}

/** Sum of |A|: both programs print it, so that one sees they did the same. */
const mass = (shaped: ReturnType<typeof shape>) =>
  shaped.flat().reduce((sum, { advantages }) => sum + advantages.reduce((a, b) => a + Math.abs(b), 0), 0);

console.log(`${rollouts} completions x ${tokens} tokens, groups of ${groupSize}, ${cpus()[0]?.model}, one core`);
for (const choice of [
  'grpo',
  'a3po',
  { recipe: 'a3po', eligibility: { probabilityBelow: 0.9 } },
  'ar',
  'dapo-fork-tokens',
]) {
  const { sentence, name } = objectiveAt(parseObjective(choice), { step: 0, totalSteps: 100 });
  const milliseconds = Array.from({ length: rounds }, () => {
    const began = performance.now();
    shape(sentence, groups);
    return performance.now() - began;
  });
  const best = Math.min(...milliseconds);
  const median = milliseconds.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
  const label = typeof choice === 'string' ? name : `${name} (active tokens)`;
  const perToken = (1e6 * median) / (rollouts * tokens);
  const did = `sum |A| ${mass(shape(sentence, groups)).toFixed(0)}`;
  console.log(
    `${label.padEnd(24)} median ${median.toFixed(0)} ms, best ${best.toFixed(0)} ms, ${perToken.toFixed(1)} ns/token, ${did}`,
  );
}
