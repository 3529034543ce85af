/**
 * What a route was asked, checked: a parameter that is unknown, repeated or impossible is refused by name, never passed over.
 */
import { refusal } from './refusal.ts';

export interface Range {
  readonly least: number;
  readonly most: number;
}

export class Query {
  readonly #given: Readonly<Record<string, readonly string[]>>;

  /** @param known every parameter the route has */
  constructor(given: Readonly<Record<string, readonly string[]>>, known: readonly string[]) {
    this.#given = given;
    for (const [name, values] of Object.entries(given)) {
      if (!known.includes(name))
        throw bad(name, `is unknown; there is ${known.length === 0 ? 'none here' : known.join(', ')}`);
      if (values.length > 1) throw bad(name, `is given ${values.length} times`);
    }
  }

  /** Undefined where it is absent or empty: a filter that is not set. */
  text(name: string, longest = 2000): string | undefined {
    const value = this.#given[name]?.[0];
    if (value === undefined || value === '') return undefined;
    if (value.length > longest) throw bad(name, `may have ${longest} characters, got ${value.length}`);
    if (value.includes('\0')) throw bad(name, 'holds a NUL character');
    return value;
  }

  integer(name: string, { least, most }: Range): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const number = /^-?[0-9]{1,16}$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= least && number <= most))
      throw bad(name, `must be a whole number from ${least} to ${most}, got ${quoted(value)}`);
    return number;
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const found = choices.find((choice) => choice === value);
    if (found === undefined) throw bad(name, `must be one of ${choices.join(', ')}, got ${quoted(value)}`);
    return found;
  }

  flag(name: string): boolean | undefined {
    const value = this.oneOf(name, ['true', 'false']);
    return value === undefined ? undefined : value === 'true';
  }

  /** `a,b`; empty where absent. */
  list(name: string, most: number, longest = 20_000): string[] {
    const parts = this.text(name, longest)?.split(',') ?? [];
    if (parts.length > most) throw bad(name, `may name ${most}, got ${parts.length}`);
    return parts.filter((part) => part !== '');
  }

  /** `3`, `3-9` (with `separator` `-`), `0.5..` */
  range(name: string, separator: string): Partial<Range> | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    const [first = '', second = first, ...more] = value.split(separator);
    const bound = (text: string) => (text.trim() === '' ? undefined : Number(text));
    const [least, most] = [bound(first), bound(second)];
    const isBad = (side: number | undefined) => side !== undefined && !Number.isFinite(side);
    if (more.length > 0 || isBad(least) || isBad(most) || (least ?? -Infinity) > (most ?? Infinity))
      throw bad(name, `must be a number or a range like 2${separator}5, got ${quoted(value)}`);
    return { ...(least !== undefined && { least }), ...(most !== undefined && { most }) };
  }
}

const quoted = (value: string): string => JSON.stringify(value.slice(0, 40));
const bad = (name: string, reason: string) => refusal('bad-query', `${name.slice(0, 40)} ${reason}`);

/** A whole number in a path. */
export function pathNumber(text: string, what: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) throw refusal('bad-query', `${what} must be a whole number, got ${quoted(text)}`);
  return Number(text);
}
