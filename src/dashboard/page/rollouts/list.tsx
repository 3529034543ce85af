/** The list: rows of one height, of which those in sight are drawn. */
import { Component } from 'preact';
import { useEffect } from 'preact/hooks';
import type { RolloutSummary } from '../../api.ts';
import { formatNumber } from '../format.ts';
import { useViewport } from '../lens/viewport.ts';
import { visible } from '../lens/visible.ts';
import type { Feed } from './feed.ts';
import { isSamePlace, type Place } from './place.ts';
import { VerdictMark } from './verdict-mark.tsx';
import { scrollTopFor, visibleRows } from './visible-rows.ts';

/** Pixels; rollouts.css has it too. */
export const ROW_HEIGHT = 28;

interface ListProps {
  readonly feed: Feed;
  readonly place: Place | undefined;
  /** Index of the row that keys have reached; brought into sight when it changes. */
  readonly cursor: number;
  readonly onOpen: (row: RolloutSummary, index: number) => void;
  readonly hrefOf: (row: RolloutSummary) => string;
}

export function List({ feed, place, cursor, onOpen, hrefOf }: ListProps) {
  const { ref, measured, onScroll } = useViewport<HTMLTableSectionElement>();
  const total = feed.state.reply?.total ?? 0;
  const rows = visibleRows(total, ROW_HEIGHT, measured);
  // one row is a stop for Tab, else the focus would draw row after row and never leave a long list
  const stop = Math.max(rows.first, Math.min(rows.end - 1, cursor));
  useEffect(() => feed.want(rows.first, rows.end), [feed, rows.first, rows.end]);
  useEffect(() => {
    const element = ref.current;
    if (element === null || cursor < 0) return;
    const viewport = { scrollTop: element.scrollTop, height: element.clientHeight };
    element.scrollTop = scrollTopFor(cursor, total, ROW_HEIGHT, viewport);
  }, [cursor]);

  return (
    <table class="rollout-table" aria-label="Rollouts" aria-rowcount={total}>
      <thead>
        <tr class="rollout-row">
          {COLUMNS.map((name) => (
            <th key={name} scope="col" class={`cell-${name}`}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody ref={ref} onScroll={onScroll}>
        <tr class="rollout-spacer" style={{ height: `${rows.height}px` }} />
        {Array.from({ length: rows.end - rows.first }, (_, i) => {
          const index = rows.first + i;
          const row = feed.row(index);
          const top = rows.top + i * ROW_HEIGHT;
          if (row === undefined) return <tr key={index} class="rollout-row is-awaited" style={{ top: `${top}px` }} />;
          const isOpen = isSamePlace(row, place);
          return (
            <Row
              key={index}
              row={row}
              index={index}
              top={top}
              isOpen={isOpen}
              isStop={index === stop}
              href={hrefOf(row)}
              onOpen={onOpen}
            />
          );
        })}
      </tbody>
    </table>
  );
}

const COLUMNS = ['step', 'group', 'verdict', 'reward', 'tokens', 'problem', 'prompt', 'completion'] as const;

interface RowProps {
  readonly row: RolloutSummary;
  readonly index: number;
  /** Pixels. */
  readonly top: number;
  readonly isOpen: boolean;
  /** Tab comes here. */
  readonly isStop: boolean;
  readonly href: string;
  readonly onOpen: (row: RolloutSummary, index: number) => void;
}

/** Drawn again only when it changes: scrolling draws the rows that come into sight. */
class Row extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const now = this.props;
    const keys = ['row', 'top', 'isOpen', 'isStop', 'href'] as const;
    return keys.some((key) => now[key] !== next[key]);
  }

  render({ row, index, top, isOpen, isStop, href, onOpen }: RowProps) {
    return (
      <tr
        class={`rollout-row${isOpen ? ' is-open' : ''}`}
        style={{ top: `${top}px` }}
        aria-rowindex={index + 1}
        aria-current={isOpen ? 'true' : undefined}
        onClick={(event) => {
          if (event.ctrlKey || event.metaKey || event.shiftKey) return;
          event.preventDefault();
          onOpen(row, index);
        }}
      >
        <td class="cell-step">{row.step}</td>
        <td class="cell-group">
          {row.group}
          <span class="quiet">.{row.index}</span>
        </td>
        <td class="cell-verdict">
          <VerdictMark outcome={row.outcome} />
        </td>
        <td class="cell-reward">{row.reward === null ? '–' : formatNumber(row.reward)}</td>
        <td class="cell-tokens">
          {row.tokens.toLocaleString('en-US')}
          {row.truncated && <span title="cut off at the length limit"> ✂</span>}
        </td>
        <td class="cell-problem">{visible(row.problemId)}</td>
        <td class="cell-prompt">{visible(row.prompt)}</td>
        <td class="cell-completion">
          <a href={href} tabIndex={isStop ? 0 : -1}>
            <Excerpt row={row} />
          </a>
        </td>
      </tr>
    );
  }
}

/** The completion's beginning, or what is around the hit. */
function Excerpt({ row: { completion, hit } }: { readonly row: RolloutSummary }) {
  if (completion === '') return <span class="quiet">(empty)</span>;
  if (hit === null) return <>{visible(completion)}</>;
  const [start, end] = hit;
  return (
    <>
      {visible(completion.slice(0, start))}
      <mark>{visible(completion.slice(start, end))}</mark>
      {visible(completion.slice(end))}
    </>
  );
}
