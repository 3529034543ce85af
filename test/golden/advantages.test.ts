/** The official implementation's numbers (see the file's own `source`) against ours. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkGolden } from '../../src/objectives/golden/golden.ts';

const file = JSON.parse(readFileSync(new URL('advantages.json', import.meta.url), 'utf8'));
const results = checkGolden(file);

describe('advantages of the A3PO authors’ code', () => {
  it('has all recorded cases', () => expect(results).toHaveLength(35));
  it.each(results)('$name', ({ detail }) => expect(detail).toBe(''));

  it('notices a wrong number', () => {
    const wrong = structuredClone(file);
    wrong.cases[0].expected_advantages[0][0] += 1e-5;
    expect(checkGolden(wrong).filter(({ passed }) => !passed)).toHaveLength(1);
  });
});
