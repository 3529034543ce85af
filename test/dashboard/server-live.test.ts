/** Runs that are being written while they are looked at, and what is worked out from what they wrote. */
import fs from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StreamChange } from '../../src/dashboard/api.ts';
import { createRun, type RunWriter, resumeRun } from '../../src/journal/writer.ts';
import { removeFolder, type Served, served, temporaryFolder, trainedRun } from './served.ts';

let folder: string;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => removeFolder(folder));

describe('a run that is being written', () => {
  let root: string;
  let server: Served;
  let journal: RunWriter;
  let isOpen = false;
  const close = () => {
    if (isOpen) journal.close();
    isOpen = false;
  };
  const resume = async () => {
    journal = (await resumeRun({ runsDirectory: root, name: 'run' })).journal;
    isOpen = true;
  };
  const config = { training: { steps: 4 }, task: { name: 'echo' } };
  const manifest = { seed: 3, versions: {}, dataHashes: {}, environment: {} };
  const metrics = async (query = 'keys=loss/a') => (await server.ask(`/api/runs/run/metrics?${query}`)).json;
  const write = (step: number, value: number) => journal.metrics(step, { 'loss/a': value, 'rollout/pass_rate': 0.5 });

  beforeEach(async () => {
    root = fs.mkdtempSync(join(folder, 'runs-'));
    journal = await createRun({ runsDirectory: root, name: 'run', config, manifest });
    isOpen = true;
    server = await served(root);
  });
  afterEach(async () => {
    close();
    await server.close();
  });

  it('is running, then stopped or finished', async () => {
    const status = async () => (await server.ask('/api/runs')).json.runs[0].status;
    expect(await status()).toBe('running');
    write(1, 0);
    close();
    expect(await status()).toBe('stopped');
    await resume();
    for (const step of [1, 2, 3, 4]) write(step, 0);
    expect(await status()).toBe('running');
    close();
    expect(await status()).toBe('finished');
  });

  it('is read on from the last byte: numbers JSON cannot say come as words, what a step lacks as null', async () => {
    expect(await metrics()).toEqual({ steps: [], columns: {}, keys: [], generation: 0, damaged: 0, tornBytes: 0 });
    write(1, Number.NaN);
    write(2, Number.NEGATIVE_INFINITY);
    expect(await metrics()).toMatchObject({ steps: [1, 2], columns: { 'loss/a': ['NaN', '-Infinity'] } });
    journal.metrics(3, { 'loss/b': 7 });
    const { steps, columns, keys } = await metrics('keys=loss/a,loss/b,loss/none&from=2');
    expect({ steps, columns }).toEqual({
      steps: [2, 3],
      columns: { 'loss/a': ['-Infinity', null], 'loss/b': [null, 7] },
    });
    expect(keys).toEqual(['loss/a', 'loss/b', 'rollout/pass_rate', 'time/unix_s']);
    const half = '{"step":4,"loss/a":1';
    fs.appendFileSync(join(root, 'run', 'metrics.jsonl'), half);
    expect(await metrics()).toMatchObject({ steps: [1, 2, 3], damaged: 0, tornBytes: half.length });
    fs.appendFileSync(join(root, 'run', 'metrics.jsonl'), '}\n');
    expect(await metrics()).toMatchObject({ steps: [1, 2, 3, 4], damaged: 0, tornBytes: 0 });
  });

  it.each([
    ['shorter', 2],
    ['as long again', 4],
    ['longer', 6],
  ])('that was taken back and is %s by now is read from its beginning', async (_, until) => {
    const state = { step: 1, policyVersion: 1, state: {}, save: async () => {} };
    write(1, 1);
    await journal.checkpoint(state);
    for (const step of [2, 3, 4]) write(step, 1);
    expect(await metrics()).toMatchObject({ steps: [1, 2, 3, 4], generation: 0 });
    close();
    await resume();
    for (let step = 2; step <= until; step++) write(step, 2);
    const steps = Array.from({ length: until }, (_, i) => i + 1);
    expect(await metrics()).toMatchObject({ steps, columns: { 'loss/a': steps.map((step) => (step === 1 ? 1 : 2)) } });
    expect((await metrics()).generation).toBe(1);
  });

  it('tells its health: the last state of each check, where it changed, and what was said', async () => {
    for (const [step, state] of [0, 0, 2, 2, 1].entries())
      journal.metrics(step + 1, { 'health/a': state, 'health/b': 0 });
    journal.metrics(6, { 'health/b': 0, 'health/odd': 7 });
    const event = {
      step: 3,
      level: 'fault',
      kind: 'health',
      message: 'said',
      details: { check: 'a', state: 'red' },
    } as const;
    journal.event(event);
    const { checks, measuredSteps } = (await server.ask('/api/runs/run/health')).json;
    expect(measuredSteps).toBe(6);
    expect(checks).toEqual([
      {
        check: 'a',
        key: 'health/a',
        state: 'amber',
        step: 5,
        changes: [
          { step: 1, state: 'green' },
          { step: 3, state: 'red' },
          { step: 5, state: 'amber' },
        ],
        event: { ...event, unixSeconds: expect.any(Number) },
      },
      { check: 'b', key: 'health/b', state: 'green', step: 6, changes: [{ step: 1, state: 'green' }], event: null },
    ]);
    expect((await server.ask('/api/runs')).json.runs[0].health).toBe('green');
  });

  it('tells pages that listen what is new, and that a run appeared', async () => {
    write(1, 1);
    const { events, end } = listening(server.port, '/api/stream?runs=run');
    await expect.poll(() => events).toEqual([change({ step: 1 })]);
    write(2, 1);
    await expect.poll(() => events.at(-1), { timeout: 10_000 }).toEqual(change({ step: 2 }));
    journal.event({ step: 2, level: 'note', kind: 'x', message: '', details: {} });
    await expect.poll(() => events.at(-1), { timeout: 10_000 }).toEqual(change({ step: 2, events: 1 }));
    const count = events.length;
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(events).toHaveLength(count);
    const other = await createRun({ runsDirectory: root, name: 'other', config, manifest });
    await expect.poll(() => events.at(-1), { timeout: 10_000 }).toEqual({ event: 'runs', data: {} });
    other.close();
    end();
  });

  it('keeps a bounded number of pages up to date, and lets them go', async () => {
    const open = Array.from({ length: 48 }, () => listening(server.port, '/api/stream'));
    await Promise.all(open.map(({ started }) => started));
    expect((await server.ask('/api/stream')).json).toMatchObject({ error: 'too-large' });
    for (const { end } of open) end();
    const again = async () => {
      const { status, end } = listening(server.port, '/api/stream');
      const found = await status;
      end();
      return found;
    };
    await expect.poll(again, { timeout: 10_000 }).toBe(200);
  });

  const change = (found: Partial<StreamChange>) => ({
    event: 'change',
    data: {
      run: 'run',
      status: 'running',
      step: 0,
      generation: 0,
      evaluations: 0,
      events: 0,
      rolloutStep: null,
      checkpointStep: null,
      ...found,
    },
  });
});

describe('comparing', () => {
  let server: Served;
  let root: string;
  beforeAll(async () => {
    root = fs.mkdtempSync(join(folder, 'runs-'));
    const settings = (more: object, evaluation = {}) => ({ objective: more, training: { steps: 4 }, evaluation });
    await trainedRun(root, 'a', settings({ recipe: 'grpo' }));
    await trainedRun(join(root, 'group'), 'b', settings({ recipe: 'a3po' }));
    await trainedRun(root, 'other', settings({ recipe: 'grpo' }, { samples: 8 }));
    await trainedRun(root, 'none', settings({ recipe: 'grpo' }, { atStart: false, atEnd: false }));
    server = await served(root);
  });
  afterAll(() => server.close());
  const compared = async (runs: string) => (await server.ask(`/api/compare?runs=${runs}`)).json;

  it('says where the settings part, and pairs evaluations problem by problem', async () => {
    const { runs, differences, same, evaluations } = await compared('a,group/b');
    expect(runs).toMatchObject([
      { run: 'a', step: 4, summary: { recipe: 'grpo' } },
      { run: 'group/b', step: 4, summary: { recipe: 'a3po' } },
    ]);
    expect(differences).toEqual([{ path: 'objective.recipe', values: ['grpo', 'a3po'] }]);
    expect(same).toBeGreaterThan(30);
    const [{ kind, benchmarks, notCompared }] = evaluations;
    expect({ kind, notCompared }).toEqual({ kind: 'compared', notCompared: [] });
    expect(benchmarks[0]).toMatchObject({ name: 'echo/test', verdict: expect.any(String) });
    for (const { score, before, after, difference, problemsLikeThese } of benchmarks[0].scores) {
      expect(score).toMatch(/^(avg|pass)@/);
      expect(difference).toBeCloseTo(after - before, 12);
      expect(problemsLikeThese[0]).toBeLessThanOrEqual(difference);
      expect(problemsLikeThese[1]).toBeGreaterThanOrEqual(difference);
    }
  });

  it('of steps named', async () => {
    const { runs, evaluations } = await compared('a@0,group/b@0');
    expect(runs.map((run: { step: number }) => run.step)).toEqual([0, 0]);
    expect(evaluations[0].benchmarks[0].scores[0].difference).toBe(0);
  });

  it('refuses with the reason, run by run', async () => {
    const { evaluations } = await compared('a,other,none,group/b@3');
    expect(evaluations).toEqual([
      { kind: 'refused', a: 'a', b: 'other', reasons: ['echo/test cannot be compared: samples differs (4 and 8)'] },
      { kind: 'refused', a: 'a', b: 'none', reasons: [expect.stringContaining('none has no evaluation')] },
      {
        kind: 'refused',
        a: 'a',
        b: 'group/b',
        reasons: ['group/b has no evaluation of step 3: it has those of steps 0, 4'],
      },
    ]);
  });

  it.each([
    ['one run', 'a', 400],
    ['no run', '', 400],
    ['a run that is not there', 'a,nobody', 404],
    ['a step that is none', 'a@x,a', 400],
    ['too many', 'a,'.repeat(13), 400],
  ])('%s cannot be compared', async (_, runs, status) => {
    expect((await server.ask(`/api/compare?runs=${runs}`)).status).toBe(status);
  });
});

describe('one rollout', () => {
  it('comes with the text of each token, its group, and the stages of its advantages, which are those on file', async () => {
    const root = fs.mkdtempSync(join(folder, 'runs-'));
    await trainedRun(root, 'echo');
    const server = await served(root);
    try {
      const { rows } = (await server.ask('/api/runs/echo/rollouts?step=4&outcome=correct&limit=1')).json;
      const { json } = await server.ask(`/api/runs/echo/rollouts/4/${rows[0].row}`);
      const { tokens, stages, siblings } = json;
      expect(json).toMatchObject({ step: 4, outcome: 'correct', tokenNote: null, stagesNote: null });
      expect(tokens.starts).toEqual([0, 1].slice(0, tokens.ids.length));
      expect(siblings).toHaveLength(16);
      expect(stages).toMatchObject({ objective: 'a3po', largestDifference: 0, note: '' });
      expect(stages.rules.map((rule: { name: string }) => rule.name)).toEqual(['positive-low', 'negative-high']);
      expect(json.rules).toEqual(['positive_low', 'negative_high']);
      const mean = stages.rewards.reduce((a: number, b: number) => a + b, 0) / 16;
      const sd = Math.sqrt(stages.rewards.reduce((a: number, r: number) => a + (r - mean) ** 2, 0) / 15);
      expect(stages.baseAdvantages[json.index]).toBeCloseTo((1 - mean) / sd, 3);
    } finally {
      await server.close();
    }
  });
});

interface Heard {
  readonly event: string;
  readonly data: unknown;
}

function listening(port: number, path: string) {
  const events: Heard[] = [];
  const request = get({ host: '127.0.0.1', port, path, agent: false });
  request.on('error', () => {});
  const status = new Promise<number>((resolve) => {
    request.on('response', (response) => {
      resolve(response.statusCode ?? 0);
      let unread = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        const messages = (unread + text).split('\n\n');
        unread = messages.pop() ?? '';
        for (const message of messages) {
          const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(message) ?? [];
          if (event !== undefined) events.push({ event, data: JSON.parse(data ?? '') });
        }
      });
      response.on('error', () => {});
    });
  });
  return { events, status, started: status, end: () => request.destroy() };
}
