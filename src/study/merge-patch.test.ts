import { describe, expect, it } from 'vitest';
import { mergePatch } from './merge-patch.ts';

describe('a merge patch', () => {
  it.each([
    ['adds below a mapping', { a: { b: 1 } }, { a: { c: 2 } }, { a: { b: 1, c: 2 } }],
    ['replaces a value', { a: 1 }, { a: 2 }, { a: 2 }],
    ['replaces a list whole', { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ['removes with null', { a: 1, b: 2 }, { a: null }, { b: 2 }],
    ['puts a mapping in place of a value', { a: 1 }, { a: { b: null, c: 3 } }, { a: { c: 3 } }],
    [
      'keeps keys that look like a prototype',
      {},
      JSON.parse('{"__proto__": {"x": 1}}'),
      JSON.parse('{"__proto__": {"x": 1}}'),
    ],
  ])('%s', (_what, target, patch, merged) => {
    expect(mergePatch(target, patch)).toEqual(merged);
  });

  it('leaves both as they were', () => {
    const [target, patch] = [{ a: { b: 1 } }, { a: { b: null } }];
    mergePatch(target, patch);
    expect([target, patch]).toEqual([{ a: { b: 1 } }, { a: { b: null } }]);
  });
});
