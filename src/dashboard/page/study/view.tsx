/** A study: how far its runs are, and its report, made anew as they go on. */
import { useEffect, useState } from 'preact/hooks';
import { routes, type StudyDetail } from '../../api.ts';
import { api } from '../client.ts';
import { counted, formatShare } from '../format.ts';
import { useLive, versionOf } from '../live.ts';
import { useReply } from '../resource.ts';
import { runHref } from '../router.ts';
import { Damage, Loading, Shown } from '../states.tsx';
import type { StudyViewProps } from '../view.ts';
import { progressOf, reportVersion } from './progress.ts';

export function StudyView({ study }: StudyViewProps) {
  const { listVersion, changes } = useLive();
  const version = `${listVersion} ${[...changes.values()].map(versionOf).join(' ')} ${useTick(REFRESH_MS)}`;
  const resource = useReply(api.study(study), version);
  return (
    <Shown resource={resource} what="study">
      {(detail) => (
        <div class="study">
          <Damage sentences={detail.summary.damage} />
          <Progress detail={detail} />
          <Report study={study} version={reportVersion(detail)} />
        </div>
      )}
    </Shown>
  );
}

/** Between looks at runs that the stream does not tell of. */
const REFRESH_MS = 5000;

/** Grows every so often while the page is seen. */
function useTick(everyMs: number): number {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setTick((n) => n + 1);
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return tick;
}

function Progress({ detail }: { readonly detail: StudyDetail }) {
  const { summary, arms, runs } = detail;
  const share = progressOf(detail);
  return (
    <header class="study-head">
      <h1>{summary.study}</h1>
      {summary.about !== '' && <p>{summary.about}</p>}
      <p class="scan" role="status">
        <strong>
          {summary.finished} of {counted(summary.runs, 'run')} finished
        </strong>
        {summary.running > 0 && <span>· {summary.running} running</span>}
        <progress max={1} value={share} aria-label="Steps taken by all runs" />
        <span class="quiet">{formatShare(Math.floor(share * 1000) / 1000)} of the steps</span>
      </p>
      <table class="study-runs">
        <caption class="only-read">Runs by arm and seed</caption>
        <tbody>
          {arms.map((arm) => (
            <tr key={arm.name}>
              <th scope="row" title={arm.changes}>
                {arm.name} <span class="quiet">{arm.role}</span>
              </th>
              {runs
                .filter((run) => run.arm === arm.name)
                .map((run) => (
                  <td key={run.run}>
                    <RunMark run={run} />
                  </td>
                ))}
            </tr>
          ))}
        </tbody>
      </table>
    </header>
  );
}

function RunMark({ run: { run, seed, summary } }: { readonly run: StudyDetail['runs'][number] }) {
  if (summary === null)
    return (
      <span class="run-mark is-planned" title={`seed ${seed}: not begun`}>
        s{seed}
      </span>
    );
  const { status, step, totalSteps } = summary;
  const share = totalSteps ? Math.min(1, step / totalSteps) : 0;
  return (
    <a
      href={runHref(run)}
      class={`run-mark is-${status}`}
      title={`seed ${seed}: ${status}, step ${step}${totalSteps === null ? '' : ` of ${totalSteps}`}`}
      style={{ '--share': `${share * 100}%` }}
    >
      s{seed}
      {status === 'broken' && ' ✕'}
      {status === 'stopped' && ' ‖'}
    </a>
  );
}

/** The report as it stands, in a frame that may run nothing. A newer one takes its place when it is drawn, which takes seconds. */
function Report({ study, version }: { readonly study: string; readonly version: string }) {
  const [shown, setShown] = useState<string>();
  return (
    <>
      {shown === undefined && <Loading what="the runs and drawing the report" />}
      {[...new Set([shown ?? version, version])].map((each) => (
        <iframe
          // made anew when the report is: its address has no other part to change
          key={each}
          title="Report of the study"
          class="study-report"
          hidden={each !== shown}
          sandbox=""
          src={routes.studyReport(study)}
          onLoad={() => setShown(each)}
        />
      ))}
    </>
  );
}
