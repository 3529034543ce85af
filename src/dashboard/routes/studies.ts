/** Studies: how far they are, and their report as it would be drawn now. */
import { readFile } from 'node:fs/promises';
import type { Context, Hono } from 'hono';
import type { StudyDetail } from '../api.ts';
import type { Dashboard } from '../dashboard.ts';
import { refusal } from '../refusal.ts';
import { folderBelow, plainFile } from '../run-folder.ts';
import { summariseBelow } from '../run-list.ts';
import { type DescribedStudy, readStudy, studyDetail } from '../studies.ts';
import { param, queryOf } from './asked.ts';

/** The report is one page without scripts; its style is in it. */
const REPORT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox";

export function studyRoutes(app: Hono, dashboard: Dashboard): void {
  app.get('/api/studies/:study', async (context) => {
    queryOf(context, []);
    const { study, directory, described } = await describedOf(context, dashboard);
    const runs = await summariseBelow(directory, study, described);
    return context.json(studyDetail(study, described, runs) satisfies StudyDetail);
  });

  app.get('/api/studies/:study/report', async (context) => {
    queryOf(context, []);
    const { directory, described } = await describedOf(context, dashboard);
    const html = await dashboard.reports.html(directory, described);
    return context.body(html, 200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': REPORT_POLICY,
    });
  });
}

interface Asked {
  readonly study: string;
  readonly directory: string;
  readonly described: DescribedStudy;
}

async function describedOf(context: Context, { root, studies }: Dashboard): Promise<Asked> {
  const study = param(context, 'study');
  const directory = await folderBelow(root, study);
  if ((await plainFile(directory, studies.file)) === undefined)
    throw refusal('not-found', `${study} is no study: it has no ${studies.file}`);
  const described = await readStudy(studies, directory, (path) => readFile(path, 'utf8'));
  if (typeof described === 'string') throw refusal('damaged', described);
  return { study, directory, described };
}
