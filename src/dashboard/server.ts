/**
 * The dashboard as a server of this machine: refuses to be reached from others unless told otherwise, by an option whose name says so.
 */
import { realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { getRequestListener } from '@hono/node-server';
import { UserError } from '../core/errors.ts';
import { errorCode } from '../journal/file-errors.ts';
import { createApp } from './app.ts';
import type { AppSettings } from './dashboard.ts';
import { isLoopback } from './guard.ts';
import { loadStaticSite, type StaticSite } from './static.ts';

export const DEFAULT_PORT = 4300;
export const DEFAULT_HOST = '127.0.0.1';

export interface ServerSettings extends Omit<AppSettings, 'address' | 'site' | 'root'> {
  /** The folder of runs. */
  readonly root: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly host: string;
  /** Whether `host` may be an address that other machines reach. */
  readonly isOpenToNetwork: boolean;
  /** Absent: the built one. */
  readonly site?: StaticSite;
}

export interface RunningDashboard {
  /** `http://127.0.0.1:4300` */
  readonly url: string;
  readonly root: string;
  close(): Promise<void>;
}

/** @throws UserError when the folder is missing, the port taken, or the host not of this machine alone. */
export async function startDashboard(settings: ServerSettings): Promise<RunningDashboard> {
  const { host, port, isOpenToNetwork } = settings;
  if (!isLoopback(host) && !isOpenToNetwork)
    throw new UserError(
      `--host ${host} can be reached from other machines, and whoever reaches it reads every run: add --open-to-network if that is what you want`,
    );
  const root = await realRoot(settings.root);
  const site = settings.site ?? (await loadStaticSite());
  const app = createApp({ ...settings, root, site, address: { isOpenToNetwork, machine: hostname() } });
  const server = createServer(getRequestListener(app.fetch, { overrideGlobalObjects: false }));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenFailure(error, settings)));
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    root,
    close: async () => {
      await app.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function realRoot(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined);
  if (found === undefined)
    throw new UserError(`there is no folder ${folder}: name one that holds runs, or train one first (polarity train)`);
  if (!found.isDirectory()) throw new UserError(`${folder} is a file: name a folder that holds runs`);
  return realpath(folder);
}

function listenFailure(error: Error, { host, port }: ServerSettings): Error {
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return new UserError(
        `port ${port} is taken, perhaps by another dashboard: give another with --port, or 0 for any`,
      );
    case 'EACCES':
      return new UserError(`port ${port} may not be opened by this user: take one above 1023`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new UserError(`--host ${host} is no address of this machine`);
    default:
      return error;
  }
}
