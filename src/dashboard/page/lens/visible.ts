/**
 * Text of a policy as it may be shown: what moves the cursor, turns the line round or cannot be seen is replaced by a sign that can.
 * Escaping markup is not done here: the page only ever makes text nodes of it.
 */

/** Turn, join or hide neighbouring text: bidirectional controls, zero-width signs, separators, soft hyphen, interlinear marks, tags. */
const HIDING =
  /[\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e0fff}]/u;

const escaped = (code: number): string => {
  const digits = code.toString(16);
  return code < 0x100 ? `\\x${digits.padStart(2, '0')}` : `\\u{${digits}}`;
};

/** One code point as it is shown: line feed -> `⏎`, escape -> `\x1b`, right-to-left override -> `\u{202e}`; others as they are. */
export function visibleCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code === 0x0a) return '⏎';
  if (code === 0x09) return '⇥';
  if (code >= 0x20 && code < 0x7f) return character;
  if (code < 0xa0) return escaped(code);
  if (code >= 0xd800 && code <= 0xdfff) return escaped(code);
  return HIDING.test(character) ? escaped(code) : character;
}

/** A text of any kind in one line. */
export function visible(text: string): string {
  let shown = '';
  for (const character of text) shown += visibleCharacter(character);
  return shown;
}

/** A text of several lines: line feeds stay what they are. */
export const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n');

/** Every sign beyond printable ASCII by its number as well, for looking closely: `é` -> `é U+E9`; at most 12 of them. */
export function codePoints(text: string): string[] {
  const found: string[] = [];
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0x20 && code < 0x7f) continue;
    if (found.length === 12) return [...found, '…'];
    found.push(`U+${code.toString(16).toUpperCase().padStart(4, '0')}`);
  }
  return found;
}

/** Signs that take two columns of a monospaced font: East Asian wide and full-width forms, emoji. */
const WIDE =
  /[\u1100-\u115e\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]/u;
const COMBINING = /\p{Mn}|\p{Me}|[\u200c\u200d]/u;

/** Columns of a monospaced font that a shown text takes; a guess where the font has its own mind. */
export function columnsOf(shown: string): number {
  let columns = 0;
  for (const character of shown) columns += (character.codePointAt(0) ?? 0) < 0x300 ? 1 : columnsOfRare(character);
  return columns;
}

function columnsOfRare(character: string): number {
  if (COMBINING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
