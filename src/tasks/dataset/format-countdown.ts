/** Countdown's rows: a target and numbers. There is no gold: whatever expression gives the target with each number once is right. */
import type { Assembled } from './format.ts';
import type { Cells } from './row.ts';

export function countdownRow(cells: Cells): Assembled {
  const { target, nums } = cells;
  const numbers = typeof nums === 'string' ? listIn(nums) : nums;
  if (!isWhole(target)) return { fault: 'target is not a whole number' };
  if (!Array.isArray(numbers) || numbers.length === 0 || !numbers.every(isWhole))
    return { fault: 'nums is not a list of whole numbers' };
  const problem = `Using the numbers ${numbers.join(', ')}, write an expression that equals ${Number(target)}. You may use + - * / and parentheses, and must use each number exactly once.`;
  return { problem, gold: { target: Number(target), numbers: numbers.map(Number) } };
}

/** CSV has no lists: `[1, 2]` or `1 2`. */
const listIn = (text: string): string[] => text.match(/-?\d+/g) ?? [];

const isWhole = (value: unknown): boolean =>
  (typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')) &&
  Number.isSafeInteger(Number(value));
