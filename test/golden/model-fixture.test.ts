import { describe, expect, it } from 'vitest';
import { digestOf, loadModelFixture, MODEL_FIXTURES } from './model-fixture.ts';

describe('digestOf', () => {
  it('is norm, sum, first values, signed sums', () => {
    const digest = digestOf(Float32Array.from([3, -4]));
    expect([...digest.subarray(0, 10)]).toEqual([5, -1, 3, -4, 0, 0, 0, 0, 0, 0]);
    expect([...digest.subarray(10)].every((x) => Math.abs(x) === 1 || Math.abs(x) === 7)).toBe(true);
  });
});

describe.each(MODEL_FIXTURES)('the recorded model %s', (name) => {
  const fixture = loadModelFixture(name);

  it('has a gradient for every weight, of its size', () => {
    for (const { digests, gradients } of fixture.cases) {
      expect([...digests.keys()]).toEqual([...fixture.weights.keys()]);
      for (const [weight, gradient] of gradients ?? []) {
        expect(gradient.length).toBe(fixture.weights.get(weight)!.data.length);
      }
    }
  });

  it('digests its full gradients as the recorder did', () => {
    for (const { digests, gradients } of fixture.cases) {
      for (const [weight, gradient] of gradients ?? []) {
        const digest = digestOf(gradient);
        const recorded = digests.get(weight)!;
        // float32 against float64 gradients: each sum may be off by rounding of its terms, which the norm bounds
        digest.forEach((x, i) => {
          expect(Math.abs(x - recorded[i]!)).toBeLessThan(1e-6 * recorded[0]!);
        });
      }
    }
  });

  it('clips: ppo, its dual clip, cispo and importance sampling give different gradients', () => {
    const norms = fixture.cases.map(({ digests }) => digests.get('model.norm.weight')![0]);
    expect(new Set(norms).size).toBe(norms.length);
  });
});
