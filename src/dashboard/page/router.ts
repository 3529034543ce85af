/**
 * Where the page is: a view and its query, written in the address after `#`, so that every state worth showing to somebody can be
 * bookmarked and the browser's back button works.
 *
 *   #/runs?find=grpo&sort=-reward      #/run/polarity-single/grpo-s1/rollouts?step=10
 *   #/compare?runs=a,b                 #/study/polarity-single
 */
import { useEffect, useState } from 'preact/hooks';

export const RUN_TABS = ['charts', 'rollouts', 'tokens', 'evaluations', 'events', 'files'] as const;
export type RunTab = (typeof RUN_TABS)[number];

/** Decoded; a key that is absent is not set. */
export type Query = Readonly<Record<string, string>>;

export type Route =
  | { readonly view: 'runs'; readonly query: Query }
  | { readonly view: 'run'; readonly run: string; readonly tab: RunTab; readonly query: Query }
  | { readonly view: 'compare'; readonly runs: readonly string[]; readonly query: Query }
  | { readonly view: 'study'; readonly study: string; readonly query: Query }
  | { readonly view: 'unknown'; readonly path: string; readonly query: Query };

const isRunTab = (name: string): name is RunTab => (RUN_TABS as readonly string[]).includes(name);

/** @param hash as in `location.hash`, with or without the `#` */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = split(hash.replace(/^#/, ''), '?');
  const query: Query = Object.fromEntries(new URLSearchParams(search));
  const [view = '', ...rest] = path
    .replace(/^\/+|\/+$/g, '')
    .split('/')
    .map(decoded);
  const name = rest.join('/');
  if (view === '' || view === 'runs') return { view: 'runs', query };
  if (view === 'compare') return { view, runs: listOf(query['runs']), query };
  if (view === 'study' && name !== '') return { view, study: name, query };
  if (view === 'run' && name !== '') {
    const last = rest.at(-1) ?? '';
    // a run may be called like a tab: its links always name one after it
    if (rest.length > 1 && isRunTab(last)) return { view, run: rest.slice(0, -1).join('/'), tab: last, query };
    return { view, run: name, tab: 'charts', query };
  }
  return { view: 'unknown', path, query };
}

export const runsHref = (query: Query = {}): string => hrefOf('/runs', query);
export const runHref = (run: string, tab: RunTab = 'charts', query: Query = {}): string =>
  hrefOf(`/run/${encodedPath(run)}/${tab}`, query);
export const compareHref = (runs: readonly string[], query: Query = {}): string =>
  hrefOf('/compare', { runs: runs.join(','), ...query });
export const studyHref = (study: string, query: Query = {}): string => hrefOf(`/study/${encodedPath(study)}`, query);

/** The same view with another query. */
export function hrefWith(route: Route, query: Query): string {
  if (route.view === 'run') return runHref(route.run, route.tab, query);
  if (route.view === 'study') return studyHref(route.study, query);
  return hrefOf(route.view === 'unknown' ? route.path : `/${route.view}`, query);
}

/** A query with some keys set and those given as undefined or empty taken away. */
export function changedQuery(
  query: Query,
  change: Readonly<Record<string, string | number | boolean | undefined>>,
): Query {
  const changed = Object.entries({ ...query, ...change }).filter(([, value]) => value !== undefined && value !== '');
  return Object.fromEntries(changed.map(([key, value]) => [key, String(value)]));
}

/** Names with commas between; empty for absent. Names of runs have no commas. */
export const listOf = (text: string | undefined): string[] => (text ?? '').split(',').filter((name) => name !== '');

/** Goes to an address made by the functions above; `replace` leaves no entry behind to come back to (for typing and sliding). */
export function navigate(href: string, { replace = false }: { replace?: boolean } = {}): void {
  if (href === location.hash) return;
  if (!replace) {
    location.hash = href;
    return;
  }
  history.replaceState(null, '', href);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

/** Changes keys of the query where the page is. */
export function changeQuery(
  change: Readonly<Record<string, string | number | boolean | undefined>>,
  options: { replace?: boolean } = { replace: true },
): void {
  const route = parseRoute(location.hash);
  navigate(hrefWith(route, changedQuery(route.query, change)), options);
}

/** Where the page is; drawn again when that changes. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const follow = (): void => setHash(location.hash);
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return parseRoute(hash);
}

function hrefOf(path: string, query: Query): string {
  const search = new URLSearchParams(query).toString().replaceAll('%2F', '/').replaceAll('%2C', ',');
  return search === '' ? `#${path}` : `#${path}?${search}`;
}

const encodedPath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

function split(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** An address typed by hand may hold a lone `%`. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
