/**
 * Unicode mathematics written out in ASCII and LaTeX commands, so that the lexer has one alphabet: `√2·π²` becomes `\sqrt 2 * \pi ^{2}`.
 * What has no mathematical meaning (accented and foreign letters) stays as it is.
 */

const GREEK_LETTERS: Readonly<Record<string, string>> = {
  α: 'alpha',
  β: 'beta',
  γ: 'gamma',
  δ: 'delta',
  ε: 'epsilon',
  ϵ: 'epsilon',
  ζ: 'zeta',
  η: 'eta',
  θ: 'theta',
  ϑ: 'theta',
  κ: 'kappa',
  λ: 'lambda',
  µ: 'mu',
  μ: 'mu',
  ν: 'nu',
  ξ: 'xi',
  π: 'pi',
  ρ: 'rho',
  σ: 'sigma',
  τ: 'tau',
  φ: 'phi',
  ϕ: 'phi',
  χ: 'chi',
  ψ: 'psi',
  ω: 'omega',
  Γ: 'Gamma',
  Δ: 'Delta',
  Θ: 'Theta',
  Λ: 'Lambda',
  Π: 'Pi',
  Σ: 'Sigma',
  Φ: 'Phi',
  Ψ: 'Psi',
  Ω: 'Omega',
};

/** Written as one string per replacement: every character of the key means the value. */
const REPLACEMENTS: Readonly<Record<string, string>> = {
  '−–—‐‑⁃﹣': '-',
  '×✕✖⋅·∙•∗': '*',
  '÷∕⁄': '/',
  '≤≦⩽': '<=',
  '≥≧⩾': '>=',
  '≠': '\\neq ',
  '≡': '\\equiv ',
  '≈≅≃∼': '\\approx ',
  '∈': '\\in ',
  '∪': '\\cup ',
  '∩': '\\cap ',
  '∖': '\\setminus ',
  '∞': '\\infty ',
  '∅': '\\emptyset ',
  '±': '\\pm ',
  '∓': '\\mp ',
  '√': '\\sqrt ',
  '∛': '\\sqrt[3] ',
  '∜': '\\sqrt[4] ',
  '°º˚∘': '^{\\circ}',
  '′’ʹ´': "'",
  '″”': "''",
  '‘“': '',
  ℝ: '\\mathbb{R}',
  ℤ: '\\mathbb{Z}',
  ℚ: '\\mathbb{Q}',
  ℕ: '\\mathbb{N}',
  ℂ: '\\mathbb{C}',
  '⌊': '\\lfloor ',
  '⌋': '\\rfloor ',
  '⌈': '\\lceil ',
  '⌉': '\\rceil ',
  '⟨〈': '\\langle ',
  '⟩〉': '\\rangle ',
  '‖∥': '\\|',
  '∣': '\\mid ',
  '→⟶': '\\to ',
  '⇒⟹∴': '\\implies ',
  '…⋯': '\\ldots ',
  '∠': '\\angle ',
  '△': '\\triangle ',
  '∂': '\\partial ',
  '∑': '\\sum ',
  '∏': '\\prod ',
  '∫': '\\int ',
  '∧': ' and ',
  '∨': ' or ',
  '％': '%',
  '¢': ' cents',
  '、，': ',',
  '。': '.',
  '\u2009\u202f': '\\,',
  '\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u200a\u205f\u3000\u2028\u2029': ' ',
  '\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff': '',
  '½': '\\frac{1}{2}',
  '⅓': '\\frac{1}{3}',
  '⅔': '\\frac{2}{3}',
  '¼': '\\frac{1}{4}',
  '¾': '\\frac{3}{4}',
  '⅕': '\\frac{1}{5}',
  '⅖': '\\frac{2}{5}',
  '⅗': '\\frac{3}{5}',
  '⅘': '\\frac{4}{5}',
  '⅙': '\\frac{1}{6}',
  '⅚': '\\frac{5}{6}',
  '⅛': '\\frac{1}{8}',
  '⅜': '\\frac{3}{8}',
  '⅝': '\\frac{5}{8}',
  '⅞': '\\frac{7}{8}',
};

const BY_CHARACTER = new Map<string, string>([
  ...Object.entries(REPLACEMENTS).flatMap(([characters, ascii]) =>
    [...characters].map((character): [string, string] => [character, ascii]),
  ),
  ...Object.entries(GREEK_LETTERS).map(([letter, name]): [string, string] => [letter, `\\${name} `]),
]);

const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱ';
const SUPERSCRIPT_ASCII = '0123456789+-()ni';
const SUBSCRIPTS = '₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₙᵢ';

function script(opening: string, alphabet: string, run: string): string {
  const inner = [...run].map((character) => SUPERSCRIPT_ASCII[alphabet.indexOf(character)] ?? '').join('');
  return `${opening}{${inner}}`;
}

function fold(character: string): string {
  const code = character.charCodeAt(0);
  if (code >= 0xff01 && code <= 0xff5e && character !== '％' && character !== '，') {
    return String.fromCharCode(code - 0xfee0);
  }
  return BY_CHARACTER.get(character) ?? character;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is exactly this range
const ASCII_ONLY = /^[\x00-\x7f]*$/;

/** The same text in ASCII and LaTeX commands. Idempotent on ASCII, linear. */
export function foldUnicode(text: string): string {
  if (ASCII_ONLY.test(text)) return text;
  return text
    .replace(/\\(?:text|mathrm)\{\s?[°º]\s?([CF])\s?\}/g, '^{\\circ}$1')
    .replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱ]+/gu, (run) => script('^', SUPERSCRIPTS, run))
    .replace(/[₀₁₂₃₄₅₆₇₈₉₊₋₍₎ₙᵢ]+/gu, (run) => script('_', SUBSCRIPTS, run))
    .replace(/[^\x20-\x7e]/gu, fold);
}
