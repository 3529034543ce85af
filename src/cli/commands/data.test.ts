import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createCharacterTokenizer } from '../../text/character-tokenizer.ts';
import { Terminal } from '../terminal.ts';
import { lintCommand } from './data.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'polarity-lint-command-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const written = (name: string, content: string): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

async function run(target: string, options: object = {}) {
  const [out, err] = [[] as string[], [] as string[]];
  const screen = (lines: string[]) => ({ write: (text: string) => lines.push(text) }) as never;
  const terminal = new Terminal({ stdout: screen(out), stderr: screen(err), json: true, color: false });
  const exitCode = await lintCommand(target, { set: [], ...options }, terminal);
  return { exitCode, text: err.join(''), result: JSON.parse(out.join('')) };
}

it('prints what was found, hostile text made visible, and ends with 0 where the data can be trained on', async () => {
  const rows = [
    { question: 'What is\u001b[2J 1+1?', answer: '02' },
    { question: '2+2?', answer: 4 },
  ];
  const path = written('fine.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
  const { exitCode, text, result } = await run(path, { set: ['verifier.name=exact'] });
  expect(exitCode).toBe(0);
  expect(text).not.toContain('\u001b');
  expect(text).toContain('2 golds pass their own verifier, 0 do not');
  expect(text).toMatch(/note +1 {2}zero-padded golds/);
  expect(result).toMatchObject({ rows: 2, golds: { passing: 2 }, isUsable: true });
});

it('ends with 1 where golds fail', async () => {
  const path = written('bad.csv', 'q,a\n1+1?,B\n2+2?,four\n');
  const set = ['columns={problem: q, gold: a}', 'verifier={name: choice}'];
  const { exitCode, text } = await run(path, { set });
  expect(exitCode).toBe(1);
  expect(text).toContain('bad.csv:3  "four": ');
});

it('looks at the data of a run file, beside it', async () => {
  written('train.jsonl', '{"problem":"1+1","answer":2}');
  written('test.jsonl', '{"problem":"1 + 1","answer":2}');
  const task = 'task: { name: dataset, train: train.jsonl, test: test.jsonl }';
  const path = written('run.yaml', `${task}\nengine: fake\ntraining: { learningRate: 0.1 }\n`);
  const { exitCode, result } = await run(path);
  expect([exitCode, result.problems, result.findings[0].kind]).toEqual([
    0,
    { train: 0, test: 1 },
    'train problems in test',
  ]);
  await expect(run(path, { format: 'gsm8k' })).rejects.toThrow('--format is for a data file');
});

it('measures prompts as the run would: its policy, less what completions may take', async () => {
  written('train.jsonl', '{"question":"12","answer":12}\n{"question":"12345","answer":12345}');
  mkdirSync(join(folder, 'policy'), { recursive: true });
  written('policy/tokenizer.json', JSON.stringify(createCharacterTokenizer('0123456789').toJSON()));
  written('policy/config.json', '{"max_position_embeddings": 10}');
  const task =
    'task: { name: dataset, train: train.jsonl, testFraction: 0, prompt: { template: "{problem}", format: plain } }';
  const settings = `${task}\npolicy: policy\nsampling: { maxTokens: 6 }\ntraining: { learningRate: 0.1 }\n`;
  const path = written('long.yaml', settings);
  const findings = async (options: object) =>
    (await run(path, options)).result.findings.map(({ kind, meaning }: Record<string, string>) => [kind, meaning]);
  expect(await findings({})).toEqual([['long prompts', 'more than 4 tokens']]);
  expect(await findings({ promptTokens: 5 })).toEqual([]);
  await expect(run(join(folder, 'train.jsonl'), { promptTokens: 5 })).rejects.toThrow(
    '--prompt-tokens has no effect without a policy',
  );
});

it('refuses a run file without data', async () => {
  const path = written('echo.yaml', 'task: echo\nengine: fake\ntraining: { learningRate: 0.1 }\n');
  await expect(run(path)).rejects.toThrow('task echo has no data files to look at');
});
