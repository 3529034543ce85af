/** The rollout browser and the token lens. */
import type { Hono } from 'hono';
import { FILES, stepName } from '../../journal/names.ts';
import type { RolloutDetail, RolloutsReply } from '../api.ts';
import type { Dashboard } from '../dashboard.ts';
import { pathNumber } from '../query.ts';
import { refusal } from '../refusal.ts';
import { rolloutDetail } from '../rollout-detail.ts';
import { ROLLOUT_PARAMETERS, rolloutQuery } from '../rollout-query.ts';
import { readConfig, readManifest } from '../run-config.ts';
import { plainFile } from '../run-folder.ts';
import { openOf, param, queryOf } from './asked.ts';

export function rolloutRoutes(app: Hono, dashboard: Dashboard): void {
  app.get('/api/runs/:run/rollouts', async (context) => {
    const query = rolloutQuery(queryOf(context, ROLLOUT_PARAMETERS));
    const { rollouts } = await openOf(context, dashboard);
    return context.json((await rollouts.page(query)) satisfies RolloutsReply);
  });

  app.get('/api/runs/:run/rollouts/:step/:row', async (context) => {
    queryOf(context, []);
    const [step, row] = [pathNumber(param(context, 'step'), 'step'), pathNumber(param(context, 'row'), 'row')];
    const run = await openOf(context, dashboard);
    if ((await plainFile(run.directory, rolloutName(step))) === undefined)
      throw refusal('not-found', `${run.run} has no rollouts of step ${step} on file (journal.rolloutsEvery)`);
    const [one, config, { manifest }] = await Promise.all([
      run.rollouts.one(step, row),
      readConfig(run.directory),
      readManifest(run.directory),
      run.metrics.look(),
    ]);
    if (one.group.length === 0) throw refusal('not-found', `step ${step} of ${run.run} has no rollout in row ${row}`);
    const metric = (at: number, key: string) => run.columns.at(at, key);
    return context.json((await rolloutDetail(one, { config: config.value, manifest, metric })) satisfies RolloutDetail);
  });
}

const rolloutName = (step: number): string => `${FILES.rollouts}/${stepName(step)}.parquet`;
