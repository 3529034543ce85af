import { expect, it } from 'vitest';
import { readUnit } from './units.ts';

it.each([
  ['cm', 'cm'],
  ['Centimeters', 'cm'],
  ['square feet', 'ft^2'],
  ['sq ft', 'ft^2'],
  ['inches^2', 'in^2'],
  ['cubic meters', 'm^3'],
  ['meters squared', 'm^2'],
  ['miles per hour', 'mi/h'],
  ['mph', 'mi/h'],
  ['m/s^2', 'm/s^2'],
  ['kg m', 'kg*m'],
  ['sq. units', undefined],
  ['apples', undefined],
  ['', undefined],
])('the unit %s is %s', (text, unit) => {
  expect(readUnit(text)).toBe(unit);
});
