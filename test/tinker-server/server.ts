/**
 * A server of the protocol for tests: node:http on the loopback address, the fake engine behind it, faults on request. Speaks JSON and protobuf
 * through the client's own codec.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { API_PREFIX } from '../../src/engine/tinker/wire.ts';
import { download } from './archive.ts';
import type { Call } from './call.ts';
import { answer } from './endpoints.ts';
import type { Fault, FaultPlan } from './faults.ts';
import type { BasePolicy } from './policy.ts';
import { hosted, type ServerProfile } from './profile.ts';
import { Refusal, type Reply } from './reply.ts';
import { type LedgerLine, World } from './world.ts';

export interface ServerOptions {
  /** The policy of every model made here: the same weights each time. */
  readonly policy: BasePolicy;
  /** Default: `hosted`. */
  readonly profile?: ServerProfile;
  readonly faults?: FaultPlan;
}

/** One request as it came, for tests that look at the wire. */
export interface Seen {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly status: number;
}

export class TinkerServer {
  readonly world: World;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  #arrivals = 0;
  #faults: FaultPlan;
  /** How often each fault was met. */
  readonly faultCounts: Record<string, number> = {};
  /** The latest requests, at most a thousand. */
  readonly seen: Seen[] = [];

  constructor(options: ServerOptions, root: string) {
    this.#faults = options.faults ?? (() => undefined);
    this.world = new World(options.policy, options.profile ?? hosted, root);
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Requests so far, repeats included. */
  get requests(): number {
    return this.#arrivals;
  }

  get ledger(): readonly LedgerLine[] {
    return this.world.ledger;
  }

  get openSockets(): number {
    return this.#sockets.size;
  }

  get faultCount(): number {
    return Object.values(this.faultCounts).reduce((sum, count) => sum + count, 0);
  }

  /** From here on. */
  setFaults(faults: FaultPlan): void {
    this.#faults = faults;
  }

  async listen(): Promise<void> {
    // an address once given stays, so that a client finds the restarted engine
    const server = createServer((request, response) => {
      // what fails in it ends the connection
      this.#serve(request, response).catch(() => request.socket.destroy());
    });
    server.keepAliveTimeout = 60_000;
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** The engine dies: connections are cut, later ones refused, models and sessions gone; checkpoints are on disk. */
  async die(): Promise<void> {
    this.world.lose();
    const server = this.#server;
    this.#server = undefined;
    const closed = new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async close(): Promise<void> {
    await this.die();
    await rm(this.world.root, { recursive: true, force: true });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.baseUrl);
    const path = url.pathname.replace(`${API_PREFIX}/`, '').replace(/^\//, '');
    const parts: Uint8Array[] = [];
    for await (const part of request) parts.push(part as Uint8Array);
    const fault = this.#faults(this.#arrivals++, path);
    if (fault !== undefined) this.faultCounts[nameOf(fault)] = (this.faultCounts[nameOf(fault)] ?? 0) + 1;
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const call: Call = {
      method: request.method ?? 'GET',
      path,
      headers: request.headers,
      body: Buffer.concat(parts),
      abandoned: gone.signal,
    };
    const reply = await this.#answer(call, fault);
    if (this.seen.push({ path, headers: request.headers, status: reply?.status ?? 0 }) > 1000) this.seen.shift();
    if (reply === undefined || fault?.kind === 'lost') request.socket.destroy();
    else if (fault?.kind === 'reset mid-body') await sendHalf(request.socket, response, reply);
    else send(response, fault?.kind === 'truncated' ? { ...reply, bytes: half(reply.bytes) } : reply);
  }

  /** `undefined`: none, the connection is to be cut. */
  async #answer(call: Call, fault: Fault | undefined): Promise<Reply | undefined> {
    const work = () =>
      call.path.startsWith('download/')
        ? download(this.world, call.path.slice('download/'.length)).catch((error: Refusal) => error.reply)
        : answer(this.world, call, this.baseUrl);
    switch (fault?.kind) {
      case 'reset':
        return undefined;
      case 'status':
        return refusal(fault);
      case 'latency':
        await sleep(fault.ms);
        return work();
      case 'duplicated':
        await work();
        return work();
      default:
        return work();
    }
  }
}

const nameOf = (fault: Fault): string => (fault.kind === 'status' ? `status ${fault.status}` : fault.kind);

function refusal({ status, retryAfter, isEmpty }: Fault & { kind: 'status' }): Reply {
  const headers = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  const { reply } = new Refusal(status, 'an injected fault', headers);
  return isEmpty ? { ...reply, bytes: new Uint8Array(0) } : reply;
}

const half = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, Math.floor(bytes.length / 2));

function send(response: ServerResponse, { status, contentType, bytes, headers }: Reply): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': bytes.length, ...headers });
  response.end(bytes);
}

function sendHalf(socket: Socket, response: ServerResponse, { status, contentType, bytes }: Reply): Promise<void> {
  response.writeHead(status, { 'content-type': contentType, 'content-length': bytes.length });
  return new Promise((resolve) => {
    response.write(half(bytes), () => {
      socket.destroy();
      resolve();
    });
  });
}

export async function startTinkerServer(options: ServerOptions): Promise<TinkerServer> {
  const server = new TinkerServer(options, await mkdtemp(join(tmpdir(), 'tinker-server-')));
  await server.listen();
  return server;
}
