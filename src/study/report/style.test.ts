import { describe, expect, it } from 'vitest';
import type { StudyRecord } from '../record.ts';
import { armGroups, armStyles, MOST_TREATMENTS } from './style.ts';

const arm = (name: string, role: 'reference' | 'treatment' | 'control') => ({ name, role, changes: '', settings: {} });
const treatments = (count: number) => Array.from({ length: count }, (_, i) => arm(`t${i}`, 'treatment'));
const study = (count: number, groups: StudyRecord['groups'] = {}) =>
  ({ arms: [...treatments(count), arm('c', 'control'), arm('r', 'reference')], groups }) as unknown as StudyRecord;
const names = (record: StudyRecord) =>
  armGroups(record).map(({ name, arms }) => [name, arms.map((it) => it.name).join(' ')]);

describe('the looks of arms', () => {
  it('differ in colour and marker within a figure, the reference first and black', () => {
    const styles = armStyles(study(MOST_TREATMENTS).arms);
    expect(styles[0]).toMatchObject({ arm: 'r', color: '#000000' });
    expect(new Set(styles.map(({ color }) => color)).size).toBe(MOST_TREATMENTS + 2);
    const drawn = styles.filter(({ hasBand }) => hasBand).map(({ shape, dash }) => `${shape} ${dash}`);
    expect(new Set(drawn).size).toBe(MOST_TREATMENTS + 1);
  });
});

describe('the arms of one figure', () => {
  it('are all of them, when there are few', () => {
    expect(names(study(2))).toEqual([['', 't0 t1 c r']]);
  });

  it('are as many as can be told apart, in even parts', () => {
    expect(names(study(8))).toEqual([
      ['part 1', 't0 t1 t2 t3 c r'],
      ['part 2', 't4 t5 t6 t7 c r'],
    ]);
  });

  it('are the study’s own groups, beside reference and controls', () => {
    expect(names(study(3, { late: ['t2'], early: ['t0', 't1'] }))).toEqual([
      ['late', 't2 c r'],
      ['early', 't0 t1 c r'],
    ]);
  });

  it('may be reference and controls alone', () => {
    expect(names(study(0))).toEqual([['', 'c r']]);
  });
});
