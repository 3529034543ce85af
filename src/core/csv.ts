/** Tables as CSV (RFC 4180). Pure. */

export type Cell = string | number | undefined;

/** A first row of names, then rows; absent is empty. Text that a spreadsheet would take for a formula is kept text by an apostrophe. */
export const csv = (rows: readonly (readonly Cell[])[]): string =>
  rows.map((row) => `${row.map(cell).join(',')}\n`).join('');

function cell(value: Cell): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return `${value}`;
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
