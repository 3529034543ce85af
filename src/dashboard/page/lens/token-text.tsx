/**
 * A completion, token by token. Only the lines in sight are in the document, so 32,000 tokens open and scroll as fast as 100; one
 * listener hears the pointer for all of them.
 */
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useKeys } from '../keys.ts';
import { scrollTopFor, visibleRows } from '../rollouts/visible-rows.ts';
import { layOut, type TokenLayout, tokenAt } from './layout.ts';
import type { Tone } from './scale.ts';
import { TokenLine } from './token-line.tsx';
import type { Mark, TokenTexts } from './token-view.ts';
import { useViewport } from './viewport.ts';

/** Pixels; lens.css has it too. */
export const LINE_HEIGHT = 24;
/** Pixels, above and below. */
const BORDERS = 2;
/** Columns of the token numbers at the left, and of air at the right. */
const MARGIN = 8;
/** Longer lines are hard to read. */
const MOST_COLUMNS = 132;

interface TokenTextProps {
  readonly tokens: TokenTexts;
  readonly tones: readonly Tone[];
  readonly marks: readonly Mark[];
  /** The chosen token. */
  readonly cursor: number;
  /** Told of the token chosen with keys or a click, and of the one pointed at (undefined: none). */
  readonly onCursor: (token: number) => void;
  readonly onPoint: (token: number | undefined) => void;
}

export function TokenText({ tokens, tones, marks, cursor, onCursor, onPoint }: TokenTextProps) {
  const { ref, measured, onScroll } = useViewport<HTMLDivElement>();
  const columns = useColumns(ref, measured.width);
  const layout = useMemo(() => layOut(tokens.texts, columns), [tokens, columns]);
  const cursorLine = layout.lineOf[cursor] ?? 0;
  const rows = visibleRows(layout.lines.length, LINE_HEIGHT, measured);

  useEffect(() => {
    const element = ref.current;
    if (element === null || measured.height === 0) return;
    const viewport = { scrollTop: element.scrollTop, height: element.clientHeight };
    element.scrollTop = scrollTopFor(cursorLine, layout.lines.length, LINE_HEIGHT, viewport);
  }, [cursorLine, layout, measured.height === 0]);

  const pointer = useRef('');
  const page = Math.max(1, Math.floor(measured.height / LINE_HEIGHT) - 1);
  const last = Math.max(0, tokens.texts.length - 1);
  useKeys('Token lens', [
    { keys: ['ArrowRight'], about: 'next token', act: () => onCursor(Math.min(last, cursor + 1)) },
    { keys: ['ArrowLeft'], about: 'previous token', act: () => onCursor(Math.max(0, cursor - 1)) },
    { keys: ['ArrowDown'], about: 'a line down', act: () => onCursor(linesOn(layout, cursor, 1)) },
    { keys: ['ArrowUp'], about: 'a line up', act: () => onCursor(linesOn(layout, cursor, -1)) },
    { keys: ['PageDown'], about: '', act: () => onCursor(linesOn(layout, cursor, page)) },
    { keys: ['PageUp'], about: '', act: () => onCursor(linesOn(layout, cursor, -page)) },
    { keys: ['Home'], about: 'first token', act: () => onCursor(0) },
    { keys: ['End'], about: 'last token', act: () => onCursor(last) },
  ]);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the page's, see useKeys above
    <div
      ref={ref}
      class="token-text"
      style={{ flexBasis: `${layout.lines.length * LINE_HEIGHT + BORDERS}px` }}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: keys move a cursor in it
      tabIndex={0}
      role="application"
      aria-label="Completion, token by token. Arrow keys move from token to token."
      aria-describedby="token-inspector"
      onScroll={onScroll}
      onPointerMove={(event) => {
        // browsers send moves that are none when the text goes by under the pointer
        const place = `${event.clientX} ${event.clientY}`;
        if (place !== pointer.current) onPoint(tokenOf(event));
        pointer.current = place;
      }}
      onPointerLeave={() => onPoint(undefined)}
      onClick={(event) => {
        const token = tokenOf(event);
        if (token !== undefined) onCursor(token);
      }}
    >
      <div class="token-lines" style={{ height: `${rows.height}px` }}>
        <div class="token-window" style={{ transform: `translateY(${rows.top}px)` }}>
          {layout.lines.slice(rows.first, rows.end).map((line, i) => (
            <TokenLine
              key={rows.first + i}
              line={line}
              tokens={tokens}
              tones={tones}
              marks={marks}
              cursor={line.some(({ token }) => token === cursor) ? cursor : -1}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

function tokenOf({ target }: Event): number | undefined {
  const element = target instanceof Element ? target.closest('[data-token]') : null;
  const token = element?.getAttribute('data-token');
  return token == null ? undefined : Number(token);
}

/** Columns of the text's font that fit; measured from the font itself. */
function useColumns(ref: { readonly current: HTMLElement | null }, width: number): number {
  const [column, setColumn] = useState(0);
  const measure = useCallback(() => {
    const element = ref.current;
    if (element === null) return;
    const probe = document.createElement('span');
    probe.textContent = 'x'.repeat(100);
    probe.className = 'token-probe';
    element.append(probe);
    setColumn(probe.getBoundingClientRect().width / 100);
    probe.remove();
  }, [ref]);
  const isMeasured = useRef(false);
  useEffect(() => {
    if (isMeasured.current || width === 0) return;
    isMeasured.current = true;
    measure();
  }, [measure, width]);
  if (column === 0) return 80;
  return Math.max(16, Math.min(MOST_COLUMNS, Math.floor(width / column) - MARGIN));
}

/** The token some lines below (or above) at the same column. */
function linesOn({ lines, lineOf }: TokenLayout, cursor: number, by: number): number {
  const from = lineOf[cursor] ?? 0;
  const column = lines[from]?.find(({ token }) => token === cursor)?.column ?? 0;
  const line = Math.max(0, Math.min(lines.length - 1, from + by));
  return tokenAt(lines[line] ?? [], column) ?? cursor;
}
