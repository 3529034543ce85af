/** Draws inside the graph against exact probabilities in float64. */
import { afterAll, describe, expect, it } from 'vitest';
import { RandomStream, randomKey } from '../core/random.ts';
import { createExecutor } from '../graph/create-executor.ts';
import type { Tensor } from '../graph/executor.ts';
import { Graph } from '../graph/graph.ts';
import { encodeModel } from '../graph/onnx-model.ts';
import { draw, type Selection } from './draw.ts';

const { executor } = await createExecutor({ backend: 'koffi', threads: 1 });
afterAll(() => executor.close());

interface Drawn {
  readonly tokens: readonly number[];
  readonly logprobs: Float32Array;
  readonly entropies: Float32Array;
}

/** One row of logits, drawn from once for each uniform. */
async function drawAll(
  logits: Float32Array,
  uniforms: readonly number[],
  selection: Selection,
  temperatures: readonly number[] = [1],
): Promise<Drawn> {
  const [B, V] = [uniforms.length, logits.length];
  const graph = new Graph();
  draw(graph, graph.input('logits', 'float32', ['B', V]), selection);
  const session = await executor.session(encodeModel(graph));
  const rows = new Float32Array(B * V);
  for (let row = 0; row < B; row++) rows.set(logits, row * V);
  const float32 = (data: Float32Array, ...dims: number[]): Tensor => ({ type: 'float32', dims, data });
  const next = new BigInt64Array(B);
  const [logprobs, entropies] = [new Float32Array(B), new Float32Array(B)];
  const inverse = Float32Array.from(uniforms, (_, row) => 1 / temperatures[row % temperatures.length]!);
  const binding = session.bind(
    {
      logits: float32(rows, B, V),
      uniforms: float32(Float32Array.from(uniforms), B),
      inverseTemperatures: float32(inverse, B, 1),
    },
    { next: { type: 'int64', dims: [B], data: next }, logprob: float32(logprobs, B), entropy: float32(entropies, B) },
  );
  await binding.runAsync();
  session.release();
  return { tokens: [...next].map(Number), logprobs, entropies };
}

function softmax(logits: Float32Array, temperature = 1): number[] {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const powers = Array.from(logits, (logit) => Math.exp((logit - largest) / temperature));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

/** Logits of a peaked policy; every seventh token is impossible. */
function makeLogits(V: number): Float32Array {
  const random = new RandomStream(randomKey(V, 'logits'));
  return Float32Array.from({ length: V }, (_, token) => (token % 7 === 3 ? -1e30 : 3 * random.normal()));
}

/** Evenly spread over [0, 1), with both ends. */
const UNIFORMS = [0, ...Array.from({ length: 254 }, (_, i) => (i + 0.5) / 254), 1 - 2 ** -24];
/** Sums of thousands of float32. */
const TOLERANCE = 1e-5;

/** Each token drawn is the one whose share of the order's cumulative mass holds the row's uniform. */
function expectInverseCdf(
  tokens: readonly number[],
  order: readonly number[],
  mass: (row: number) => readonly number[],
): void {
  for (const [row, token] of tokens.entries()) {
    const masses = mass(row);
    const total = order.reduce((sum, each) => sum + masses[each]!, 0);
    const place = order.indexOf(token);
    expect(place).toBeGreaterThanOrEqual(0);
    expect(masses[token]).toBeGreaterThan(0);
    const below = order.slice(0, place).reduce((sum, each) => sum + masses[each]!, 0) / total;
    expect(UNIFORMS[row]).toBeGreaterThanOrEqual(below - TOLERANCE);
    expect(UNIFORMS[row]).toBeLessThanOrEqual(below + masses[token]! / total + TOLERANCE);
  }
}

// one flat sum, its limit, two levels with a last block of one token, of all, and of some
describe.each([5, 4096, 4097, 4224, 5003])('of a vocabulary of %d tokens', (V) => {
  const logits = makeLogits(V);
  const tokens = Array.from({ length: V }, (_, token) => token);
  const probabilities = softmax(logits);
  const byRank = tokens.toSorted((a, b) => probabilities[b]! - probabilities[a]! || a - b);

  it('all tokens are drawn in proportion to their probability, impossible ones never', async () => {
    const drawn = await drawAll(logits, UNIFORMS, { kind: 'all' });
    expectInverseCdf(drawn.tokens, tokens, () => probabilities);
  });

  it('the likeliest topK holding topP are drawn in proportion, the rest never', async () => {
    const [topK, topP] = [Math.min(V, 40), 0.6];
    const drawn = await drawAll(logits, UNIFORMS, { kind: 'filtered', topK, topP });
    let before = 0;
    const nucleus = byRank.slice(0, topK).filter((token) => {
      const isIn = before < topP;
      before += probabilities[token]!;
      return isIn;
    });
    expectInverseCdf(drawn.tokens, nucleus, () => probabilities);
  });

  it('each row has its own temperature, log-probability and entropy, whatever is filtered', async () => {
    const temperatures = [0.5, 1, 1.7];
    const tempered = temperatures.map((temperature) => softmax(logits, temperature));
    const expected = (row: number) => tempered[row % 3]!;
    const drawn = await drawAll(logits, UNIFORMS, { kind: 'all' }, temperatures);
    expectInverseCdf(drawn.tokens, tokens, expected);
    const filtered = await drawAll(logits, UNIFORMS, { kind: 'filtered', topK: 3, topP: 1 }, temperatures);
    for (const { tokens, logprobs, entropies } of [drawn, filtered]) {
      const entropyOf = tempered.map((of) => of.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0));
      for (const [row, token] of tokens.entries()) {
        expect(Math.abs(logprobs[row]! - Math.log(expected(row)[token]!))).toBeLessThan(TOLERANCE);
        expect(Math.abs(entropies[row]! - entropyOf[row % 3]!)).toBeLessThan(10 * TOLERANCE);
      }
    }
  });

  it('greedy takes the likeliest whatever the uniform', async () => {
    const drawn = await drawAll(logits, UNIFORMS.slice(0, 5), { kind: 'greedy' });
    expect(drawn.tokens).toEqual(Array(5).fill(byRank[0]));
  });
});
