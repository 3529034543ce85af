/**
 * Names of units in one spelling: `square feet`, `ft²` and `sq ft` are `ft^2`; `miles per hour` and `mph` are `mi/h`.
 *
 * Only spelling is decided here: whether 1 m is 100 cm is no question of parsing. A noun that is no unit (`apples`) is not known here either.
 */

/** Canonical name, then its other spellings. Plurals in -s are understood. */
const SPELLINGS: readonly string[] = [
  'mm millimeter millimetre',
  'cm centimeter centimetre',
  'dm decimeter decimetre',
  'm meter metre',
  'km kilometer kilometre',
  'um micrometer micrometre micron',
  'nm nanometer nanometre',
  'in inch inches',
  'ft foot feet',
  'yd yard',
  'mi mile',
  'au',
  'pc parsec',
  'ly lightyear',
  'ms millisecond',
  's sec second',
  'min minute mins',
  'h hr hour',
  'day',
  'week',
  'month',
  'yr year',
  'mg milligram',
  'g gram',
  'kg kilogram',
  'lb pound lbs',
  'oz ounce',
  'ton',
  'ml milliliter millilitre',
  'l liter litre',
  'gal gallon',
  'qt quart',
  'pt pint',
  'cup',
  'hz hertz',
  'n newton',
  'j joule',
  'kj kilojoule',
  'w watt',
  'kw kilowatt',
  'v volt',
  'a amp ampere',
  'k kelvin',
  'pa pascal',
  'atm',
  'mol mole',
  'ev electronvolt',
  'erg',
  'rad radian',
  'unit',
  'dollar usd buck',
  'cent',
  'euro eur',
  'percent pct',
  'degree deg',
  'degree-celsius celsius',
  'degree-fahrenheit fahrenheit',
];

const CANONICAL = new Map<string, string>(
  SPELLINGS.flatMap((line) => {
    const names = line.split(' ');
    const canonical = names[0] ?? '';
    return names.flatMap((name): [string, string][] => [
      [name, canonical],
      ...(name.length > 2 ? [[`${name}s`, canonical] as [string, string]] : []),
    ]);
  }),
);

const COMPOUNDS: Readonly<Record<string, string>> = {
  mph: 'mi/h',
  kph: 'km/h',
  kmph: 'km/h',
  mpg: 'mi/gal',
  fps: 'ft/s',
};

const PREFIX_POWERS: Readonly<Record<string, number>> = { square: 2, sq: 2, cubic: 3, cu: 3 };
const SUFFIX_POWERS: Readonly<Record<string, number>> = { squared: 2, cubed: 3 };

function powered(name: string, power: number): string {
  return power === 1 ? name : `${name}^${power}`;
}

/** One side of a slash: `square feet`, `cm^2`, `seconds squared`; `kg m` becomes `kg*m`. */
function readProduct(text: string): string | undefined {
  const names: string[] = [];
  let power = 1;
  for (const word of text.split(/[\s*]+/).filter((piece) => piece !== '')) {
    const prefix = PREFIX_POWERS[word];
    const suffix = SUFFIX_POWERS[word];
    const last = names.at(-1);
    if (prefix !== undefined) power = prefix;
    else if (suffix !== undefined && last !== undefined) names[names.length - 1] = powered(last, suffix);
    else {
      const [, name = '', exponent] = /^([a-z-]+)(?:\^?\(?\{?(-?\d)\}?\)?)?\.?$/.exec(word) ?? [];
      const canonical = CANONICAL.get(name);
      if (canonical === undefined) return undefined;
      names.push(powered(canonical, exponent === undefined ? power : Number(exponent)));
      power = 1;
    }
  }
  return names.length === 0 ? undefined : names.join('*');
}

/** The unit's one name, or `undefined` where some word is no unit. `text` in any case, spaces anywhere. */
export function readUnit(text: string): string | undefined {
  const lower = text.toLowerCase().trim();
  const compound = COMPOUNDS[lower];
  if (compound !== undefined) return compound;
  if (lower.length > 60) return undefined;
  const sides = lower.split(/\s*\/\s*|\s+per\s+|^per\s+/).map(readProduct);
  if (sides.length > 3 || sides.some((side) => side === undefined)) return undefined;
  return sides.join('/');
}
