/** The test server alone, by plain fetch: what a client may rely on when its tests pass. */
import { afterEach, describe, expect, it } from 'vitest';
import type { FakeEngineSettings } from '../../src/engine/fake.ts';
import {
  decodeForwardBackwardOutput,
  decodeSampleResponse,
  encodeForwardBackwardRequest,
  PROTOBUF,
} from '../../src/engine/tinker/protobuf.ts';
import { faultAt, randomFaults } from './faults.ts';
import { hosted, type ServerProfile, skyrlJax } from './profile.ts';
import { type ServerOptions, startTinkerServer, type TinkerServer } from './server.ts';

const POLICY: FakeEngineSettings = { vocabularySize: 5, maxContext: 16, seed: 1 };
const servers: TinkerServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

type Body = Record<string, unknown>;

async function start(profile: ServerProfile = hosted, options: Partial<ServerOptions> = {}) {
  const server = await startTinkerServer({ policy: POLICY, profile, ...options });
  servers.push(server);
  const send = (path: string, body: object | Uint8Array, headers: Record<string, string> = {}) =>
    fetch(`${server.baseUrl}/api/v1/${path}`, {
      method: 'POST',
      body: body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    });
  const post = async (path: string, body: object, headers?: Record<string, string>): Promise<Body> => {
    const response = await send(path, body, headers);
    expect(`${path} ${response.status} ${response.ok ? '' : await response.clone().text()}`).toBe(`${path} 200 `);
    return (await response.json()) as Body;
  };
  const poll = async (requestId: unknown): Promise<Body> => {
    for (;;) {
      const response = await send('retrieve_future', { request_id: requestId });
      if (response.status !== 408) return (await response.json()) as Body;
    }
  };
  const done = async (path: string, body: object): Promise<Body> => poll((await post(path, body))['request_id']);
  const { session_id } = await post('create_session', { tags: [], sdk_version: '0' });
  const { model_id } = await done('create_model', {
    session_id,
    model_seq_id: 0,
    base_model: 'fake',
    lora_config: { rank: 8 },
  });
  return { server, send, post, poll, done, session_id: session_id as string, model_id: model_id as string };
}

const text = (tokens: number[]) => ({ chunks: [{ type: 'encoded_text', tokens }] });
const floats = (data: number[]) => ({ data, dtype: 'float32', shape: [data.length] });
const crossEntropy = (weights: number[]) => ({
  data: [
    {
      model_input: text([1, 2, 3]),
      loss_fn_inputs: { target_tokens: { data: [2, 3, 4], dtype: 'int64' }, weights: floats(weights) },
    },
  ],
  loss_fn: 'cross_entropy',
});
const adam = (seq: number, model: string) => ({
  model_id: model,
  seq_id: seq,
  adam_params: { learning_rate: 0.1, eps: 1e-8 },
});
const pass = (seq: number, model: string, weights: number[]) => ({
  model_id: model,
  seq_id: seq,
  forward_backward_input: crossEntropy(weights),
});

describe('requests of one model', () => {
  it('run in the order of their numbers: a later one waits for the gap to be filled', async () => {
    const { server, post, send, poll, model_id } = await start();
    const second = await post('optim_step', adam(2, model_id));
    expect((await send('retrieve_future', { request_id: second['request_id'] })).status).toBe(408);
    await post('forward_backward', pass(1, model_id, [1, 1, 1]));
    await poll(second['request_id']);
    expect(server.ledger.map(({ work, policyVersion }) => `${work} ${policyVersion}`)).toEqual([
      'forward_backward 0',
      'optim_step 1',
    ]);
  });

  it('that come twice are one; another payload under the same number is a conflict', async () => {
    const { server, post, send, poll, model_id } = await start();
    const first = await post('forward_backward', pass(1, model_id, [1, 1, 1]));
    expect(await post('forward_backward', pass(1, model_id, [1, 1, 1]))).toEqual(first);
    await poll(first['request_id']);
    expect((await send('forward_backward', pass(1, model_id, [1, 1, 0]))).status).toBe(409);
    expect(server.ledger).toHaveLength(1);
  });

  it('give sums, or on SkyRL JAX means: sending a datum twice doubles the gradient, or leaves it', async () => {
    for (const [profile, ratio] of [
      [{ ...hosted, reportsGradNorm: true }, 2],
      [skyrlJax, 1],
    ] as const) {
      const { done, model_id } = await start(profile);
      const normOf = async (seq: number, copies: number) => {
        for (let c = 0; c < copies; c++) await done('forward_backward', pass(seq + c, model_id, [1, 1, 1]));
        const step = { ...adam(seq + copies, model_id), adam_params: { learning_rate: 0, eps: 1e-8 } };
        const { metrics } = await done('optim_step', step);
        return (metrics as Record<string, number>)['skyrl.ai/grad_norm'] as number;
      };
      const once = await normOf(1, 1);
      expect((await normOf(3, 2)) / once).toBeCloseTo(ratio, 6);
    }
  });
});

describe('what travels', () => {
  it('is the same numbers in JSON and in protobuf', async () => {
    const { send, done, poll, model_id, session_id } = await start();
    const request = {
      modelId: model_id,
      seqId: 1,
      data: [
        {
          tokens: Int32Array.of(1, 2, 3),
          inputs: { target_tokens: Int32Array.of(2, 3, 4), weights: Float32Array.of(1, 1, 1) },
        },
      ],
      lossFn: 'cross_entropy',
      forwardOnly: true,
    };
    const taken = await send('forward_backward', encodeForwardBackwardRequest(request), { 'content-type': PROTOBUF });
    const { request_id } = (await taken.json()) as Body;
    const json = (await poll(request_id)) as { loss_fn_outputs: { logprobs: { data: number[] } }[] };
    const proto = await send('retrieve_future', { request_id }, { accept: PROTOBUF });
    expect(proto.headers.get('content-type')).toBe(PROTOBUF);
    const { outputs } = decodeForwardBackwardOutput(new Uint8Array(await proto.arrayBuffer()));
    expect([...outputs[0]!['logprobs']!]).toEqual(json.loss_fn_outputs[0]!.logprobs.data);

    const { sampling_session_id } = await done('save_weights_for_sampler', {
      model_id,
      seq_id: 2,
      sampling_session_seq_id: 0,
    });
    expect(sampling_session_id).toBe(`${session_id}:sample:0`);
    const sample = { sampling_session_id, seq_id: 0, num_samples: 3, prompt: text([1, 2]), prompt_logprobs: true };
    const sampled = await done('asample', { ...sample, sampling_params: { max_tokens: 4, seed: 7 } });
    const bytes = await send('retrieve_future', { request_id: `${sampling_session_id}:0` }, { accept: PROTOBUF });
    const decoded = decodeSampleResponse(new Uint8Array(await bytes.arrayBuffer()));
    expect(decoded.sequences.map(({ tokens }) => [...tokens])).toEqual(
      (sampled['sequences'] as { tokens: number[] }[]).map(({ tokens }) => tokens),
    );
    const [lead, second] = sampled['prompt_logprobs'] as (number | null)[];
    expect(lead).toBeNull();
    expect([...decoded.promptLogprobs!]).toEqual([Number.NaN, second]);
  });
});

describe('snapshots', () => {
  const sampleWith = (session: unknown, seq: number) => ({
    sampling_session_id: session,
    seq_id: seq,
    num_samples: 2,
    prompt: text([1]),
    sampling_params: { max_tokens: 3, seed: 5, stop: [] },
  });

  it('stay as they were while training goes on, but on SkyRL JAX they follow it', async () => {
    for (const profile of [hosted, skyrlJax]) {
      const { done, model_id } = await start(profile);
      const save = { model_id, seq_id: 1, sampling_session_seq_id: 0 };
      const { sampling_session_id } = await done('save_weights_for_sampler', save);
      const before = await done('asample', sampleWith(sampling_session_id, 0));
      await done('forward_backward', pass(2, model_id, [5, 5, 5]));
      await done('optim_step', adam(3, model_id));
      const after = await done('asample', sampleWith(sampling_session_id, 1));
      if (profile === hosted) expect(after).toEqual(before);
      else expect(after).not.toEqual(before);
    }
  });

  it('on SkyRL JAX an older one, when sampled, rolls training back', async () => {
    const { server, done, model_id } = await start(skyrlJax);
    const old = await done('save_weights_for_sampler', { model_id, sampling_session_seq_id: 0 });
    await done('forward_backward', pass(1, model_id, [1, 1, 1]));
    await done('optim_step', adam(2, model_id));
    await done('save_weights_for_sampler', { model_id, sampling_session_seq_id: 1 });
    expect(server.world.model(model_id).policy.policyVersion).toBe(1);
    await done('asample', sampleWith(old['sampling_session_id'], 0));
    expect(server.world.model(model_id).policy.policyVersion).toBe(0);
  });
});

describe('what fails', () => {
  it('is said as each server says it', async () => {
    const strange = (model: string) => ({
      model_id: model,
      seq_id: 1,
      forward_backward_input: { ...crossEntropy([1, 1, 1]), loss_fn: 'dro' },
    });
    const one = await start();
    expect(await one.done('forward_backward', strange(one.model_id))).toMatchObject({ category: 'user' });
    const other = await start(skyrlJax);
    const { request_id } = await other.post('forward_backward', strange(other.model_id));
    const response = await other.send('retrieve_future', { request_id });
    expect([response.status, await response.json()]).toEqual([400, { detail: 'loss_fn dro is not supported' }]);
  });

  it('by a silent session takes its models along', async () => {
    const { server, send, model_id } = await start();
    for (const session of server.world.sessions.values()) session.lastSeen -= hosted.sessionTimeoutMs + 1;
    expect((await send('get_info', { model_id })).status).toBe(404);
    expect((await send('optim_step', adam(1, model_id))).status).toBe(404);
  });

  it('by death loses models and keeps checkpoints', async () => {
    const { server, send, done, model_id } = await start();
    const { path } = await done('save_weights', { model_id, seq_id: 1, path: 'kept' });
    await server.die();
    await expect(send('get_info', { model_id })).rejects.toThrow('fetch failed');
    await server.listen();
    expect((await send('get_info', { model_id })).status).toBe(404);
    expect((await send('weights_info', { tinker_path: path })).status).toBe(200);
  });
});

describe('keys', () => {
  it('are asked for, exchanged, and replayed requests have one effect', async () => {
    const key = 'tml-secret';
    const server = await startTinkerServer({
      policy: POLICY,
      profile: { ...hosted, apiKey: key, exchangesJwt: true },
    });
    servers.push(server);
    const send = (path: string, headers: Record<string, string>) =>
      fetch(`${server.baseUrl}/api/v1/${path}`, { method: 'POST', body: '{}', headers });
    expect((await send('create_session', { 'x-api-key': key })).status).toBe(401);
    const { jwt } = (await (await send('auth/token', { 'x-api-key': key })).json()) as { jwt: string };
    const headers = { 'x-api-key': jwt, 'x-idempotency-key': 'one' };
    const first = await (await send('create_session', headers)).json();
    expect(await (await send('create_session', headers)).json()).toEqual(first);
    expect(server.world.sessions.size).toBe(1);
  });
});

describe('faults', () => {
  it('are a function of seed and request number, about as many as asked for', () => {
    const plan = randomFaults(3, 0.25);
    const met = Array.from({ length: 4000 }, (_, n) => plan(n, 'asample'));
    expect(met).toEqual(Array.from({ length: 4000 }, (_, n) => randomFaults(3, 0.25)(n, 'asample')));
    const share = met.filter((fault) => fault !== undefined).length / 4000;
    expect(Math.abs(share - 0.25)).toBeLessThan(0.03);
    expect(new Set(met.map((fault) => fault?.kind)).size).toBe(8);
  });

  it('are what they are called', async () => {
    const { server, send, post } = await start();
    const session = { tags: [], sdk_version: '0' };
    const meet = (fault: Parameters<typeof faultAt>[2]) => {
      server.setFaults(faultAt('create_session', 0, fault));
      return send('create_session', session);
    };
    const count = () => server.world.sessions.size;
    const before = count();
    await expect(meet({ kind: 'reset' })).rejects.toThrow();
    expect(count()).toBe(before);
    await expect(meet({ kind: 'lost' })).rejects.toThrow();
    expect(count()).toBe(before + 1);
    await expect(meet({ kind: 'reset mid-body' }).then((response) => response.text())).rejects.toThrow();
    const truncated = await meet({ kind: 'truncated' });
    await expect(truncated.json()).rejects.toThrow('JSON');
    const late = await meet({ kind: 'status', status: 429, retryAfter: 2 });
    expect([late.status, late.headers.get('retry-after')]).toEqual([429, '2']);
    expect(await (await meet({ kind: 'status', status: 400, isEmpty: true })).text()).toBe('');
    const beforeTwice = count();
    expect((await meet({ kind: 'duplicated' })).ok).toBe(true);
    expect(count()).toBe(beforeTwice + 2);
    await post('create_session', session);
  });
});
