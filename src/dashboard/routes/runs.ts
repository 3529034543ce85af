/** The list of runs, one run, its files, and the words that explain metrics. */
import type { Hono } from 'hono';
import { starGlossary } from '../../journal/glossary.ts';
import type { GlossaryReply, RunDetail, RunsReply } from '../api.ts';
import type { Dashboard } from '../dashboard.ts';
import { download } from '../raw-files.ts';
import { runDetail } from '../run-detail.ts';
import { listAll } from '../run-list.ts';
import { folderOf, openOf, queryOf } from './asked.ts';

export function runRoutes(app: Hono, dashboard: Dashboard): void {
  const { root, studies } = dashboard;

  app.get('/api/runs', async (context) => {
    queryOf(context, []);
    return context.json((await listAll(root, studies)) satisfies RunsReply);
  });

  app.get('/api/runs/:run', async (context) => {
    queryOf(context, []);
    return context.json((await runDetail(await openOf(context, dashboard), dashboard)) satisfies RunDetail);
  });

  app.get('/files/:run/*', async (context) => {
    queryOf(context, []);
    const { directory } = await folderOf(context, dashboard);
    // the path after the run, each part decoded by itself
    const [, , , ...parts] = context.req.path.split('/');
    return download(directory, parts.map(decoded).join('/'));
  });

  app.get('/api/glossary', (context) => {
    queryOf(context, []);
    return context.json(starGlossary() satisfies GlossaryReply);
  });
}

/** As it is where it is no encoding. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
