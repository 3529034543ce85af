/** The rest of the group below a completion, where there is room for it. */
import type { SiblingSummary } from '../../api.ts';
import { formatDifference } from '../format.ts';
import { VerdictMark } from '../rollouts/verdict-mark.tsx';
import { visible } from './visible.ts';

interface SiblingsProps {
  readonly siblings: readonly SiblingSummary[];
  /** Row of the rollout that is shown. */
  readonly row: number;
  readonly hrefOf: (row: number) => string;
}

export function Siblings({ siblings, row, hrefOf }: SiblingsProps) {
  return (
    <section class="siblings" aria-label="The group">
      <table>
        <thead>
          <tr>
            <th scope="col" class="number">
              rollout
            </th>
            <th scope="col">verdict</th>
            <th scope="col" class="number">
              mean advantage
            </th>
            <th scope="col" class="number">
              tokens
            </th>
            <th scope="col">completion</th>
          </tr>
        </thead>
        <tbody>
          {siblings.map((sibling) => (
            <tr key={sibling.row} class={sibling.row === row ? 'is-open' : undefined}>
              <td class="number">{sibling.index}</td>
              <td>
                <VerdictMark outcome={sibling.outcome} />
              </td>
              <td class="number">{sibling.meanAdvantage === null ? '–' : formatDifference(sibling.meanAdvantage)}</td>
              <td class="number">{sibling.tokens.toLocaleString('en-US')}</td>
              <td class="siblings-text">
                <a href={hrefOf(sibling.row)}>{visible(sibling.completion.slice(0, EXCERPT)) || '(empty)'}</a>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Characters. */
const EXCERPT = 300;
