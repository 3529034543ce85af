/** Text in the form in which two ways of writing one problem are equal, and the runs of words that near copies share. */

/** Words, numbers and the signs that change a formula; what only sets it (`$`, braces, spacing commands, full stops) is left out. */
const WORD = /[\p{L}\p{N}]+|[-+*/=<>^_!|%]/gu;
/** LaTeX that changes how a formula looks and not what it says. */
const LAYOUT = /\\(?:left|right|displaystyle|text|mathrm|mathbf|quad|qquad|[,;:! ])/g;

/** `The sum $2 + 3$ is?` -> ['the', 'sum', '2', '+', '3', 'is'] */
export function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .replace(/\\[dt]frac/g, '\\frac')
      .replace(LAYOUT, ' ')
      .match(WORD) ?? []
  );
}

/** Words in a row that two texts hardly share by chance: the length used for contamination checks since GPT-3. */
export const GRAM_WORDS = 13;

/** Runs of `GRAM_WORDS` words; of a shorter text, the whole. */
export function gramsOf(words: readonly string[]): string[] {
  if (words.length === 0) return [];
  const count = Math.max(1, words.length - GRAM_WORDS + 1);
  return Array.from({ length: count }, (_, i) => words.slice(i, i + GRAM_WORDS).join(' '));
}
