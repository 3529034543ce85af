import { expect, test } from 'vitest';
import { strftime } from './strftime.ts';

test('directives read as in Python, in UTC', () => {
  const date = new Date('2024-03-05T15:07:09Z');
  expect(strftime(date, '%A %a %d %B %b %m %Y %y %j %H:%I:%M:%S %p 100%%')).toBe(
    'Tuesday Tue 05 March Mar 03 2024 24 065 15:03:07:09 PM 100%',
  );
  expect(strftime(new Date('2024-12-31T00:00:00Z'), '%j %I %p')).toBe('366 12 AM');
  expect(strftime(date, '%Q %')).toBe('%Q %');
});
