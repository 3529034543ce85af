import { describe, expect, it } from 'vitest';
import { Terminal } from './terminal.ts';
import { cut, explainVerdict } from './verdict-view.ts';

const screen = { write: () => true, columns: 60 };
const terminal = new Terminal({ stdout: screen, stderr: screen, json: false, color: false });
const extraction = (text: string, start: number) => ({ text, start, end: start + text.length, anchor: 'last \\boxed' });

describe('a verdict for people', () => {
  it('puts carets under what was found and a row for each part of the evidence', () => {
    const evidence = {
      extracted: extraction('0.5', 11),
      goldForm: '1/2',
      answerForm: '1/2',
      rule: 'equal rationals',
      steps: 42,
    };
    const verdict = { outcome: 'correct', reward: 1, explanation: '0.5 is 1/2', evidence } as const;
    expect(explainVerdict('\\frac12', 'so \\boxed{ 0.5}!', verdict, terminal)).toEqual([
      'correct: 0.5 is 1/2',
      '  gold       \\frac12',
      '  answer     so \\boxed{ 0.5}!',
      '                        ^^^',
      '  found      0.5 at 11-14, by last \\boxed',
      '  gold is    1/2',
      '  answer is  1/2',
      '  rule       equal rationals',
      '  cost       42 steps',
    ]);
  });

  it('names the reason of an unknown verdict and shows the whole answer when nothing was found in it', () => {
    const verdict = {
      outcome: 'unknown',
      reason: 'no answer',
      explanation: 'nothing that could be an answer',
    } as const;
    expect(explainVerdict('5', 'who knows', verdict, terminal)).toEqual([
      'unknown (no answer): nothing that could be an answer',
      '  gold       5',
      '  answer     who knows',
    ]);
  });

  it('shows the neighbourhood of a find in a long text, escaped, carets in place', () => {
    const completion = `${'x'.repeat(500)}\n\u001b[2J 1234 ${'y'.repeat(500)}`;
    const verdict = {
      outcome: 'incorrect',
      reward: 0,
      explanation: 'no',
      evidence: { extracted: extraction('1234', completion.indexOf('1234')) },
    } as const;
    const [, , line = '', carets = ''] = explainVerdict('5', completion, verdict, terminal);
    expect(line.slice(carets.indexOf('^'), carets.length)).toBe('1234');
    expect(line).toMatch(/^ {2}answer {5}…x+\\n\\x1b\[2J 1234 y+…$/);
    expect(line.length).toBeLessThanOrEqual(60);
  });

  it('cuts visible text to a number of columns', () => {
    expect([cut('abcdef', 6), cut('abcdefg', 6), cut('𝟟𝟠𝟡', 2)]).toEqual(['abcdef', 'abcde…', '𝟟…']);
  });
});
