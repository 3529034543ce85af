import { describe, expect, it } from 'vitest';
import { Kept } from './kept.ts';

describe('Kept', () => {
  it('drops the least recently used thing when it is full, and makes each thing once', async () => {
    const dropped: string[] = [];
    const made: string[] = [];
    const kept = new Kept<string>(2, (thing) => dropped.push(thing));
    const get = (key: string) =>
      kept.get(key, async () => {
        made.push(key);
        return key;
      });
    for (const key of ['a', 'b', 'a', 'c', 'a', 'b']) expect(await get(key)).toBe(key);
    expect(made).toEqual(['a', 'b', 'c', 'b']);
    expect(dropped).toEqual(['b', 'c']);
    kept.clear();
    expect(dropped).toEqual(['b', 'c', 'a', 'b']);
  });

  it('keeps nothing of a thing that could not be made', async () => {
    const kept = new Kept<string>(2, () => {});
    await expect(kept.get('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await kept.get('a', async () => 'made')).toBe('made');
  });
});
