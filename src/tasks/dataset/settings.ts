/** What a run file says of a dataset task. Strict, and contradictions are refused with the reason. */
import { z } from 'zod';
import { FORMATS } from './formats.ts';
import { GOLD_PLACES, type GoldPlace } from './gold.ts';

const column = z.string().min(1);

/** How rows become problems: for all files, or for one. */
const layoutShape = {
  /** A layout that is known by name. Absent: recognised by a file's columns. */
  format: z.enum(FORMATS.map(({ name }) => name)).optional(),
  /** Where a row's parts are; a path such as `reward_model.ground_truth` reaches into a column. */
  columns: z
    .strictObject({
      /** Text or messages; several columns are joined by a space. */
      problem: z.union([column.transform((one) => [one]), z.array(column).min(1)]).optional(),
      gold: column.optional(),
      /** Kept beside the problem; its id is made of its content. */
      id: column.optional(),
      /** Names where a problem comes from. Absent: the file's name. */
      source: column.optional(),
    })
    .optional(),
  gold: z
    .strictObject({
      /** Where in its cell the gold stands. */
      extract: z.enum(Object.keys(GOLD_PLACES) as [GoldPlace, ...GoldPlace[]]),
    })
    .optional(),
  prompt: z
    .strictObject({
      /** Around the problem; `{problem}` stands for it, `{{` and `}}` for braces. Absent: the format's. */
      template: z.string().optional(),
      /** What the conversation begins with. */
      system: z.string().min(1).optional(),
      /** `chat`: a conversation for the policy's chat template; `plain`: text as it stands. */
      format: z.enum(['chat', 'plain']).default('chat'),
    })
    .optional(),
  /** A name of the verifiers' catalogue beside its own settings. Absent: the format's. */
  verifier: z.looseObject({ name: z.string() }).optional(),
};

const layout = z.strictObject(layoutShape);

export type LayoutSettings = z.output<typeof layout>;

/** Parts that contradict one another, by key. */
function layoutContradictions({ format, columns, gold, prompt }: LayoutSettings): [key: string, message: string][] {
  const found: [string, string][] = [];
  if (prompt?.format === 'plain' && prompt.system !== undefined)
    found.push(['prompt', 'has a system message, which format: plain has no place for: write it into the template']);
  if (format === undefined && columns !== undefined && (columns.problem === undefined || columns.gold === undefined))
    found.push(['columns', 'must name both problem and gold where no format is given']);
  const isAssembled = FORMATS.some(({ name, assemble }) => name === format && assemble !== undefined);
  for (const [key, value] of Object.entries({ columns, gold }))
    if (isAssembled && value !== undefined)
      found.push([key, `has no effect with format: ${format}, whose gold is made of several columns`]);
  return found;
}

function refuseContradictions(settings: LayoutSettings, context: z.RefinementCtx): void {
  for (const [key, message] of layoutContradictions(settings))
    context.addIssue({ code: 'custom', path: [key], message });
}

const path = z.string().min(1);
const withLayout = z.strictObject({ path, ...layoutShape }).superRefine(refuseContradictions);
const entry = z.union([path, withLayout]);
/** One file or several; one that is laid out differently says how: `{path: aime24.jsonl, format: aime-2024}`. */
const files = z
  .union([entry.transform((one) => [one]), z.array(entry).min(1)])
  .refine((list) => new Set(list.map(pathOf)).size === list.length, { message: 'must not name a file twice' });

export type FileEntry = z.output<typeof entry>;

export function pathOf(file: FileEntry): string {
  return typeof file === 'string' ? file : file.path;
}

export const datasetSettings = z
  .strictObject({
    /** Files to train on: .jsonl, .json, .csv or .parquet, beside the run file unless absolute. Absent: nothing to train on, for evaluations. */
    train: files.optional(),
    /** Files to measure on. Absent: `testFraction` of the train files' problems. */
    test: files.optional(),
    /** Without test files: this share of the problems is held out, chosen by a hash of each problem and the seed; default 0.1. */
    testFraction: z.number().min(0).lt(1).optional(),
    ...layoutShape,
    /** Copies of a problem count once, and problems that come with more than one gold are left out. */
    dedupe: z.boolean().default(true),
    /** Order both splits by `seed` instead of as in the files. */
    shuffle: z.boolean().default(false),
    /** Train on the first so many problems. */
    limit: z.int().min(1).optional(),
    /** Decides which problems are held out, the shuffled order, and the order of a choice's options. */
    seed: z.int().min(0).default(0),
    /** Problems without a gold, or whose gold fails its own verifier: end the run, leave them out, or keep those that have one. */
    failingGolds: z.enum(['refuse', 'drop', 'keep']).default('refuse'),
  })
  .superRefine((settings, context) => {
    refuseContradictions(settings, context);
    const complain = (key: string, message: string) => context.addIssue({ code: 'custom', path: [key], message });
    const { train, test, testFraction, limit } = settings;
    if (train === undefined && test === undefined) complain('train', 'is missing (files to train on), and so is test');
    if (test !== undefined && testFraction !== undefined)
      complain('testFraction', 'has no effect beside test files: leave one of them out');
    if (train === undefined && limit !== undefined) complain('limit', 'has no effect without train files');
  });

/** What holds for one file: its own layout where it has one, else the task's. */
export function layoutOf(file: FileEntry, { format, columns, gold, prompt, verifier }: LayoutSettings): LayoutSettings {
  if (typeof file === 'string') return { format, columns, gold, prompt, verifier };
  const isOwn = file.format !== undefined || file.columns !== undefined;
  return {
    format: isOwn ? file.format : format,
    columns: isOwn ? file.columns : columns,
    gold: file.gold ?? (isOwn ? undefined : gold),
    prompt: file.prompt ?? prompt,
    verifier: file.verifier ?? verifier,
  };
}

export type DatasetSettings = z.output<typeof datasetSettings>;

/** Share of the problems held out where a run file names no test files. */
export const DEFAULT_TEST_FRACTION = 0.1;
