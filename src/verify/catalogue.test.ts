import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  goldCompletion,
  loadVerifier,
  resolveVerifier,
  runsIn,
  verifierCatalogue,
  verifierVersion,
  verifyHere,
} from './catalogue.ts';

describe('the catalogue of verifiers', () => {
  it('agrees with each definition on its name and on where it runs', async () => {
    for (const entry of verifierCatalogue) {
      const { name, runsIn: where, summary, version } = await entry.load();
      expect({ name, where }).toEqual({ name: entry.name, where: entry.runsIn });
      expect(summary).toMatch(/\.$/);
      expect(version).toBeGreaterThanOrEqual(1);
    }
    expect(new Set(verifierCatalogue.map(({ name }) => name)).size).toBe(verifierCatalogue.length);
  });

  it('has defaults for every setting, and resolving twice changes nothing', async () => {
    for (const { name } of verifierCatalogue) {
      const resolved = await resolveVerifier({ name });
      expect(await resolveVerifier(resolved)).toEqual(resolved);
    }
  });

  it('writes the defaults out', async () => {
    expect(await resolveVerifier({ name: 'exact', ignoreCase: true })).toEqual({
      name: 'exact',
      trim: true,
      ignoreCase: true,
      whitespace: 'keep',
      anchors: [],
      noAnswer: 'incorrect',
    });
  });

  it('names the nearest of a misspelt verifier or setting', async () => {
    await expect(resolveVerifier({ name: 'chioce' }, 'run.yaml')).rejects.toThrow(
      /run\.yaml: name must be one of .*did you mean choice\?/,
    );
    await expect(resolveVerifier({ name: 'exact', ignorecase: true })).rejects.toThrow('did you mean ignoreCase?');
    expect(runsIn('chioce')).toBe('worker');
  });

  it('gives the version and the gold completion of a specification', async () => {
    expect(await verifierVersion({ name: 'exact' })).toBe(1);
    expect(await goldCompletion({ name: 'exact' }, 12)).toBe('12');
    await expect(goldCompletion({ name: 'exact' }, [1])).rejects.toThrow('gold: the whole must be');
  });

  it('takes a loaded verifier’s word as its own', async () => {
    const verifier = await loadVerifier({ name: 'exact' });
    expect(await verifier.verify('a', 'a')).toEqual(
      await verifyHere({ verifier: { name: 'exact' }, gold: 'a', completion: 'a' }),
    );
  });

  it('never rejects, whatever gold and completion are', async () => {
    const names = fc.constantFrom(...['choice', 'exact', 'json-schema', 'nothing']);
    const text = fc.string({ unit: 'binary', maxLength: 100 });
    await fc.assert(
      fc.asyncProperty(names, fc.anything(), text, async (name, gold, completion) => {
        const { outcome } = await verifyHere({ verifier: { name }, gold, completion });
        expect(['correct', 'incorrect', 'unknown']).toContain(outcome);
      }),
    );
  });
});
