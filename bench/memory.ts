/**
 * `npm run bench:memory`: does memory stay flat? A tiny policy trains for many steps through the engine as the loop uses it (a new
 * sampler each step, completions of all lengths, a filtered evaluation now and then); the slope of the resident memory is fitted by
 * least squares.
 *
 *   npm run bench:memory -- --steps 1000 --threads 1 --plan whole --backend koffi
 */
import { parseArgs } from 'node:util';
import type { Datum } from '../src/core/datum.ts';
import { childKey, RandomStream, randomKey } from '../src/core/random.ts';
import { createOnnxEngine } from '../src/engine/onnx/engine.ts';
import type { ModelConfig } from '../src/model/config.ts';
import { initialParameters } from '../src/model/initialise.ts';
import { toDatum } from '../src/train/datums.ts';

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '1000' },
    threads: { type: 'string', default: '1' },
    backend: { type: 'string', default: 'auto' },
    plan: { type: 'string', default: 'whole' },
  },
});
const steps = Number(values.steps);
const CONFIG: ModelConfig = {
  family: 'qwen3',
  vocabularySize: 32,
  hiddenSize: 64,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headSize: 16,
  feedForwardSize: 128,
  maxContext: 96,
  ropeTheta: 10_000,
  normEpsilon: 1e-6,
  attentionBias: false,
  queryKeyNorm: true,
  tiedHead: true,
};
const ADAM = { learningRate: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0, maxGradNorm: 1 };
const key = randomKey(1, 'memory');
const engine = await createOnnxEngine(CONFIG, initialParameters(CONFIG, key, { embedding: 0.5, linear: 0.1 }), {
  backend: values.backend as 'auto',
  plan: values.plan as 'whole',
  threads: Number(values.threads),
  rows: 16,
  tokenBudget: 1024,
});

async function takeStep(step: number): Promise<void> {
  const random = new RandomStream(childKey(key, step));
  const sampler = await engine.sampler();
  const requests = Array.from({ length: 4 }, (_, i) => ({
    prompt: Int32Array.from({ length: random.integer(1, 24) }, () => random.integer(2, CONFIG.vocabularySize - 1)),
    count: 6,
    maxTokens: random.integer(4, 64),
    temperature: 1,
    stopTokens: [1],
    key: childKey(key, step, i),
  }));
  const groups = await Promise.all(requests.map((request) => sampler.sample(request)));
  const data = groups.flatMap((group, g) =>
    group.map(({ tokens, logprobs }): Datum => {
      const weight = new Float32Array(tokens.length).fill(random.normal() / 100);
      return toDatum(requests[g]?.prompt ?? new Int32Array(0), tokens, weight, logprobs);
    }),
  );
  await engine.forward(data);
  // scheduled bounds: other numbers at every step
  const ratioMax = 1.2 + step / steps;
  await engine.forwardBackward(data, { kind: 'ppo', ratioMin: 0.8, ratioMax });
  await engine.optimStep(ADAM);
  if (step % 50 === 0) await sampler.sample({ ...requests[0]!, topP: 0.95 });
}

/** MB per 1,000 steps. */
function slope(samples: readonly (readonly [step: number, megabytes: number])[]): number {
  const mean = (of: readonly number[]) => of.reduce((sum, value) => sum + value, 0) / of.length;
  const [meanStep, meanSize] = [mean(samples.map(([step]) => step)), mean(samples.map(([, size]) => size))];
  const covariance = mean(samples.map(([step, size]) => (step - meanStep) * (size - meanSize)));
  return (1000 * covariance) / mean(samples.map(([step]) => (step - meanStep) ** 2));
}

const EVERY = 10;
const warmUp = Math.floor(steps / 4);
const samples: [number, number][] = [];
let mostSessions = 0;
const began = performance.now();
for (let step = 1; step <= steps; step++) {
  await takeStep(step);
  mostSessions = Math.max(mostSessions, engine.liveSessions);
  if (step % EVERY !== 0) continue;
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  if (step > warmUp) samples.push([step, rss / 1e6]);
  if (step % (EVERY * 10) !== 0) continue;
  const parts = [rss, heapUsed, arrayBuffers].map((bytes) => (bytes / 1e6).toFixed(1));
  console.log(
    `step ${step}  resident ${parts[0]} MB  heap ${parts[1]}  arrays ${parts[2]}  sessions ${engine.liveSessions}`,
  );
}
const seconds = ((performance.now() - began) / 1000).toFixed(1);
console.log(`${steps} steps in ${seconds} s on ${engine.backend}, ${values.plan} plan, ${values.threads} threads`);
console.log(`resident memory grows by ${slope(samples).toFixed(2)} MB per 1,000 steps after ${warmUp}`);
console.log(`sessions alive: ${engine.liveSessions}, at most ${mostSessions}`);
await engine.close();
console.log(`after close: ${engine.liveSessions}`);
