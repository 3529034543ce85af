/** What every route about a run does first. */
import type { Context } from 'hono';
import type { Dashboard } from '../dashboard.ts';
import type { OpenRun } from '../open-run.ts';
import { Query } from '../query.ts';
import { findRun, type RunFolder } from '../run-folder.ts';

/** @param known the route's parameters @throws a refusal naming the first that is wrong */
export const queryOf = (context: Context, known: readonly string[]): Query => new Query(context.req.queries(), known);

export const param = (context: Context, name: string): string => context.req.param(name) ?? '';

/** @throws a refusal when there is no such run */
export const folderOf = (context: Context, { root }: Dashboard): Promise<RunFolder> =>
  findRun(root, param(context, 'run'));

export async function openOf(context: Context, dashboard: Dashboard): Promise<OpenRun> {
  return dashboard.open.get(await folderOf(context, dashboard));
}
