/**
 * What a dataset's layout is, as data: which columns hold the problem and the gold, where in the cell the gold stands, which verifier
 * decides. A run file's own mapping is the same record, written by the user.
 */
import type { Json } from '../../core/json.ts';
import type { Message } from '../../core/rollout.ts';
import type { VerifierSpec } from '../../verify/verifier.ts';
import type { GoldPlace } from './gold.ts';
import type { Cells } from './row.ts';

/** What a row poses, before the prompt is written around it. */
export interface Posed {
  /** Text, or a conversation that the dataset has written already. */
  readonly problem: string | readonly Message[];
  /** As the verifier takes it, or packed where the format has `unpack`. */
  readonly gold: unknown;
  /** Columns worth keeping beside the problem. */
  readonly meta?: Readonly<Record<string, Json>>;
}

/** The row, or why it poses nothing. */
export type Assembled = Posed | { readonly fault: string };

export interface AssembleContext {
  /** Of the task: decides the order of options. */
  readonly seed: number;
}

export interface DatasetFormat {
  readonly name: string;
  /** Recognised by: these columns are there, `lacks` are not, and the first row is like this. */
  readonly needs: readonly string[];
  readonly lacks?: readonly string[];
  readonly isLike?: (first: Cells) => boolean;
  /** Names of columns, or paths into them (`reward_model.ground_truth`). Several problem columns are joined by a space. */
  readonly columns?: {
    readonly problem: readonly string[];
    readonly gold: string;
    readonly id?: string;
    readonly source?: string;
  };
  readonly extract?: GoldPlace;
  /** One for all rows, or by row; `undefined`: this row's is not known. Absent: `math`. */
  readonly verifier?: VerifierSpec | ((cells: Cells) => VerifierSpec | undefined);
  /** Text about the answer that belongs to the problem, e.g. its unit. */
  readonly remark?: (cells: Cells) => string;
  /** Around the problem's text; `{problem}` stands for it. Absent: the problem as it is. */
  readonly template?: string;
  /** For layouts whose gold is made of several columns: instead of `columns` and `extract`. */
  readonly assemble?: (cells: Cells, context: AssembleContext) => Assembled;
  /** The gold as the verifier takes it, where it is kept smaller in memory. */
  readonly unpack?: (packed: unknown) => unknown;
}
