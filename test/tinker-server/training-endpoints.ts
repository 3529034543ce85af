/** What is asked of a model: passes, steps, saves and loads, in the order of its queue. */
import type { Loss } from '../../src/core/datum.ts';
import {
  decodeForwardBackwardRequest,
  encodeForwardBackwardOutput,
  PROTOBUF,
} from '../../src/engine/tinker/protobuf.ts';
import type { ForwardBackwardRequest, WireDatum } from '../../src/engine/tinker/wire.ts';
import { type Call, digestOf, header, parse } from './call.ts';
import { operation } from './operation.ts';
import type { ForwardPass } from './policy.ts';
import type { ServerProfile } from './profile.ts';
import { json, Refusal, type Reply, type Results } from './reply.ts';
import * as requests from './requests.ts';
import type { Checkpoint, Model, World } from './world.ts';

/** @throws Refusal for a loss or a setting the server does not know */
function lossOf(name: string, config: Readonly<Record<string, number>>, { cispoBounds }: ServerProfile): Loss {
  const known = ['clip_low_threshold', 'clip_high_threshold'];
  const strange = Object.keys(config).filter((key) => !known.includes(key));
  if (strange.length > 0) throw new Refusal(422, `unknown loss_fn_config: ${strange}`);
  const bounds = ([low, high]: readonly [number, number]) => ({
    ratioMin: config['clip_low_threshold'] ?? low,
    ratioMax: config['clip_high_threshold'] ?? high,
  });
  switch (name) {
    case 'cross_entropy':
    case 'importance_sampling':
      return { kind: name };
    case 'ppo':
      return { kind: 'ppo', ...bounds([0.8, 1.2]) };
    case 'cispo':
      return { kind: 'cispo', ...bounds(cispoBounds) };
    default:
      throw new Refusal(400, `loss_fn ${name} is not supported`);
  }
}

function passRequest(world: World, call: Call): ForwardBackwardRequest & { readonly seqId: number } {
  if (header(call, 'content-type').startsWith(PROTOBUF)) {
    if (!world.profile.speaksProtobuf) throw new Refusal(422, 'the body is no JSON');
    try {
      return decodeForwardBackwardRequest(call.body);
    } catch (error) {
      throw new Refusal(422, `the body is no ForwardBackwardRequest: ${String(error)}`);
    }
  }
  const isForward = call.path === 'forward';
  const {
    modelId,
    seqId = 0,
    input,
  } = isForward
    ? rename(parse(requests.forward, call), 'forwardInput')
    : rename(parse(requests.forwardBackward, call), 'forwardBackwardInput');
  const data = input.data.map(
    ({ modelInput, lossFnInputs }): WireDatum => ({
      tokens: requests.tokensOf(modelInput),
      inputs: Object.fromEntries(
        Object.entries(lossFnInputs).map(([name, { data, dtype }]) => [
          name,
          dtype === 'int64' ? Int32Array.from(data) : Float32Array.from(data),
        ]),
      ),
    }),
  );
  return { modelId, seqId, data, lossFn: input.lossFn, lossFnConfig: input.lossFnConfig, forwardOnly: isForward };
}

const rename = <Body extends object, Key extends keyof Body>(body: Body, key: Key) => ({ ...body, input: body[key] });

export function pass(world: World, call: Call): Reply {
  const { modelId, seqId, data, lossFn, lossFnConfig = {}, forwardOnly } = passRequest(world, call);
  const model = world.model(modelId);
  if (data.length === 0 && !world.profile.isStrict) throw new Refusal(400, 'data are empty');
  return operation(world, model, seqId === 0 ? undefined : seqId, call, async () => {
    // as SkyRL does: an empty batch is never done
    if (data.length === 0) return new Promise<never>(() => undefined);
    const loss = lossOf(lossFn, lossFnConfig, world.profile);
    const result = await (forwardOnly ? model.policy.forward(data, loss) : model.policy.forwardBackward(data, loss));
    if (!forwardOnly) {
      const { policyVersion } = model.policy;
      world.ledger.push({ modelId, work: 'forward_backward', digest: digestOfBatch(data, loss), policyVersion });
    }
    return passReply(result, world.profile);
  });
}

function digestOfBatch(data: readonly WireDatum[], loss: Loss): string {
  const bytes = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const parts = data.flatMap(({ tokens, inputs }) => [
    bytes(tokens),
    ...Object.entries(inputs).flatMap(([name, values]) => [name, bytes(values)]),
  ]);
  return digestOf(JSON.stringify(loss), ...parts);
}

/** In both forms: which one is fetched, the poll says. */
function passReply({ logprobs, losses }: ForwardPass, profile: ServerProfile): Results {
  const isJax = profile.reduction === 'mean';
  const total = losses.reduce((sum, each) => each.reduce((a, b) => a + b, sum), 0);
  const metrics = isJax ? {} : { 'loss:sum': total };
  const outputs = logprobs.map((each, d) => ({ logprobs: each, elementwise_loss: losses[d]! }));
  const tensor = (values: Float32Array) => ({ data: [...values], dtype: 'float32', shape: [values.length] });
  return {
    json: () =>
      json(200, {
        lossFnOutputType: 'scalar',
        lossFnOutputs: outputs.map((fields) => ({
          logprobs: tensor(fields.logprobs),
          elementwise_loss: tensor(fields.elementwise_loss),
        })),
        metrics,
      }),
    protobuf: () => encodeForwardBackwardOutput({ outputs, metrics }),
  };
}

export function optimStep(world: World, call: Call): Reply {
  const { modelId, seqId, adamParams } = parse(requests.optimStep, call);
  const model = world.model(modelId);
  return operation(world, model, seqId, call, async () => {
    const { eps: epsilon, gradClipNorm: maxGradNorm, ...rest } = adamParams;
    const { gradNorm, policyVersion } = await model.policy.optimStep({ ...rest, epsilon, maxGradNorm });
    world.ledger.push({ modelId, work: 'optim_step', digest: digestOf(JSON.stringify(adamParams)), policyVersion });
    const metrics = { 'skyrl.ai/grad_norm': gradNorm, 'skyrl.ai/learning_rate': rest.learningRate };
    return { json: () => json(200, world.profile.reportsGradNorm ? { metrics } : {}) };
  });
}

function pathOf(model: Model, kind: Checkpoint['kind'], name: string): string {
  return `tinker://${model.id}/${kind}/${name}`;
}

function refuseTakenName(world: World, path: string, overwrite: boolean): void {
  const mayReplace = overwrite && world.profile.overwrites;
  if (world.checkpoints.has(path) && !mayReplace) throw new Refusal(409, `checkpoint ${path} exists`);
}

async function saveAs(world: World, model: Model, kind: Checkpoint['kind'], path: string): Promise<void> {
  const { baseModel, rank } = model;
  const snapshot = await model.policy.snapshot();
  world.checkpoints.set(path, { path, kind, modelId: model.id, baseModel, rank, snapshot });
  const { policyVersion } = model.policy;
  const work = kind === 'weights' ? 'save_weights' : 'save_weights_for_sampler';
  world.ledger.push({ modelId: model.id, work, digest: digestOf(path.split('/').at(-1)!), policyVersion });
}

export function saveWeights(world: World, call: Call): Reply {
  const { modelId, seqId, path: name, overwrite } = parse(requests.saveWeights, call);
  const model = world.model(modelId);
  const path = pathOf(model, 'weights', name);
  const done = () => ({ json: () => json(200, { path, type: 'save_weights' }) });
  return operation(
    world,
    model,
    seqId,
    call,
    async () => {
      await saveAs(world, model, 'weights', path);
      return done();
    },
    () => refuseTakenName(world, path, overwrite),
  );
}

/** With a name, a checkpoint to sample from later; without, a sampling session at once. */
export function saveForSampler(world: World, call: Call): Reply {
  const { modelId, seqId, path: name, samplingSessionSeqId, overwrite } = parse(requests.saveForSampler, call);
  const model = world.model(modelId);
  if (name !== undefined) {
    const path = pathOf(model, 'sampler_weights', name);
    const said = world.profile.hasKindInSamplerPath ? path : `tinker://${model.id}/${name}`;
    return operation(
      world,
      model,
      seqId,
      call,
      async () => {
        await saveAs(world, model, 'sampler_weights', path);
        model.liveLabel = path;
        return { json: () => json(200, { path: said, type: 'save_weights_for_sampler' }) };
      },
      () => refuseTakenName(world, path, overwrite),
    );
  }
  if (samplingSessionSeqId === undefined) throw new Refusal(400, 'path or sampling_session_seq_id is needed');
  return operation(world, model, seqId, call, async () => {
    const id = `${model.session.id}:sample:${samplingSessionSeqId}`;
    const snapshot = await model.policy.snapshot();
    world.samplers.set(id, { id, session: model.session, from: { label: id, modelId, snapshot } });
    model.liveLabel = id;
    const { policyVersion } = model.policy;
    world.ledger.push({ modelId, work: 'save_weights_for_sampler', digest: '', policyVersion });
    return { json: () => json(200, { path: null, samplingSessionId: id, type: 'save_weights_for_sampler' }) };
  });
}

export function loadWeights(world: World, call: Call): Reply {
  const { modelId, seqId, path, optimizer } = parse(requests.loadWeights, call);
  const model = world.model(modelId);
  const { snapshot, rank } = world.checkpoint(path, 'weights');
  if (rank !== model.rank) throw new Refusal(400, `${path} has rank ${rank}, the model ${model.rank}`);
  const mayLoad = () => {
    if (!model.isFresh && !world.profile.loadsAnyTime)
      throw new Refusal(400, 'load_weights is possible as the first request of a fresh model only');
  };
  return operation(
    world,
    model,
    seqId,
    call,
    async () => {
      await model.policy.load(snapshot.directory, optimizer);
      model.liveLabel = undefined;
      const { policyVersion } = model.policy;
      world.ledger.push({ modelId, work: 'load_weights', digest: digestOf(path), policyVersion });
      return { json: () => json(200, { path, modelId, type: 'load_weights' }) };
    },
    mayLoad,
  );
}
