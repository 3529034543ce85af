/**
 * What the dashboard's server and its page say to each other: routes, queries and replies, all JSON unless noted. Types and names
 * alone, so that both sides may import it; nothing here needs Node or a browser.
 *
 * Every route takes GET (and HEAD) only. A reply that is not 2xx is an `ApiError`. What is broken on disk is no error: it comes as a state
 * (`status: 'broken'`, `damage`, `damaged`). Text that a policy or a file wrote is passed on as it is: who shows it escapes it.
 *
 * Names of runs are paths below the folder served (`quickstart`, `polarity-single/grpo-s1`), encoded as one segment of an address.
 */

export type * from './contract/comparison.ts';
export type * from './contract/rollouts.ts';
export type * from './contract/runs.ts';
export type * from './contract/series.ts';
export type * from './contract/words.ts';

export type ErrorKind =
  /** 400: a part of the query, named in the message, cannot be. */
  | 'bad-query'
  /** 403: a path that leads out of its run, a foreign Host or Origin. */
  | 'refused'
  /** 404 */
  | 'not-found'
  /** 405 */
  | 'read-only'
  /** 409: what is on disk cannot be read as what it should be. */
  | 'damaged'
  /** 413: more than the server is willing to read at once. */
  | 'too-large'
  /** 500: a bug of ours. */
  | 'bug';

export interface ApiError {
  readonly error: ErrorKind;
  /** For people: what, where, what to do. */
  readonly message: string;
}

/** Addresses; a name is encoded here and nowhere else. */
export const routes = {
  runs: '/api/runs',
  run: (run: string) => `/api/runs/${encodeURIComponent(run)}`,
  metrics: (run: string) => `/api/runs/${encodeURIComponent(run)}/metrics`,
  evaluations: (run: string) => `/api/runs/${encodeURIComponent(run)}/evaluations`,
  events: (run: string) => `/api/runs/${encodeURIComponent(run)}/events`,
  health: (run: string) => `/api/runs/${encodeURIComponent(run)}/health`,
  rollouts: (run: string) => `/api/runs/${encodeURIComponent(run)}/rollouts`,
  rollout: (run: string, step: number, row: number) => `/api/runs/${encodeURIComponent(run)}/rollouts/${step}/${row}`,
  compare: '/api/compare',
  stream: '/api/stream',
  glossary: '/api/glossary',
  study: (study: string) => `/api/studies/${encodeURIComponent(study)}`,
  /** HTML, made at the moment it is asked for: for a frame with `sandbox`. */
  studyReport: (study: string) => `/api/studies/${encodeURIComponent(study)}/report`,
  /** A file of a run as it is, always as a download; `path` as in `RawFile`. */
  file: (run: string, path: string) =>
    `/files/${encodeURIComponent(run)}/${path.split('/').map(encodeURIComponent).join('/')}`,
} as const;
