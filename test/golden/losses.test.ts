/**
 * Losses, gradients, KL estimators and further baselines of the official implementations against ours. losses.json was
 * made by executing the function bodies of the A3PO authors' repository (24a37f7), verl (b178a3cd5) and
 * RUCAIBox/Passk_Training (c3ba575), extracted by AST, on CPU float32; each loss names its `source`.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tokenLoss } from '../../src/engine/token-loss.ts';
import { checkGolden } from '../../src/objectives/golden/golden.ts';
import { stockLoss } from '../../src/objectives/surrogates/surrogate.ts';
import { tokenSurrogate } from '../../src/objectives/surrogates/token.ts';

const file = JSON.parse(readFileSync(new URL('losses.json', import.meta.url), 'utf8'));
const results = checkGolden(file);

describe('losses and baselines of the official implementations', () => {
  it('has all recorded cases', () => expect(results).toHaveLength(6 + 35 + 4 + 12));
  it.each(results)('$name', ({ detail }) => expect(detail).toBe(''));

  it('notices a wrong gradient', () => {
    const wrong = structuredClone(file);
    wrong.losses[0].expected.grad_log_probs[0][0] += 1e-4;
    expect(checkGolden(wrong).filter(({ passed }) => !passed)).toHaveLength(1);
  });

  it('refuses a file of another schema', () => {
    expect(() => checkGolden({ schema: 'x' })).toThrow('schema must be rlvr-advantage-golden/1 or');
  });
});

describe('the closed forms here and the stock losses of engines', () => {
  const surrogates = [
    { kind: 'importance-sampling' },
    { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.28 },
    { kind: 'ppo', ratioMin: 0.8, ratioMax: 1.2, dualClip: 3 },
    { kind: 'cispo', ratioMin: 0.5, ratioMax: 2 },
  ] as const;
  it.each(surrogates)('agree on $kind', (surrogate) => {
    for (const advantage of [-1.5, 0, 2])
      for (const logprob of [-4, -1.5, -1, -0.8, -0.1]) {
        const ours = tokenSurrogate(surrogate, { advantage, logprob, logRatio: logprob + 1 });
        const engine = tokenLoss(stockLoss(surrogate)!, logprob, -1, advantage);
        expect(ours.value).toBeCloseTo(engine.value, 12);
        expect(ours.slope).toBeCloseTo(engine.slope, 12);
      }
  });
});
