/**
 * Which rows of a long list are in sight, for rows of one height. Browsers cannot make an element taller than some 17 to 33 million
 * pixels; a list beyond `TALLEST` is scrolled in proportion, so that a list of any length reaches its end.
 */

/** Pixels. */
const TALLEST = 12_000_000;

export interface RowsInView {
  /** [first, end) of the rows to draw. */
  readonly first: number;
  readonly end: number;
  /** Pixels from the top of the scrolled element to the top of row `first`. */
  readonly top: number;
  /** Pixels of the scrolled element. */
  readonly height: number;
}

export interface Viewport {
  /** Pixels. */
  readonly scrollTop: number;
  readonly height: number;
}

/** @param extra rows drawn beyond each edge, for scrolling without white */
export function visibleRows(count: number, rowHeight: number, { scrollTop, height }: Viewport, extra = 8): RowsInView {
  const full = count * rowHeight;
  const drawn = Math.min(full, TALLEST);
  // where the viewport's top would be were the element as tall as its rows
  const offset = shift(full, drawn, height, scrollTop);
  const first = Math.max(0, Math.min(count, Math.floor(offset / rowHeight)) - extra);
  const end = Math.min(count, Math.ceil((offset + height) / rowHeight) + extra);
  return { first, end, top: scrollTop + first * rowHeight - offset, height: drawn };
}

function shift(full: number, drawn: number, height: number, scrollTop: number): number {
  const [scrollable, wanted] = [Math.max(0, drawn - height), Math.max(0, full - height)];
  return scrollable === 0 ? 0 : Math.min(scrollTop, scrollable) * (wanted / scrollable);
}

/** Where to scroll so that a row is wholly in sight: the present place if it is. */
export function scrollTopFor(row: number, count: number, rowHeight: number, viewport: Viewport): number {
  const full = count * rowHeight;
  const drawn = Math.min(full, TALLEST);
  const offset = shift(full, drawn, viewport.height, viewport.scrollTop);
  const [top, bottom] = [row * rowHeight, (row + 1) * rowHeight];
  if (top >= offset && bottom <= offset + viewport.height) return viewport.scrollTop;
  const wanted = top < offset ? top : bottom - viewport.height;
  return full <= viewport.height ? 0 : wanted * ((drawn - viewport.height) / (full - viewport.height));
}
