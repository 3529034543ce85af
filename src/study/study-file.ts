/**
 * Study files: arms (differences between run files) x seeds. Knows how arms are written, not which settings a run has: whoever reads
 * a study resolves each arm's settings and says what is wrong with them.
 */
import { z } from 'zod';
import { nearest } from '../core/edit-distance.ts';
import { UserError } from '../core/errors.ts';
import { parseSettings } from '../core/settings.ts';
import { mergePatch, type Settings } from './merge-patch.ts';

/** Part of run names, so that no arm leads out of the study's folder. */
const ARM_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/;

const settings = z.record(z.string(), z.unknown());
const name = z
  .string()
  .regex(ARM_NAME, 'must be letters, digits, ".", "_" or "-", at most 50, the first a letter or digit');
const seed = z.int().min(0);

/** Two ways of changing nothing, to see what a difference between two runs is worth. */
const controlSchema = z.union([
  z.strictObject({
    /**
     * The reference with its learning rate times this, e.g. 1.01: the same problems and draws, so its paired difference is what
     * rounding and chance make of next to nothing.
     */
    learningRateFactor: z.number().min(0.9).max(1.1),
  }),
  z.strictObject({
    /** The reference under other seeds: what pairing does not take away. */
    seedOffset: z.int().min(1),
  }),
]);

const fileSchema = z.strictObject({
  /** Of the study's folder. Absent: the file's own. */
  name: name.optional(),
  /** What is asked, for the report. */
  about: z.string().default(''),
  /** A run file beside this one that every arm starts from. */
  base: z.string().min(1).optional(),
  /** Settings of every arm, over those of `base`. */
  run: settings.default({}),
  /** Name -> what differs: a merge patch of run-file settings. */
  arms: z.record(name, settings).refine((arms) => Object.keys(arms).length > 0, 'must name at least one arm'),
  /** The arms that are run; absent: all. For quick forms. */
  only: z.array(name).min(1).optional(),
  /** The arm that the others are compared with. */
  reference: name,
  controls: z.record(name, controlSchema).default({}),
  /** Every arm is run once with each; equal seeds meet equal problems in equal order, with equal draws. */
  seeds: z.array(seed).min(1),
  /** Name -> a benchmark (as in benchmark files) that each run's last policy, and the starting one, are measured on. */
  evaluations: z.record(z.string(), settings).default({}),
  /** Name -> arms drawn in one figure, beside the reference and the controls. Absent: six at a time, in the file's order. */
  groups: z.record(z.string().min(1), z.array(name).min(1)).default({}),
});

export type StudyFile = z.output<typeof fileSchema>;
export type Control = z.output<typeof controlSchema>;

/** What a command asks of a study's file. */
export interface StudyForm {
  /** The section `quick` is applied: a merge patch over the whole file. */
  readonly quick?: boolean;
  /** In the place of the file's own. */
  readonly only?: readonly string[];
  readonly seeds?: readonly number[];
}

/**
 * A study file's settings in the form asked for.
 * @param where names the file in messages @throws UserError with a line for each thing that is wrong
 */
export function parseStudy(written: Settings, where: string, form: StudyForm = {}): StudyFile {
  const { quick, ...whole } = written;
  const { quick: isQuick = false, ...choices } = form;
  if (isQuick && quick === undefined)
    throw new UserError(`${where}: --quick needs a section \`quick\` in the file, which says what to leave out`);
  const patch = quick === undefined ? {} : parseSettings(settings, quick, `${where}: quick`);
  const place = isQuick ? `${where} (quick)` : where;
  const study = parseSettings(fileSchema, { ...(isQuick ? mergePatch(whole, patch) : whole), ...choices }, place);
  const found = contradictions(study);
  if (found.length > 0) throw new UserError(found.map((problem) => `${place}: ${problem}`).join('\n'));
  return narrowed(study);
}

/** Without the arms that `only` leaves out. */
function narrowed(study: StudyFile): StudyFile {
  const { only, arms, groups } = study;
  if (only === undefined) return study;
  const kept = Object.entries(groups).map(([group, members]) => [group, members.filter((arm) => only.includes(arm))]);
  return {
    ...study,
    arms: Object.fromEntries(Object.entries(arms).filter(([arm]) => only.includes(arm))),
    groups: Object.fromEntries(kept.filter(([, members]) => members?.length !== 0)),
  };
}

/** Keys of a run that the study decides. */
const DECIDED: Readonly<Record<string, string>> = {
  seed: 'the study runs each arm with every one of `seeds`',
  name: 'runs are named by their arm and seed',
};

function contradictions(study: StudyFile): string[] {
  const { arms, controls, only, reference, seeds, groups, base, run } = study;
  const found: string[] = [];
  const names = Object.keys(arms);
  const unknownArm = (key: string, arm: string) =>
    found.push(`${key}: there is no arm ${arm}; did you mean ${nearest(arm, names)}? (arms: ${names.join(', ')})`);
  if (!Object.hasOwn(arms, reference)) unknownArm('reference', reference);
  for (const arm of only ?? []) if (!Object.hasOwn(arms, arm)) unknownArm('only', arm);
  if (only !== undefined && !only.includes(reference)) found.push(`only must hold the reference, ${reference}`);
  for (const [group, members] of Object.entries(groups))
    for (const arm of members) if (!Object.hasOwn(arms, arm)) unknownArm(`groups.${group}`, arm);
  for (const control of Object.keys(controls))
    if (Object.hasOwn(arms, control)) found.push(`controls.${control}: an arm has this name already; choose another`);
  if (base === undefined && Object.keys(run).length === 0)
    found.push('base or run is missing: name a run file, or write its settings under `run`');
  const twice = seeds.find((seed, i) => seeds.indexOf(seed) !== i);
  if (twice !== undefined) found.push(`seeds: ${twice} is named twice: its runs would be the same`);
  for (const [place, patch] of [
    ['run', run] as const,
    ...Object.entries(arms).map(([arm, it]) => [`arms.${arm}`, it] as const),
  ])
    for (const [key, reason] of Object.entries(DECIDED))
      if (Object.hasOwn(patch, key)) found.push(`${place}.${key} must be left out: ${reason}`);
  return found;
}
