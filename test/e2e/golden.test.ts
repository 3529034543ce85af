/** The built program behind `npm run golden`, on the recorded numbers. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './polarity.ts';

const PROGRAM = join(ROOT, 'dist', 'cli', 'golden.js');

function golden(...files: string[]) {
  if (!existsSync(PROGRAM)) throw new Error('dist/ is missing: run `npm run build` first (`npm test` does)');
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...files], { cwd: ROOT, encoding: 'utf8' });
  return { status, stdout, stderr };
}

describe('golden', () => {
  it('passes all 92 recorded cases', () => {
    expect(golden('test/golden/advantages.json', 'test/golden/losses.json')).toEqual({
      status: 0,
      stdout: '92 passed, 0 failed\n',
      stderr: '',
    });
  });

  it('leaves with 2 and a sentence for a file of something else', () => {
    expect(golden('test/golden/adamw.json')).toEqual({
      status: 2,
      stdout: '',
      stderr:
        'golden: test/golden/adamw.json: schema must be rlvr-advantage-golden/1 or rlvr-extra-golden/1, got undefined\n',
    });
  });
});
