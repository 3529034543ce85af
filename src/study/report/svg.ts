/** Specifications as SVG text, without a browser. */
import type { TopLevelSpec } from 'vega-lite';
import type { Spec } from './look.ts';

/** The libraries are loaded by who draws. */
export async function toSvg(spec: Spec): Promise<string> {
  const [{ compile }, vega] = await Promise.all([import('vega-lite'), import('vega')]);
  const { spec: compiled } = compile(spec as unknown as TopLevelSpec, { logger: silent });
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logger: silent });
  try {
    return rounded(await view.toSVG());
  } finally {
    view.finalize();
  }
}

/** Coordinates to a hundredth of a pixel: a third of the file. Text and labels stay as they are. */
export const rounded = (svg: string): string =>
  svg.replace(/ (?:d|transform|x|y|x1|y1|x2|y2|width|height)="[^"]*"/g, (attribute) =>
    attribute.replace(/-?\d+\.\d{3,}(?:e-?\d+)?/g, (number) => String(Math.round(Number(number) * 100) / 100)),
  );

/** Vega-Lite warns of what is meant here: several scales of one field are drawn as one legend. */
const silent = {
  level: () => silent,
  error: () => silent,
  warn: () => silent,
  info: () => silent,
  debug: () => silent,
} as never;
