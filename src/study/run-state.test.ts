import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createRun } from '../journal/writer.ts';
import { runState } from './run-state.ts';

let study = '';
beforeEach(() => {
  study = mkdtempSync(join(tmpdir(), 'study-'));
});
afterEach(() => rmSync(study, { recursive: true }));

const MANIFEST = { seed: 1, versions: {}, dataHashes: {}, environment: {} };
const EVALUATION = { policyVersion: 0, name: 'echo/test', protocol: {}, metrics: {}, intervals: {} };

/** A run with a checkpoint at each of the steps, evaluated at some. */
async function made(checkpoints: readonly number[], evaluated: readonly number[]): Promise<void> {
  const journal = await createRun({ runsDirectory: study, name: 'a-s1', config: {}, manifest: MANIFEST });
  for (const step of evaluated) journal.evaluation({ ...EVALUATION, step });
  const save = async (directory: string) => writeFileSync(join(directory, 'weights.safetensors'), '');
  for (const step of checkpoints) await journal.checkpoint({ step, policyVersion: step, state: {}, save });
  journal.close();
}

it.each([
  ['one that only began', [], [0], { kind: 'begun', step: 0 }],
  ['one on its way', [2], [0], { kind: 'begun', step: 2 }],
  ['one that was stopped after its last step, before its last evaluation', [2, 4], [0], { kind: 'begun', step: 4 }],
  ['one that is whole', [2, 4], [0, 4], { kind: 'finished' }],
])('%s is seen as such', async (_what, checkpoints, evaluated, state) => {
  await made(checkpoints, evaluated);
  expect(await runState(study, 'a-s1', { steps: 4, isEvaluated: true })).toEqual(state);
});

it('a run whose last policy is not evaluated is whole without', async () => {
  await made([4], []);
  expect(await runState(study, 'a-s1', { steps: 4, isEvaluated: false })).toEqual({ kind: 'finished' });
});

it('a run that is not there, or has no manifest yet, is absent', async () => {
  expect(await runState(study, 'a-s1', { steps: 4, isEvaluated: true })).toEqual({ kind: 'absent' });
});
