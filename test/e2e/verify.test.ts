/** `polarity verify` as a user types it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { polarity, removeFolder, result, temporaryFolder } from './polarity.ts';

let folder: string;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => removeFolder(folder));

function written(name: string, lines: readonly (object | string)[]): string {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  writeFileSync(join(folder, name), `${text.join('\n')}\n`);
  return name;
}

describe('polarity verify', () => {
  it('shows what was found, marked in the completion, both forms, the rule and the cost', async () => {
    const completion = 'Half of 3 is 3/2, so \\boxed{1.5} it is';
    const { stdout, stderr, exitCode } = await polarity(['verify', '\\frac{3}{2}', completion], folder);
    expect([exitCode, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^correct: /);
    const marked = lines.findIndex((line) => line.includes('\\boxed{1.5}'));
    const carets = /\^+/.exec(lines[marked + 1] ?? '');
    expect(lines[marked]?.slice(carets?.index, (carets?.index ?? 0) + (carets?.[0].length ?? 0))).toBe('1.5');
    expect(stdout).toMatch(/found +1\.5 at 28-31, by /);
    expect(stdout).toMatch(/gold is +\S/);
    expect(stdout).toMatch(/answer is +\S/);
    expect(stdout).toMatch(/rule +\S/);
    expect(stdout).toMatch(/cost +\d+ steps/);
  });

  it('answers in JSON with the verdict, its evidence, and the verifier with its settings and version', async () => {
    const outcome = await polarity(['verify', '7', '\\boxed{8}', '--json'], folder);
    expect(outcome.exitCode).toBe(0);
    expect(result(outcome)).toMatchObject({
      verifier: { name: 'math' },
      version: expect.any(Number),
      gold: '7',
      answer: '\\boxed{8}',
      verdict: { outcome: 'incorrect', reward: 0, evidence: { extracted: { text: '8', start: 7, end: 8 } } },
    });
    expect(outcome.stderr).toMatch(/^incorrect: /);
  });

  it('takes golds that begin with a minus', async () => {
    for (const args of [
      ['verify', '--json', '-36', '-36.0'],
      ['verify', '--json', '--', '-\\frac{1}{2}', '-0.5'],
    ])
      expect(result(await polarity(args, folder))).toMatchObject({ verdict: { outcome: 'correct' } });
  });

  it('shows hostile text as data', async () => {
    const { stdout } = await polarity(['verify', '5', 'a\u001b[2J\u202e \\boxed{\u001b]0;title\u00075}'], folder);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is looked for
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(stdout).toContain('\\x1b[2J');
  });

  it('takes other verifiers, their settings, and golds of JSON', async () => {
    const exact = ['verify', 'Yes', 'yes', '--verifier', 'exact', '--json'];
    const [plain, folded] = [
      await polarity([...exact, '--set', 'ignoreCase=false'], folder),
      await polarity([...exact, '--set', 'ignoreCase=true'], folder),
    ];
    expect(result(plain)).toMatchObject({ verdict: { outcome: 'incorrect' } });
    expect(result(folded)).toMatchObject({ verdict: { outcome: 'correct' } });
    const schema = [
      'verify',
      '{"type":"object","required":["a"]}',
      '{"a":1}',
      '--verifier',
      'json-schema',
      '--json-gold',
    ];
    expect(result(await polarity([...schema, '--json'], folder))).toMatchObject({ verdict: { outcome: 'correct' } });
  });

  it('prints the disagreements of a file and closes with the count, exit code 1', async () => {
    const file = written('mixed.jsonl', [
      { gold: '\\frac{1}{2}', answer: '0.5', expected: 1 },
      { gold: '7', answer: '\\boxed{8}', expected: 0, note: 'other keys are ignored' },
      '',
      { gold: '7', answer: '\\boxed{8}\u001b[2J', expected: 1 },
      { gold: '7', answer: '7', expected: 0 },
      { gold: 7, answer: 'no number here', expected: 0 },
      { gold: '7', answer: '7' },
    ]);
    const { stdout, exitCode } = await polarity(['verify', '--file', file], folder);
    expect(exitCode).toBe(1);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.filter((line) => line.startsWith('mixed.jsonl:'))).toEqual([
      expect.stringContaining('mixed.jsonl:4: expected correct, got incorrect: gold 7, answer \\boxed{8}\\x1b[2J: '),
      expect.stringContaining('mixed.jsonl:5: expected not correct, got correct: gold 7, answer 7: '),
    ]);
    expect(lines).toContain('1 without an expectation: 1 correct');
    expect(lines.at(-1)).toBe('3 agree, 2 disagree');
  });

  it('ends with exit code 0 when all agree, and gives the verdicts of lines without an expectation in JSON', async () => {
    const file = written('good.jsonl', [
      { gold: '2k+2', answer: 'It is $2(k+1)$.', expected: 1 },
      { gold: '3', answer: '\\boxed{4}' },
    ]);
    const outcome = await polarity(['verify', '--file', file, '--json'], folder);
    expect(outcome.exitCode).toBe(0);
    expect(outcome.stderr.trimEnd().split('\n').at(-1)).toBe('1 agree, 0 disagree');
    expect(result(outcome)).toMatchObject({
      agree: 1,
      disagree: 0,
      withoutExpectation: 1,
      disagreements: [],
      verdicts: [{ line: 2, gold: '3', answer: '\\boxed{4}', verdict: { outcome: 'incorrect' } }],
    });
  });

  it.each([
    ['not JSON', ['{"gold": "1", "answer": "1"}', '{oops'], 'broken.jsonl:2: not JSON'],
    ['no object', ['[1, 2]'], 'broken.jsonl:1: a line is an object'],
    ['no gold', [{ answer: '1' }], 'broken.jsonl:1: gold is missing'],
    ['no answer', [{ gold: '1' }], 'broken.jsonl:1: answer must be text, got undefined'],
    ['another expectation', [{ gold: '1', answer: '1', expected: 'yes' }], 'broken.jsonl:1: expected must be 1 or 0'],
    ['nothing', [''], 'broken.jsonl has no lines'],
  ])('refuses a file with %s, exit code 2', async (_what, lines, message) => {
    const outcome = await polarity(['verify', '--file', written('broken.jsonl', lines)], folder);
    expect([outcome.exitCode, outcome.stdout]).toEqual([2, '']);
    expect(outcome.stderr).toContain(message);
  });

  it.each([
    [['verify', '5'], 'verify takes a gold and an answer'],
    [['verify', '5', '5', '--file', 'x.jsonl'], 'not both'],
    [['verify', '--file', 'absent.jsonl'], 'absent.jsonl'],
    [['verify', '5', '5', '--verifier', 'maths'], 'did you mean math?'],
    [['verify', '5', '5', '--set', 'tolerence=1'], 'tolerence'],
    [['verify', '{oops', '5', '--verifier', 'json-schema', '--json-gold'], '--json-gold'],
  ])('%j is refused with a sentence', async (args, message) => {
    const outcome = await polarity(args, folder);
    expect(outcome.exitCode).toBe(2);
    expect(outcome.stderr).toContain(message);
    expect(outcome.stderr).not.toMatch(/\bat .*\.js:\d+/);
  });

  it('gives up on a line that hangs its verifier, and on that line alone', async () => {
    const file = written('hang.jsonl', [
      { gold: '^a$', answer: 'a', expected: 1 },
      { gold: '^(a|a)*$', answer: `${'a'.repeat(60)}!`, expected: 0 },
      { gold: '^b$', answer: 'b', expected: 1 },
    ]);
    const { stdout, exitCode } = await polarity(['verify', '--file', file, '--verifier', 'regex'], folder);
    expect(exitCode).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual(['1 not decided: 1 unknown (timeout)', '3 agree, 0 disagree']);
  });

  it('outlives answers that no verifier can finish', async () => {
    const file = written('hostile.jsonl', [
      { gold: '5', answer: `\\boxed{${'9^{'.repeat(200)}9${'}'.repeat(200)}}`, expected: 0 },
      { gold: '5', answer: `\\boxed{${'('.repeat(50_000)}5}`, expected: 0 },
      { gold: '5', answer: '\\boxed{1000000!}', expected: 0 },
      { gold: '5', answer: '\\'.repeat(1_000_000), expected: 0 },
      { gold: '5', answer: '\\boxed{5}', expected: 1 },
    ]);
    const { stdout, exitCode } = await polarity(['verify', '--file', file], folder);
    expect([exitCode, stdout.trimEnd().split('\n').at(-1)]).toEqual([0, '5 agree, 0 disagree']);
  });
});
