/** Several runs beside each other: what they were told, what came of it on the same held-out problems, their curves. */
import type { ComparedBenchmark, CompareReply, PairedEvaluations, PairedScore } from '../api.ts';
import { Charts } from './charts.tsx';
import { api } from './client.ts';
import { counted, formatNumber } from './format.ts';
import { Interval } from './interval.tsx';
import { useReply } from './resource.ts';
import { compareHref, navigate, type Query, runHref, runsHref } from './router.ts';
import { useRuns } from './runs.ts';
import { Empty, Shown } from './states.tsx';
import { Progress, StatusMark } from './status.tsx';

export function CompareView({ runs, query }: { readonly runs: readonly string[]; readonly query: Query }) {
  if (runs.length < 2)
    return (
      <Empty title="Two runs or more">
        <p>
          Select them in the <a href={runsHref()}>list of runs</a>; the first is what the others are compared with.
        </p>
        <Adder runs={runs} />
      </Empty>
    );
  return (
    <article class="compare">
      <h1>Compare</h1>
      <Comparison runs={runs} />
      <h2>Curves</h2>
      <Charts runs={runs.map(withoutStep)} query={query} />
    </article>
  );
}

function Comparison({ runs }: { readonly runs: readonly string[] }) {
  const reply = useReply(api.compare(runs));
  return (
    <Shown resource={reply} what="comparison">
      {(compared) => (
        <>
          <Compared reply={compared} asked={runs} />
          <h2>Held-out problems</h2>
          {compared.evaluations.map((pair) => (
            <Pair key={pair.b} pair={pair} />
          ))}
          <h2>
            Configuration <span class="quiet">{counted(compared.same, 'setting')} alike</span>
          </h2>
          <Differences reply={compared} />
        </>
      )}
    </Shown>
  );
}

function Compared({ reply, asked }: { readonly reply: CompareReply; readonly asked: readonly string[] }) {
  return (
    <ul class="compared">
      {reply.runs.map(({ run, step, summary }, i) => (
        <li key={run}>
          <a href={runHref(run)}>{run}</a>
          {i === 0 && <span class="chip">reference</span>}
          <StatusMark status={summary.status} />
          <Progress step={summary.step} totalSteps={summary.totalSteps} />
          <span class="quiet">{step === null ? 'not evaluated' : `evaluated at step ${step}`}</span>
          <span class="compared-rest">
            {i > 0 && (
              <button
                type="button"
                onClick={() => navigate(compareHref([asked[i] ?? run, ...asked.filter((_, j) => j !== i)]))}
              >
                Make it the reference
              </button>
            )}
            <button
              type="button"
              class="bare"
              aria-label={`Take ${run} away`}
              onClick={() => navigate(compareHref(asked.filter((_, j) => j !== i)))}
            >
              ×
            </button>
          </span>
        </li>
      ))}
      <li>
        <Adder runs={asked} />
      </li>
    </ul>
  );
}

function Adder({ runs }: { readonly runs: readonly string[] }) {
  const others = (useRuns().value?.runs ?? [])
    .map(({ run }) => run)
    .filter((name) => !runs.map(withoutStep).includes(name));
  if (others.length === 0) return null;
  return (
    <select
      aria-label="Compare another run"
      value=""
      onChange={(event) => navigate(compareHref([...runs, event.currentTarget.value]))}
    >
      <option value="">Add a run…</option>
      {others.map((name) => (
        <option key={name} value={name}>
          {name}
        </option>
      ))}
    </select>
  );
}

function Pair({ pair }: { readonly pair: PairedEvaluations }) {
  const title = (
    <h3>
      {pair.b} <span class="quiet">against</span> {pair.a}
    </h3>
  );
  if (pair.kind === 'refused')
    return (
      <section class="pair refused">
        {title}
        <p>
          <strong>Not compared.</strong> A difference between them would not say which policy is better:
        </p>
        <ul>
          {pair.reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      </section>
    );
  return (
    <section class="pair">
      {title}
      {pair.benchmarks.map((benchmark) => (
        <Benchmark key={benchmark.name} benchmark={benchmark} />
      ))}
      {pair.notCompared.length > 0 && <p class="quiet">Only one of them has: {pair.notCompared.join(', ')}.</p>}
    </section>
  );
}

function Benchmark({
  benchmark: { name, scores, verdict, adjustedPValue },
}: {
  readonly benchmark: ComparedBenchmark;
}) {
  const reach = Math.max(
    0.01,
    ...scores.flatMap(({ problemsLikeThese: [low, high] }) => [Math.abs(low), Math.abs(high)]),
  );
  return (
    <>
      <p class="verdict">
        <strong>{name}</strong> {verdict}
      </p>
      <div class="scroll">
        <table class="grid">
          <thead>
            <tr>
              <th>Score</th>
              <th class="number">Reference</th>
              <th class="number">This run</th>
              <th class="number">Difference</th>
              <th colspan={2}>95 %, problems like these</th>
              <th>95 %, this test set</th>
              <th class="number">p</th>
              <th class="number">Problems</th>
            </tr>
          </thead>
          <tbody>
            {scores.map((score) => (
              <ScoreRow key={score.score} score={score} reach={reach} />
            ))}
          </tbody>
        </table>
      </div>
      {scores.length > 0 && (
        <p class="quiet">p of the average, adjusted for the benchmarks compared: {formatNumber(adjustedPValue)}</p>
      )}
    </>
  );
}

function ScoreRow({ score, reach }: { readonly score: PairedScore; readonly reach: number }) {
  const { before, after, difference, problemsLikeThese, thisTestSet, pValue, problems } = score;
  const [low, high] = problemsLikeThese;
  return (
    <tr>
      <th scope="row">{score.score}</th>
      <td class="number">{before.toFixed(3)}</td>
      <td class="number">{after.toFixed(3)}</td>
      <td class="number">
        <strong>{signed(difference)}</strong>
      </td>
      <td>
        <Interval
          value={difference}
          low={low}
          high={high}
          from={-reach}
          to={reach}
          reference={0}
          width={150}
          label={`${signed(difference)}, ${between(problemsLikeThese)}`}
        />
      </td>
      <td class="quiet">{between(problemsLikeThese)}</td>
      <td class="quiet">{between(thisTestSet)}</td>
      <td class="number">{formatNumber(pValue)}</td>
      <td class="number">{problems}</td>
    </tr>
  );
}

function signed(value: number): string {
  const rounded = Math.round(value * 1000) / 1000;
  return `${rounded > 0 ? '+' : rounded < 0 ? '−' : ''}${Math.abs(rounded).toFixed(3)}`;
}
const between = ([low, high]: readonly [number, number]): string => `[${signed(low)}, ${signed(high)}]`;
const withoutStep = (reference: string): string => reference.replace(/@\d+$/, '');

function Differences({ reply: { runs, differences } }: { readonly reply: CompareReply }) {
  if (differences.length === 0) return <p class="quiet">They were told the same.</p>;
  return (
    <div class="scroll">
      <table class="grid differences">
        <thead>
          <tr>
            <th>Setting</th>
            {runs.map(({ run }) => (
              <th key={run}>{run}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {differences.map(({ path, values }) => (
            <tr key={path}>
              <th scope="row">
                <code>{path}</code>
              </th>
              {values.map((value, i) => (
                <td key={runs[i]?.run} class={i > 0 && value !== values[0] ? 'differs' : ''}>
                  {value ?? <span class="absent">–</span>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
