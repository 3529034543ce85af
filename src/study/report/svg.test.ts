import { expect, test } from 'vitest';
import { slim } from './svg.ts';

test('a slim picture draws the same: coordinates to a hundredth of a pixel, the font once, text as it was', () => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" class="marks"><g role="graphics-object" aria-label="mean: 0.123456" opacity="1">' +
    '<path d="" display="none"/><path d="M1.23456,-0.0049e-3L53.67088607594937,1.5e-7" opacity="0.5"/>' +
    '<text x="1.005001" font-family="A, &quot;B C&quot;" opacity="1">0.123456 class="x"</text><text font-family="Other">b</text></g></svg>';
  expect(slim(svg.replace(' class="x"', ''))).toBe(
    '<svg role="img" font-family="A, &quot;B C&quot;" xmlns="http://www.w3.org/2000/svg"><g>' +
      '<path d="M1.23,0L53.67,1.5e-7" opacity="0.5"/>' +
      '<text x="1.01">0.123456</text><text font-family="Other">b</text></g></svg>',
  );
});
