/** The tab that shows one rollout through the token lens, with its group and its place in the run. */
import type { RolloutDetail } from '../../api.ts';
import { api } from '../client.ts';
import { counted } from '../format.ts';
import { useKeys } from '../keys.ts';
import { useReply } from '../resource.ts';
import { GroupStrip, siblingRow } from '../rollouts/group-strip.tsx';
import { useHeld } from '../rollouts/held.ts';
import { NoRollouts } from '../rollouts/no-rollouts.tsx';
import { type Place, placeOf, placeText } from '../rollouts/place.ts';
import { navigate, type Query, runHref } from '../router.ts';
import { Shown } from '../states.tsx';
import type { RunViewProps } from '../view.ts';
import { Lens } from './lens.tsx';
import { visible } from './visible.ts';

export function TokensView({ run, query }: RunViewProps) {
  const name = run.summary.run;
  const latest = run.rolloutSteps.at(-1);
  const place = placeOf(query) ?? (latest === undefined ? undefined : { step: latest, row: 0 });
  const resource = useHeld(useReply(place && api.rollout(name, place.step, place.row)));
  if (place === undefined) return <NoRollouts isLive={run.summary.status === 'running'} />;
  return (
    <Shown resource={resource} what="rollout">
      {(rollout) => <OneRollout name={name} steps={run.rolloutSteps} rollout={rollout} query={query} />}
    </Shown>
  );
}

interface OneRolloutProps {
  readonly name: string;
  /** Steps whose rollouts are on disk. */
  readonly steps: readonly number[];
  readonly rollout: RolloutDetail;
  readonly query: Query;
}

function OneRollout({ name, steps, rollout, query }: OneRolloutProps) {
  const { step, row, group, siblings, problemId } = rollout;
  const hrefOf = (place: Place): string => runHref(name, 'tokens', { ...query, at: placeText(place) });
  const go = (place: Place): void => navigate(hrefOf(place), { replace: true });
  const at = steps.indexOf(step);
  const [before, after] = [steps[at - 1], at < 0 ? undefined : steps[at + 1]];
  useKeys('Token lens', [
    { keys: ['n'], about: 'next rollout of the group', act: () => go({ step, row: siblingRow(siblings, row, 1) }) },
    {
      keys: ['p'],
      about: 'previous rollout of the group',
      act: () => go({ step, row: siblingRow(siblings, row, -1) }),
    },
    { keys: ['['], about: 'same row, step before', act: () => before !== undefined && go({ step: before, row }) },
    { keys: [']'], about: 'same row, step after', act: () => after !== undefined && go({ step: after, row }) },
  ]);
  return (
    <div class="rollout-page">
      <header class="rollout-head">
        <h2>
          Step {step}, group {group}, rollout {rollout.index}
          <span class="quiet"> of {siblings.length}</span>
        </h2>
        <GroupStrip siblings={siblings} row={row} hrefOf={(sibling) => hrefOf({ step, row: sibling })} />
        <span class="quiet">
          policy version {rollout.policyVersion}, {counted(rollout.tokens.ids.length, 'token')}
        </span>
        <span class="links">
          <a href={runHref(name, 'rollouts', { ...query, at: placeText(rollout) })}>in the list</a>
          <a href={runHref(name, 'rollouts', { view: 'group', at: placeText(rollout) })}>group side by side</a>
          <a href={runHref(name, 'rollouts', { problem: problemId, at: placeText(rollout) })}>
            problem {visible(problemId)} in all steps
          </a>
        </span>
      </header>
      <Lens rollout={rollout} query={query} hrefOf={(sibling) => hrefOf({ step, row: sibling })} />
    </div>
  );
}
