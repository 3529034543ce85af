/**
 * Mathematics as a tree: what parsing gives and equivalence takes. Plain data; a tree says what was written, nothing is evaluated yet.
 */

export type Expression =
  /** Digits as written, without separators: `12`, `0.50`, `1e-3` is a power. `repeating`: the digits under the bar of 0.1\overline{6}. */
  | { readonly kind: 'number'; readonly digits: string; readonly repeating?: string }
  /** A letter or a word of letters, subscripts included: `x`, `a_{1}`, `theta`. Constants are symbols too: `pi`, `e`, `i`, `infinity`. */
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'sum'; readonly terms: readonly Expression[] }
  | { readonly kind: 'product'; readonly factors: readonly Expression[] }
  | { readonly kind: 'quotient'; readonly numerator: Expression; readonly denominator: Expression }
  | { readonly kind: 'negation'; readonly operand: Expression }
  /** Either sign: \pm. */
  | { readonly kind: 'plusMinus'; readonly operand: Expression }
  | { readonly kind: 'power'; readonly base: Expression; readonly exponent: Expression }
  /** The degree-th root; absent degree: the square root. */
  | { readonly kind: 'root'; readonly radicand: Expression; readonly degree?: Expression }
  | { readonly kind: 'factorial'; readonly operand: Expression }
  | { readonly kind: 'absolute'; readonly operand: Expression }
  /** `sin`, `log` (with `subscript` as base), `gcd`, `binomial`, `floor`, `max`, and letters applied to arguments: f(x). */
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly operands: readonly Expression[];
      readonly subscript?: Expression;
    }
  /** A number in another base: 101_2. */
  | { readonly kind: 'based'; readonly digits: string; readonly base: number }
  /** `30\%`. */
  | { readonly kind: 'percent'; readonly operand: Expression }
  /** `45^\circ`. */
  | { readonly kind: 'degrees'; readonly operand: Expression }
  /** A quantity with a unit: `5 \text{ cm}^2`; `unit` in lower case without spaces. */
  | { readonly kind: 'quantity'; readonly value: Expression; readonly unit: string }
  /** A chain: a = b, a < b <= c; relations.length = sides.length - 1. */
  | { readonly kind: 'relation'; readonly sides: readonly Expression[]; readonly relations: readonly Relation[] }
  /** Ordered, in round brackets: points, tuples. One bracketed pair may also be an open interval: equivalence decides by the other side. */
  | { readonly kind: 'tuple'; readonly elements: readonly Expression[] }
  | { readonly kind: 'set'; readonly elements: readonly Expression[] }
  /** Written without brackets: `1, 2, 3`, `2 \text{ or } 3`. */
  | { readonly kind: 'list'; readonly elements: readonly Expression[] }
  | {
      readonly kind: 'interval';
      readonly low: Expression;
      readonly high: Expression;
      readonly isLowClosed: boolean;
      readonly isHighClosed: boolean;
    }
  | { readonly kind: 'union' | 'intersection' | 'difference'; readonly operands: readonly Expression[] }
  /** Rows of equal length; a vector is one column. */
  | { readonly kind: 'matrix'; readonly rows: readonly (readonly Expression[])[] }
  /** Words: `no solution`, `(C)`, `Monday`; trimmed, inner spaces single. */
  | { readonly kind: 'text'; readonly text: string };

export type Relation = '=' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '~' | '|' | 'equivalent';
