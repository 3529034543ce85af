/**
 * Arms against the reference, paired by seed. Pure.
 */
import { childKey, randomKey } from '../../core/random.ts';
import { holm, mean, sampleStandardDeviation } from '../../core/statistics.ts';
import { signFlipPValue } from '../../evaluate/permutation.ts';
import type { ReadRun, ReadStudy } from './read-study.ts';
import type { Readout } from './readouts.ts';
import { type SeedMean, seedMean, studentPValue } from './student.ts';

export interface Comparison {
  readonly readout: Readout;
  readonly arm: string;
  /** Seed -> value, of the runs that are complete. */
  readonly values: ReadonlyMap<number, number>;
  readonly value: SeedMean;
  /** Arm - reference over the seeds both have; absent for the reference itself and where there is no such seed. */
  readonly difference?: PairedDifference;
}

export interface PairedDifference extends SeedMean {
  /** Two-sided, of all sign patterns over seeds: never below 2 / 2^seeds. */
  readonly exactP: number;
  /** Two-sided, Student's for paired values: assumes differences that are near normal. Absent for one seed. */
  readonly studentP?: number;
  /** The same two, adjusted (Holm) for the number of treatments compared in this readout. Absent for controls. */
  readonly adjustedExactP?: number;
  readonly adjustedStudentP?: number;
}

const KEY = randomKey(0, 'study');

/** For each readout, every arm in the study's order. Arms without a complete run are left out. */
export function compareArms({ record, runs }: ReadStudy, readouts: readonly Readout[]): Comparison[] {
  return readouts.flatMap((readout) => {
    const valuesOf = (arm: string) => seedValues(runs, arm, readout);
    const reference = valuesOf(record.reference);
    const compared = record.arms.flatMap(({ name, role }) => {
      const values = valuesOf(name);
      const value = seedMean([...values.values()]);
      if (value === undefined) return [];
      const difference = role === 'reference' ? undefined : pairedDifference(values, reference, readout.key);
      return [{ readout, arm: name, role, values, value, ...(difference && { difference }) }];
    });
    return adjusted(compared);
  });
}

function seedValues(runs: readonly ReadRun[], arm: string, { of }: Readout): Map<number, number> {
  return new Map(
    runs.flatMap((run) => {
      const value = run.arm === arm ? of(run) : undefined;
      return value === undefined ? [] : [[run.seed, value] as const];
    }),
  );
}

/** Undefined when no seed is in both. */
export function pairedDifference(
  values: ReadonlyMap<number, number>,
  reference: ReadonlyMap<number, number>,
  name: string,
): PairedDifference | undefined {
  const differences = [...values].flatMap(([seed, value]) => {
    const other = reference.get(seed);
    return other === undefined ? [] : [value - other];
  });
  const found = seedMean(differences);
  if (found === undefined) return undefined;
  const exactP = signFlipPValue(differences, childKey(KEY, name));
  return { ...found, exactP, ...(differences.length > 1 && { studentP: pairedStudentP(differences) }) };
}

/** Differences that are all alike leave no doubt, unless they are 0. */
function pairedStudentP(differences: readonly number[]): number {
  const center = mean(differences);
  const error = sampleStandardDeviation(differences) / Math.sqrt(differences.length);
  if (error === 0) return center === 0 ? 1 : 0;
  return studentPValue(center / error, differences.length - 1);
}

type WithRole = Comparison & { readonly role: 'reference' | 'treatment' | 'control' };

function adjusted(compared: readonly WithRole[]): Comparison[] {
  const family = compared.filter(({ role, difference }) => role === 'treatment' && difference !== undefined);
  const exact = holm(family.map(({ difference }) => difference?.exactP ?? 1));
  const student = holm(family.map(({ difference }) => difference?.studentP ?? 1));
  return compared.map(({ role: _role, ...comparison }) => {
    const at = family.findIndex(({ arm }) => arm === comparison.arm);
    const { difference } = comparison;
    if (at < 0 || difference === undefined) return comparison;
    const adjustedStudentP = difference.studentP === undefined ? undefined : student[at];
    return {
      ...comparison,
      difference: {
        ...difference,
        adjustedExactP: exact[at] ?? 1,
        ...(adjustedStudentP !== undefined && { adjustedStudentP }),
      },
    };
  });
}
