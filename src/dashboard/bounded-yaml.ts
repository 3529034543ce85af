/**
 * YAML that somebody else may have written: parsed unless it is nested deeper than settings are. Thousands of brackets overflow the
 * parser's stack in a place where that ends the process.
 */
import { type CST, Parser, parse } from 'yaml';

/** Ours nest six deep. */
const DEEPEST = 64;

/** @throws an error that says what is wrong with the text */
export function parseBounded(text: string): unknown {
  checkDepth(text);
  const value: unknown = parse(text);
  if (isDeeper([value], innerValues)) throw new Error(TOO_DEEP);
  return value;
}

/** Whether a text may be given to a parser of YAML. @throws an error that says why not */
export function checkDepth(text: string): void {
  // this parser keeps its stack in memory, and gives what it found without looking inside
  const tokens = [...new Parser().parse(text)];
  if (isDeeper(tokens, innerTokens)) throw new Error(TOO_DEEP);
}

const TOO_DEEP = `it is nested more than ${DEEPEST} deep`;

/** Level by level, so that no depth costs stack. */
function isDeeper<T>(level: readonly T[], inner: (each: T) => readonly T[]): boolean {
  let current = level;
  for (let depth = 0; current.length > 0; depth++) {
    if (depth > DEEPEST) return true;
    current = current.flatMap((each) => [...inner(each)]);
  }
  return false;
}

function innerTokens(token: CST.Token): readonly CST.Token[] {
  if ('items' in token) return token.items.flatMap(({ key, value }) => [key ?? [], value ?? []].flat());
  return token.type === 'document' && token.value !== undefined ? [token.value] : [];
}

const innerValues = (value: unknown): readonly unknown[] =>
  typeof value === 'object' && value !== null ? Object.values(value) : [];
