/**
 * A client of the Tinker protocol, for use without the rest of polarity: `import { Session, ModelClient, SamplingClient } from 'polarity/tinker'`.
 *
 * `Session` keeps a session alive and unloads its models at the end. `ModelClient` trains one model: calls are submitted in order, each returns
 * `{ submitted, result }`, so the next can be made before the last result is there. `SamplingClient` samples. `connect` gives the same as an
 * engine with our losses, on whichever server.
 *
 * ```ts
 * const session = await Session.open({ baseUrl: 'http://127.0.0.1:8000' });
 * try {
 *   const lora = { rank: 32, seed: 0, trainUnembed: true, trainMlp: true, trainAttn: true };
 *   const model = new ModelClient(session, await session.createModel('Qwen/Qwen3-8B', lora));
 *   const sampler = new SamplingClient(session, await model.saveForSampler().result);
 *   const params = { maxTokens: 64, seed: 1, stop: [151645], temperature: 1, topK: -1, topP: 1 };
 *   const { sequences } = await sampler.sample({ prompt: Int32Array.of(9707), numSamples: 4, params });
 *   const gradient = model.forwardBackward(data, { lossFn: 'importance_sampling' });
 *   const step = model.optimStep({ learningRate: 1e-5, beta1: 0.9, beta2: 0.95, eps: 1e-8, weightDecay: 0, gradClipNorm: 1 });
 *   console.log((await gradient.result).metrics, await step.result);
 * } finally {
 *   await session.close();
 * }
 * ```
 */
export { chunked, combined, datumBytes } from './chunks.ts';
export type { Clock } from './clock.ts';
export { type ConformanceReport, probe } from './conformance.ts';
export { type Connected, type ConnectSettings, connect } from './connect.ts';
export { type CredentialSource, credentialsOf } from './credentials.ts';
export { createTinkerEngine, TinkerEngine, type TinkerParts } from './engine.ts';
export { type FailureKind, TinkerError } from './failure.ts';
export { type AdamParams, checkpointName, ModelClient, type Operation, type WireLoss } from './model-client.ts';
export type { Notice } from './opening.ts';
export { PROFILES, type Profile, type ProfileName } from './profile.ts';
export type { Patience } from './retry.ts';
export { type Sampling, SamplingClient } from './sampling-client.ts';
export { seedOf } from './seed.ts';
export { Session, type SessionSettings } from './session.ts';
export type {
  ClientConfig,
  ForwardBackwardOutput,
  LoraConfig,
  SampledSequence,
  SampleOutput,
  SamplingParams,
  Tensor,
  WireDatum,
} from './wire.ts';
