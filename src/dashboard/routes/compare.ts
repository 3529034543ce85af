/** Several runs beside each other. */
import type { Context, Hono } from 'hono';
import type { ComparedRun, CompareReply } from '../api.ts';
import { type Contender, comparedStep, pairedEvaluations } from '../compare.ts';
import { configDifferences } from '../config-diff.ts';
import type { Dashboard } from '../dashboard.ts';
import { pathNumber } from '../query.ts';
import { refusal } from '../refusal.ts';
import { readConfig } from '../run-config.ts';
import { findRun } from '../run-folder.ts';
import { studyOf } from '../run-list.ts';
import { summarise } from '../run-summary.ts';
import { queryOf } from './asked.ts';

const MOST_RUNS = 12;

interface Entered extends Contender {
  readonly config: unknown;
  readonly compared: ComparedRun;
}

export function compareRoutes(app: Hono, dashboard: Dashboard): void {
  app.get('/api/compare', async (context) => {
    const entered = await Promise.all(namesOf(context).map((name) => enter(name, dashboard)));
    const [first, ...others] = entered;
    if (first === undefined || others.length === 0)
      throw refusal('bad-query', 'runs must name two or more, like runs=a,b');
    const reply: CompareReply = {
      runs: entered.map(({ compared }) => compared),
      ...configDifferences(entered.map(({ config }) => config)),
      evaluations: others.map((other) => pairedEvaluations(first, other)),
    };
    return context.json(reply);
  });
}

const namesOf = (context: Context): string[] => queryOf(context, ['runs']).list('runs', MOST_RUNS);

/** @param name `run` or `run@step` */
async function enter(name: string, { root, studies, open }: Dashboard): Promise<Entered> {
  const [run = '', at] = name.split('@');
  const folder = await findRun(root, run);
  const { tail, lines } = open.get(folder).evaluations;
  const [config, summary] = await Promise.all([
    readConfig(folder.directory),
    studyOf(root, run, studies.file).then((study) => summarise(folder, study)),
    tail.look(),
  ]);
  const contender = { run, evaluations: lines, ...(at !== undefined && { step: pathNumber(at, 'the step after @') }) };
  return { ...contender, config: config.value, compared: { run, step: comparedStep(contender), summary } };
}
