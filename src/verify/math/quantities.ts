/**
 * Answers with units: which units measure the same, and in what proportion. A unit that only one side states says nothing against the
 * other; percent and degree signs are units of this kind too (28% is 28 or 0.28, 45 degrees is 45 or pi/4).
 */
import { divide, multiply, ONE, type Rational, rational } from '../rational.ts';
import type { Compare } from './collections.ts';
import { type Decision, different, equal, undecided } from './decision.ts';
import type { Expression } from './expression.ts';
import { rationalTree } from './rational-tree.ts';

/** By name: what it measures, and how many of the first of its kind it is. */
const UNITS: ReadonlyMap<string, readonly [string, Rational]> = new Map(
  (
    [
      [
        'length',
        'm 1 mm 1/1000 cm 1/100 dm 1/10 km 1000 um 1/1000000 nm 1/1000000000 in 127/5000 ft 381/1250 yd 1143/1250 mi 201168/125',
      ],
      ['time', 's 1 ms 1/1000 min 60 h 3600 day 86400 week 604800'],
      ['months', 'month 1 yr 12'],
      ['mass', 'kg 1 g 1/1000 mg 1/1000000 lb 45359237/100000000 oz 45359237/1600000000'],
      ['volume', 'l 1 ml 1/1000'],
      ['gallons', 'gal 16 qt 4 pt 2 cup 1'],
      ['money', 'dollar 1 cent 1/100'],
      ['euros', 'euro 1'],
      ['energy', 'j 1 kj 1000'],
      ['power', 'w 1 kw 1000'],
      ['amount', 'mol 1'],
      ['frequency', 'hz 1'],
      ['force', 'n 1'],
      ['voltage', 'v 1'],
      ['pressure', 'pa 1 atm 101325'],
      ['angle', 'degree 1'],
      ['share', '% 1'],
      ['temperature-celsius', 'degree-celsius 1'],
      ['temperature-fahrenheit', 'degree-fahrenheit 1'],
    ] as const
  ).flatMap(([kind, names]) => {
    const words = names.split(' ');
    return words.flatMap((name, index): [string, readonly [string, Rational]][] => {
      if (index % 2 === 1) return [];
      const [top = '1', bottom = '1'] = (words[index + 1] ?? '1').split('/');
      return [[name, [kind, rational(BigInt(top), BigInt(bottom))]]];
    });
  }),
);

interface Measure {
  /** `length^1 time^-1`; undefined when some name is not in the table. */
  readonly kind: string | undefined;
  readonly factor: Rational;
}

/** `mi/h` -> length^1 time^-1, 1397/3125. */
function measureOf(unit: string): Measure {
  const exponents = new Map<string, number>();
  let factor = ONE;
  let isKnown = true;
  unit.split('/').forEach((side, index) => {
    for (const piece of side.split('*')) {
      const [, name = piece, digits = '1'] = /^(.*?)\^(-?\d)$/.exec(piece) ?? [];
      const found = UNITS.get(name);
      if (!found) {
        isKnown = false;
        continue;
      }
      const exponent = Number(digits) * (index === 0 ? 1 : -1);
      exponents.set(found[0], (exponents.get(found[0]) ?? 0) + exponent);
      for (let i = 0; i < Math.abs(exponent); i++)
        factor = exponent > 0 ? multiply(factor, found[1]) : (divide(factor, found[1]) ?? factor);
    }
  });
  const kind = [...exponents].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, power]) => `${name}^${power}`);
  return { kind: isKnown ? kind.join(' ') : undefined, factor };
}

export interface Measured {
  readonly value: Expression;
  /** `%`, `degree`, or a unit's name; undefined for a bare value. */
  readonly unit: string | undefined;
}

/** The value and the unit apart. `units` of nothing in particular are no unit. */
export function measured(e: Expression): Measured {
  if (e.kind === 'percent') return { value: e.operand, unit: '%' };
  if (e.kind === 'degrees') return { value: e.operand, unit: 'degree' };
  if (e.kind === 'negation') {
    const inner = measured(e.operand);
    return inner.unit === undefined
      ? { value: e, unit: undefined }
      : { value: { kind: 'negation', operand: inner.value }, unit: inner.unit };
  }
  if (e.kind === 'sum') return together(e.terms) ?? { value: e, unit: undefined };
  if (e.kind !== 'quantity') return { value: e, unit: undefined };
  if (/^(unit|rad)(\^\d)?$/.test(e.unit)) return { value: e.value, unit: undefined };
  return { value: e.value, unit: e.unit === 'percent' ? '%' : e.unit };
}

/** `5 min 30 s` as 330 s: terms that measure the same thing, in the unit of the last. */
function together(terms: readonly Expression[]): Measured | undefined {
  const parts = terms.map(measured);
  const unit = parts.at(-1)?.unit;
  if (unit === undefined) return undefined;
  const { kind, factor } = measureOf(unit);
  const values = parts.map((part) => {
    if (part.unit === unit) return part.value;
    const own = part.unit === undefined ? undefined : measureOf(part.unit);
    if (own?.kind === undefined || own.kind !== kind) return undefined;
    return multiple(part.value, divide(own.factor, factor) ?? ONE);
  });
  const known = values.filter((value) => value !== undefined);
  return known.length === terms.length ? { value: { kind: 'sum', terms: known }, unit } : undefined;
}

/** Decides when at least one side has a unit; `undefined` when neither has. `compareNumbers` takes signs of percent and degree as numbers. */
export function compareMeasured(
  gold: Expression,
  answer: Expression,
  compare: Compare,
  compareNumbers: Compare,
): Decision | undefined {
  const [a, b] = [measured(gold), measured(answer)];
  if (a.unit === undefined && b.unit === undefined) {
    const isChanged = a.value !== gold || b.value !== answer;
    return isChanged ? compare(a.value, b.value) : undefined;
  }
  if (a.unit === b.unit) return compare(a.value, b.value);
  if (a.unit !== undefined && b.unit !== undefined) return compareUnits(a, b, a.unit, b.unit, compare);
  const unit = a.unit ?? b.unit ?? '';
  const asNumbers = compare(a.value, b.value);
  const worth = WORTH.get(unit);
  if (asNumbers.decision === 'equal' || !worth)
    return asNumbers.decision === 'equal' ? equal(`${asNumbers.rule}; only one side has the unit ${unit}`) : asNumbers;
  const asWorth = a.unit ? compareNumbers(worth(a.value), b.value) : compareNumbers(a.value, worth(b.value));
  return asWorth.decision === 'different' && asNumbers.decision === 'undecided' ? asNumbers : asWorth;
}

/** Units that are numbers. */
const WORTH: ReadonlyMap<string, (value: Expression) => Expression> = new Map([
  ['%', (operand: Expression): Expression => ({ kind: 'percent', operand })],
  ['degree', (operand: Expression): Expression => ({ kind: 'degrees', operand })],
]);

function compareUnits(a: Measured, b: Measured, goldUnit: string, answerUnit: string, compare: Compare): Decision {
  const [gold, answer] = [measureOf(goldUnit), measureOf(answerUnit)];
  if (gold.kind === undefined || answer.kind === undefined) {
    const values = compare(a.value, b.value);
    return values.decision === 'equal' ? undecided(`equal values, units ${goldUnit} and ${answerUnit}`) : values;
  }
  if (gold.kind !== answer.kind) return different(`${goldUnit} and ${answerUnit} measure different things`);
  const decision = compare(a.value, multiple(b.value, divide(answer.factor, gold.factor) ?? ONE));
  return { ...decision, rule: `${decision.rule}, in ${goldUnit}` };
}

function multiple(value: Expression, factor: Rational): Expression {
  return { kind: 'product', factors: [value, rationalTree(factor)] };
}

/** The answer's value as a number of the gold's unit; a unit that only one of them states says nothing, except signs of percent and degree. */
export function inUnitOf(gold: Expression, answer: Expression): Expression {
  const [a, b] = [measured(gold), measured(answer)];
  if (b.unit === undefined || a.unit === b.unit) return b.value;
  if (a.unit === undefined) return WORTH.has(b.unit) ? answer : b.value;
  const [ours, theirs] = [measureOf(a.unit), measureOf(b.unit)];
  if (ours.kind === undefined || ours.kind !== theirs.kind) return answer;
  return multiple(b.value, divide(theirs.factor, ours.factor) ?? ONE);
}
