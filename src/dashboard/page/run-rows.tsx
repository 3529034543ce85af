/** Rows of the list of runs: a run, a study and what became of its runs. */
import type { RunSummary, StudySummary } from '../api.ts';
import { counted, formatAge, formatNumber, formatSeconds, formatShare, formatTime } from './format.ts';
import { runHref, studyHref } from './router.ts';
import { Sparkline } from './sparkline.tsx';
import { HealthMark, Progress, StatusMark } from './status.tsx';

export function RunRow({
  run,
  isAt,
  isSelected,
  toggle,
}: {
  readonly run: RunSummary;
  readonly isAt: boolean;
  readonly isSelected: boolean;
  readonly toggle: () => void;
}) {
  const name = run.study === null ? run.run : run.run.slice(run.study.length + 1);
  return (
    <tr class={`${isAt ? 'at' : ''} ${isSelected ? 'selected' : ''} ${run.study === null ? '' : 'of-study'}`}>
      <td class="narrow">
        <input type="checkbox" checked={isSelected} aria-label={`Select ${run.run}`} onChange={toggle} />
      </td>
      <th scope="row">
        <a href={runHref(run.run)}>{name}</a>
        {run.damage.length > 0 && (
          <span class="row-damage" title={run.damage.join('\n')}>
            damaged
          </span>
        )}
      </th>
      <td>
        <StatusMark status={run.status} />
      </td>
      <td>
        <Progress step={run.step} totalSteps={run.totalSteps} />
        <Remaining run={run} />
      </td>
      <td class="narrow">
        <HealthMark state={run.health ?? 'not measured'} />
      </td>
      <td class="pass">
        <span>
          <Sparkline run={run.run} metric="rollout/pass_rate" label={`Pass rate of ${run.run}`} />
          <span class="pass-value">{run.passRate === null ? '–' : formatShare(run.passRate)}</span>
        </span>
      </td>
      <td class="number">{run.reward === null ? '–' : formatNumber(run.reward)}</td>
      <td>{run.task ?? '–'}</td>
      <td>{run.recipe ?? '–'}</td>
      <td class="quiet">{run.policy ?? run.engine ?? '–'}</td>
      <td class="number quiet" title={run.started === null ? '' : formatTime(run.started)}>
        {run.started === null ? '–' : formatAge(run.started, Date.now() / 1000)}
      </td>
    </tr>
  );
}

function Remaining({ run: { status, step, totalSteps, stepSeconds } }: { readonly run: RunSummary }) {
  if (status !== 'running' || totalSteps === null || stepSeconds === null || step >= totalSteps) return null;
  return <span class="remaining quiet">{formatSeconds((totalSteps - step) * stepSeconds)} left</span>;
}

export function StudyRow({
  study,
  summary,
  shown,
  isOpen,
  toggle,
}: {
  readonly study: string;
  readonly summary: StudySummary | undefined;
  readonly shown: number;
  readonly isOpen: boolean;
  readonly toggle: () => void;
}) {
  return (
    <tr class="study-row">
      <th colspan={11} scope="rowgroup">
        <button type="button" class="fold" aria-expanded={isOpen} aria-label={`Runs of ${study}`} onClick={toggle}>
          {isOpen ? '▾' : '▸'}
        </button>
        <a href={studyHref(study)}>{study}</a>
        <StudyCounts summary={summary} shown={shown} />
      </th>
    </tr>
  );
}

function StudyCounts({ summary, shown }: { readonly summary: StudySummary | undefined; readonly shown: number }) {
  if (!summary) return <span class="study-counts quiet">study, {counted(shown, 'run')}</span>;
  const { arms, seeds, runs, finished, running, about, damage } = summary;
  return (
    <>
      <span class="study-counts quiet">
        study · {counted(arms, 'arm')} × {counted(seeds, 'seed')} · {finished} of {runs} finished
        {running > 0 ? ` · ${running} running` : ''}
      </span>
      <span class="study-about" title={about}>
        {about}
      </span>
      {damage.length > 0 && (
        <span class="row-damage" title={damage.join('\n')}>
          damaged
        </span>
      )}
    </>
  );
}

/** Planned, none of its runs begun. */
export function StudiesWithoutRuns({ studies }: { readonly studies: readonly StudySummary[] }) {
  return (
    <tbody>
      {studies.map((summary) => (
        <tr class="study-row" key={summary.study}>
          <th colspan={11} scope="rowgroup">
            <span class="fold" />
            <a href={studyHref(summary.study)}>{summary.study}</a>
            <StudyCounts summary={summary} shown={0} />
          </th>
        </tr>
      ))}
    </tbody>
  );
}
