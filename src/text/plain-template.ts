/**
 * Plain templates: `{problem}` stands for a value, `{{` and `}}` for braces. What a value holds is never looked at again, so braces
 * in a problem are safe.
 */
import { nearest } from '../core/edit-distance.ts';
import { UserError } from '../core/errors.ts';

type Piece = { readonly text: string } | { readonly name: string };

const TOKEN = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;

/** @throws UserError naming the place of a brace without a partner. */
function piecesOf(template: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of template.matchAll(TOKEN)) {
    const [token, name] = match;
    pieces.push({ text: template.slice(end, match.index) });
    end = match.index + token.length;
    if (name !== undefined) pieces.push({ name: name.trim() });
    else if (token.length === 2) pieces.push({ text: token.slice(1) });
    else
      throw new UserError(
        `"${token}" without its partner in the template at ${around(template, match.index)}; write "${token}${token}" for a brace itself`,
      );
  }
  pieces.push({ text: template.slice(end) });
  return pieces;
}

function around(template: string, index: number): string {
  const shown = template.slice(Math.max(0, index - 20), index + 20);
  return `character ${index + 1} (${JSON.stringify(shown)})`;
}

function refuse(name: string, names: readonly string[]): never {
  if (name === '') throw new UserError('the template has {} without a name; write {{}} for the braces themselves');
  throw new UserError(
    `the template has {${name}}, which is none of ${names.map((known) => `{${known}}`).join(', ')}; ` +
      `did you mean {${nearest(name, names)}}? Write {{${name}}} for the braces themselves`,
  );
}

/**
 * The template with its placeholders filled in: `renderTemplate('{problem} =', { problem: '1+1' })` -> `1+1 =`.
 * @throws UserError naming a placeholder that has no value, and the nearest that has.
 */
export function renderTemplate(template: string, values: Readonly<Record<string, string>>): string {
  const filled = (piece: Piece): string => {
    if ('text' in piece) return piece.text;
    return Object.hasOwn(values, piece.name) ? (values[piece.name] ?? '') : refuse(piece.name, Object.keys(values));
  };
  return piecesOf(template).map(filled).join('');
}

/**
 * That `renderTemplate` works with values of these names, and that the template uses one of them at least.
 * @param where names the template in messages, e.g. `task.prompt.template` @throws UserError
 */
export function checkTemplate(template: string, names: readonly string[], where: string): void {
  try {
    const used = piecesOf(template).flatMap((piece) => ('name' in piece ? [piece.name] : []));
    for (const name of used) if (!names.includes(name)) refuse(name, names);
    if (used.length === 0)
      throw new UserError(
        `the template has no placeholder, so every prompt would be the same; it may use ${names.map((name) => `{${name}}`).join(', ')}`,
      );
  } catch (error) {
    if (error instanceof UserError) throw new UserError(`${where}: ${error.message}`, { cause: error });
    throw error;
  }
}
