import { expect, test } from 'vitest';
import { comparedWith, type StudyRecord } from './record.ts';

const arm = (name: string, role: 'reference' | 'treatment' | 'control') => ({ name, role, changes: '', settings: {} });
const record: StudyRecord = {
  polarityStudy: 1,
  name: 's',
  about: '',
  file: 's.yaml',
  quick: false,
  reference: 'grpo',
  seeds: [1],
  arms: [arm('grpo', 'reference'), arm('psr', 'treatment'), arm('nudged', 'control')],
  evaluations: [],
  groups: {},
  runs: [],
};

test('a control may take the place of the reference, which is a treatment then', () => {
  const other = comparedWith(record, 'nudged');
  expect(other.reference).toBe('nudged');
  expect(other.arms.map(({ role }) => role)).toEqual(['treatment', 'treatment', 'reference']);
  expect(comparedWith(record, 'grpo')).toEqual(record);
});

test('an arm that is not there is named, with those that are', () => {
  expect(() => comparedWith(record, 'nudge')).toThrow(
    's has no arm nudge to compare with; its arms: grpo, psr, nudged',
  );
});
