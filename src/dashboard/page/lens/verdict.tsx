/** What the verifier decided of a rollout, from which words of it, and why. */
import type { RolloutDetail } from '../../api.ts';
import { formatNumber } from '../format.ts';
import { VerdictMark } from '../rollouts/verdict-mark.tsx';
import { visible } from './visible.ts';

export function Verdict({ rollout }: { readonly rollout: RolloutDetail }) {
  const { outcome, reward, reason, explanation, evidence } = rollout;
  return (
    <section class="verdict-card" aria-label="Verdict">
      <h3>
        <VerdictMark outcome={outcome} />
        <span class="reward">{reward === null ? 'no reward' : `reward ${formatNumber(reward)}`}</span>
        {rollout.truncated && <span class="chip">truncated</span>}
      </h3>
      {reason !== null && <p>Reason: {visible(reason)}</p>}
      <p>{visible(explanation)}</p>
      {evidence && <Evidence evidence={evidence} />}
    </section>
  );
}

function Evidence({ evidence }: { readonly evidence: NonNullable<RolloutDetail['evidence']> }) {
  const { extracted, goldForm, answerForm, rule } = evidence;
  return (
    <dl class="figures">
      {extracted && (
        <div>
          <dt>
            found by <em>{visible(extracted.anchor)}</em>
          </dt>
          <dd>
            <code class="answer">{visible(extracted.text)}</code>{' '}
            <span class="quiet">
              {extracted.start}–{extracted.end}
            </span>
          </dd>
        </div>
      )}
      {answerForm !== null && <Form name="answer as compared" form={answerForm} />}
      {goldForm !== null && <Form name="gold as compared" form={goldForm} />}
      {rule !== null && <Form name="decided by" form={rule} />}
    </dl>
  );
}

const Form = ({ name, form }: { readonly name: string; readonly form: string }) => (
  <div>
    <dt>{name}</dt>
    <dd>
      <code>{visible(form)}</code>
    </dd>
  </div>
);
