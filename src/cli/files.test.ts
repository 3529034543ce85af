import { join, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { absolute, shown } from './files.ts';

describe('a path', () => {
  it('is made absolute from where the command was started, without a trailing separator', () => {
    expect(absolute('runs')).toBe(resolve('runs'));
    expect(absolute(`runs${sep}`)).toBe(resolve('runs'));
    expect(absolute(resolve('/elsewhere'))).toBe(resolve('/elsewhere'));
  });

  it('is shown as it would be written: relative inside the working directory, absolute outside', () => {
    expect(shown(resolve('runs', 'a'))).toBe(join('runs', 'a'));
    expect(shown(resolve('..', 'runs'))).toBe(resolve('..', 'runs'));
    expect(shown(resolve('..ordinary'))).toBe('..ordinary');
    expect(shown(resolve('.'))).toBe(resolve('.'));
  });
});
