/** What a run's policy did on held-out problems, step by step, with intervals. */
import { useState } from 'preact/hooks';
import type { EvaluationReply, Value } from '../api.ts';
import { api } from './client.ts';
import { counted, formatMetric, formatTime } from './format.ts';
import { extentOf, Interval } from './interval.tsx';
import { useReply } from './resource.ts';
import { Damage, Empty, Shown, tornEnd } from './states.tsx';
import type { RunViewProps } from './view.ts';

type Kind = 'intervals' | 'testSetIntervals';

const KINDS: readonly (readonly [Kind, string, string])[] = [
  ['intervals', 'problems like these', 'What other problems of the same kind would give.'],
  ['testSetIntervals', 'this test set', 'What these very problems would give, sampled again.'],
];

export function EvaluationsView({ run, change }: RunViewProps) {
  const { run: name, status } = run.summary;
  const evaluations = useReply(api.evaluations(name), change?.evaluations);
  const [kind, setKind] = useState<Kind>('intervals');
  return (
    <Shown resource={evaluations} what="evaluations">
      {(reply) => (
        <section class="evaluations" aria-label="Evaluations">
          <Damage sentences={tornEnd('evaluations.jsonl', reply, status === 'running')} />
          {reply.evaluations.length === 0 ? (
            <Empty title="Not evaluated yet">
              <p>
                A run is evaluated where its <code>evaluation</code> settings say so; the Files view has a command that
                does it now.
              </p>
            </Empty>
          ) : (
            <>
              <div class="toolbar">
                <span class="quiet">95 % intervals:</span>
                <fieldset class="segments" aria-label="Intervals of what">
                  {KINDS.map(([each, label, about]) => (
                    <button
                      type="button"
                      key={each}
                      aria-pressed={kind === each}
                      title={about}
                      onClick={() => setKind(each)}
                    >
                      {label}
                    </button>
                  ))}
                </fieldset>
              </div>
              {byName(reply.evaluations).map(([benchmark, lines]) => (
                <Benchmark key={benchmark} name={benchmark} lines={lines} kind={kind} />
              ))}
            </>
          )}
        </section>
      )}
    </Shown>
  );
}

function Benchmark({
  name,
  lines,
  kind,
}: {
  readonly name: string;
  readonly lines: readonly EvaluationReply[];
  readonly kind: Kind;
}) {
  const keys = [...new Set(lines.flatMap(({ metrics }) => Object.keys(metrics)))];
  const scores = keys.filter((key) => lines.some((line) => line[kind][key] !== undefined));
  const rest = keys.filter((key) => !scores.includes(key));
  const extents = new Map(scores.map((key) => [key, extentOf(lines.map((line) => line[kind][key]))]));
  const last = lines.at(-1);
  return (
    <section class="benchmark">
      <h2>
        {name}
        {last?.problems != null && last.samples != null && (
          <span class="quiet">
            {counted(last.problems, 'problem')} × {counted(last.samples, 'completion')}
          </span>
        )}
      </h2>
      <div class="scroll">
        <table class="grid">
          <thead>
            <tr>
              <th class="number">Step</th>
              {scores.map((key) => (
                <th
                  key={key}
                  colspan={2}
                  title={`${key}; drawn from ${(extents.get(key) ?? [0, 1]).map((end) => end.toFixed(3)).join(' to ')}`}
                >
                  {shortKey(key)}
                </th>
              ))}
              {rest.map((key) => (
                <th key={key} class="number" title={key}>
                  {shortKey(key)}
                </th>
              ))}
              <th class="number">Measured</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr key={`${line.step} ${line.unixSeconds}`}>
                <th scope="row" class="number">
                  {line.step}
                </th>
                {scores.map((key) => (
                  <Score
                    key={key}
                    metric={key}
                    value={line.metrics[key]}
                    interval={line[kind][key]}
                    extent={extents.get(key) ?? [0, 1]}
                  />
                ))}
                {rest.map((key) => (
                  <td key={key} class="number">
                    {shown(key, line.metrics[key])}
                  </td>
                ))}
                <td class="number quiet" title={formatTime(line.unixSeconds)}>
                  {formatTime(line.unixSeconds).slice(5, 16)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Score({
  metric,
  value,
  interval,
  extent: [from, to],
}: {
  readonly metric: string;
  readonly value: Value | undefined;
  readonly interval: readonly [Value, Value] | undefined;
  /** What the drawing is of. */
  readonly extent: readonly [number, number];
}) {
  const numbers = interval?.map(Number);
  const [low, high] = [numbers?.[0] ?? Number.NaN, numbers?.[1] ?? Number.NaN];
  if (typeof value !== 'number' || !Number.isFinite(low) || !Number.isFinite(high))
    return (
      <>
        <td class="number">{shown(metric, value)}</td>
        <td />
      </>
    );
  const words = `[${low.toFixed(3)}, ${high.toFixed(3)}]`;
  return (
    <>
      <td class="number">
        {value.toFixed(3)}
        <span class="score-interval">{words}</span>
      </td>
      <td class="score-drawing">
        <Interval
          value={value}
          low={low}
          high={high}
          from={from}
          to={to}
          width={72}
          label={`${value.toFixed(3)} ${words}`}
        />
      </td>
    </>
  );
}

function byName(evaluations: readonly EvaluationReply[]): [string, EvaluationReply[]][] {
  const names = new Map<string, EvaluationReply[]>();
  for (const line of evaluations) names.set(line.name, [...(names.get(line.name) ?? []), line]);
  return [...names];
}

const shown = (key: string, value: Value | undefined): string =>
  value === undefined ? '–' : formatMetric(key, Number(value));

/** `evaluate/pass_at_4` -> `pass@4`; `evaluate/completion_tokens/mean` -> `completion tokens`. */
function shortKey(key: string): string {
  return key
    .replace(/^evaluate\//, '')
    .replace(/^(pass|avg|maj)_at_(\d+)$/, '$1@$2')
    .replace(/\/mean$/, '')
    .replace(/_frac$/, '')
    .replaceAll('_', ' ');
}
