/** Specifications as SVG text, without a browser. */
import type { TopLevelSpec } from 'vega-lite';
import type { Spec } from './look.ts';

/** The libraries are loaded by who draws. */
export async function toSvg(spec: Spec): Promise<string> {
  const [{ compile }, vega] = await Promise.all([import('vega-lite'), import('vega')]);
  const { spec: compiled } = compile(spec as unknown as TopLevelSpec, { logger: silent });
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', logger: silent });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** Vega-Lite warns of what is meant here: several scales of one field are drawn as one legend. */
const silent = {
  level: () => silent,
  error: () => silent,
  warn: () => silent,
  info: () => silent,
  debug: () => silent,
} as never;
