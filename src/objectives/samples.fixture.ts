/** Samples and groups for this room's tests: random ones for laws, small ones for numbers checked by hand. */
import fc from 'fast-check';
import type { Group } from '../core/rollout.ts';
import { parseObjective } from './objective.ts';
import type { Sample } from './sample.ts';
import { resolveSchedules } from './schedule.ts';
import type { ResolvedSentence } from './schema.ts';

/** A sample with the given token probabilities; reward 1 is correct, 0 incorrect, undefined unknown. */
export function sample(
  reward: number | undefined,
  probabilities: readonly number[],
  extra: Partial<Sample> = {},
): Sample {
  return {
    polarity: reward === undefined ? undefined : reward === 1 ? 'positive' : 'negative',
    reward,
    mask: new Uint8Array(probabilities.length).fill(1),
    logprobs: Float32Array.from(probabilities, Math.log),
    entropies: Float32Array.from(probabilities, (p) => 1 - p),
    tokens: Int32Array.from(probabilities, (_, t) => t),
    isTruncated: false,
    ...extra,
  };
}

/** A core group of correct (1), incorrect (0) and unknown (undefined) rollouts with these token probabilities. */
export function groupOf(rollouts: readonly (readonly [number | undefined, readonly number[]])[]): Group {
  const problem = { id: 'p', data: null };
  return {
    problem,
    rollouts: rollouts.map(([reward, probabilities]) => ({
      problem,
      promptTokens: new Int32Array(1),
      text: '',
      completion: {
        tokens: new Int32Array(probabilities.length),
        logprobs: Float32Array.from(probabilities, Math.log),
        entropies: new Float32Array(0),
        stopReason: 'stop',
        policyVersion: 0,
      },
      verdict:
        reward === undefined
          ? { outcome: 'unknown', reason: 'timeout', explanation: '' }
          : { outcome: reward === 1 ? 'correct' : 'incorrect', reward, explanation: '' },
    })),
  };
}

/** The numbers of a choice at one point of a run of 100 steps. */
export function sentence(choice: unknown, step = 0): ResolvedSentence {
  return resolveSchedules(parseObjective(choice).sentence, { step, totalSteps: 100, entropy: 0.5, mismatch: 0.01 })
    .resolved;
}

/** Random samples with 0/1 rewards, unknown verdicts, mask holes and empty completions. */
export const arbitrarySample: fc.Arbitrary<Sample> = fc
  .tuple(
    fc.constantFrom(0, 1, 1, 0, undefined),
    fc.array(fc.tuple(fc.double({ min: 0.01, max: 1, noNaN: true }), fc.boolean()), { maxLength: 12 }),
    fc.boolean(),
  )
  .map(([reward, tokens, isTruncated]) =>
    sample(
      reward,
      tokens.map(([p]) => p),
      { mask: Uint8Array.from(tokens, ([, isOn]) => Number(isOn)), isTruncated },
    ),
  );

export const arbitraryGroup = fc.array(arbitrarySample, { minLength: 1, maxLength: 6 });
export const arbitraryGroups = fc.array(arbitraryGroup, { minLength: 1, maxLength: 3 });

/** Plain arrays for comparison: -0 and 0 are one. */
export const rows = (shaped: readonly (readonly { readonly advantages: Float32Array }[])[]): number[][] =>
  shaped.flat().map(({ advantages }) => Array.from(advantages, (a) => a + 0));
