/**
 * Text that came from a model, a dataset or a file is data: on a terminal it must not move the cursor, set the title or hide itself.
 */

/** C0 and C1 controls, DEL, line and paragraph separators, bidirectional overrides and isolates, zero-width characters, lone surrogates. */
const UNSAFE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is looked for
  /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function escapeOne(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  if (character === '\r') return '\\r';
  const code = character.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** One line of visible text: `a\u001b[2Jb` -> `a\x1b[2Jb`. */
export function visible(text: string): string {
  return text.replace(UNSAFE, escapeOne);
}

/** Like `visible`, but keeps line breaks and tabs, for blocks of text. */
export function visibleBlock(text: string): string {
  return text.replace(UNSAFE, (character) =>
    character === '\n' || character === '\t' ? character : escapeOne(character),
  );
}
