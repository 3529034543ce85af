/**
 * LaTeX environments: matrices, arrays, cases.
 */
import type { Expression } from './expression.ts';
import { call } from './parse-build.ts';
import type { Cursor } from './parse-cursor.ts';
import { subscriptName } from './parse-scripts.ts';

const ROWS_ARE_STATEMENTS = /^(?:cases|aligned|align|align\*|split|gathered|gather|equation|equation\*|rcases|dcases)$/;

/** Rows of cells, up to \end; the token of `\\` is a separator, as a comma is. */
function parseRows(cursor: Cursor): readonly (readonly Expression[])[] {
  const rows: Expression[][] = [];
  let row: Expression[] = [];
  for (;;) {
    if (cursor.token.kind === 'end' || (cursor.token.kind === 'macro' && cursor.token.text === 'end')) break;
    if (cursor.accept('&')) continue;
    if (cursor.accept(',')) {
      if (row.length > 0) rows.push(row);
      row = [];
      continue;
    }
    row.push(cursor.grammar.statement(cursor));
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

/** What stands between \begin{...} and \end{...}; the cursor is behind `begin`. */
export function parseEnvironment(cursor: Cursor): Expression {
  const environment = subscriptName(cursor);
  if (environment === 'array' && cursor.at('{')) subscriptName(cursor);
  const rows = cursor.bracketed(false, () => parseRows(cursor));
  if (cursor.token.kind !== 'end') {
    cursor.index++;
    subscriptName(cursor);
  }
  if (ROWS_ARE_STATEMENTS.test(environment)) {
    const elements = rows.flat();
    const only = elements[0];
    // an empty list would be the empty set
    if (only === undefined) return cursor.fail('an environment with nothing in it');
    return elements.length === 1 ? only : { kind: 'list', elements };
  }
  const width = rows[0]?.length;
  if (width === undefined || rows.some((row) => row.length !== width)) return cursor.fail('rows of unequal length');
  const matrix: Expression = { kind: 'matrix', rows };
  return environment === 'vmatrix' ? call('determinant', [matrix]) : matrix;
}
