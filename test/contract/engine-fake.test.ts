import { createFakeEngine } from '../../src/engine/fake.ts';
import { engineContract } from './engine-contract.ts';

// float32 is what is reported; everything behind it is float64
const tolerance = 2e-6;

engineContract('the fake engine', () => createFakeEngine({ vocabularySize: 9, maxContext: 32, seed: 1 }), {
  tolerance,
});

engineContract(
  'the fake engine on two last tokens and four positions',
  () =>
    createFakeEngine({
      vocabularySize: 8,
      maxContext: 24,
      seed: 2,
      conditioning: { lastTokens: 2, positions: 4 },
      initialLogitStd: 0.5,
    }),
  { tolerance },
);
