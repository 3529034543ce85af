/**
 * Polynomials in one order and as text: equal texts are equal numbers.
 */
import { formatRational, negate, type Rational } from '../rational.ts';
import { keyOfPower, type Polynomial, type Term } from './polynomial.ts';

function degree({ powers }: Term): number {
  let total = 0;
  for (const { generator, exponent } of powers) {
    if (generator.kind === 'symbol') total += Number(exponent.numerator) / Number(exponent.denominator);
  }
  return total;
}

/** Highest degree in the letters first, then by key: one order for one polynomial. */
export function sortedTerms(a: Polynomial): Term[] {
  if (a.size < 2) return [...a.values()];
  const keyed = [...a.values()].map((each) => [degree(each), each] as const);
  keyed.sort(([x, left], [y, right]) => y - x || (left.key < right.key ? -1 : 1));
  return keyed.map(([, each]) => each);
}

/** `x^2 - 3/2*sqrt(2)*x + 1`: equal texts are equal numbers. */
export function formatPolynomial(a: Polynomial): string {
  if (a.size === 0) return '0';
  return sortedTerms(a)
    .map((each, index) => {
      const isNegative = each.coefficient.numerator < 0n;
      const sign = index === 0 ? (isNegative ? '-' : '') : isNegative ? ' - ' : ' + ';
      return sign + formatTerm(each, isNegative ? negate(each.coefficient) : each.coefficient);
    })
    .join('');
}

function formatTerm({ powers }: Term, coefficient: Rational): string {
  const factors = powers.map(({ generator, exponent }) =>
    exponent.numerator === 1n && exponent.denominator === 2n
      ? `sqrt${generator.name.startsWith('(') && generator.kind === 'radicand' ? generator.name : `(${generator.name})`}`
      : keyOfPower({ generator, exponent }),
  );
  const isOne = coefficient.numerator === 1n && coefficient.denominator === 1n;
  return [...(isOne && factors.length > 0 ? [] : [formatRational(coefficient)]), ...factors].join('*');
}
