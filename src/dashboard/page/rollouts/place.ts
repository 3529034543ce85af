/** Which rollout is looked at, as part of the address: `at=12.5` is row 5 of step 12. */
import type { Query } from '../router.ts';

export interface Place {
  readonly step: number;
  /** In the step's file. */
  readonly row: number;
}

export function placeOf({ at }: Query): Place | undefined {
  const [, step, row] = /^(\d{1,9})\.(\d{1,9})$/.exec(at ?? '') ?? [];
  return step === undefined ? undefined : { step: Number(step), row: Number(row) };
}

export const placeText = ({ step, row }: Place): string => `${step}.${row}`;

export const isSamePlace = (a: Place | undefined, b: Place | undefined): boolean =>
  a?.step === b?.step && a?.row === b?.row;
