import { expect, test } from 'vitest';
import { mathVerifier } from './math-verifier.ts';

async function outcome(gold: string, answer: string): Promise<string> {
  const settings = mathVerifier.settings.parse({});
  const verdict = await mathVerifier.verify(settings, mathVerifier.gold.parse(gold), `\\boxed{${answer}}`);
  return verdict.outcome === 'unknown' ? verdict.reason : verdict.outcome;
}

test.each([
  ['\\frac{dy}{dx}', 'dy/dx'],
  ['\\frac{dy}{dx}', '\\dfrac{\\mathrm{d}y}{\\mathrm{d}x}'],
  ['\\frac{\\partial^2 f}{\\partial x \\partial y}', '\\frac{\\partial^2 f}{\\partial x\\,\\partial y}'],
  ['\\frac{d}{dx} x^2', '\\frac{d}{dx}(x \\cdot x)'],
  ['2x', '\\frac{dy}{dx} = 2x'],
  ['2x', '\\frac{d}{dx}(x^2) = 2x'],
  ["y'' + 2\\frac{dy}{dx} = 0", "y'' + 2 dy/dx = 0"],
])('%s is %s', async (gold, answer) => {
  expect(await outcome(gold, answer)).toBe('correct');
});

test.each([
  ['\\frac{y}{x}', '\\frac{dy}{dx}'],
  ['xy', 'dy/dx'],
  ['\\frac{dy}{dx}', '\\frac{dx}{dy}'],
  ['\\frac{dy}{dx}', '\\frac{d^2y}{dx^2}'],
])('nothing cancels: %s is not %s', async (gold, answer) => {
  expect(await outcome(gold, answer)).toBe('incorrect');
});

test.each([
  ['x', '\\frac{d}{dx} x^2'],
  ['2x', '\\frac{d}{dx} x^2'],
  ['x', '\\frac{\\partial}{\\partial x} x^2'],
  ['x', '\\frac{d^2}{dx^2} x^3'],
  ['x^3', 'd/dx x^2'],
  ['x', '\\frac{d(x^2)}{dx}'],
  ['x', '{d \\over dx} x^2'],
  ['x', '(d/dx)(x^2)'],
  ['1', '\\frac{dx}{dx}'],
  ['2x + 1', '\\frac{d}{dx} x^2 + 1'],
])('derivatives are not worked out: %s against %s is undecided', async (gold, answer) => {
  expect(await outcome(gold, answer)).toBe('undecided');
});

test('a quotient of letters stays one', async () => {
  expect(await outcome('\\frac{a}{c}', '\\frac{ad}{cd}')).toBe('correct');
  expect(await outcome('\\frac{1}{2}', '\\frac{d}{2d}')).toBe('correct');
});
