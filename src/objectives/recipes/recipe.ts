/** What a recipe is: a named sentence with a few parameters, its paper, and what is not the paper's. */
import type { z } from 'zod';
import type { SentenceInput } from '../schema.ts';

type Shape = z.core.$ZodLooseShape;

export interface Recipe<S extends Shape = Shape> {
  readonly name: string;
  /** Citation. */
  readonly paper: string;
  /** Equation or rule of the paper -> option of the sentence, one line each. */
  readonly equations: readonly string[];
  /** Departures from the paper, and every value that is a hypothesis. Printed by the command line. */
  readonly notes: readonly string[];
  /** Strict, each with a default and a description. */
  readonly parameters: z.ZodObject<S, z.core.$strict>;
  readonly sentence: (parameters: z.infer<z.ZodObject<S, z.core.$strict>>) => SentenceInput;
}

/** Types `sentence` by `parameters`. */
export function recipe<S extends Shape>(definition: Recipe<S>): Recipe {
  return definition as unknown as Recipe;
}
