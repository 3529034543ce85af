/** All runs of a folder: what they are, how far they are, how they do. Select some to compare them. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { RunsReply } from '../api.ts';
import { counted } from './format.ts';
import { useKeys } from './keys.ts';
import { changeQuery, compareHref, listOf, navigate, type Query, runHref } from './router.ts';
import { byStudy, foundRuns, nextSort, parseSort, type Sort, type SortColumn, sortedRuns } from './run-order.ts';
import { RunRow, StudiesWithoutRuns, StudyRow } from './run-rows.tsx';
import { useRuns } from './runs.ts';
import { Empty, Notes, Shown } from './states.tsx';

/** A study with as many runs or more begins folded, unless there is nothing else. */
const FOLDED_FROM = 9;

export function RunList({ query }: { readonly query: Query }) {
  return (
    <Shown resource={useRuns()} what="runs">
      {(reply) =>
        reply.runs.length === 0 && reply.studies.length === 0 ? (
          <NoRuns reply={reply} />
        ) : (
          <Runs reply={reply} query={query} />
        )
      }
    </Shown>
  );
}

function NoRuns({ reply: { root, notes } }: { readonly reply: RunsReply }) {
  return (
    <Empty title="No runs yet">
      <p>
        In <code>{root}</code> there is no run. One appears here as soon as it begins:
      </p>
      <pre>polarity train examples/echo.yaml</pre>
      <Notes sentences={notes} />
    </Empty>
  );
}

function Runs({ reply, query }: { readonly reply: RunsReply; readonly query: Query }) {
  const sort = parseSort(query['sort']);
  const search = query['find'] ?? '';
  const found = sortedRuns(foundRuns(reply.runs, search), sort);
  const groups = byStudy(found);
  const selected = listOf(query['select']).filter((name) => reply.runs.some(({ run }) => run === name));
  const [unfolded, setUnfolded] = useState<ReadonlyMap<string, boolean>>(new Map());
  const isOpen = (study: string): boolean =>
    unfolded.get(study) ?? (search !== '' || groups.size === 1 || (groups.get(study)?.length ?? 0) < FOLDED_FROM);
  const shown = [...groups].flatMap(([study, runs]) => (study === null || isOpen(study) ? runs : []));
  const [at, setAt] = useState(-1);
  const table = useRef<HTMLTableElement>(null);

  const toggle = (run: string): void =>
    changeQuery({
      select: (selected.includes(run) ? selected.filter((name) => name !== run) : [...selected, run]).join(','),
    });
  const move = (by: number) => () => setAt((row) => Math.min(shown.length - 1, Math.max(0, row + by)));
  const here = shown[at]?.run;
  useKeys('Runs', [
    { keys: ['j', 'ArrowDown'], about: 'next run', act: move(1) },
    { keys: ['k', 'ArrowUp'], about: 'previous run', act: move(-1) },
    { keys: ['Enter', 'o'], about: 'open it', act: () => here && navigate(runHref(here)) },
    { keys: ['x'], about: 'select it', act: () => here && toggle(here) },
    { keys: ['c'], about: 'compare those selected', act: () => selected.length > 1 && navigate(compareHref(selected)) },
  ]);
  useEffect(() => {
    table.current?.querySelector<HTMLElement>('tr.at')?.scrollIntoView({ block: 'nearest' });
  }, [at]);

  return (
    <section class="run-list" aria-label="Runs">
      <div class="toolbar">
        <input
          type="search"
          data-search
          placeholder="Find runs"
          aria-label="Find runs by name, status, task, recipe"
          value={search}
          onInput={(event) => changeQuery({ find: event.currentTarget.value })}
        />
        <span class="quiet">
          {found.length === reply.runs.length
            ? counted(found.length, 'run')
            : `${found.length} of ${counted(reply.runs.length, 'run')}`}
        </span>
        <span class="toolbar-rest">
          <Selection selected={selected} />
        </span>
      </div>
      <Notes sentences={reply.notes} />
      <table class="runs" ref={table}>
        <thead>
          <tr>
            <th class="narrow">
              <span class="only-read">Select</span>
            </th>
            <Head column="run" sort={sort} label="Run" />
            <Head column="status" sort={sort} label="Status" />
            <Head column="step" sort={sort} label="Steps" />
            <th class="narrow">Health</th>
            <Head column="pass" sort={sort} label="Pass rate" isWide />
            <Head column="reward" sort={sort} label="Reward" isNumber />
            <Head column="task" sort={sort} label="Task" />
            <Head column="recipe" sort={sort} label="Objective" />
            <th>Policy</th>
            <Head column="started" sort={sort} label="Started" isNumber />
          </tr>
        </thead>
        {[...groups].map(([study, runs]) => (
          <tbody key={study ?? ''}>
            {study !== null && (
              <StudyRow
                study={study}
                summary={reply.studies.find((each) => each.study === study)}
                shown={runs.length}
                isOpen={isOpen(study)}
                toggle={() => setUnfolded(new Map(unfolded).set(study, !isOpen(study)))}
              />
            )}
            {(study === null || isOpen(study)) &&
              runs.map((run) => (
                <RunRow
                  key={run.run}
                  run={run}
                  isAt={run.run === here}
                  isSelected={selected.includes(run.run)}
                  toggle={() => toggle(run.run)}
                />
              ))}
          </tbody>
        ))}
        <StudiesWithoutRuns studies={reply.studies.filter(({ study }) => !groups.has(study) && search === '')} />
      </table>
      {found.length === 0 && <Empty title={`No run matches “${search}”`} />}
    </section>
  );
}

function Selection({ selected }: { readonly selected: readonly string[] }) {
  if (selected.length === 0) return <span class="quiet">Select runs to compare them</span>;
  return (
    <>
      <span class="quiet">{selected.length} selected</span>
      <button type="button" onClick={() => changeQuery({ select: undefined })}>
        Clear
      </button>
      <button
        type="button"
        class="primary"
        disabled={selected.length < 2}
        onClick={() => navigate(compareHref(selected))}
      >
        Compare
      </button>
    </>
  );
}

function Head({
  column,
  sort,
  label,
  isNumber = false,
  isWide = false,
}: {
  readonly column: SortColumn;
  readonly sort: Sort;
  readonly label: string;
  readonly isNumber?: boolean;
  readonly isWide?: boolean;
}) {
  const isSorted = sort.column === column;
  return (
    <th
      class={`${isNumber ? 'number' : ''} ${isWide ? 'wide' : ''}`}
      aria-sort={isSorted ? (sort.isDescending ? 'descending' : 'ascending') : 'none'}
    >
      <button type="button" class="head" onClick={() => changeQuery({ sort: nextSort(sort, column) })}>
        {!isNumber && label}
        <span class="head-arrow" aria-hidden="true">
          {isSorted ? (sort.isDescending ? '↓' : '↑') : ''}
        </span>
        {isNumber && label}
      </button>
    </th>
  );
}
