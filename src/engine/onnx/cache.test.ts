import { expect, it } from 'vitest';
import type { ModelConfig } from '../../model/config.ts';
import { cacheTensors, copyRow, makeCache } from './cache.ts';

/** 2 key/value heads of 2 channels; the checks of config.ts are not this file's. */
const config = { layers: 1, kvHeads: 2, headSize: 2 } as ModelConfig;

/** [rows][heads][positions] of channel pairs, numbered row.head position. */
function numbered(rows: number, positions: number) {
  const cache = makeCache(config, rows, positions);
  for (const buffer of cache.buffers)
    for (let i = 0; i < buffer.length; i++) {
      const position = Math.floor(i / 2) % positions;
      const head = Math.floor(i / (2 * positions)) % 2;
      buffer[i] = 100 * Math.floor(i / (4 * positions)) + 10 * head + position;
    }
  return cache;
}

it('a row is copied to another row of a longer cache, head by head, up to the count and no further', () => {
  const [from, to] = [numbered(3, 4), makeCache(config, 2, 6)];
  copyRow(config, { cache: from, row: 2 }, { cache: to, row: 1 }, 3);
  const head = (first: number) => [first, first, first + 1, first + 1, first + 2, first + 2, 0, 0, 0, 0, 0, 0];
  for (const buffer of to.buffers) {
    expect([...buffer.subarray(0, 24)]).toEqual(Array(24).fill(0));
    expect([...buffer.subarray(24)]).toEqual([...head(200), ...head(210)]);
  }
});

it('a row moves inside one cache without touching its neighbours', () => {
  const cache = numbered(3, 2);
  copyRow(config, { cache, row: 2 }, { cache, row: 0 }, 2);
  const row = (r: number) => [0, 0, 1, 1, 10, 10, 11, 11].map((value) => 100 * r + value);
  for (const buffer of cache.buffers) expect([...buffer]).toEqual([...row(2), ...row(1), ...row(2)]);
});

it('the first rows are bound as past and present over the same memory', () => {
  const cache = makeCache(config, 3, 4);
  const { inputs, outputs } = cacheTensors(config, cache, 2);
  expect(Object.keys(inputs)).toEqual(['past.0.key', 'past.0.value']);
  expect(inputs['past.0.key']?.dims).toEqual([2, 2, 4, 2]);
  expect(outputs['present.0.value']?.data.buffer).toBe(cache.buffers[1]?.buffer);
  expect(outputs['present.0.value']?.data.length).toBe(32);
});
