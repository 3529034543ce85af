/**
 * Whether words say a number, if not in digits: `half a dozen`, `pi over four`.
 */
const NUMBER_WORDS =
  /\b(?:zero|nought|naught|nil|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty|hundred|thousand|[mbtr]+illion|dozen|half|halves|thirds?|quarters?|(?:four|fif|six|seven|eigh|nin|ten|hundred)ths?|once|twice|thrice|double|triple|single|unity)\b/i;
const INFINITY_OR_PI = /[π∞]|\\(?:pi|infty)\b|\b(?:pi|infinity|infinite|infinitely)\b/i;
/** e, and i that is not the pronoun. */
const CONSTANT_LETTERS = /(?<![A-Za-z'’])e(?![A-Za-z'’])|(?<![A-Za-z'’])i(?![A-Za-z'’]| [a-z]{2})/;

/** A finite number spelled, in part or in whole. */
export function hasNumberWord(words: string): boolean {
  return NUMBER_WORDS.test(words);
}

/** Digits, number words, pi, e, i or infinity: what has one may be the number asked for. */
export function saysNumber(words: string): boolean {
  return /\p{N}/u.test(words) || hasNumberWord(words) || INFINITY_OR_PI.test(words) || CONSTANT_LETTERS.test(words);
}
