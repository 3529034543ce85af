/** A fake engine as a client of the server meets it: the same draws, and nothing that the protocol cannot carry. */
import type { Completion } from '../../src/core/rollout.ts';
import type { Engine, Sampler } from '../../src/engine/engine.ts';
import { seedOf } from '../../src/engine/tinker/seed.ts';
import { drawFromSeed } from './policy.ts';

const withoutEntropies = <Result extends { readonly logprobs: Float32Array[] }>(result: Result) => ({
  ...result,
  entropies: result.logprobs.map(() => new Float32Array(0)),
});

const withoutEntropy = (completion: Completion): Completion => ({ ...completion, entropies: new Float32Array(0) });

export function drawingLikeTheServer(engine: Engine): Engine {
  const capabilities = { ...engine.capabilities, entropies: false, temperature: false, trains: 'lora' as const };
  return {
    capabilities,
    get policyVersion() {
      return engine.policyVersion;
    },
    async sampler(): Promise<Sampler> {
      const sampler = await engine.sampler();
      return {
        policyVersion: sampler.policyVersion,
        sample: async (request) => (await drawFromSeed(sampler, request, seedOf(request.key))).map(withoutEntropy),
      };
    },
    forward: async (data, options) => withoutEntropies(await engine.forward(data, options)),
    forwardBackward: async (data, loss, options) => withoutEntropies(await engine.forwardBackward(data, loss, options)),
    optimStep: (adam) => engine.optimStep(adam),
    saveState: (directory) => engine.saveState(directory),
    loadState: (directory) => engine.loadState(directory),
    exportWeights: (directory) => engine.exportWeights(directory),
    close: () => engine.close(),
  };
}
