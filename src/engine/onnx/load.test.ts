/** Loading a model folder: what is wrong with it is said by file and tensor, before memory is taken. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EngineError } from '../../core/errors.ts';
import { randomKey } from '../../core/random.ts';
import { type ModelConfig, toConfigJson } from '../../model/config.ts';
import { initialParameters } from '../../model/initialise.ts';
import { parameterLayout, view } from '../../model/parameters.ts';
import { type NewTensor, writeSafetensors } from '../../model/safetensors.ts';
import { createOnnxEngine, loadOnnxEngine } from './engine.ts';

const CONFIG: ModelConfig = {
  family: 'llama',
  vocabularySize: 9,
  hiddenSize: 32,
  layers: 1,
  heads: 2,
  kvHeads: 1,
  headSize: 16,
  feedForwardSize: 24,
  maxContext: 16,
  ropeTheta: 10_000,
  normEpsilon: 1e-6,
  attentionBias: false,
  queryKeyNorm: false,
  tiedHead: false,
};
const OPTIONS = { backend: 'koffi', threads: 1, rows: 2, tokenBudget: 64 } as const;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'model-'));
});
afterAll(() => rm(folder, { recursive: true }));

const parameters = (config = CONFIG) => initialParameters(config, randomKey(1), { embedding: 0.5, linear: 0.2 });

function tensorsOf(config: ModelConfig, flat: Float32Array): NewTensor[] {
  const layout = parameterLayout(config);
  return layout.tensors.map((slot) => ({
    name: layout.checkpointNames.get(slot.name)!,
    dtype: 'F32',
    shape: slot.shape,
    data: view(flat, slot),
  }));
}

/** Writes a folder and tries to load it; the message, or undefined when it loads. */
async function load(config: unknown, tensors: readonly NewTensor[]): Promise<string | undefined> {
  await writeFile(join(folder, 'config.json'), typeof config === 'string' ? config : JSON.stringify(config));
  await writeSafetensors(join(folder, 'model.safetensors'), tensors);
  try {
    await (await loadOnnxEngine(folder, OPTIONS)).close();
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(EngineError);
    return (error as Error).message;
  }
}

const sound = () => tensorsOf(CONFIG, parameters());
const json = toConfigJson(CONFIG);
const extra = (name: string): NewTensor => ({ name, dtype: 'F32', shape: [2], data: new Float32Array(2) });

it('a sound folder loads, with tensors that are derived or a tied head stored twice', async () => {
  expect(await load(json, [...sound(), extra('model.layers.0.self_attn.rotary_emb.inv_freq')])).toBeUndefined();
  const tied = { ...CONFIG, tiedHead: true };
  expect(await load(toConfigJson(tied), [...tensorsOf(tied, parameters(tied)), extra('lm_head.weight')])).toBe(
    undefined,
  );
});

it.each([
  ['is not JSON', '{"model_type":', /config\.json: it is not JSON/],
  ['is a list', [], /the file: .*object/],
  ['is of another family', { ...json, model_type: 'gpt2' }, /model_type: .*got "gpt2"/],
  ['lacks a size', { ...json, vocab_size: undefined }, /vocab_size: .*got nothing/],
  // each of these would take terabytes, or for ever
  ['has a huge vocabulary', { ...json, vocab_size: 1e9 }, /vocab_size: .*1048576, got 1000000000/],
  ['has endless layers', { ...json, num_hidden_layers: 1e9 }, /num_hidden_layers: .*1024/],
  ['has an endless context', { ...json, max_position_embeddings: 2 ** 40 }, /max_position_embeddings/],
  ['has sizes that fit no file', { ...json, vocab_size: 1e6, hidden_size: 65536 }, /embed_tokens.*has shape \[9,32\]/],
  ['has another depth', { ...json, num_hidden_layers: 2 }, /model\.layers\.1\.\S+ is missing/],
])('a configuration that %s is refused', async (_what, config, message) => {
  expect(await load(config, sound())).toMatch(message);
});

it.each([
  ['a tensor too few', () => sound().slice(1), /embed_tokens\.weight is missing/],
  ['a tensor too many', () => [...sound(), extra('model.layers.0.self_attn.q_proj.bias')], /q_proj\.bias has no place/],
  ['another shape', () => sound().map((it) => ({ ...it, shape: [...it.shape].reverse() })), /has shape \[32,9\]/],
])('weights with %s are refused by name', async (_what, tensors, message) => {
  expect(await load(json, tensors())).toMatch(message);
});

it.each([Number.NaN, Number.POSITIVE_INFINITY])('a weight of %d is refused by name', async (value) => {
  const flat = parameters();
  flat[40] = value;
  expect(await load(json, tensorsOf(CONFIG, flat))).toMatch(/model\.safetensors: tensor model\.embed_tokens\.weight/);
});

it('weights that overflowed are neither sampled from nor saved', async () => {
  const flat = parameters().fill(Number.NaN, 0, 32 * 9);
  const engine = await createOnnxEngine(CONFIG, flat, OPTIONS);
  try {
    const sampler = await engine.sampler();
    const request = { prompt: Int32Array.of(1, 2), count: 3, maxTokens: 4, temperature: 1, stopTokens: [] };
    for (const temperature of [1, 0])
      await expect(sampler.sample({ ...request, temperature, key: randomKey(1) })).rejects.toThrow(
        /version 0 gives log-probabilities that are not finite/,
      );
    await writeFile(join(folder, 'model.safetensors'), 'as it was');
    await expect(engine.saveState(folder)).rejects.toThrow(/contain NaN or infinity and are not written/);
    expect(await readFile(join(folder, 'model.safetensors'), 'utf8')).toBe('as it was');
  } finally {
    await engine.close();
  }
});
