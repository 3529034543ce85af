/**
 * Who is answered at all: GET and HEAD, addressed to this server by name, and not sent by another site's page. A page of another site
 * that has its name resolve to 127.0.0.1 (DNS rebinding) sends its own name as Host.
 */
import { isIP } from 'node:net';
import type { MiddlewareHandler } from 'hono';
import { refusal } from './refusal.ts';

export interface Address {
  readonly isOpenToNetwork: boolean;
  /** Of this machine, for a server that the network may ask. */
  readonly machine: string;
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

export const isLoopback = (host: string): boolean => LOOPBACK.has(host) || host === '::1';

/** On every answer, errors included. */
const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'x-frame-options': 'SAMEORIGIN',
} as const;

/** For answers that are no page: nothing in them may run, load or be framed. */
export const NOTHING_ALLOWED = "default-src 'none'; frame-ancestors 'none'; sandbox";

export function guard(address: Address): MiddlewareHandler {
  return async ({ req: request }, next) => {
    const header = (name: string) => request.header(name);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      throw refusal('read-only', `${request.method} is not answered: the dashboard changes nothing (GET and HEAD)`);
    checkHost(header('host'), address);
    checkOrigin(header('origin'), header('host') ?? '');
    checkSite(header('sec-fetch-site'), header('sec-fetch-mode'));
    await next();
  };
}

/** @param host `127.0.0.1:4300` */
function checkHost(host: string | undefined, { isOpenToNetwork, machine }: Address): void {
  const name = (host ?? '').replace(/:[0-9]{1,5}$/, '').toLowerCase();
  // an address of digits is nobody's name, so no name can have been made to lead here
  const isNumeric = isIP(name.replace(/^\[|\]$/g, '')) !== 0;
  const isKnown = LOOPBACK.has(name) || (isOpenToNetwork && (isNumeric || name === machine.toLowerCase()));
  if (!isKnown)
    throw refusal('refused', `Host ${JSON.stringify(host ?? '')} is not this server: open it as http://127.0.0.1:...`);
}

function checkOrigin(origin: string | undefined, host: string): void {
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
    throw refusal('refused', `a page of ${JSON.stringify(origin)} may not ask this server`);
}

/** A link from elsewhere may be followed; a page from elsewhere, one on another port of this machine included, may not ask. */
function checkSite(site: string | undefined, mode: string | undefined): void {
  if ((site === 'cross-site' || site === 'same-site') && mode !== 'navigate')
    throw refusal('refused', 'a page of another site may not ask this server');
}

export function setHeaders(headers: Headers): void {
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  if (!headers.has('content-security-policy')) headers.set('content-security-policy', NOTHING_ALLOWED);
  if (!headers.has('cache-control')) headers.set('cache-control', 'no-store');
}
