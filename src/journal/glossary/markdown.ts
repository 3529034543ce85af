/** docs/METRICS.md: the glossary as a document. Written by scripts/metrics.mjs; a test says when it is out of date. */
import { GLOSSARY, type PatternEntry } from '../glossary.ts';
import { CHECKS, type Check } from './checks.ts';

const HEADINGS: Readonly<Record<string, string>> = {
  rollout: 'Rollouts: what was sampled',
  policy: 'Policy',
  objective: 'Objective: of what is trained on',
  schedule: 'Schedules',
  loss: 'Loss and ratios',
  optim: 'Optimizer',
  train: 'Training',
  probe: 'Probe: what the updates did',
  evaluate: 'Evaluations (evaluations.jsonl)',
  time: 'Time: the only metrics in which equal runs differ',
};

const cell = (text: string): string => text.replaceAll('|', '\\|');
const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
const roomOf = ({ pattern }: PatternEntry): string => pattern.split('/')[0] ?? '';

function limitCell({ limits, derived = {} }: Check): string {
  const said = limits.map(
    ({ colour, measure, side, limit }) => `${colour} where ${`\`${measure}\``} is ${side} ${limit}`,
  );
  const meant = Object.entries(derived).map(([name, words]) => `\`${name}\`: ${words}`);
  return [said.join(', '), ...meant].join('; ');
}

function checkLines(): string[] {
  return [
    '| check | what it promises | limits | why these | otherwise | what to do |',
    '|---|---|---|---|---|---|',
    ...(CHECKS as readonly Check[]).map((check) =>
      row([
        `\`health/${check.name}\``,
        check.promise,
        limitCell(check),
        check.because,
        `${check.meaning}${check.absent === 'never' ? '' : ` (absent ${check.absent})`}`,
        check.remedy,
      ]),
    ),
  ];
}

function metricLines(room: string): string[] {
  return [
    `## ${HEADINGS[room] ?? room}`,
    '',
    '| metric | meaning | unit | healthy | otherwise | there when |',
    '|---|---|---|---|---|---|',
    ...GLOSSARY.filter((entry) => roomOf(entry) === room).map(
      ({ pattern, meaning, unit, healthy, remedy, when = 'always' }) =>
        row([`\`${pattern}\``, meaning, unit, healthy, remedy, when]),
    ),
    '',
  ];
}

export function metricsMarkdown(): string {
  return [
    '# Metrics and health checks',
    '',
    'Written by `node scripts/metrics.mjs` from `src/journal/glossary/`. Keys of `metrics.jsonl` and `evaluations.jsonl`; how lines are written is in',
    '[JOURNAL.md](JOURNAL.md). In brackets what a key may lack; `<stratum>` is positive (correct), negative (incorrect) or unknown (no verdict),',
    '`<polarity>` one of the first two, `<rule>` a token rule of the objective. A metric is absent, never 0, where there is nothing to measure.',
    '',
    '## Health checks',
    '',
    'Each step is judged; the metric is 0 green, 1 amber, 2 red. A check that gets worse writes an event of kind `health` to `events.jsonl`, once: again after ten',
    'better steps in a row. A consequence is not said twice: while `weights_in_sampler` is not green, `importance_ratio` and `mismatch` have no state.',
    '',
    ...checkLines(),
    '',
    ...Object.keys(HEADINGS).flatMap(metricLines),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}
