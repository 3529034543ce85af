/** Sampling sessions and samples. Draws are a function of the request's seed alone (`policy.ts`). */
import type { Sampler } from '../../src/engine/engine.ts';
import { encodeSampleResponse } from '../../src/engine/tinker/protobuf.ts';
import { type Call, header, parse } from './call.ts';
import { promise } from './operation.ts';
import { drawFromSeed, logprobsIn } from './policy.ts';
import { json, Refusal, type Reply, type Results } from './reply.ts';
import * as requests from './requests.ts';
import type { SamplingSession, World } from './world.ts';

export function createSamplingSession(world: World, call: Call): Reply {
  const { sessionId, samplingSessionSeqId, baseModel, modelPath } = parse(requests.createSamplingSession, call);
  const session = world.session(sessionId);
  if ((baseModel === undefined) === (modelPath === undefined))
    throw new Refusal(400, 'exactly one of base_model and model_path is needed');
  const id = `${sessionId}:sample:${samplingSessionSeqId}`;
  const checkpoint = modelPath === undefined ? undefined : world.checkpoint(modelPath, 'sampler_weights');
  world.samplers.set(id, {
    id,
    session,
    from: checkpoint && { label: checkpoint.path, modelId: checkpoint.modelId, snapshot: checkpoint.snapshot },
  });
  return json(200, { samplingSessionId: id, type: 'create_sampling_session' });
}

export function sample(world: World, call: Call): Reply {
  const body = parse(requests.sample, call);
  const session = world.sampler(body.samplingSessionId);
  const { stop = [], maxTokens } = body.samplingParams;
  if (world.profile.isStrict && typeof stop === 'string') throw new Refusal(422, 'stop must be a list');
  if (typeof stop === 'string' || stop.some((each) => typeof each === 'string'))
    throw new Refusal(400, 'this server has no tokenizer: stop must be token ids');
  const prompt = requests.tokensOf(body.prompt);
  if (prompt.length === 0) throw new Refusal(400, 'the prompt is empty');
  if (prompt.length + maxTokens > world.settings.maxContext)
    throw new Refusal(400, `prompt (${prompt.length}) + max_tokens (${maxTokens}) over ${world.settings.maxContext}`);
  const isKnownByNumber = world.profile.isOrderedBySeq && body.seqId !== undefined;
  const requestId = isKnownByNumber ? `${session.id}:${body.seqId}` : world.freshId('request');
  if (world.futures.has(requestId)) return json(200, { requestId });
  if (world.samplesInFlight >= world.profile.mostSamples && header(call, 'x-tinker-sampling-backpressure') === '1')
    throw new Refusal(429, 'too many samples at once');
  world.samplesInFlight++;
  promise(
    world,
    requestId,
    (run) => void run().finally(() => world.samplesInFlight--),
    () => draw(world, session, body, prompt, stop as number[]),
  );
  return json(200, { requestId });
}

/** The session's weights; where there is one live copy only, that copy, after what sampling does to it. */
async function weightsOf(world: World, { from }: SamplingSession): Promise<{ sampler: Sampler; directory?: string }> {
  if (from === undefined) return { sampler: await world.base() };
  const model = world.models.get(from.modelId);
  if (!world.profile.hasLiveSnapshots || model === undefined) return from.snapshot;
  // an older checkpoint is loaded over the weights in training
  if (model.liveLabel !== from.label) await model.policy.load(from.snapshot.directory, true);
  model.liveLabel = from.label;
  return model.policy.snapshot();
}

async function draw(
  world: World,
  session: SamplingSession,
  body: ReturnType<typeof parse<typeof requests.sample>>,
  prompt: Int32Array,
  stop: readonly number[],
): Promise<Results> {
  const { implicitEos, hasPromptLead } = world.profile;
  const { maxTokens, seed = 0, temperature, topK, topP } = body.samplingParams;
  const { sampler, directory } = await weightsOf(world, session);
  const stopTokens = implicitEos === undefined ? stop : [...stop, implicitEos];
  const restricted = { ...(topK > 0 && { topK }), ...(topP < 1 && { topP }) };
  const request = { prompt, count: body.numSamples, maxTokens, temperature, stopTokens, ...restricted };
  const completions = await drawFromSeed(sampler, request, seed);
  const scored = (tokens: readonly number[]) => logprobsIn(world.settings, directory, Int32Array.from(tokens));
  // servers report log-probabilities of the distribution at temperature 1
  const isTempered = temperature !== 1 && temperature !== 0;
  const sequences = await Promise.all(
    completions.map(async ({ tokens, logprobs, stopReason }) => ({
      tokens,
      logprobs: isTempered ? (await scored([...prompt, ...tokens])).slice(prompt.length - 1) : logprobs,
      stopReason,
    })),
  );
  const ofPrompt = body.promptLogprobs && prompt.length > 1 ? await scored([...prompt]) : new Float32Array();
  const promptLogprobs = body.promptLogprobs
    ? Float32Array.from([...(hasPromptLead ? [Number.NaN] : []), ...ofPrompt])
    : undefined;
  return {
    json: () =>
      json(200, {
        type: 'sample',
        sequences: sequences.map(({ tokens, logprobs, stopReason }) => ({
          stopReason,
          tokens: [...tokens],
          logprobs: [...logprobs],
        })),
        // NaN is null in JSON
        promptLogprobs: promptLogprobs === undefined ? null : [...promptLogprobs],
      }),
    protobuf: () => encodeSampleResponse({ sequences, promptLogprobs }),
  };
}
