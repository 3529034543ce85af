import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const css = readFileSync(new URL('../tones.css', import.meta.url), 'utf8');
const tones = [...css.matchAll(/--([a-z]+\d?): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(
  ([, name = '', light = '', dark = '']) => ({ name, light, dark }),
);
/** The page's text, in light and in dark (appearance.ts). */
const INK = { light: '#1c2127', dark: '#e6e9ec' } as const;

const channels = (hex: string): number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
const linear = (c: number): number => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);

/** WCAG 2.2, relative luminance. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = channels(hex).map(linear);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const scale = (letter: string, look: 'light' | 'dark'): number[] =>
  tones.filter(({ name }) => new RegExp(`^${letter}\\d$`).test(name)).map((tone) => luminance(tone[look]));

describe('the tones of the token lens', () => {
  it('are all there', () => {
    expect(tones.map(({ name }) => name).join(' ')).toBe(
      's0 s1 s2 s3 s4 s5 s6 s7 p1 p2 p3 p4 n1 n2 n3 n4 r0 r1 r2 r3 r4 r5 many zero',
    );
  });

  it.each(tones)('$name leaves text readable (WCAG AA, 4.5), in light and in dark', ({ light, dark }) => {
    expect(contrast(light, INK.light)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(dark, INK.dark)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(['s', 'p', 'n'])(
    'of scale %s go one way in lightness alone, so that they need no colour vision',
    (letter) => {
      const [light, dark] = [scale(letter, 'light'), scale(letter, 'dark')];
      expect(light).toEqual([...light].sort((a, b) => b - a));
      expect(dark).toEqual([...dark].sort((a, b) => a - b));
    },
  );
});
