/**
 * The server of `bench/tinker.ts`, a process of its own so that its cost is not the client's: answers the protocol from canned bytes, computes
 * nothing. Settings come as JSON in the first argument; prints its port; `GET /stats` says what it saw.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toWire } from '../src/engine/tinker/keys.ts';
import { encodeForwardBackwardOutput, encodeSampleResponse, PROTOBUF } from '../src/engine/tinker/protobuf.ts';
import type { SampleOutput } from '../src/engine/tinker/wire.ts';

export interface PeerSettings {
  readonly groupSize: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Every second completion begins with the first of these; other tokens are drawn from all. */
  readonly tokens: readonly number[];
  /** A sample's result is there between half of this and all of it after its request. */
  readonly sampleMs: number;
  /** One machine trains: a gradient waits for those before it. */
  readonly trainMsPerDatum: number;
}

export interface PeerStats {
  readonly requests: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Longest time between two heartbeats, in milliseconds. */
  readonly longestBeatMs: number;
  readonly beats: number;
}

const settings = JSON.parse(process.argv[2] ?? '') as PeerSettings;
const { groupSize, promptTokens, completionTokens, tokens } = settings;

const LOGPROB = -0.693_147_182_464_599_6;

/** Half of the completions differ from the other half in their first token, so that every group has a signal. */
const sampled: SampleOutput = {
  sequences: Array.from({ length: groupSize }, (_, i) => ({
    tokens: Int32Array.from({ length: completionTokens }, (_, t) => {
      if (t === 0) return tokens[i % 2]!;
      return tokens[(i * 31 + t * 17) % tokens.length]!;
    }),
    logprobs: Float32Array.from({ length: completionTokens }, (_, t) => LOGPROB - (t % 97) / 97),
    stopReason: 'length',
  })),
  promptLogprobs: undefined,
};

const jsonBytes = (body: object): Buffer => Buffer.from(JSON.stringify(toWire(body)));

const sampleBytes = {
  json: jsonBytes({
    type: 'sample',
    sequences: sampled.sequences.map((each) => ({ ...each, tokens: [...each.tokens], logprobs: [...each.logprobs!] })),
  }),
  protobuf: Buffer.from(encodeSampleResponse(sampled)),
};

interface Canned {
  readonly json: Buffer;
  readonly protobuf?: Buffer;
}

const passes = new Map<number, Canned>();

/** Log-probabilities of so many datums, each as long as prompt and completion less one. */
function passBytes(datums: number): Canned {
  const found = passes.get(datums);
  if (found !== undefined) return found;
  const logprobs = Float32Array.from(
    { length: promptTokens + completionTokens - 1 },
    (_, t) => LOGPROB - (t % 89) / 89,
  );
  const outputs = Array.from({ length: datums }, () => ({ logprobs }));
  const data = [...logprobs];
  const made = {
    json: jsonBytes({
      lossFnOutputType: 'scalar',
      lossFnOutputs: outputs.map(() => ({ logprobs: { data, dtype: 'float32', shape: [data.length] } })),
      metrics: { 'loss:sum': 1 },
    }),
    protobuf: Buffer.from(encodeForwardBackwardOutput({ outputs, metrics: { 'loss:sum': 1 } })),
  };
  passes.set(datums, made);
  return made;
}

/** Each datum names its targets once, in either form. */
function datumsOf(body: Buffer): number {
  let count = 0;
  for (let at = body.indexOf('target_tokens'); at >= 0; at = body.indexOf('target_tokens', at + 1)) count++;
  return count;
}

interface Promised {
  readonly readyAt: number;
  readonly result: Canned;
}

const promised = new Map<string, Promised>();
let serial = 0;

function promise(result: Canned, ms: number): Buffer {
  const requestId = `request-${serial++}`;
  promised.set(requestId, { readyAt: performance.now() + ms, result });
  return jsonBytes({ requestId });
}

const said = (body: object): Canned => ({ json: jsonBytes(body) });

let beats = 0;
let lastBeat: number | undefined;
let longestBeatMs = 0;

function beat(): Buffer {
  const now = performance.now();
  if (lastBeat !== undefined) longestBeatMs = Math.max(longestBeatMs, now - lastBeat);
  lastBeat = now;
  beats++;
  return jsonBytes({ type: 'session_heartbeat' });
}

let trainsUntil = 0;

/** Milliseconds until so many more datums are trained on. */
function trained(datums: number): number {
  const now = performance.now();
  trainsUntil = Math.max(now, trainsUntil) + datums * settings.trainMsPerDatum;
  return trainsUntil - now;
}

/** Draws for delays; which sample is late does not matter. */
let draws = 0;
const spread = (): number => 0.5 + 0.5 * ((draws++ * 0.618_033_988_75) % 1);

function answer(path: string, body: Buffer): Buffer {
  switch (path) {
    case 'client/config':
      return jsonBytes({ pjwtAuthEnabled: false });
    case 'get_server_capabilities':
      return jsonBytes({ supportedModels: [{ modelName: 'bench', maxContextLength: 4096 }] });
    case 'create_session':
      return jsonBytes({ sessionId: 'session' });
    case 'session_heartbeat':
      return beat();
    case 'create_model':
      return promise(said({ modelId: 'model', type: 'create_model' }), 0);
    case 'get_info':
      return jsonBytes({ modelId: 'model', modelData: { modelName: 'bench' }, isLora: true, loraRank: 8 });
    case 'unload_model':
      return promise(said({ modelId: 'model', type: 'unload_model' }), 0);
    case 'save_weights_for_sampler':
      return promise(said({ path: null, samplingSessionId: `sampler-${serial}` }), 0);
    case 'save_weights':
      return promise(said({ path: 'tinker://model/weights/bench', type: 'save_weights' }), 0);
    case 'asample':
      return promise(sampleBytes, settings.sampleMs * spread());
    case 'forward_backward':
    case 'forward': {
      const datums = datumsOf(body);
      return promise(passBytes(datums), trained(datums));
    }
    case 'optim_step':
      return promise(said({ metrics: { 'skyrl.ai/grad_norm': 1 } }), trained(0));
    default:
      return jsonBytes({});
  }
}

let requests = 0;
let bytesIn = 0;
let bytesOut = 0;

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = Buffer.concat(parts);
  const path = (request.url ?? '').replace('/api/v1/', '');
  const end = (bytes: Buffer, contentType = 'application/json') => {
    bytesOut += bytes.length;
    response.writeHead(200, { 'content-type': contentType, 'content-length': bytes.length });
    response.end(bytes);
  };
  if (path === '/stats') {
    end(Buffer.from(JSON.stringify({ requests, bytesIn, bytesOut, longestBeatMs, beats } satisfies PeerStats)));
    return;
  }
  requests++;
  bytesIn += body.length;
  if (path !== 'retrieve_future') {
    end(answer(path, body));
    return;
  }
  const { request_id } = JSON.parse(body.toString()) as { request_id: string };
  const { readyAt, result } = promised.get(request_id)!;
  const give = () => {
    promised.delete(request_id);
    const wantsProtobuf = String(request.headers.accept).includes(PROTOBUF) && result.protobuf !== undefined;
    if (wantsProtobuf) end(result.protobuf!, PROTOBUF);
    else end(result.json);
  };
  const leftMs = readyAt - performance.now();
  if (leftMs <= 0) give();
  else setTimeout(give, leftMs);
}

const server = createServer((request, response) => {
  serve(request, response).catch(() => request.socket.destroy());
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
