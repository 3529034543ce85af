import { expect, test } from 'vitest';
import { UserError } from '../core/errors.ts';
import { createTask, resolveTask, selfCheck, taskCatalogue } from './catalogue.ts';

test('a task is made by name with its settings', () => {
  expect(createTask({ name: 'countdown' }).name).toBe('countdown');
  expect(createTask({ name: 'arithmetic', testSize: 7 }).size('test')).toBe(7);
});

test('an unknown task or setting names the nearest', () => {
  expect(() => createTask({ name: 'countdwn' })).toThrow(UserError);
  expect(() => createTask({ name: 'countdwn' }, 'run.yaml: task')).toThrow(
    'run.yaml: task: name must be one of countdown, arithmetic, echo, dataset, got "countdwn"; did you mean countdown?',
  );
  expect(() => createTask({ name: 'countdown', largestnumber: 9 })).toThrow(
    'task: unknown key largestnumber (value 9); did you mean largestNumber?',
  );
  expect(() => createTask({ name: 'countdown', demonstration: { guide: 1 } })).toThrow(
    'task: unknown key demonstration.guide (value 1); did you mean guided?',
  );
});

test('resolving writes every default out and resolving twice changes nothing', () => {
  expect(resolveTask({ name: 'arithmetic', digits: 2 })).toEqual({
    name: 'arithmetic',
    digits: 2,
    operators: ['+', '-'],
    testSize: 512,
    seed: 0,
    demonstration: { slip: 0.12, forget: 0.3 },
  });
  for (const { name } of taskCatalogue.filter(({ create }) => create !== undefined)) {
    const resolved = resolveTask({ name });
    expect(resolveTask(resolved)).toEqual(resolved);
  }
});

test('the self-check reports a task whose gold its verifier refuses', async () => {
  const broken = { ...createTask({ name: 'arithmetic' }), gold: () => '=0' };
  const { checked, failures } = await selfCheck(broken, 3);
  expect(checked).toBe(6);
  expect(failures).toHaveLength(6);
  expect(failures[0]).toMatchObject({ id: 'train/000000', gold: '=0' });
  expect(failures[0]?.explanation).toMatch(/^answer 0 is wrong/);
});
