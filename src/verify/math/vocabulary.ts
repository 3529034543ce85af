/**
 * What the words and commands of mathematical text mean: tables only. LaTeX commands are named without their backslash; a plain word that is listed
 * means the same (`sqrt(2)`, `frac{1}{2}`, `pi`), unless it is also an English word that answers use.
 */

/** Commands that become one mark. */
export const COMMAND_MARKS: ReadonlyMap<string, string> = new Map([
  ...['cdot', 'times', 'ast', 'cdotp', 'bullet'].map((name): [string, string] => [name, '*']),
  ['div', '/'],
  ['pm', 'pm'],
  ['mp', 'mp'],
  ['lt', '<'],
  ['gt', '>'],
  ...['le', 'leq', 'leqslant', 'leqq'].map((name): [string, string] => [name, '<=']),
  ...['ge', 'geq', 'geqslant', 'geqq'].map((name): [string, string] => [name, '>=']),
  ['ne', '!='],
  ['neq', '!='],
  ['in', 'in'],
  ['equiv', 'equivalent'],
  ...['approx', 'sim', 'simeq', 'cong', 'doteq'].map((name): [string, string] => [name, '~']),
  ['mid', '|relation'],
  ['cup', 'cup'],
  ['cap', 'cap'],
  ['setminus', 'setminus'],
  ['backslash', 'setminus'],
  ['{', '\\{'],
  ['}', '\\}'],
  ['lbrace', '\\{'],
  ['rbrace', '\\}'],
  ['langle', 'langle'],
  ['rangle', 'rangle'],
  ['lfloor', 'lfloor'],
  ['rfloor', 'rfloor'],
  ['lceil', 'lceil'],
  ['rceil', 'rceil'],
  ['lvert', '|open'],
  ['rvert', '|close'],
  ['lVert', '||open'],
  ['rVert', '||close'],
  ['|', '||'],
  ['vert', '|'],
  ['Vert', '||'],
  ['lbrack', '['],
  ['rbrack', ']'],
  ['circ', 'circ'],
  ['degree', 'degree'],
  ['prime', "'"],
  ['%', '%'],
  ['$', 'dollar'],
  ['pounds', 'pound'],
  ['euro', 'euro'],
  ['\\', ','],
  ['newline', ','],
  ['land', ','],
  ['lor', ','],
  ['wedge', ','],
  ['vee', ','],
  ['bmod', 'mod'],
  ['mod', 'mod'],
  ['choose', 'choose'],
  ['over', 'over'],
  ['colon', ':'],
  ['&', ','],
  ['#', ''],
  ['_', '_'],
]);

/** Commands that print nothing, or only space and size. */
export const IGNORED_COMMANDS: ReadonlySet<string> = new Set(
  (
    'left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr bigm displaystyle textstyle scriptstyle scriptscriptstyle ' +
    'quad qquad , ; : ! > space thinspace enspace enskip hfill limits nolimits nonumber notag hline allowbreak break relax ' +
    'rm bf it sf tt normalsize large Large small ( ) [ ] $$ / - protect noindent checkmark square blacksquare qed Box centering cr ensuremath mathstrut strut'
  )
    .split(' ')
    .concat(' ', '\n', '\t'),
);

/** Commands with one argument that is read as it stands: style, not meaning. */
const STYLE_COMMANDS: ReadonlySet<string> = new Set(
  (
    'mathbf mathit mathsf mathtt mathcal mathscr mathfrak boldsymbol bm pmb emph underline boxed fbox framebox vec overrightarrow overleftarrow ' +
    'mathop mathbin mathrel mathord hphantom smash mathstrut'
  ).split(' '),
);

/** Commands whose argument may be words. */
export const TEXT_COMMANDS: ReadonlySet<string> = new Set(
  'text textbf textit textrm textsf texttt textsc textnormal mbox hbox mathrm operatorname'.split(' '),
);

const ACCENTS: ReadonlySet<string> = new Set(
  'hat widehat bar overline dot ddot tilde widetilde check breve'.split(' '),
);

/** Everything read with arguments of its own. */
export const MACROS: ReadonlyMap<string, string> = new Map([
  ...['frac', 'dfrac', 'tfrac', 'cfrac', 'sfrac', 'nicefrac', 'xfrac'].map((name): [string, string] => [name, 'frac']),
  ...['sqrt', 'surd'].map((name): [string, string] => [name, 'sqrt']),
  ['cbrt', 'cbrt'],
  ...['binom', 'dbinom', 'tbinom'].map((name): [string, string] => [name, 'binom']),
  ['begin', 'begin'],
  ['end', 'end'],
  ['pmod', 'pmod'],
  ['pod', 'pmod'],
  ['mathbb', 'mathbb'],
  ['Bbb', 'mathbb'],
  ...['sum', 'prod', 'int', 'lim', 'iint', 'oint'].map((name): [string, string] => [name, 'big']),
  ['phantom', 'phantom'],
  ['vphantom', 'phantom'],
  ['hspace', 'phantom'],
  ['vspace', 'phantom'],
  ['color', 'phantom'],
  ['textcolor', 'phantom'],
  ['label', 'phantom'],
  ['tag', 'phantom'],
  ...[...ACCENTS].map((name): [string, string] => [name, 'accent']),
  ...[...STYLE_COMMANDS].map((name): [string, string] => [name, 'style']),
  ...[...TEXT_COMMANDS].map((name): [string, string] => [name, 'style']),
]);

/** Functions and what they are called in the tree. */
export const FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ...(
    'sin cos tan cot sec csc arcsin arccos arctan arccot arcsec arccsc sinh cosh tanh coth sech csch arcsinh arccosh arctanh log ln lg exp ' +
    'gcd lcm min max det arg deg dim ker Re Im sgn cis inf sup Pr floor ceil angle triangle tr rank'
  )
    .split(' ')
    .map((name): [string, string] => [name, name]),
  ['cosec', 'csc'],
  ['ctg', 'cot'],
  ['tg', 'tan'],
  ['arctg', 'arctan'],
  ['asin', 'arcsin'],
  ['acos', 'arccos'],
  ['atan', 'arctan'],
  ['asinh', 'arcsinh'],
  ['acosh', 'arccosh'],
  ['atanh', 'arctanh'],
  ['arsinh', 'arcsinh'],
  ['arcosh', 'arccosh'],
  ['artanh', 'arctanh'],
  ['GCD', 'gcd'],
  ['LCM', 'lcm'],
  ['abs', 'abs'],
  ['norm', 'norm'],
  ['sign', 'sgn'],
  ['ceiling', 'ceil'],
  ['measuredangle', 'angle'],
]);

/** The other side of a function written with ^{-1}. */
export const INVERSES: ReadonlyMap<string, string> = new Map(
  'sin cos tan cot sec csc sinh cosh tanh'.split(' ').map((name): [string, string] => [name, `arc${name}`]),
);

const GREEK =
  'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi omega ' +
  'Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega';

/** Symbols of more than one letter, and what they are called in the tree. */
export const SYMBOLS: ReadonlyMap<string, string> = new Map([
  ...GREEK.split(' ').map((name): [string, string] => [name, name]),
  ...['epsilon', 'theta', 'phi', 'rho', 'sigma', 'pi', 'kappa'].map((name): [string, string] => [`var${name}`, name]),
  ['infty', 'infinity'],
  ['infinity', 'infinity'],
  ['ell', 'ell'],
  ['hbar', 'hbar'],
  ['imath', 'i'],
  ['jmath', 'j'],
  ['partial', 'partial'],
  ['nabla', 'nabla'],
  ['odot', 'odot'],
  ['oplus', 'oplus'],
  ['star', 'star'],
  ['mho', 'mho'],
  ['aleph', 'aleph'],
  ['top', 'T'],
  ['intercal', 'T'],
  ['emptyset', 'emptyset'],
  ['varnothing', 'emptyset'],
  ['R', 'reals'],
  ['N', 'naturals'],
  ['Z', 'integers'],
  ['Q', 'rationals'],
  ['C', 'complexes'],
  ['reals', 'reals'],
  ['ldots', 'dots'],
  ['dots', 'dots'],
  ['cdots', 'dots'],
  ['dotsc', 'dots'],
  ['dotsb', 'dots'],
  ['vdots', 'dots'],
  ['ddots', 'dots'],
]);

export const NUMBER_SETS: Readonly<Record<string, string>> = {
  R: 'reals',
  Z: 'integers',
  Q: 'rationals',
  N: 'naturals',
  C: 'complexes',
};

/** Plain words that are marks. */
export const WORD_MARKS: ReadonlyMap<string, string> = new Map([
  ['and', ','],
  ['or', ','],
  ['union', 'cup'],
  ['mod', 'mod'],
  ...'times cdot leq geq neq lfloor rfloor lceil rceil'
    .split(' ')
    .map((name): [string, string] => [name, COMMAND_MARKS.get(name) ?? name]),
]);

/** Plain words that are macros without their backslash. */
export const WORD_MACROS: ReadonlyMap<string, string> = new Map(
  'frac dfrac tfrac sqrt cbrt binom boxed text mathrm mathbf overline'
    .split(' ')
    .map((name): [string, string] => [name, MACROS.get(name) ?? name]),
);

/** Words that plain text never means as a symbol or function. */
export const PLAIN_EXCLUDED: ReadonlySet<string> = new Set(
  'top star deg dim arg inf sup angle triangle rank norm sign tr det ker Re Im Pr R dots lim partial'.split(' '),
);

/** Words of fewer than four letters that are words, not products of letters. */
export const SHORT_WORDS: ReadonlySet<string> = new Set(
  (
    'DNE yes no odd all any the not for is are one two six ten red day if of to by at an on be so as we it its use per few new old big has box boy ' +
    'can car cat cup dog day end get man map men non now out own put set sum way who why true base cm mm km kg mg ml lb lbs oz ft in yd mi hr hrs min sec mph am pm AM PM ' +
    'rad sq cu usd USD gal cal eV mol atm nm dm Hz kW kJ kPa yr yrs'
  ).split(' '),
);

/** Words after a value that are no unit: the text is a sentence. */
export const SENTENCE_WORDS: ReadonlySet<string> = new Set(
  (
    'if for where when is are was were with such that then not all any more less than the which has have be can must given since because so we it this ' +
    'answer otherwise whenever as at on of to by from unless provided only solution solutions equals satisfies'
  ).split(' '),
);

export const MULTIPLIERS: ReadonlyMap<string, number> = new Map([
  ['hundred', 2],
  ['thousand', 3],
  ['million', 6],
  ['billion', 9],
  ['trillion', 12],
]);

/** Names of bases: 101_{two}. */
export const BASE_NAMES: ReadonlyMap<string, number> = new Map(
  'two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen'
    .split(' ')
    .map((name, index): [string, number] => [name, index + 2]),
);
