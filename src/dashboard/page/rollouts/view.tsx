/** The tab with every rollout of every step: conditions, the list, and beside it the one that is open, through the token lens. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { RolloutSummary } from '../../api.ts';
import { counted } from '../format.ts';
import { useKeys } from '../keys.ts';
import { changeQuery, navigate, type Query, runHref } from '../router.ts';
import { Broken, Damage, Empty, Loading } from '../states.tsx';
import type { RunViewProps } from '../view.ts';
import type { Feed } from './feed.ts';
import { changed, filterOf, parametersOf } from './filter.ts';
import { type Change, FilterBar } from './filter-bar.tsx';
import { List } from './list.tsx';
import { NoRollouts } from './no-rollouts.tsx';
import { OpenRollout } from './open-rollout.tsx';
import { type Place, placeOf, placeText } from './place.ts';
import { ProblemStrip } from './problem-strip.tsx';
import { useFeed } from './use-feed.ts';

export function RolloutsView({ run, query, change }: RunViewProps) {
  const name = run.summary.run;
  const filter = filterOf(new URLSearchParams(query));
  const version = change?.rolloutStep ?? run.rolloutSteps.at(-1);
  const feed = useFeed(name, filter, version);
  const place = placeOf(query);
  const isFiltered = parametersOf(filter).size > 0;
  const [cursor, setCursor] = useState(-1);
  useEffect(() => setCursor(-1), [feed]);

  const filtered: Change = (condition) => {
    const next = Object.fromEntries(parametersOf(changed(filter, condition)));
    navigate(runHref(name, 'rollouts', { ...withoutFilter(query), ...next }), { replace: true });
  };
  const hrefOf = (to: Place): string => runHref(name, 'rollouts', { ...query, at: placeText(to) });
  const open = (row: RolloutSummary, index: number): void => {
    setCursor(index);
    changeQuery({ at: placeText(row) });
  };
  const go = (by: number): void => {
    const total = feed.state.reply?.total ?? 0;
    const next = Math.max(0, Math.min(total - 1, cursor + by));
    const row = feed.row(next);
    setCursor(next);
    if (row) open(row, next);
  };
  useKeys('Rollouts', [
    { keys: ['j'], about: 'next rollout of the list', act: () => go(1) },
    { keys: ['k'], about: 'previous rollout of the list', act: () => go(-1) },
    { keys: ['Escape'], about: 'close the rollout', act: () => changeQuery({ at: undefined, view: undefined }) },
  ]);

  return (
    <div class={`rollouts${place ? ' has-open' : ''}${place && query['view'] === 'group' ? ' has-group' : ''}`}>
      <FilterBar filter={filter} onChange={filtered} />
      <Progress feed={feed} isFiltered={isFiltered}>
        {isFiltered && (
          <button type="button" onClick={() => navigate(runHref(name, 'rollouts', withoutFilter(query)))}>
            Clear filter
          </button>
        )}
      </Progress>
      {filter.problem !== undefined && (
        <ProblemStrip run={name} problem={filter.problem} version={version} place={place} hrefOf={hrefOf} />
      )}
      <Damage sentences={feed.state.reply?.damage ?? []} />
      <div class="rollouts-panes">
        <Found feed={feed} isLive={run.summary.status === 'running'} isFiltered={isFiltered}>
          <List feed={feed} place={place} cursor={cursor} onOpen={open} hrefOf={hrefOf} />
        </Found>
        {place && <OpenRollout name={name} place={place} query={query} />}
      </div>
    </div>
  );
}

/** What is in the address beside the conditions. */
function withoutFilter(query: Query): Query {
  const { at, view, colour } = query;
  return { ...(at ? { at } : {}), ...(view ? { view } : {}), ...(colour ? { colour } : {}) };
}

/** How far the search is, and how to end it. */
function Progress({
  feed,
  isFiltered,
  children,
}: {
  readonly feed: Feed;
  readonly isFiltered: boolean;
  readonly children: ComponentChildren;
}) {
  const { reply, failure, isStopped } = feed.state;
  if (reply === undefined) return <p class="scan">{children}</p>;
  const { files, of } = reply.scanned;
  return (
    <p class="scan" role="status">
      <strong>{counted(reply.total, 'rollout')}</strong>
      {reply.complete ? (
        <span class="quiet">
          {isFiltered ? `among those of ${counted(of, 'step')}` : `in ${counted(of, 'step')}`} on file
        </span>
      ) : (
        <>
          <span class="quiet">
            {' '}
            found so far; looked through {files.toLocaleString('en-US')} of {counted(of, 'step')}
          </span>
          <progress max={of} value={files} aria-label="Steps looked through" />
          <button type="button" onClick={() => (isStopped ? feed.resume() : feed.stop())}>
            {isStopped ? 'Go on' : 'Stop'}
          </button>
        </>
      )}
      {failure && (
        <span class="stale">
          Shown as last read. {failure.message}{' '}
          <button type="button" onClick={() => feed.resume()}>
            Ask again
          </button>
        </span>
      )}
      {children}
    </p>
  );
}

interface FoundProps {
  readonly feed: Feed;
  readonly isLive: boolean;
  readonly isFiltered: boolean;
  readonly children: ComponentChildren;
}

/** The list, or why there is none. */
function Found({ feed, isLive, isFiltered, children }: FoundProps) {
  const { reply, failure } = feed.state;
  if (failure && reply === undefined)
    return <Broken title="No rollouts" message={failure.message} retry={() => feed.resume()} />;
  if (reply === undefined) return <Loading what="rollouts" />;
  if (reply.total > 0 || !reply.complete) return <>{children}</>;
  if (isFiltered)
    return (
      <Empty title="No rollout is like that">
        <p>All {counted(reply.scanned.of, 'step')} were looked through. Take a condition away.</p>
      </Empty>
    );
  return <NoRollouts isLive={isLive} />;
}
