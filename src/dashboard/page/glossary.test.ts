import { expect, it } from 'vitest';
import { entryOf } from './glossary.ts';

const entry = (meaning: string) => ({ meaning, unit: '', healthy: '', remedy: '' });
const GLOSSARY = {
  'rollout/*/truncated_frac': entry('pattern'),
  'rollout/positive/truncated_frac': entry('exact'),
  'time/*': entry('time'),
  'evaluate/pass_at_*': entry('pass@k'),
};

it('the key itself goes before a pattern, and a star is any text without a slash', () => {
  const meaning = (key: string) => entryOf(GLOSSARY, key)?.meaning;
  expect(meaning('rollout/positive/truncated_frac')).toBe('exact');
  expect(meaning('rollout/negative/truncated_frac')).toBe('pattern');
  expect(meaning('rollout/truncated_frac')).toBeUndefined();
  expect(meaning('time/step_s')).toBe('time');
  expect(meaning('evaluate/pass_at_16')).toBe('pass@k');
  expect(meaning('evaluate/pass_at_')).toBeUndefined();
  expect(meaning('time/a/b')).toBeUndefined();
  expect(meaning('toString')).toBeUndefined();
});
