import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget, BudgetExceeded } from '../budget.ts';
import { MAX_MATH_LENGTH, parseMath } from './parse.ts';
import { show } from './print.ts';

function read(text: string): string {
  const parsed = parseMath(text, new Budget(1e6));
  return parsed.ok ? show(parsed.expression) : `refused: ${parsed.reason}`;
}

/** One line a case: the text, an arrow, its tree. */
function table(lines: string): readonly (readonly [text: string, tree: string])[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => line.trim().split(' => ') as [string, string]);
}

const raw = String.raw;

describe('numbers', () => {
  it.each(
    table(raw`
      42 => 42
      .5 => 0.5
      5. => 5
      5, => 5
      -1./3 => (- (/ 1 3))
      1,234,567 => 1234567
      1{,}000 => 1000
      11,\! 111,\! 111,\! 100 => 11111111100
      1\,000 => 1000
      1 000 000 => 1000000
      1,234.5 => 1234.5
      3{,}14 => 3.14
      ２５ => 25
      0.\overline{3} => 0(3)
      .\overline{3} => 0(3)
      0.1\overline{6} => 0.1(6)
      0.\dot{3} => 0(3)
      0.\dot{1}4\dot{2} => 0(142)
      0.(3) => 0(3)
      0.333... => 0(3)
      0.1666\ldots => 0.1(6)
      3e5 => (* 3 (^ 10 5))
      1e-3 => (* 1 (^ 10 (- 3)))
      3 \times 10^5 => (* 3 (^ 10 5))
      3\cdot10^{-8} => (* 3 (^ 10 (- 8)))
      101_2 => 101_2
      4210_{5} => 4210_5
      101_{two} => 101_2
      101_{\text{two}} => 101_2
      1A_{16} => 1A_16
      101 base 2 => 101_2
      1'000 => 1000
      5^{\text{th}} => 5
      3rd => 3
      1.5 x 10^5 => (* 1.5 (^ 10 5))
      about 5 => 5
    `),
  )('%s', (text, tree) => {
    expect(read(text)).toBe(tree);
  });

  it('reads commas between digits by where they stand and how many digits they part', () => {
    expect(read('41352,42351')).toBe('(list 41352 42351)');
    expect(read('27,54,108')).toBe('(list 27 54 108)');
    expect(read('(312,123,231)')).toBe('(tuple 312 123 231)');
    expect(read('(1,000, 2,000)')).toBe('(tuple 1000 2000)');
    expect(read('312,123')).toBe('312123');
  });

  it('reads 312,123 as two numbers where asked to', () => {
    const parsed = parseMath('312,123', new Budget(1e3), { commas: 'separators' });
    expect(parsed.ok && show(parsed.expression)).toBe('(list 312 123)');
  });

  it('refuses digits that the base does not have', () => {
    expect(read('9_8')).toMatch(/^refused: no base/);
  });
});

describe('fractions, roots and powers', () => {
  it.each(
    table(raw`
      \frac12 => (/ 1 2)
      \frac 59 => (/ 5 9)
      \frac1{20} => (/ 1 20)
      \frac{270}7 => (/ 270 7)
      \dfrac{17}{50} => (/ 17 50)
      3\frac12 => (+ 3 (/ 1 2))
      137 \frac{1}{2} => (+ 137 (/ 1 2))
      3 1/2 => (+ 3 (/ 1 2))
      -3 1/2 => (- (+ 3 (/ 1 2)))
      3½ => (+ 3 (/ 1 2))
      7\frac{x}{2} => (* 7 (/ x 2))
      1/2x => (* (/ 1 2) x)
      a/b/c => (/ (/ a b) c)
      {1 \over 2} => (/ 1 2)
      \sqrt2 => (root 2)
      \sqrt 12 => (root 12)
      \sqrt[3]{8} => (root 8 3)
      √(x+1) => (root (+ x 1))
      11\sqrt2 => (* 11 (root 2))
      2sqrt3 => (* 2 (root 3))
      sqrt(2) => (root 2)
      frac{1}{2} => (/ 1 2)
      x^10 => (^ x 10)
      x² => (^ x 2)
      2^3^2 => (^ 2 (^ 3 2))
      -x^2 => (- (^ x 2))
      e^-x => (^ e (- x))
      2^{\frac12} => (^ 2 (/ 1 2))
      n! => (! n)
      5!=120 => ((! 5) = 120)
      x != 3 => (x != 3)
      \frac{d !}{2 k(d-k) !} => (/ (! d) (* 2 k (! (+ d (- k)))))
    `),
  )('%s', (text, tree) => {
    expect(read(text)).toBe(tree);
  });
});

describe('sums, products, functions', () => {
  it.each(
    table(raw`
      2x => (* 2 x)
      2\pi r => (* 2 pi r)
      (a+b)(c+d) => (* (+ a b) (+ c d))
      3x^2y => (* 3 (^ x 2) y)
      2\cdot-3 => (* 2 (- 3))
      1 \pm \sqrt{19} => (+ 1 (± (root 19)))
      ±3 => (± 3)
      6 − 5i => (+ 6 (- (* 5 i)))
      \sin x => (sin x)
      sinx => (sin x)
      \sin^2 x => (^ (sin x) 2)
      \sin^{-1} x => (arcsin x)
      \cos(2x)\sin x => (* (cos (* 2 x)) (sin x))
      \sin (3 t) / 5 => (/ (sin (* 3 t)) 5)
      \sin 60^\circ => (sin (° 60))
      \log_2 8 => (log_2 8)
      \log _{10} 250 => (log_10 250)
      \ln x => (ln x)
      \exp{-a*t} => (exp (- (* a t)))
      np.arcsin(10/13) => (arcsin (/ 10 13))
      \gcd(12, 18) => (gcd 12 18)
      \operatorname{lcm}(3,4) => (lcm 3 4)
      \min\{1,2\} => (min 1 2)
      \binom{5}{2} => (binomial 5 2)
      {n \choose k} => (binomial n k)
      \binom52 => (binomial 5 2)
      log2(8) => (log_2 8)
      C(5,2) => (binomial 5 2)
      17 \bmod 5 => (mod 17 5)
      f(x)=x^2 => ((f x) = (^ x 2))
      f^{-1}(x) => (f^{-1} x)
      f'(x)=2x => ((f' x) = (* 2 x))
      N(n)=n+1 => ((N n) = (+ n 1))
      n(n+1)/2 => (/ (* n (+ n 1)) 2)
      y^{\prime}+y=0 => ((+ y' y) = 0)
      \frac{d^{2} x}{d t^{2}} => (derivative x t 2)
      \frac{dy}{dx} => (derivative y x)
      \frac{d}{dx} x^2 => (derivative (^ x 2) x)
      \frac{d^2}{dx^2} x^3 + 1 => (+ (derivative (^ x 3) x 2) 1)
      \frac{\partial}{\partial x}(xy) => (derivative (* x y) x)
      \frac{\mathrm{d}y}{\mathrm{d}x} => (derivative y x)
      {d \over dx} x => (derivative x x)
      \frac{2dy}{dx} => (* 2 (derivative y x))
      dy/dx => (derivative y x)
      d/dx x^2 => (derivative (^ x 2) x)
      d^2y/dx^2 + 2 dy/dx => (+ (derivative y x 2) (* 2 (derivative y x)))
      \frac{d}{d+1} => (/ d (+ d 1))
      \frac{d}{2d} => (/ d (* 2 d))
      ad/(dc) => (/ (* a d) (* d c))
      \sum_{k=1}^n k => (sum_(k = 1) k n)
      \lim_{x\to 0} x => (limit_(to x 0) x)
      |x-1|+|x+2| => (+ (abs (+ x (- 1))) (abs (+ x 2)))
      ||x|-1| => (abs (+ (abs x) (- 1)))
      2\left|x\right| => (* 2 (abs x))
      \|v\| => (norm v)
      \lfloor x \rfloor => (floor x)
      \left\lceil \frac{n}{2}\right\rceil+1 => (+ (ceil (/ n 2)) 1)
      \lambda_{\text {red}} => lambda_{red}
      a_1 => a_{1}
      x₁ => x_{1}
      \dot{x}_{0} => dot{x}_{0}
      \mathbf{i}+2\mathbf{j} => (+ i (* 2 j))
      \vec{v} => v
    `),
  )('%s', (text, tree) => {
    expect(read(text)).toBe(tree);
  });
});

describe('relations, sets, lists, brackets', () => {
  it.each(
    table(raw`
      a=b=c => (a = b = c)
      1<x\le 3 => (1 < x <= 3)
      x≤3 => (x <= 3)
      k \geqslant 2 => (k >= 2)
      x\in\{1,2\} => (x in (set 1 2))
      x in [1,2] => (x in [1, 2])
      t(0,4] => (t in (0, 4])
      a \mid b => (a | b)
      x \equiv 3 \pmod{7} => (x equivalent (mod 3 7))
      x ≡ 3 (mod 7) => (x equivalent (mod 3 7))
      x+1=2 \implies x=1 => (x = 1)
      \{1\pm\sqrt{5},-2\} => (set (+ 1 (± (root 5))) (- 2))
      {1,2,3} => (set 1 2 3)
      \emptyset => (set)
      \{x \mid x>3\} => (suchThat x (x > 3))
      \{x : |x|<3\} => (suchThat x ((abs x) < 3))
      1, 2 and 3 => (list 1 2 3)
      2 or 3 => (list 2 3)
      x=1 \text{ or } x=2 => (list (x = 1) (x = 2))
      \boxed{1} and \boxed{2} => (list 1 2)
      $a=2$, $a=3$ => (list (a = 2) (a = 3))
      (1,2) => (tuple 1 2)
      (1,2), (3,4) => (list (tuple 1 2) (tuple 3 4))
      [1,2) => [1, 2)
      ]1,2[ => (1, 2)
      [0,1[ => [0, 1)
      [1,2,3] => (tuple 1 2 3)
      \langle 1,2,3\rangle => (tuple 1 2 3)
      (-∞, 3] ∪ [5, ∞) => (union ((- infinity), 3] [5, infinity))
      A \cup B \cup C => (union A B C)
      \mathbb{R} \setminus \{0\} => (difference reals (set 0))
      3:4 => (ratio 3 4)
      \mathbb{Z}^+ => integers^{+}
      \mathbb{N}_0 => naturals_{0}
      [[1,2],[3,4]] => (matrix [1 2] [3 4])
      \begin{bmatrix}1&2\\3&4\end{bmatrix} => (matrix [1 2] [3 4])
      \left(\begin{array}{cc}1 & 2\\ 3 & 4\end{array}\right) => (matrix [1 2] [3 4])
      \begin{vmatrix}1&2\\3&4\end{vmatrix} => (determinant (matrix [1 2] [3 4]))
      \begin{pmatrix} 1/5 \\ -18/5 \end{pmatrix} => (matrix [(/ 1 5)] [(- (/ 18 5))])
      \begin{cases}x=1\\y=2\end{cases} => (list (x = 1) (y = 2))
    `),
  )('%s', (text, tree) => {
    expect(read(text)).toBe(tree);
  });
});

describe('units, money, words', () => {
  it.each(
    table(raw`
      30\% => (% 30)
      62.5% => (% 62.5)
      30 percent => (% 30)
      36^\circ => (° 36)
      45° => (° 45)
      \frac{270}7\text{ degrees} => (° (/ 270 7))
      25^\circ C => (quantity 25 degree-celsius)
      \$32,\!348 => (quantity 32348 dollar)
      $5 => (quantity 5 dollar)
      $5$ => 5
      $2^{k}$, $8$ => (list (^ 2 k) 8)
      5.4 \text{ cents} => (quantity 5.4 cent)
      \$5 million => (quantity (* 5 1000000) dollar)
      5 \text{ cm} => (quantity 5 cm)
      864 \mbox{ inches}^2 => (quantity 864 in^2)
      5\,\mathrm{~m/s} => (quantity 5 m/s)
      9.8 \mathrm{~m} / \mathrm{s}^{2} => (quantity 9.8 m/s^2)
      9.8 m/s^2 => (quantity 9.8 m/s^2)
      5 square feet => (quantity 5 ft^2)
      5 sq. units => (quantity 5 unit^2)
      8\frac{\text{km}}{\text{h}} => (quantity 8 km/h)
      5\text{°C} => (quantity 5 degree-celsius)
      \frac{1}{2} cup => (quantity (/ 1 2) cup)
      12 miles per hour => (quantity 12 mi/h)
      \text{5 cm} => (quantity 5 cm)
      1+\sqrt2 cm => (quantity (+ 1 (root 2)) cm)
      5 feet 3 inches => (+ (quantity 5 ft) (quantity 3 in))
      90 min => (quantity 90 min)
      90\text{ min} => (quantity 90 min)
      30\,\mathrm{sec} => (quantity 30 s)
      9.8 m/sec^2 => (quantity 9.8 m/s^2)
      60 \text{ km/min} => (quantity 60 km/min)
      sin x / sec x => (/ (sin x) (sec x))
      5 min 30 s => (+ (quantity 5 min) (quantity 30 s))
      2 h 30 min => (+ (quantity 2 h) (quantity 30 min))
      5 min(2,3) => (* 5 (min 2 3))
      5\text{min}(2,3) => (* 5 (min 2 3))
      2 sec x => (* 2 (sec x))
      2 x 3 y => (* 2 x 3 y)
      x = 5 \text{ cm} => (x = (quantity 5 cm))
      27 students => (quantity 27 students)
      no solution => "no solution"
      \text{Evelyn} => "Evelyn"
      (C) => "(C)"
      \text{(C)} => "(C)"
      \textbf{(B) }13 => 13
      Alice and Bob => (list "Alice" "Bob")
      \text{Alice and Bob} => (list "Alice" "Bob")
      \text{Area}=5 => (Area = 5)
      The answer is 5 => "The answer is 5"
      5 more than x => "5 more than x"
    `),
  )('%s', (text, tree) => {
    expect(read(text)).toBe(tree);
  });
});

describe('wrappers and slips', () => {
  it.each(
    table(raw`
      \(5\) => 5
      \[5\] => 5
      \boxed{5} => 5
      \displaystyle\frac{1}{2} => (/ 1 2)
      \left( 3, \frac{\pi}{2} \right) => (tuple 3 (/ pi 2))
      \bigl(1,2\bigr) => (tuple 1 2)
      =5 => 5
      x \approx 3.14 => (x ~ 3.14)
      \frac{1}{2 => (/ 1 2)
      \left( 1,2 => (tuple 1 2)
      5} => 5
      2pi => (* 2 pi)
      \textcolor{red}{5} => 5
      x = 5 \checkmark => (x = 5)
    `),
  )('%s', (text, tree) => {
    expect(read(text)).toBe(tree);
  });

  it('refuses what is neither mathematics nor words, and says where', () => {
    expect(read('')).toMatchInlineSnapshot(`"refused: nothing to read at the end (token 0)"`);
    expect(read('2 +')).toMatchInlineSnapshot(`"refused: a value is missing at the end (token 2)"`);
    expect(read('1 2')).toMatchInlineSnapshot(`"refused: cannot read what follows at "2" (token 1)"`);
  });
});

/** Pieces that hostile and broken answers are made of. */
const PIECE = fc.constantFrom(
  ...raw`\ { } ( ) [ ] | \left| \right. \frac \frac{ \sqrt[ ^ _ ^{ ! % - + / * 1 1, 1.5 .5 1e5 0.( x xy words \text{ \text{if} $ \$ ' ° \circ \pm = < , \{ \}
    \begin{pmatrix} \end{pmatrix} & \\ \log_ \sin f( a_{ \sum_{ \overline{ \dot ½ ² cm m/s \cup \choose \implies 😀 é : 1A_{16} \boxed{ (mod \hat != base ~`
    .split(/\s+/)
    .concat(' ', '\n', '\0', '\ud800'),
);
const HOSTILE = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(PIECE, { maxLength: 40 }).map((pieces) => pieces.join('')),
);

describe('any text', () => {
  it('never throws, and charges about a step a character', () => {
    fc.assert(
      fc.property(HOSTILE, (text) => {
        const budget = new Budget(1e6);
        const parsed = parseMath(text, budget);
        if (parsed.ok) show(parsed.expression);
        expect(budget.spent).toBeLessThanOrEqual(text.length + 1);
      }),
      { numRuns: 500 },
    );
  });

  it('is refused unread when it is too long', () => {
    expect(read('\\'.repeat(1e6))).toMatchInlineSnapshot(
      `"refused: longer than ${MAX_MATH_LENGTH} characters (1000000)"`,
    );
  });

  it('is refused, not followed, where it nests too deeply', () => {
    expect(read('('.repeat(5_000))).toMatch(/^refused: nested more than 200 deep/);
    expect(read('2^'.repeat(4_000))).toMatch(/^refused: nested more than 200 deep/);
    expect(read(`${'-'.repeat(9_000)}1`)).toMatch(/^refused: nested more than 200 deep/);
    expect(read(`3${'!'.repeat(9_000)}`)).toMatch(/^refused: more than 300 signs stacked/);
    expect(read(`1${'/2'.repeat(4_000)}`)).toMatch(/^refused: more than 300 signs stacked/);
  });

  it('stops where the budget ends', () => {
    expect(() => parseMath('x'.repeat(100), new Budget(50))).toThrow(BudgetExceeded);
  });
});
