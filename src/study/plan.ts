/**
 * What a study runs: each arm with each seed, as settings of ordinary runs. Pure.
 */
import { assert, UserError } from '../core/errors.ts';
import { isSettings, mergePatch, type Settings } from './merge-patch.ts';
import type { Control, StudyFile } from './study-file.ts';

export interface Arm {
  readonly name: string;
  readonly role: 'reference' | 'treatment' | 'control';
  /** Settings of its runs without seed, everything written out. */
  readonly settings: Settings;
  /** Added to the study's seeds. */
  readonly seedOffset: number;
  /** For people: what it changes. */
  readonly changes: string;
}

export interface PlannedRun {
  /** `psr-s3`: unambiguous, since what follows the last `-s` is the seed. */
  readonly name: string;
  readonly arm: string;
  /** Of the study: runs of different arms are paired by it. */
  readonly seed: number;
  readonly settings: Settings;
}

/** One arm's settings as written, before defaults: the study's common ones with the arm's differences. */
export const armSettings = (common: Settings, { run }: StudyFile, patch: Settings): Settings =>
  mergePatch(mergePatch(common, run), patch);

/** @param resolved of each arm, by name: everything written out */
export function armsOf(study: StudyFile, resolved: ReadonlyMap<string, Settings>): Arm[] {
  const settingsOf = (arm: string) => {
    const found = resolved.get(arm);
    assert(found !== undefined, `arm ${arm} of a study was not resolved`);
    return found;
  };
  const reference = settingsOf(study.reference);
  return [
    ...Object.entries(study.arms).map(([name, patch]) => ({
      name,
      role: name === study.reference ? ('reference' as const) : ('treatment' as const),
      settings: settingsOf(name),
      seedOffset: 0,
      changes: inWords(patch),
    })),
    ...Object.entries(study.controls).map(([name, control]) => controlArm(name, control, study.reference, reference)),
  ];
}

function controlArm(name: string, control: Control, of: string, reference: Settings): Arm {
  if ('seedOffset' in control) {
    const { seedOffset } = control;
    return { name, role: 'control', settings: reference, seedOffset, changes: `${of}, seeds + ${seedOffset}` };
  }
  const { training } = reference;
  const rate = isSettings(training) ? training['learningRate'] : undefined;
  if (typeof rate !== 'number')
    throw new UserError(`controls.${name}: arm ${of} has no number training.learningRate to multiply`);
  return {
    name,
    role: 'control',
    settings: mergePatch(reference, { training: { learningRate: rate * control.learningRateFactor } }),
    seedOffset: 0,
    changes: `${of}, learning rate x ${control.learningRateFactor}`,
  };
}

/** Seed by seed, so that a comparison of all arms exists as early as can be. */
export function plannedRuns(arms: readonly Arm[], seeds: readonly number[]): PlannedRun[] {
  return seeds.flatMap((seed) =>
    arms.map(({ name, settings, seedOffset }) => ({
      name: runName(name, seed),
      arm: name,
      seed,
      settings: { ...settings, seed: seed + seedOffset },
    })),
  );
}

export const runName = (arm: string, seed: number): string => `${arm}-s${seed}`;

/** {objective: {recipe: psr, reading: group}} -> objective.recipe psr, objective.reading group. */
function inWords(patch: Settings, path = ''): string {
  const leaves = Object.entries(patch).map(([key, value]) =>
    isSettings(value) && Object.keys(value).length > 0
      ? inWords(value, `${path}${key}.`)
      : `${path}${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return leaves.join(', ');
}
