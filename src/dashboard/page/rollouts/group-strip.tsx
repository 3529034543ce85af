/** The group of a rollout as a row of squares, by which one goes from one to the next. */
import type { SiblingSummary } from '../../api.ts';
import { formatNumber } from '../format.ts';

interface GroupStripProps {
  readonly siblings: readonly SiblingSummary[];
  /** Row of the rollout that is shown. */
  readonly row: number;
  readonly hrefOf: (row: number) => string;
}

const SIGNS = { correct: '✓', incorrect: '✕', unknown: '?' } as const;

export function GroupStrip({ siblings, row, hrefOf }: GroupStripProps) {
  return (
    <nav class="group-strip" aria-label="Rollouts of this group">
      {siblings.map((sibling) => (
        <a
          key={sibling.row}
          href={hrefOf(sibling.row)}
          class={`square outcome-${sibling.outcome}`}
          aria-current={sibling.row === row ? 'true' : undefined}
          aria-label={`rollout ${sibling.index}, ${sibling.outcome}`}
          title={`rollout ${sibling.index}: ${sibling.outcome}, ${rewardText(sibling.reward)}, ${sibling.tokens} tokens`}
        >
          {SIGNS[sibling.outcome]}
        </a>
      ))}
    </nav>
  );
}

/** The row `by` places on in its group, round and round. */
export function siblingRow(siblings: readonly SiblingSummary[], row: number, by: number): number {
  const at = siblings.findIndex((sibling) => sibling.row === row);
  return siblings[(at + by + siblings.length) % siblings.length]?.row ?? row;
}

export const rewardText = (reward: number | null): string =>
  reward === null ? 'no reward' : `reward ${formatNumber(reward)}`;
