/** Paths of the protocol and who answers them. */
import { PROTOBUF } from '../../src/engine/tinker/protobuf.ts';
import { archive, isArchivePath } from './archive.ts';
import { type Call, header, parse } from './call.ts';
import { json, Refusal, type Reply } from './reply.ts';
import * as requests from './requests.ts';
import { createSamplingSession, sample } from './sampling-endpoints.ts';
import * as sessions from './session-endpoints.ts';
import * as training from './training-endpoints.ts';
import type { World } from './world.ts';

type Endpoint = (world: World, call: Call) => Reply | Promise<Reply>;

const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  'GET healthz': () => json(200, { status: 'ok' }),
  'GET get_server_capabilities': sessions.capabilities,
  'POST client/config': sessions.clientConfig,
  'POST auth/token': sessions.exchangeKey,
  'POST create_session': sessions.createSession,
  'POST session_heartbeat': sessions.heartbeat,
  'POST create_model': sessions.createModel,
  'POST get_info': sessions.info,
  'POST unload_model': sessions.unload,
  'POST weights_info': sessions.weightsInfo,
  'POST create_sampling_session': createSamplingSession,
  'POST asample': sample,
  'POST forward_backward': training.pass,
  'POST forward': training.pass,
  'POST optim_step': training.optimStep,
  'POST save_weights': training.saveWeights,
  'POST save_weights_for_sampler': training.saveForSampler,
  'POST load_weights': training.loadWeights,
  'POST retrieve_future': retrieveFuture,
};

/** Long polls: never replayed, they may have another answer each time. */
const NOT_REPLAYED: readonly string[] = ['retrieve_future', 'session_heartbeat'];
/** Answers kept for their idempotency keys. */
const KEPT = 4096;

export async function answer(world: World, call: Call, origin: string): Promise<Reply> {
  try {
    sessions.checkKey(world, call);
    if (isArchivePath(call.path)) return await archive(world, call.path, origin);
    const endpoint = ENDPOINTS[`${call.method} ${call.path}`];
    if (endpoint === undefined) throw new Refusal(404, `no such endpoint: ${call.method} ${call.path}`);
    const key = header(call, 'x-idempotency-key');
    if (!world.profile.replays || key === '' || NOT_REPLAYED.includes(call.path)) return await endpoint(world, call);
    const earlier = world.replies.get(`${call.path} ${key}`);
    if (earlier !== undefined) return earlier;
    const reply = await endpoint(world, call);
    world.replies.set(`${call.path} ${key}`, reply);
    if (world.replies.size > KEPT) world.replies.delete(world.replies.keys().next().value as string);
    return reply;
  } catch (error) {
    if (error instanceof Refusal) return error.reply;
    return json(500, { detail: String(error instanceof Error ? error.stack : error) });
  }
}

async function retrieveFuture(world: World, call: Call): Promise<Reply> {
  const { requestId } = parse(requests.retrieveFuture, call);
  const results = await world.futures.wait(requestId, world.profile.holdMs, call.abandoned);
  if (results === 'gone') throw new Refusal(410, `the result of ${requestId} is gone`);
  if (results === 'unknown') throw new Refusal(404, `future ${requestId} is not known`);
  if (results === 'pending') return json(408, { queueState: 'active' });
  const wantsProtobuf = world.profile.speaksProtobuf && header(call, 'accept').includes(PROTOBUF);
  if (!wantsProtobuf || results.protobuf === undefined) return results.json();
  return { status: 200, contentType: PROTOBUF, bytes: results.protobuf() };
}
