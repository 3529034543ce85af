/** Sessions, models and who may come in: everything that is not asked of one model's weights. */
import type { Call } from './call.ts';
import { header, parse } from './call.ts';
import { promise } from './operation.ts';
import { json, Refusal, type Reply } from './reply.ts';
import * as requests from './requests.ts';
import type { World } from './world.ts';

export const capabilities = (world: World): Reply =>
  json(200, { supportedModels: [{ modelName: 'fake/table', maxContextLength: world.settings.maxContext }] });

export function clientConfig(world: World): Reply {
  const { exchangesJwt, isOrderedBySeq } = world.profile;
  return json(200, { pjwtAuthEnabled: exchangesJwt, usePyqwestTransport: false, parallelFwdbwdChunks: isOrderedBySeq });
}

const JWT_SECONDS = 3600;

/** The key for a token that expires. */
export function exchangeKey(world: World, call: Call): Reply {
  const { apiKey, exchangesJwt } = world.profile;
  if (!exchangesJwt) throw new Refusal(404, 'no such endpoint');
  if (header(call, 'x-api-key') !== apiKey) throw new Refusal(401, 'the API key is not valid');
  const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');
  const expires = Math.floor(Date.now() / 1000) + JWT_SECONDS;
  const jwt = `${part({ alg: 'none' })}.${part({ exp: expires, serial: world.freshId('jwt') })}.signature`;
  world.tokens.add(jwt);
  return json(200, { jwt });
}

/** @throws Refusal 401 */
export function checkKey(world: World, call: Call): void {
  const { apiKey, exchangesJwt } = world.profile;
  if (apiKey === undefined || call.path === 'healthz' || call.path === 'auth/token') return;
  const key = header(call, 'x-api-key');
  // the configuration says whether a token is needed: it can be asked for with the key
  const isFine =
    key === apiKey ? !exchangesJwt || call.path === 'client/config' : exchangesJwt && world.tokens.has(key);
  if (!isFine) throw new Refusal(401, `the API key ${key} is not valid`);
}

export function createSession(world: World, call: Call): Reply {
  const { tags, sdkVersion } = parse(requests.createSession, call);
  if (world.profile.isStrict && (tags === undefined || sdkVersion === undefined))
    throw new Refusal(422, 'tags and sdk_version are required');
  const id = world.freshId('session');
  world.sessions.set(id, { id, lastSeen: Date.now(), beats: [] });
  return json(200, { sessionId: id, type: 'create_session' });
}

export function heartbeat(world: World, call: Call): Reply {
  const session = world.session(parse(requests.session, call).sessionId);
  session.lastSeen = Date.now();
  session.beats.push(performance.now());
  world.beats.push(performance.now());
  return json(200, { type: 'session_heartbeat' });
}

/** The same number in the same session is the same model where requests are known by their numbers. */
export function createModel(world: World, call: Call): Reply {
  const { sessionId, modelSeqId, baseModel, loraConfig } = parse(requests.createModel, call);
  const session = world.session(sessionId);
  if (loraConfig === undefined && world.profile.isStrict) throw new Refusal(422, 'lora_config is required');
  const { isOrderedBySeq } = world.profile;
  const modelId = isOrderedBySeq ? `${sessionId}:train:${modelSeqId}` : world.freshId('model');
  const requestId = `${modelId}:create`;
  if (!world.models.has(modelId)) {
    const { rank } = world.newModel(modelId, session, baseModel, loraConfig?.rank ?? 32);
    promise(
      world,
      requestId,
      (run) => void run(),
      async () => ({
        json: () => json(200, { modelId, baseModel, loraConfig: { rank }, type: 'create_model' }),
      }),
    );
  }
  return json(200, isOrderedBySeq ? { requestId } : { requestId, modelId, status: 'pending' });
}

export function info(world: World, call: Call): Reply {
  const { id, baseModel, rank } = world.model(parse(requests.model, call).modelId);
  return json(200, {
    type: 'get_info',
    modelId: id,
    modelData: { modelName: baseModel, tokenizerId: baseModel },
    isLora: true,
    loraRank: rank,
  });
}

export function unload(world: World, call: Call): Reply {
  const model = world.model(parse(requests.model, call).modelId);
  world.models.delete(model.id);
  world.unloaded.push(model.id);
  const requestId = `${model.id}:unload`;
  promise(
    world,
    requestId,
    (run) => void run(),
    async () => {
      await model.policy.close();
      return { json: () => json(200, { modelId: model.id, type: 'unload_model' }) };
    },
  );
  return json(200, { requestId });
}

export function weightsInfo(world: World, call: Call): Reply {
  const { tinkerPath } = parse(requests.weightsInfo, call);
  const kind = tinkerPath.includes('/sampler_weights/') ? 'sampler_weights' : 'weights';
  const { baseModel, rank } = world.checkpoint(tinkerPath, kind);
  return json(200, { baseModel, isLora: true, loraRank: rank, trainUnembed: true, trainMlp: true, trainAttn: true });
}
