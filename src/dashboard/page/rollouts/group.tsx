/** A group side by side: what the policy answered to one problem, good and bad. */
import type { RolloutDetail, SiblingSummary } from '../../api.ts';
import { counted, formatDifference } from '../format.ts';
import { Prompt } from '../lens/prompt.tsx';
import { visible, visibleLines } from '../lens/visible.ts';
import { rewardText } from './group-strip.tsx';
import { VerdictMark } from './verdict-mark.tsx';

interface GroupProps {
  readonly rollout: RolloutDetail;
  readonly hrefOf: (row: number) => string;
}

export function Group({ rollout, hrefOf }: GroupProps) {
  const { siblings, problemId } = rollout;
  const correct = siblings.filter(({ outcome }) => outcome === 'correct').length;
  return (
    <section class="group" aria-label="Group side by side">
      <h3>
        {correct} of {siblings.length} correct <span class="quiet">· problem {visible(problemId)}</span>
      </h3>
      <Prompt prompt={rollout.prompt} tokens={rollout.promptTokens} />
      <div class="group-columns">
        {siblings.map((sibling) => (
          <Sibling
            key={sibling.row}
            sibling={sibling}
            isOpen={sibling.row === rollout.row}
            href={hrefOf(sibling.row)}
          />
        ))}
      </div>
    </section>
  );
}

interface SiblingProps {
  readonly sibling: SiblingSummary;
  readonly isOpen: boolean;
  readonly href: string;
}

function Sibling({ sibling, isOpen, href }: SiblingProps) {
  const { index, outcome, reward, tokens, truncated, completion, meanAdvantage } = sibling;
  return (
    <article class={`sibling${isOpen ? ' is-open' : ''}`}>
      <header>
        <a href={href} aria-label={`Token lens of rollout ${index}`}>
          {index} <VerdictMark outcome={outcome} />
        </a>
        <p class="quiet">
          {rewardText(reward)}, {counted(tokens, 'token')}
          {truncated ? ', truncated' : ''}
          {meanAdvantage === null ? '' : `, mean advantage ${formatDifference(meanAdvantage)}`}
        </p>
      </header>
      <pre>{visibleLines(completion)}</pre>
    </article>
  );
}
