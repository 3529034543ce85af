import { describe, expect, it } from 'vitest';
import type { ModelConfig } from './config.ts';
import { parameterLayout, view } from './parameters.ts';

const small: ModelConfig = {
  family: 'qwen2',
  vocabularySize: 7,
  hiddenSize: 33,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headSize: 16,
  feedForwardSize: 5,
  maxContext: 8,
  ropeTheta: 10_000,
  normEpsilon: 1e-6,
  attentionBias: true,
  queryKeyNorm: false,
  tiedHead: false,
};
const qwen3: ModelConfig = {
  ...small,
  family: 'qwen3',
  attentionBias: false,
  queryKeyNorm: true,
  tiedHead: true,
};

describe.each([
  ['qwen2, untied', small],
  ['qwen3, tied', qwen3],
])('the layout of %s', (_name, config) => {
  const layout = parameterLayout(config);

  it('holds its tensors one after the other, without overlap, in fewer than 16 floats of padding each', () => {
    let end = 0;
    for (const { offset, length, shape } of layout.tensors) {
      expect(length).toBe(shape.reduce((product, n) => product * n, 1));
      expect(offset).toBeGreaterThanOrEqual(end);
      expect(offset - end).toBeLessThan(16);
      end = offset + length;
    }
    expect(layout.length - end).toBeLessThan(16);
    expect(layout.count).toBe(layout.tensors.reduce((sum, { length }) => sum + length, 0));
  });

  it('begins every tensor outside a pack, and every pack, on a 64-byte line', () => {
    const inside = new Set(layout.packed.flatMap((pack) => tilesOf(pack).slice(1)));
    for (const slot of [...layout.tensors, ...layout.packed]) if (!inside.has(slot)) expect(slot.offset % 16).toBe(0);
  });

  it('tiles each pack with the tensors it stands for, rows on rows', () => {
    for (const pack of layout.packed) {
      const tiles = tilesOf(pack);
      expect(tiles.length).toBeGreaterThan(1);
      let at = pack.offset;
      for (const tile of tiles) {
        expect(tile.offset).toBe(at);
        expect(tile.shape.slice(1)).toEqual(pack.shape.slice(1));
        at += tile.length;
      }
      expect(at).toBe(pack.offset + pack.length);
      expect(tiles.reduce((rows, tile) => rows + tile.shape[0]!, 0)).toBe(pack.shape[0]);
    }
  });

  it('gives every tensor a checkpoint name of its own', () => {
    expect(new Set(layout.checkpointNames.values()).size).toBe(layout.tensors.length);
    expect([...layout.checkpointNames.keys()]).toEqual(layout.tensors.map(({ name }) => name));
  });

  function tilesOf(pack: { offset: number; length: number }) {
    return layout.tensors.filter((it) => it.offset >= pack.offset && it.offset < pack.offset + pack.length);
  }
});

it('Qwen2.5-0.5B has the 494,032,768 parameters of its model card', () => {
  const { count, checkpointNames } = parameterLayout({
    ...small,
    vocabularySize: 151_936,
    hiddenSize: 896,
    layers: 24,
    heads: 14,
    kvHeads: 2,
    headSize: 64,
    feedForwardSize: 4864,
    tiedHead: true,
  });
  expect(count).toBe(494_032_768);
  expect(checkpointNames.get('layer.23.gate')).toBe('model.layers.23.mlp.gate_proj.weight');
  expect(checkpointNames.has('head')).toBe(false);
});

it('a view is the slot of the flat buffer itself', () => {
  const layout = parameterLayout(small);
  const flat = new Float32Array(layout.length);
  const slot = layout.tensors.find(({ name }) => name === 'layer.1.k')!;
  view(flat, slot).fill(2);
  expect(flat.reduce((sum, value) => sum + value, 0)).toBe(2 * slot.length);
  expect(flat[slot.offset]).toBe(2);
});
