/**
 * The dashboard's answers: who may ask, which routes there are, what an error looks like. Opens nothing for writing.
 */
import { Hono } from 'hono';
import type { AppSettings, Dashboard } from './dashboard.ts';
import { guard, setHeaders } from './guard.ts';
import { OpenRuns } from './open-run.ts';
import { apiError, refusal } from './refusal.ts';
import { compareRoutes } from './routes/compare.ts';
import { rolloutRoutes } from './routes/rollouts.ts';
import { runRoutes } from './routes/runs.ts';
import { seriesRoutes } from './routes/series.ts';
import { studyRoutes } from './routes/studies.ts';
import { findAll } from './run-list.ts';
import type { StaticSite } from './static.ts';
import { StudyReports } from './study-reports.ts';
import { Watch } from './watch.ts';

export interface App {
  readonly fetch: (request: Request, environment?: object) => Response | Promise<Response>;
  close(): Promise<void>;
}

export function createApp(settings: AppSettings): App {
  const { root, studies } = settings;
  const dashboard: Dashboard = {
    ...settings,
    open: new OpenRuns(settings.openRollouts),
    reports: new StudyReports(studies),
    watch: new Watch({ listing: async () => JSON.stringify(await findAll(root, studies.file)) }),
  };
  const app = new Hono();
  app.use('*', guard(settings.address));
  app.use('*', async (context, next) => {
    await next();
    setHeaders(context.res.headers);
  });
  for (const routes of [runRoutes, seriesRoutes, rolloutRoutes, compareRoutes, studyRoutes]) routes(app, dashboard);
  pageRoutes(app, settings.site);
  app.notFound(() => {
    throw refusal('not-found', 'there is nothing here');
  });
  app.onError((error, context) => {
    const { status, body } = apiError(error);
    if (body.error === 'bug') settings.onBug(error);
    const response = context.json(body, status);
    setHeaders(response.headers);
    return response;
  });
  return { fetch: app.fetch, close: () => closeAll(dashboard) };
}

async function closeAll({ watch, reports, open }: Dashboard): Promise<void> {
  watch.close();
  reports.close();
  await open.close();
}

function pageRoutes(app: Hono, { files, contentSecurityPolicy }: StaticSite): void {
  for (const [path, { body, contentType, etag, cacheControl }] of files)
    app.get(path, (context) => {
      const headers = {
        etag,
        'cache-control': cacheControl,
        'content-type': contentType,
        'content-security-policy': contentSecurityPolicy,
      };
      if (context.req.header('if-none-match') === etag) return context.body(null, 304, headers);
      return context.body(body, 200, headers);
    });
}
