/** One token's numbers, and how its advantage came about. */
import type { ComponentChildren } from 'preact';
import type { RolloutDetail } from '../../api.ts';
import { formatDifference, formatNumber } from '../format.ts';
import { rulesOf } from './scale.ts';
import type { TokenTexts } from './token-view.ts';
import { codePoints, visible } from './visible.ts';

interface InspectorProps {
  readonly rollout: RolloutDetail;
  readonly texts: TokenTexts;
  readonly token: number;
}

/** A token of a whole line of base64 is not repeated in full. */
const LONGEST_TEXT = 80;

export function Inspector({ rollout, texts, token }: InspectorProps) {
  const { tokens } = rollout;
  const T = tokens.ids.length;
  if (T === 0) return <p class="quiet">The completion has no tokens.</p>;
  const text = texts.texts[token] ?? '';
  const logprob = tokens.logprobs[token];
  return (
    <section class="inspector" id="token-inspector" aria-live="polite" aria-label="Token">
      <h3>
        Token {token} <span class="quiet">of {T.toLocaleString('en-US')}</span>
      </h3>
      <p class="inspected-text">
        <code>{text === '' ? '(no text of its own)' : visible(text.slice(0, LONGEST_TEXT))}</code>
        {text.length > LONGEST_TEXT && <span class="quiet"> … {text.length} characters</span>}{' '}
        <span class="quiet">{codePoints(text).join(' ')}</span>
      </p>
      <dl class="figures">
        <Figure name="id">{tokens.ids[token]}</Figure>
        <Figure name="probability">{logprob == null ? ABSENT : formatNumber(Math.exp(logprob))}</Figure>
        <Figure name="log-probability">{figure(logprob, ' nats')}</Figure>
        <Figure name="entropy">{figure(tokens.entropies?.[token], ' nats')}</Figure>
        <Figure name="change by update">
          {tokens.logprobChanges === null ? (
            <span class="quiet">not probed</span>
          ) : (
            signed(tokens.logprobChanges[token], ' nats')
          )}
        </Figure>
      </dl>
    </section>
  );
}

/** From the verdict's reward to the advantage that was trained on. */
export function Ladder({ rollout, token }: Pick<InspectorProps, 'rollout' | 'token'>) {
  const { tokens, stages, siblings, row } = rollout;
  const place = siblings.findIndex((sibling) => sibling.row === row);
  const touched = rulesOf(tokens.rules?.[token] ?? 0);
  const wordsOf = (bit: number): string => stages?.rules[bit]?.words ?? '';
  return (
    <section class="inspector ladder" aria-label="How its advantage came about">
      <h3>Its advantage</h3>
      <dl class="figures">
        <Figure name="reward">
          {rollout.reward === null ? 'none: verdict unknown' : formatNumber(rollout.reward)}
        </Figure>
        {stages && (
          <>
            <Figure name="after transforms">{figure(stages.transformedRewards[place])}</Figure>
            <Figure name="after the baseline">{signed(stages.baseAdvantages[place])}</Figure>
          </>
        )}
        {tokens.baseAdvantages && <Figure name="before token rules">{signed(tokens.baseAdvantages[token])}</Figure>}
        {touched.map((bit) => (
          <Figure key={bit} name={<span class={`rule-name r${bit % 6}`}>{rollout.rules[bit] ?? `rule ${bit}`}</span>}>
            <span class="words">{wordsOf(bit) || 'touched it'}</span>
          </Figure>
        ))}
        {tokens.rules !== null && rollout.rules.length > 0 && touched.length === 0 && (
          <Figure name="token rules">none touched it</Figure>
        )}
        <Figure name="trained on">
          {tokens.advantages === null ? (
            'no: left out of training'
          ) : (
            <strong>{signed(tokens.advantages[token])}</strong>
          )}
        </Figure>
      </dl>
      {!stages && rollout.stagesNote !== null && <p class="quiet">{rollout.stagesNote}</p>}
      {stages && stages.largestDifference !== null && stages.largestDifference > ROUNDING && (
        <p class="warned">
          The stages are worked out again from this file; what was trained on differs from them by up to{' '}
          {formatNumber(stages.largestDifference)}.
        </p>
      )}
      {stages && stages.note !== '' && <p class="quiet">{stages.note}</p>}
    </section>
  );
}

/** Advantages are kept in 32 bits. */
const ROUNDING = 1e-4;

function Figure({ name, children }: { readonly name: ComponentChildren; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

const ABSENT = <span class="quiet">not given</span>;
const figure = (value: number | null | undefined, unit = '') => (value == null ? ABSENT : formatNumber(value) + unit);
const signed = (value: number | null | undefined, unit = '') =>
  value == null ? ABSENT : formatDifference(value) + unit;
