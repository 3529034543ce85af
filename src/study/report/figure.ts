/** A figure before it is drawn. */
import type { Spec } from './look.ts';
import type { Point } from './series.ts';

export interface Figure {
  /** Of its file. */
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly spec: Spec;
  /** The lines drawn, for tables: metric -> points. */
  readonly points: ReadonlyMap<string, readonly Point[]>;
}
