/** The embedded engine under the same contract as the fake one: each back end, each training plan, both families' extras. */
import { randomKey } from '../../src/core/random.ts';
import { createOnnxEngine } from '../../src/engine/onnx/engine.ts';
import type { ModelConfig } from '../../src/model/config.ts';
import { initialParameters } from '../../src/model/initialise.ts';
import { engineContract } from './engine-contract.ts';

const config: ModelConfig = {
  family: 'qwen3',
  vocabularySize: 11,
  hiddenSize: 32,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headSize: 16,
  feedForwardSize: 24,
  maxContext: 32,
  ropeTheta: 10_000,
  normEpsilon: 1e-6,
  attentionBias: false,
  queryKeyNorm: true,
  tiedHead: true,
};

// float32 arithmetic in two different graphs (cached decoding, training); 1e-4 is the project's bar
const tolerance = 1e-4;

const engine = (backend: 'koffi' | 'node', shape: ModelConfig, plan?: 'segmented') => () =>
  createOnnxEngine(shape, initialParameters(shape, randomKey(1), { embedding: 0.1, linear: 0.2 }), {
    backend,
    threads: 2,
    rows: 4,
    tokenBudget: 256,
    ...(plan ? { plan } : {}),
  });

const untied: ModelConfig = { ...config, family: 'qwen2', attentionBias: true, queryKeyNorm: false, tiedHead: false };

engineContract('the embedded engine', engine('koffi', config), { tolerance });
engineContract('the embedded engine in segments', engine('koffi', untied, 'segmented'), { tolerance });
engineContract('the embedded engine on the portable back end', engine('node', untied), { tolerance });
