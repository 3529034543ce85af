/** Option values that several commands take. */
import { InvalidArgumentError } from 'commander';

/** Collects a repeated option. */
export const collect = (value: string, before: readonly string[]): string[] => [...before, value];

function integer(text: string, least: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least)
    throw new InvalidArgumentError(`it must be a whole number from ${least}.`);
  return value;
}

export const counting = (text: string): number => integer(text, 1);
export const wholeNumber = (text: string): number => integer(text, 0);

/** `a,b` as ['a', 'b']. */
export const listing = (text: string): string[] => text.split(',').map((part) => part.trim());

export const countingEach = (text: string): number[] => listing(text).map(wholeNumber);

export function portNumber(text: string): number {
  const port = integer(text, 0);
  if (port > 65_535) throw new InvalidArgumentError('it must be a port, from 0 to 65535.');
  return port;
}
