/** Our sampling requests as the protocol's, and its sequences as ours. Pure. */
import type { Completion } from '../../core/rollout.ts';
import type { SampleRequest } from '../engine.ts';
import { TinkerError } from './failure.ts';
import type { Sampling } from './sampling-client.ts';
import { seedOf } from './seed.ts';
import type { SampledSequence, SampleOutput } from './wire.ts';

export function wireSampling(request: SampleRequest): Sampling {
  const { prompt, count, maxTokens, temperature, topK = 0, topP = 1, stopTokens, key } = request;
  return {
    prompt,
    numSamples: count,
    params: {
      maxTokens,
      seed: seedOf(key),
      stop: stopTokens,
      temperature,
      topK: topK === 0 ? -1 : topK,
      topP,
    },
  };
}

/**
 * Log-probabilities are the server's: at temperatures other than 0 and 1 it may report those of temperature 1.
 * @throws TinkerError when their log-probabilities are missing
 */
export function completionsOf(
  { maxTokens }: SampleRequest,
  { sequences }: SampleOutput,
  policyVersion: number,
): Completion[] {
  return sequences.map((sequence) => completionOf(sequence, maxTokens, policyVersion));
}

function completionOf({ tokens, logprobs, stopReason }: SampledSequence, maxTokens: number, policyVersion: number) {
  if (tokens.length === 0 || tokens.length > maxTokens)
    throw new TinkerError('failed', `a completion came back with ${tokens.length} tokens, of at most ${maxTokens}`);
  if (logprobs?.length !== tokens.length || !logprobs.every((logprob) => Number.isFinite(logprob)))
    throw new TinkerError(
      'failed',
      `a completion of ${tokens.length} tokens came back with ${logprobs?.length ?? 'no'} log-probabilities, or with some that are no numbers`,
    );
  return { tokens, logprobs, entropies: new Float32Array(0), stopReason, policyVersion };
}
