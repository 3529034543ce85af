/**
 * How arms are told apart, in colour, in grey print and by those who do not see colours: each has a colour of Okabe and Ito's palette,
 * a dash and a marker. The reference is black, controls are grey.
 */
import type { StudyRecord } from '../record.ts';

type Arm = StudyRecord['arms'][number];

export interface ArmStyle {
  readonly arm: string;
  readonly color: string;
  readonly dash: readonly number[];
  readonly shape: string;
  /** Controls have none: their lines are there to be compared with. */
  readonly hasBand: boolean;
}

type Look = Omit<ArmStyle, 'arm' | 'hasBand'>;

/** Yellow (F0E442) is left out: on white it cannot be read. */
const TREATMENTS: readonly Look[] = [
  { color: '#D55E00', dash: [1, 0], shape: 'square' },
  { color: '#0072B2', dash: [6, 2], shape: 'triangle-up' },
  { color: '#009E73', dash: [2, 2], shape: 'diamond' },
  { color: '#CC79A7', dash: [8, 2, 2, 2], shape: 'triangle-down' },
  { color: '#56B4E9', dash: [4, 4], shape: 'cross' },
  { color: '#E69F00', dash: [10, 3], shape: 'triangle-right' },
];
const REFERENCE: Look = { color: '#000000', dash: [1, 0], shape: 'circle' };
const CONTROLS: readonly Look[] = [
  { color: '#8C8C8C', dash: [2, 2], shape: 'circle' },
  { color: '#8C8C8C', dash: [6, 3], shape: 'triangle-left' },
];

/** Treatments of one figure; more than these cannot be told apart. */
export const MOST_TREATMENTS = TREATMENTS.length;

/** Reference first, then treatments, then controls. */
export function armStyles(arms: readonly Arm[]): ArmStyle[] {
  const styled = (role: Arm['role'], styles: readonly Look[]): ArmStyle[] =>
    arms
      .filter((arm) => arm.role === role)
      .map(({ name }, i) => ({ arm: name, hasBand: role !== 'control', ...(styles[i % styles.length] ?? REFERENCE) }));
  return [...styled('reference', [REFERENCE]), ...styled('treatment', TREATMENTS), ...styled('control', CONTROLS)];
}

export interface ArmGroup {
  /** Empty when there is only one. */
  readonly name: string;
  readonly arms: readonly Arm[];
}

/** Arms drawn together: the study's own groups, or as many treatments as a figure takes; always beside reference and controls. */
export function armGroups({ arms, groups }: StudyRecord): ArmGroup[] {
  const treatments = arms.filter(({ role }) => role === 'treatment').map(({ name }) => name);
  const written = Object.entries(groups);
  const chunks =
    written.length > 0
      ? written.flatMap(([name, members]) =>
          chunked(members).map((part, i) => [i === 0 ? name : `${name}, continued`, part] as const),
        )
      : chunked(treatments).map((part, i, all) => [all.length === 1 ? '' : `part ${i + 1}`, part] as const);
  return chunks.map(([name, members]) => ({
    name,
    arms: arms.filter(({ name: arm, role }) => role !== 'treatment' || members.includes(arm)),
  }));
}

function chunked(names: readonly string[]): string[][] {
  const parts = Math.max(1, Math.ceil(names.length / MOST_TREATMENTS));
  const size = Math.ceil(names.length / parts);
  return Array.from({ length: parts }, (_, i) => names.slice(i * size, (i + 1) * size));
}
