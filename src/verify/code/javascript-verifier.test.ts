import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSettings } from '../../core/settings.ts';
import { javascriptVerifier } from './javascript-verifier.ts';

const block = (source: string) => `Here it is:\n\`\`\`js\n${source}\n\`\`\`\n`;
const defaults = javascriptVerifier.settings.parse({});
const SUM = { tests: [{ input: '1 2\n', output: '3\n' }] };

async function verdict(source: string, gold: unknown, settings: Record<string, unknown> = {}) {
  const chosen = parseSettings(javascriptVerifier.settings, settings, 'verifier');
  return javascriptVerifier.verify(chosen, parseSettings(javascriptVerifier.gold, gold, 'gold'), block(source));
}
const outcome = async (...parameters: Parameters<typeof verdict>) => (await verdict(...parameters)).outcome;
const explanation = async (...parameters: Parameters<typeof verdict>) => (await verdict(...parameters)).explanation;

describe('a JavaScript program', () => {
  it.each([
    [
      'readFileSync(0)',
      "const [a, b] = require('fs').readFileSync(0, 'utf8').split(' ').map(Number); console.log(a + b)",
    ],
    [
      '/dev/stdin',
      "console.log(eval(require('node:fs').readFileSync('/dev/stdin').toString().trim().replace(' ', '+')))",
    ],
    ['readline()', "const [a, b] = readline().split(' '); print(+a + +b)"],
    [
      'readline.createInterface',
      "const rl = require('readline').createInterface({ input: process.stdin }); let s = 0;" +
        "rl.on('line', (l) => { for (const x of l.split(' ')) s += +x }); rl.on('close', () => console.log(s))",
    ],
    [
      'an async iterator over lines',
      "(async () => { for await (const l of require('readline').createInterface({ input: process.stdin })) " +
        "console.log(l.split(' ').reduce((s, x) => s + +x, 0)) })()",
    ],
    [
      'chunks of stdin',
      "let t = ''; process.stdin.on('data', (c) => { t += c }); process.stdin.on('end', () => " +
        "process.stdout.write(String(t.split(' ').reduce((s, x) => s + +x, 0))))",
    ],
    ['an exit after the answer', 'console.log(3); process.exit(0); console.log(4)'],
  ])('reads its input by %s', async (_name, source) => {
    expect(await verdict(source, SUM)).toMatchObject({ outcome: 'correct', reward: 1, explanation: 'the test passes' });
  });

  it('prints values as Node does', async () => {
    const source = "console.log([1, 'a', [2]], { a: 1, 'b c': null }, 'text', 5n, new Map([[1, 2]]), [])";
    expect(
      await verdict(source, {
        tests: [{ input: '', output: "[ 1, 'a', [ 2 ] ] { a: 1, 'b c': null } text 5n Map(1) { 1 => 2 } []" }],
      }),
    ).toMatchObject({ outcome: 'correct' });
  });

  it('is called as a function, a constant, a method of Solution, or what it exports', async () => {
    const gold = { functionName: 'add', tests: [{ input: '1\n[2, 3]', output: '6' }] };
    const body = '(a, b) { return b.reduce((s, x) => s + x, a) }';
    expect(await outcome(`function add${body}`, gold)).toBe('correct');
    expect(await outcome(`const add = function ${body}`, gold)).toBe('correct');
    expect(await outcome(`class Solution { add${body} }`, gold)).toBe('correct');
    expect(await outcome(`module.exports = { add: function ${body} }`, gold)).toBe('correct');
    expect(await outcome(`async function add${body}`, gold)).toBe('correct');
    expect(await explanation('1', gold)).toBe('test 1 of 1: ReferenceError: function add is not defined');
  });

  it('gives results that keep every digit and every kind', async () => {
    const test = (expected: unknown) => ({ tests: [{ kind: 'function', name: 'f', arguments: [], expected }] });
    const text = { tests: [{ kind: 'function', name: 'f', input: '', output: '9007199254740993' }] };
    expect(await outcome('const f = () => 2n ** 53n + 1n', text)).toBe('correct');
    expect(await outcome('const f = () => 2 ** 53', text)).toBe('incorrect');
    expect(await outcome('const f = () => -0', test(0))).toBe('correct');
    expect(await explanation('const f = () => NaN', test(null))).toMatch('NaN, which is not JSON');
    expect(await explanation('const f = () => {}', test(null))).toMatch('undefined, which is not JSON');
    expect(await outcome("const f = () => ({ b: [1], a: 'x' })", test({ a: 'x', b: [1] }))).toBe('correct');
    expect(await outcome("const f = async () => { throw new Error('no') }", test(1))).toBe('incorrect');
  });

  it('fails at the first test that differs, which the explanation names', async () => {
    const gold = { tests: ['1', '2', '3'].map((n) => ({ input: n, output: n === '3' ? '6' : n })) };
    expect(await verdict('print(readline())', gold)).toMatchObject({
      outcome: 'incorrect',
      explanation: 'test 3 of 3: expected "6", got "3"',
      evidence: { rule: 'a test differs', extracted: { text: 'print(readline())\n', anchor: 'last javascript block' } },
    });
  });
});

describe('a hostile JavaScript program', () => {
  const small = { steps: 1_000_000, memoryMb: 16, stackKb: 128, outputKb: 10 };

  it.each([
    ['loops for ever', 'while (true) {}', 'over 1000000 steps'],
    ['loops where it cannot be caught', 'for (;;) { try { while (true) {} } catch {} }', 'over 1000000 steps'],
    ['loops in a promise', 'const f = () => Promise.resolve().then(f); f()', 'over 1000000 steps'],
    ['backtracks without end', "/(a+)+b/.test('a'.repeat(40))", 'over 1000000 steps'],
    ['takes all memory', 'const a = []; while (true) a.push([1, 2, 3])', 'out of memory'],
    ['recurses without end', 'const f = () => f() + 1; f()', 'stack overflow'],
    ['nests brackets', "eval('('.repeat(50000))", 'stack'],
    ['nests arrays', "JSON.parse('['.repeat(1e6))", 'stack'],
    ['prints without end', "while (true) console.log('x'.repeat(1000))", 'printed more than 10000 characters'],
    ['looks for the host', 'std.exit(0)', "ReferenceError: 'std' is not defined"],
    ['imports', "require('child_process')", 'no module child_process'],
    ['reads files', "require('fs').readFileSync('/etc/passwd')", 'only standard input'],
    ['throws something strange', 'throw { get message() { throw 1 } }', 'threw object'],
    ['throws nothing', 'throw undefined', 'threw undefined'],
    ['exits badly', 'console.log(3); process.exit(7)', 'ended with status 7'],
    ['is no program', 'let = = 3', 'SyntaxError'],
  ])('that %s is incorrect', async (_name, source, fault) => {
    const found = await verdict(source, SUM, small);
    expect(found).toMatchObject({ outcome: 'incorrect', reward: 0 });
    expect(found.explanation).toMatch(fault);
  });

  it('is any text, and never more than a verdict', async () => {
    const words = fc.constantFrom(
      '(',
      '{',
      '[',
      '`',
      '${',
      '/',
      '\0',
      '\ud800',
      'for(;;)',
      'async ',
      '=>',
      'x',
      '=',
      "'",
      ';',
      'throw ',
      '9e9',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(words, { maxLength: 12 }), async (parts) => {
        expect(['correct', 'incorrect']).toContain(await outcome(parts.join(''), SUM, small));
      }),
    );
  });

  it('leaves nothing for the next test', async () => {
    const gold = {
      tests: [
        { input: '1', output: '1' },
        { input: '1', output: '1' },
      ],
    };
    const source =
      'globalThis.n = (globalThis.n ?? 0) + 1; Array.prototype.n = (Array.prototype.n ?? 0) + 1; print(n * [].n)';
    expect(await outcome(source, gold)).toBe('correct');
  });

  it('costs the same steps each time', async () => {
    const count = async () =>
      (
        await verdict('let s = 0; for (let i = 0; i < 1e6; i++) s += i; print(s)', {
          tests: [{ input: '', output: '499999500000' }],
        })
      ).evidence?.steps;
    expect(await count()).toBe(await count());
    expect(await count()).toBeGreaterThan(1_000_000);
  });

  it('that waits for the clock alone decides nothing', async () => {
    expect(await verdict('while (true) {}', SUM, { wallSeconds: 0.05 })).toMatchObject({
      outcome: 'unknown',
      reason: 'timeout',
    });
  });
});

describe('a completion without a program', () => {
  it('is incorrect, or unknown where the run file says so', async () => {
    const verify = (settings: object) => javascriptVerifier.verify({ ...defaults, ...settings }, SUM, 'console.log(3)');
    expect(await verify({})).toMatchObject({
      outcome: 'incorrect',
      explanation: 'no closed code block, neither ```javascript nor bare',
    });
    expect(await verify({ noCode: 'unknown' })).toMatchObject({ outcome: 'unknown', reason: 'no answer' });
  });

  it('is made from the solution of a gold that has one', async () => {
    const gold = { ...SUM, solution: 'print(3)' };
    const completion = javascriptVerifier.goldCompletion(defaults, gold) ?? '';
    expect(await javascriptVerifier.verify(defaults, gold, completion)).toMatchObject({ outcome: 'correct' });
    expect(javascriptVerifier.goldCompletion(defaults, SUM)).toBeUndefined();
  });
});
