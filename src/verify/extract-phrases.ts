/**
 * Answers behind words: `The final answer is ...`, `#### 18`, `**Answer:** ...`.
 */
import type { Span } from './span.ts';

/** Longer answers in words are no answers, in UTF-16 units. */
const MAX_ANSWER = 1_000;

/** A longer line behind #### is a heading or a sentence. */
const MAX_LINE = 400;

/** What may stand between the words and the answer. */
const LEAD = /[\s*_:=`]*/y;
const FINAL_ANSWER = /final\s{1,3}(?:answer|result)s?\b[*_]{0,3}(?:[^.\n:]{0,80}?\b(?:is|are)\b|[ \t]*[:=]|[ \t]*\n)/gi;
const ANSWER =
  /\b(?:answer|ans|(?:correct|right|best) (?:option|choice|statement))s?\b[*_]{0,3}(?:[^.\n:]{0,80}?\b(?:is|are|equals)\b|\s{0,3}[:=]|[*_]{0,3}[ \t]*\n)/gi;
const HASHES = /^[ \t]*####[ \t]*(?=\S)/gm;
const HEADING =
  /^\**(?:step|case|part|solution|final|answer|conclusion|method|proof|verif|summary|problem|analysis|explanation|example|note|check|finding|calcul|comput|determin|simplif)/i;

/** Words between `is` and the answer itself. */
const FILLER =
  /^(?:(?:(?:the )?(?:final )?answer is|thus|therefore|simply|equal to|approximately|about|exactly|indeed|given by|option|choice|clearly|(?:the|its|their|this|our)(?: [A-Za-z]{1,20}){1,8}? (?:is|are|equals|was))\b[\s:,*]{0,20}){1,4}/i;

/** Math written in one piece at the start: $...$, \(...\), \[...\]. */
const MATH_AT_START =
  /^(?:\$\$(?:[^$\\]|\\.)+\$\$|\$(?:[^$\\]|\\.)+\$|\\\((?:[^\\]|\\[^)])*\\\)|\\\[(?:[^\\]|\\[^\]])*\\\])/;
/** More of it, joined: `$1$ and $2$`, `$1$, $2$`. */
const MATH_JOINED = /^(?:\s*(?:,|;|and|or|, and|,? or)?\s*)(?:\$(?:[^$\\]|\\.)+\$|\\\((?:[^\\]|\\[^)])*\\\))/;
const SENTENCE_END =
  /(?:(?<!\\)[.!?]["')*_]{0,4}(?=\s|$))|\n|\*\*(?=[\s.,;:!?]|$)|(?<=\S)[ ,;]+(?:\((?:see|since|as|because|which|by|from|where|note|i\.e|e\.g)\b|and (?:we|so|it|this|that|the|hence|thus|therefore|not)\b|because|since|which|so|as|where|when|but|assuming|thus|hence|given|therefore)(?![A-Za-z])/;
const TRAILING: ReadonlySet<string> = new Set([...' \t\r\n*_`.,;:']);
/** Pictures after the answer say nothing. */
const PICTURES = /\p{Extended_Pictographic}/u;

/** The end of the math pieces that begin at `from`, if some do. */
function mathEnd(rest: string): number | undefined {
  const first = MATH_AT_START.exec(rest)?.[0];
  if (first === undefined) return undefined;
  let end = first.length;
  for (let count = 0; count < 16; count++) {
    const next = MATH_JOINED.exec(rest.slice(end))?.[0];
    if (next === undefined || !/[,;]|and|or/.test(next.slice(0, next.search(/[$\\]/)))) break;
    end += next.length;
  }
  return end;
}

/** The answer behind position `from`: math in one piece, or the rest of the sentence. */
function answerFrom(text: string, from: number): Span | undefined {
  LEAD.lastIndex = from;
  LEAD.exec(text);
  const start = LEAD.lastIndex + (FILLER.exec(text.slice(LEAD.lastIndex, LEAD.lastIndex + 200))?.[0].length ?? 0);
  const rest = text.slice(start, start + MAX_ANSWER);
  const math = mathEnd(rest);
  if (math !== undefined) return [start, start + math];
  const stop = SENTENCE_END.exec(rest);
  const sentence = stop === null ? rest : rest.slice(0, stop.index);
  const picture = sentence.search(PICTURES);
  let length = picture < 0 ? sentence.length : picture;
  while (length > 0 && TRAILING.has(sentence.charAt(length - 1))) length--;
  return length === 0 ? undefined : [start, start + length];
}

/** Behind the last match that an answer follows. */
function lastBehind(
  text: string,
  pattern: RegExp,
  isAnswer: (answer: string) => boolean = () => true,
): Span | undefined {
  const ends: number[] = [];
  for (const match of text.matchAll(pattern)) {
    ends.push(match.index + match[0].length);
    if (ends.length > 64) ends.splice(0, 32);
  }
  for (const end of ends.reverse()) {
    const span = answerFrom(text, end);
    if (span !== undefined && isAnswer(text.slice(...span))) return span;
  }
  return undefined;
}

export function findFinalAnswer(text: string): Span | undefined {
  return lastBehind(text, FINAL_ANSWER);
}

export function findAnswer(text: string): Span | undefined {
  return lastBehind(text, ANSWER);
}

export function findHashes(text: string): Span | undefined {
  return lastBehind(text, HASHES, (answer) => !HEADING.test(answer) && answer.length <= MAX_LINE);
}
