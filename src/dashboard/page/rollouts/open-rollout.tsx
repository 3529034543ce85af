/** The rollout that is open beside the list: through the token lens, or its whole group side by side. */
import { api } from '../client.ts';
import { useKeys } from '../keys.ts';
import { Lens } from '../lens/lens.tsx';
import { useReply } from '../resource.ts';
import { changeQuery, navigate, type Query, runHref } from '../router.ts';
import { Shown } from '../states.tsx';
import { Group } from './group.tsx';
import { GroupStrip, siblingRow } from './group-strip.tsx';
import { useHeld } from './held.ts';
import { type Place, placeText } from './place.ts';

interface OpenRolloutProps {
  /** Of the run. */
  readonly name: string;
  readonly place: Place;
  readonly query: Query;
}

export function OpenRollout({ name, place, query }: OpenRolloutProps) {
  const resource = useHeld(useReply(api.rollout(name, place.step, place.row)));
  const siblings = resource.value?.siblings ?? [];
  const isGroup = query['view'] === 'group';
  const to = (row: number): void => changeQuery({ at: placeText({ step: place.step, row }) });
  const hrefOf = (row: number): string =>
    runHref(name, 'tokens', { ...query, at: placeText({ step: place.step, row }) });
  const hereOf = (row: number): string =>
    runHref(name, 'rollouts', { ...query, at: placeText({ step: place.step, row }) });
  useKeys('Rollouts', [
    { keys: ['n'], about: 'next rollout of the group', act: () => to(siblingRow(siblings, place.row, 1)) },
    { keys: ['p'], about: 'previous rollout of the group', act: () => to(siblingRow(siblings, place.row, -1)) },
    { keys: ['g'], about: 'the group side by side', act: () => changeQuery({ view: isGroup ? undefined : 'group' }) },
    { keys: ['Enter'], about: 'the whole page for this rollout', act: () => navigate(hrefOf(place.row)) },
  ]);
  return (
    <section class="open-rollout" aria-label="Open rollout">
      <Shown resource={resource} what="rollout">
        {(rollout) => (
          <>
            <header class="rollout-head">
              <h2>
                Step {rollout.step}, group {rollout.group}
              </h2>
              <GroupStrip siblings={rollout.siblings} row={rollout.row} hrefOf={hereOf} />
              <span class="links">
                <button
                  type="button"
                  aria-pressed={isGroup}
                  onClick={() => changeQuery({ view: isGroup ? undefined : 'group' })}
                >
                  Side by side
                </button>
                <a href={hrefOf(rollout.row)}>Whole page</a>
                <a href={runHref(name, 'rollouts', { problem: rollout.problemId, at: placeText(rollout) })}>
                  Problem in all steps
                </a>
                <button
                  type="button"
                  aria-label="Close the rollout"
                  onClick={() => changeQuery({ at: undefined, view: undefined })}
                >
                  ×
                </button>
              </span>
            </header>
            {isGroup ? (
              <Group rollout={rollout} hrefOf={hrefOf} />
            ) : (
              <Lens rollout={rollout} query={query} hrefOf={hereOf} />
            )}
          </>
        )}
      </Shown>
    </section>
  );
}
