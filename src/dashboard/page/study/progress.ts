/** How far a study is. */
import type { StudyDetail } from '../../api.ts';

type Runs = Pick<StudyDetail, 'runs'>;

/** Steps taken, of all that its runs are to take; runs that have not begun are taken to be as long as the others. */
export function progressOf({ runs }: Runs): number {
  const lengths = runs.map(({ summary }) => summary?.totalSteps ?? undefined).filter((length) => length !== undefined);
  const usual = lengths.length === 0 ? 1 : lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
  const total = runs.reduce((sum, { summary }) => sum + (summary?.totalSteps ?? usual), 0);
  const taken = runs.reduce((sum, { summary }) => sum + (summary?.step ?? 0), 0);
  return total === 0 ? 0 : Math.min(1, taken / total);
}

/** Changes when the report would: a run finished, or one took another tenth of its steps. */
export const reportVersion = ({ runs }: Runs): string =>
  runs
    .map(({ summary }) => {
      if (summary === null) return '-';
      const tenths = summary.totalSteps ? Math.floor((10 * summary.step) / summary.totalSteps) : summary.step;
      return `${tenths.toString(36)}${summary.status.at(0)}`;
    })
    .join('');
