import { describe, expect, it } from 'vitest';
import type { StudyDetail } from '../../api.ts';
import { progressOf, reportVersion } from './progress.ts';

const study = (...runs: ({ step: number; totalSteps: number; status: string } | null)[]): StudyDetail =>
  ({ runs: runs.map((summary) => ({ summary })) }) as unknown as StudyDetail;

describe('the progress of a study', () => {
  it('is the share of steps taken; runs that have not begun count as long as the others', () => {
    const done = { step: 10, totalSteps: 10, status: 'finished' };
    expect(progressOf(study(done, { ...done, step: 5 }, null, null))).toBeCloseTo(15 / 40, 12);
    expect(progressOf(study(null))).toBe(0);
  });

  it('makes the report anew when a run ends or has gone a tenth further, not with every step', () => {
    const versionAt = (step: number, status = 'running') => reportVersion(study({ step, totalSteps: 100, status }));
    expect(versionAt(41)).toBe(versionAt(49));
    expect(versionAt(41)).not.toBe(versionAt(50));
    expect(versionAt(100)).not.toBe(versionAt(100, 'finished'));
  });
});
