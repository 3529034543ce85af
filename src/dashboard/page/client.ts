/**
 * What the page asks the server for. An answer or a failure, never an exception: a view shows either.
 */
import {
  type ApiError,
  type CompareReply,
  type ErrorKind,
  type EvaluationsReply,
  type EventsReply,
  type GlossaryReply,
  type HealthReply,
  type MetricsQuery,
  type MetricsReply,
  type RolloutDetail,
  type RolloutQuery,
  type RolloutsReply,
  type RunDetail,
  type RunsReply,
  routes,
  type StudyDetail,
} from '../api.ts';

/** An address on the server, and what it answers with. */
export type Address<Reply> = string & { readonly replies: Reply };

export interface Failure {
  /** `unreachable`: the server does not answer; `unreadable`: what it answered is not what this page understands. */
  readonly kind: ErrorKind | 'unreachable' | 'unreadable';
  readonly message: string;
}

export type Answer<Reply> =
  | { readonly ok: true; readonly value: Reply }
  | { readonly ok: false; readonly failure: Failure };

type QueryValue = string | number | boolean | undefined;

/** Undefined and empty values are left out: absent and empty mean the same to the server. */
function address<Reply>(path: string, query: object = {}): Address<Reply> {
  const set = (Object.entries(query) as [string, QueryValue][]).filter(
    ([, value]) => value !== undefined && value !== '',
  );
  const search = new URLSearchParams(set.map(([key, value]) => [key, String(value)])).toString();
  return (search === '' ? path : `${path}?${search}`) as Address<Reply>;
}

/** Every question the page asks. */
export const api = {
  runs: () => address<RunsReply>(routes.runs),
  run: (run: string) => address<RunDetail>(routes.run(run)),
  metrics: (run: string, query: MetricsQuery = {}) => address<MetricsReply>(routes.metrics(run), query),
  evaluations: (run: string) => address<EvaluationsReply>(routes.evaluations(run)),
  events: (run: string) => address<EventsReply>(routes.events(run)),
  health: (run: string) => address<HealthReply>(routes.health(run)),
  rollouts: (run: string, query: RolloutQuery = {}) => address<RolloutsReply>(routes.rollouts(run), query),
  rollout: (run: string, step: number, row: number) => address<RolloutDetail>(routes.rollout(run, step, row)),
  compare: (runs: readonly string[]) => address<CompareReply>(routes.compare, { runs: runs.join(',') }),
  glossary: () => address<GlossaryReply>(routes.glossary),
  study: (study: string) => address<StudyDetail>(routes.study(study)),
} as const;

/** Aborting gives the failure `unreachable`; whoever aborts does not look at it. */
export async function ask<Reply>(address: Address<Reply>, signal?: AbortSignal): Promise<Answer<Reply>> {
  let response: Response;
  try {
    response = await fetch(address, { headers: { accept: 'application/json' }, ...(signal ? { signal } : {}) });
  } catch {
    return failed('unreachable', 'The server does not answer. Is `polarity ui` still running?');
  }
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && body !== undefined) return { ok: true, value: body as Reply };
  const said = body as Partial<ApiError> | undefined;
  if (typeof said?.error === 'string' && typeof said.message === 'string') return failed(said.error, said.message);
  return failed(
    'unreadable',
    `${address.split('?')[0]} was answered with status ${response.status} and no explanation.`,
  );
}

const failed = (kind: Failure['kind'], message: string): Answer<never> => ({ ok: false, failure: { kind, message } });
