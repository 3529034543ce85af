/** Specifications as SVG text, without a browser. */
import type { TopLevelSpec } from 'vega-lite';
import type { Spec } from './look.ts';

/** The libraries are loaded by who draws. */
export async function toSvg(spec: Spec): Promise<string> {
  const [{ compile }, vega] = await Promise.all([import('vega-lite'), import('vega')]);
  const { spec: compiled } = compile(spec as unknown as TopLevelSpec, { logger: silent });
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logger: silent });
  try {
    return slim(await view.toSVG());
  } finally {
    view.finalize();
  }
}

/** What says nothing in a picture that nobody clicks on: its numbers are in the tables, its meaning in the caption. */
const SILENT = / (?:class|role|aria-[a-z]+|pointer-events|stroke-miterlimit|xmlns:xlink)="[^"]*"| opacity="1"/g;
const COORDINATES = / (?:d|transform|x|y|x1|y1|x2|y2|width|height)="[^"]*"/g;
const NOTHING = /<path d="" display="none"\/>/g;
const FONT = / font-family="[^"]*"/g;

/** The same picture in a third of the bytes: coordinates to a hundredth of a pixel, the font once, nothing for pointers. */
export function slim(svg: string): string {
  const [font = ''] = svg.match(FONT) ?? [];
  return svg
    .replace(SILENT, '')
    .replace(NOTHING, '')
    .replace(FONT, (own) => (own === font ? '' : own))
    .replace('<svg ', `<svg role="img"${font} `)
    .replace(COORDINATES, (attribute) =>
      attribute.replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (number) => String(Math.round(Number(number) * 100) / 100)),
    );
}

/** Vega-Lite warns of what is meant here: several scales of one field are drawn as one legend. */
const silent = {
  level: () => silent,
  error: () => silent,
  warn: () => silent,
  info: () => silent,
  debug: () => silent,
} as never;
