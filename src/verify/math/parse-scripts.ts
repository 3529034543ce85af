/**
 * Subscripts as names: `a_{1}`, `\lambda_{\text{red}}`, `x_max`. The argument is text, not mathematics.
 */
import type { Cursor } from './parse-cursor.ts';

/** What stands behind `_`, its letters run together; moves past it. */
export function subscriptName(cursor: Cursor): string {
  if (cursor.token.kind === 'macro' && cursor.token.text === 'style') cursor.index++;
  if (!cursor.accept('{')) {
    const { kind, text } = cursor.token;
    if (kind === 'end' || kind === 'macro') return cursor.fail('a subscript is missing');
    cursor.index++;
    return text.replace(/\s/g, '');
  }
  let name = '';
  for (let depth = 1; ; cursor.index++) {
    const { kind, text } = cursor.token;
    if (kind === 'end') break;
    if (kind === 'mark' && text === '{') depth++;
    else if (kind === 'mark' && text === '}') {
      if (--depth === 0) break;
    } else if (kind !== 'macro') name += text.replace(/\s/g, '');
  }
  cursor.close('}');
  return name;
}
