import { describe, expect, it } from 'vitest';
import { bar, bytes, count, duration, fixed, sparkline, table } from './format.ts';

describe('numbers for people', () => {
  it('draws a rising line from the lowest block to the highest', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 20)).toBe('▁▂▃▄▅▆▇█');
  });

  it('averages neighbours when there are more values than columns', () => {
    expect(sparkline([0, 0, 7, 7], 2)).toBe('▁█');
  });

  it('draws a flat line for equal values and nothing for none', () => {
    expect(sparkline([2, 2, 2], 5)).toBe('▁▁▁');
    expect(sparkline([], 5)).toBe('');
  });

  it('keeps a bar inside its width', () => {
    expect(bar(0.5, 4)).toBe('██░░');
    expect(bar(7, 4)).toBe('████');
  });

  it.each([
    [0, '0 s'],
    [1.25, '1.3 s'],
    [42, '42 s'],
    [83, '1 min 23 s'],
    [3725, '1 h 02 min'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it('shortens counts and bytes', () => {
    expect([count(950), count(12_345), count(999_990), bytes(512), bytes(3_145_728)]).toEqual([
      '950',
      '12.3k',
      '1.0M',
      '512 B',
      '3.0 MiB',
    ]);
  });

  it('shows a dash for what is absent, never 0', () => {
    expect([fixed(undefined, 2), fixed(0, 2)]).toEqual(['-', '0.00']);
  });

  it('aligns columns', () => {
    expect(
      table([
        ['a', '1'],
        ['long', '10'],
      ]),
    ).toEqual(['a      1', 'long  10']);
  });
});
