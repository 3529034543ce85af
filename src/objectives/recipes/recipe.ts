/** What a recipe is: a named sentence with a few parameters, its paper, and what is not the paper's. */
import type { z } from 'zod';
import type { SentenceInput } from '../schema.ts';

export interface Recipe<Shape extends z.core.$ZodLooseShape = z.core.$ZodLooseShape> {
  readonly name: string;
  /** Citation. */
  readonly paper: string;
  /** Departures from the paper, and every value that is a hypothesis. Printed by the command line. */
  readonly notes: readonly string[];
  /** Strict, each with a default and a description. */
  readonly parameters: z.ZodObject<Shape, z.core.$strict>;
  readonly sentence: (parameters: z.infer<z.ZodObject<Shape, z.core.$strict>>) => SentenceInput;
}

/** Types `sentence` by `parameters`. */
export function recipe<Shape extends z.core.$ZodLooseShape>(definition: Recipe<Shape>): Recipe {
  return definition as unknown as Recipe;
}
