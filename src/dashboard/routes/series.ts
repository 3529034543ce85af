/** What a run wrote line by line: metrics, evaluations, events, health; and the stream that says when there is more. */
import type { Hono } from 'hono';
import type { EvaluationsReply, EventsReply, HealthReply, MetricsReply } from '../api.ts';
import type { Dashboard } from '../dashboard.ts';
import { evaluationReply, eventReply } from '../events.ts';
import { healthReply } from '../health.ts';
import { findRun } from '../run-folder.ts';
import { studyOf } from '../run-list.ts';
import { stream } from '../stream.ts';
import { openOf, queryOf } from './asked.ts';

const MOST_KEYS = 200;
const MOST_EVENTS = 5000;
const MOST_STREAMED = 64;

export function seriesRoutes(app: Hono, dashboard: Dashboard): void {
  app.get('/api/runs/:run/metrics', async (context) => {
    const query = queryOf(context, ['keys', 'from']);
    const keys = query.list('keys', MOST_KEYS);
    const from = query.integer('from', { least: 0, most: Number.MAX_SAFE_INTEGER }) ?? 0;
    const { metrics, columns } = await openOf(context, dashboard);
    await metrics.look();
    const { generation, damaged, tornBytes } = metrics;
    return context.json({ ...columns.reply(keys, from), generation, damaged, tornBytes } satisfies MetricsReply);
  });

  app.get('/api/runs/:run/evaluations', async (context) => {
    queryOf(context, []);
    const { lines, tail } = (await openOf(context, dashboard)).evaluations;
    await tail.look();
    const { damaged, tornBytes } = tail;
    return context.json({ evaluations: lines.map(evaluationReply), damaged, tornBytes } satisfies EvaluationsReply);
  });

  app.get('/api/runs/:run/events', async (context) => {
    queryOf(context, []);
    const { lines, tail } = (await openOf(context, dashboard)).events;
    await tail.look();
    const { damaged, tornBytes } = tail;
    const events = lines.slice(-MOST_EVENTS).map(eventReply);
    const omitted = lines.length - events.length;
    return context.json({ events, omitted, damaged, tornBytes } satisfies EventsReply);
  });

  app.get('/api/runs/:run/health', async (context) => {
    queryOf(context, []);
    const { columns, events, metrics } = await openOf(context, dashboard);
    await Promise.all([metrics.look(), events.tail.look()]);
    return context.json(healthReply(columns, events.lines) satisfies HealthReply);
  });

  app.get('/api/stream', async (context) => {
    const names = queryOf(context, ['runs']).list('runs', MOST_STREAMED);
    const watched = names.map(async (name) => {
      const folder = await findRun(dashboard.root, name);
      const study = await studyOf(dashboard.root, name, dashboard.studies.file);
      return { open: dashboard.open.get(folder), study };
    });
    return stream(dashboard.watch, await Promise.all(watched), context.req.raw.signal);
  });
}
