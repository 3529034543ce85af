/**
 * What the glossary says of a metric, and how its keys are written. A pattern is a key with placeholders: `<stratum>` (positive, negative,
 * unknown), `<polarity>` (positive, negative), `<percent>` (10, 50, 90), any other `<name>` for text without a slash; what stands in brackets may be absent.
 *   rollout/[<stratum>/]tokens   is rollout/tokens, rollout/positive/tokens, rollout/negative/tokens, rollout/unknown/tokens
 */

export interface GlossaryEntry {
  /** One line. */
  readonly meaning: string;
  /** Empty: a plain number. */
  readonly unit: string;
  /** What it is like in a run that goes well. */
  readonly healthy: string;
  /** What to do when it is not. */
  readonly remedy: string;
}

export interface PatternEntry extends GlossaryEntry {
  readonly pattern: string;
  /** When a step or evaluation has it; absent: always. */
  readonly when?: string;
}

const KNOWN: Readonly<Record<string, readonly string[]>> = {
  stratum: ['positive', 'negative', 'unknown'],
  polarity: ['positive', 'negative'],
  percent: ['10', '50', '90'],
};

/** The pattern with everything optional and everything enumerable written out; other placeholders are left. */
function written(pattern: string): string[] {
  const optional = /\[([^\]]*)\]/.exec(pattern);
  if (optional)
    return [pattern.replace(optional[0], ''), pattern.replace(optional[0], optional[1] ?? '')].flatMap(written);
  for (const [name, values] of Object.entries(KNOWN)) {
    const placeholder = `<${name}>`;
    if (pattern.includes(placeholder)) return values.flatMap((value) => written(pattern.replace(placeholder, value)));
  }
  return [pattern];
}

/** The same keys with `*` for any text without a slash: `rollout/positive/tokens`, `objective/*\/touched_frac`. */
export const starPatterns = (pattern: string): string[] =>
  written(pattern).map((each) => each.replace(/<[^>]*>/g, '*'));

/** Whether a key is one of a star pattern. */
export const fits = (star: string, key: string): boolean =>
  new RegExp(`^${star.split('*').map(literally).join('[^/]+')}$`).test(key);

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
