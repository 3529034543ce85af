/** Turns work into a promise: number taken, work queued, failure phrased as this server does. */
import { UserError } from '../../src/core/errors.ts';
import { type Call, digestOf } from './call.ts';
import type { ServerProfile } from './profile.ts';
import { json, Refusal, type Reply, type Results } from './reply.ts';
import type { Model, World } from './world.ts';

/** Servers that go by arrival recognise only these when they come twice. */
const ALWAYS_RECOGNISED: readonly string[] = ['forward_backward', 'forward', 'optim_step'];

/**
 * @param work runs in the model's order
 * @param admit may refuse at once; not asked when the request is a resend
 */
export function operation(
  world: World,
  model: Model,
  seqId: number | undefined,
  call: Call,
  work: () => Promise<Results>,
  admit: () => void = () => undefined,
): Reply {
  const { isOrderedBySeq } = world.profile;
  const isRecognised = isOrderedBySeq || ALWAYS_RECOGNISED.includes(call.path);
  const digest = digestOf(call.path, call.body);
  const earlier = isRecognised ? model.queue.resent(seqId, digest) : undefined;
  if (earlier !== undefined) return promised(earlier, model);
  admit();
  model.isFresh = false;
  const requestId = isOrderedBySeq ? `${model.id}:${seqId}` : world.freshId('request');
  promise(
    world,
    requestId,
    (run) => model.queue.submit(seqId, isRecognised ? { requestId, digest } : undefined, run),
    async () => {
      if (world.models.get(model.id) !== model) throw new Refusal(404, `Model ${model.id} is not loaded`);
      return work();
    },
  );
  return promised(requestId, model);
}

const promised = (requestId: string, { id }: Model): Reply => json(200, { requestId, modelId: id, status: 'pending' });

/** @param schedule calls `run` when it is this work's turn */
export function promise(
  world: World,
  requestId: string,
  schedule: (run: () => Promise<void>) => void,
  work: () => Promise<Results>,
): void {
  let settle: (results: Results) => void = () => undefined;
  world.futures.add(
    requestId,
    new Promise((resolve) => {
      settle = resolve;
    }),
  );
  schedule(async () => {
    try {
      settle(await work());
    } catch (error) {
      settle({ json: () => failure(error, world.profile) });
    }
  });
}

function failure(error: unknown, { failsAs }: ServerProfile): Reply {
  const detail = error instanceof Error ? error.message : String(error);
  const isUsers = error instanceof UserError || (error instanceof Refusal && error.status < 500);
  return failsAs === 'body'
    ? json(200, { error: detail, category: isUsers ? 'user' : 'server' })
    : json(400, { detail });
}
