import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ConformanceReport } from './conformance.ts';
import { PROFILES } from './profile.ts';
import { cachePath, readCached, writeCached } from './profile-cache.ts';
import { readSavedState, statePath, writeSavedState } from './state-file.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tinker-files-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('a saved state is read as it was written; a missing or damaged one is named', async () => {
  const state = { baseUrl: 'http://a', model: 'm', rank: 8, policyVersion: 3, path: 'tinker://run/weights/x' };
  await expect(readSavedState(directory)).rejects.toThrow(`${statePath(directory)} is missing`);
  await writeSavedState(directory, state);
  expect(await readSavedState(directory)).toMatchObject(state);
  await writeFile(statePath(directory), '{"version": 1, "path"');
  await expect(readSavedState(directory)).rejects.toThrow(`${statePath(directory)} is damaged`);
});

test('what was measured of a server is kept for that server and model alone', async () => {
  const report: ConformanceReport = { profile: PROFILES['skyrl-jax'], findings: ['x'], mismatchNats: 0 };
  const server = { baseUrl: 'http://a', model: 'm' };
  expect(await readCached(directory, server)).toBeUndefined();
  await writeCached(directory, server, report);
  expect(await readCached(directory, server)).toEqual(report);
  expect(await readCached(directory, { ...server, model: 'other' })).toBeUndefined();
  await writeFile(cachePath(directory, server), '{"version": 0}');
  expect(await readCached(directory, server)).toBeUndefined();
});
