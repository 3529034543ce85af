/** Order, failure and the end of a model's calls, seen by the server. */
import { expect, it, onTestFinished } from 'vitest';
import { ModelClient, type WireLoss } from '../../src/engine/tinker/model-client.ts';
import { Session } from '../../src/engine/tinker/session.ts';
import { type FaultPlan, faultAt } from '../tinker-server/faults.ts';
import { HastyClock } from '../tinker-server/hasty-clock.ts';
import { hosted, skyrlJax } from '../tinker-server/profile.ts';
import { startTinkerServer, type TinkerServer } from '../tinker-server/server.ts';

const LORA = { rank: 8, seed: 1, trainUnembed: true, trainMlp: true, trainAttn: true };
const IS: WireLoss = { lossFn: 'importance_sampling' };
const ADAM = { learningRate: 0.1, beta1: 0.9, beta2: 0.95, eps: 1e-8, weightDecay: 0, gradClipNorm: 0 };

const datum = (advantage = 1) => ({
  tokens: Int32Array.of(1, 2),
  inputs: {
    target_tokens: Int32Array.of(2, 3),
    logprobs: Float32Array.of(-2, -2),
    advantages: Float32Array.of(0, advantage),
  },
});

async function open(profile = hosted, faults?: FaultPlan) {
  const server = await startTinkerServer({
    policy: { vocabularySize: 9, maxContext: 32, seed: 1 },
    profile,
    ...(faults && { faults }),
  });
  onTestFinished(() => server.close());
  const session = await Session.open({ baseUrl: server.baseUrl, clock: new HastyClock() });
  onTestFinished(() => session.close());
  return { server, session, model: new ModelClient(session, await session.createModel('fake/table', LORA)) };
}

const worksOf = (server: TinkerServer) => server.ledger.map(({ work }) => work);

it('calls made at once are done in the order they were made', async () => {
  const { server, model } = await open();
  const all = [
    model.forwardBackward([datum()], IS).result,
    model.optimStep(ADAM).result,
    model.saveState('a').result,
    model.forwardBackward([datum()], IS).result,
    model.optimStep(ADAM).result,
    model.saveForSampler().result,
  ];
  await Promise.all(all);
  expect(worksOf(server)).toEqual([
    'forward_backward',
    'optim_step',
    'save_weights',
    'forward_backward',
    'optim_step',
    'save_weights_for_sampler',
  ]);
});

it('a call whose result fails leaves a model nobody knows: every later call is refused as lost, other models go on', async () => {
  const { session, model } = await open();
  // the server has no such loss
  const failing = model.forwardBackward([datum()], { lossFn: 'gspo' });
  await expect(failing.result).rejects.toThrow('gspo');
  await expect(model.optimStep(ADAM).result).rejects.toMatchObject({ kind: 'lost', retryable: true });
  await expect(model.forward([datum()], IS).result).rejects.toThrow('gspo');
  const other = new ModelClient(session, await session.createModel('fake/table', LORA));
  expect((await other.forward([datum()], IS).result).outputs.length).toBe(1);
});

it.each(['save_weights', 'save_weights_for_sampler'])('a %s whose answer was lost is done', async (path) => {
  const { model } = await open(skyrlJax, faultAt(path, 0, { kind: 'lost' }));
  const saved = path === 'save_weights' ? model.saveState('x') : model.saveForSampler();
  expect(await saved.result).toMatch(/./);
  // and the model is as usable as before
  await model.forwardBackward([datum()], IS).result;
});

it('a name that is taken, perhaps by our own lost request, is varied', async () => {
  const { model } = await open(skyrlJax);
  const paths = [await model.saveState('x').result, await model.saveState('x').result];
  expect(paths.map((path) => path.split('/').at(-1))).toEqual(['x', 'x-2']);
  await model.forwardBackward([datum()], IS).result;
});

it('a session that closes unloads its models, also those of another call, and refuses what comes after', async () => {
  const { server, session, model } = await open();
  await session.createModel('fake/table', LORA);
  expect(server.world.models.size).toBe(2);
  await session.close();
  await session.close();
  expect(server.world.models.size).toBe(0);
  await expect(model.optimStep(ADAM).result).rejects.toThrow('closed');
});

it('a session closes, though its server is dead', async () => {
  const { server, session } = await open();
  await server.die();
  await session.close();
});

it('a large batch travels in parts and comes back whole', async () => {
  const { server, session, model } = await open();
  const most = session.config.fwdbwdMaxChunkLen;
  const data = Array.from({ length: most + 5 }, (_, d) => datum(d));
  const before = server.requests;
  const { outputs } = await model.forwardBackward(data, IS).result;
  expect(outputs.length).toBe(data.length);
  expect(worksOf(server)).toEqual(['forward_backward', 'forward_backward']);
  // two submissions, and their results
  expect(server.requests - before).toBeGreaterThanOrEqual(4);
});
