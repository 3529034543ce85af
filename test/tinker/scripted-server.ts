/** A server that answers what it is told to, in order, and remembers what it was asked. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../src/engine/tinker/clock.ts';
import { Http } from '../../src/engine/tinker/http.ts';
import { PATIENCE, type Patience, type Transport } from '../../src/engine/tinker/retry.ts';

/** A status, a status with a body, no answer at all, or a cut connection. */
export type Scripted =
  | number
  | 'silence'
  | 'reset'
  | {
      readonly status?: number;
      readonly body: object | string | Uint8Array;
      readonly headers?: Record<string, string>;
      readonly type?: string;
    };

export interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface ScriptedServer {
  readonly baseUrl: string;
  readonly asked: Asked[];
}

/** The last answer is repeated for ever. Closed with the test. */
export async function scriptedServer(...answers: readonly Scripted[]): Promise<ScriptedServer> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const answer = answers[Math.min(asked.length, answers.length - 1)]!;
    asked.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(parts).toString() });
    if (answer === 'silence') return;
    if (answer === 'reset') {
      request.socket.destroy();
      return;
    }
    const {
      status = 200,
      body = '',
      headers = {},
      type,
    } = typeof answer === 'number' ? { status: answer, body: '' } : answer;
    const isJson = typeof body === 'object' && !(body instanceof Uint8Array);
    response.writeHead(status, { 'content-type': type ?? (isJson ? 'application/json' : 'text/plain'), ...headers });
    response.end(isJson ? JSON.stringify(body) : body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** Sleeps are noted and cost nothing; work takes the time it is said to take. */
export class NotedClock implements Clock {
  #now = 0;
  readonly sleeps: number[] = [];

  now(): number {
    return this.#now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.sleeps.push(ms);
    this.#now += ms;
  }

  pass(ms: number): void {
    this.#now += ms;
  }
}

export function transportTo(
  { baseUrl }: Pick<ScriptedServer, 'baseUrl'>,
  clock: Clock,
  patience: Partial<Patience> = {},
): Transport & { readonly retries: string[] } {
  const http = new Http(baseUrl);
  onTestFinished(() => http.close());
  const retries: string[] = [];
  return {
    http,
    clock,
    patience: { ...PATIENCE, ...patience },
    credentials: async () => ({ 'x-api-key': 'tml-secret' }),
    secrets: () => ['tml-secret'],
    onRetry: (path, reason) => retries.push(`${path}: ${reason}`),
    retries,
  };
}
