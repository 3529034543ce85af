import { describe, expect, it } from 'vitest';
import { echoTask } from '../../test/echo-task.ts';
import type { Rollout, StopReason, Verdict } from '../core/rollout.ts';
import { grade } from './grade.ts';

const task = echoTask();

function rollout(stopReason: StopReason): Rollout {
  const completion = {
    tokens: new Int32Array(3),
    logprobs: new Float32Array(3),
    entropies: new Float32Array(3),
    stopReason,
    policyVersion: 0,
  };
  return { problem: task.problem('train', 0), promptTokens: new Int32Array(1), completion, text: 'a' };
}

/** What becomes of what a task's verifier returns. */
const graded = (returned: unknown): Promise<Verdict> =>
  grade({ ...task, verify: () => returned as Verdict }, rollout('stop'), 'verify');

describe('grading', () => {
  const evidence = {
    extracted: { text: '2', start: 4, end: 5, anchor: 'last \\boxed' },
    goldForm: '2',
    answerForm: '2',
    rule: 'equal rationals',
    steps: 17,
  };

  it.each([
    { outcome: 'correct', reward: 0.5, explanation: 'half', evidence },
    { outcome: 'incorrect', reward: 0, explanation: 'no', evidence: {} },
    { outcome: 'unknown', reason: 'timeout', explanation: 'slow', evidence: { rule: 'none' } },
    { outcome: 'unknown', reason: 'a reason of the task’s own', explanation: '' },
  ])('keeps a verdict as it is, its reason and evidence too: %j', async (verdict) => {
    expect(await graded(verdict)).toBe(verdict);
  });

  it.each([
    [undefined, 'not a verdict: '],
    ['correct', 'not a verdict: '],
    [{ outcome: 'right', reward: 1, explanation: '' }, 'not a verdict: outcome'],
    [{ outcome: 'correct', reward: Number.NaN, explanation: '' }, 'not a verdict: reward must be a number, got NaN'],
    [{ outcome: 'correct', reward: 2, explanation: '' }, 'not a verdict: reward must be at most 1, got 2'],
    [{ outcome: 'correct', reward: '1', explanation: '' }, 'not a verdict: reward must be a number, got "1"'],
    [{ outcome: 'correct', reward: 1 }, 'not a verdict: explanation is missing'],
    [{ outcome: 'unknown', explanation: '' }, 'not a verdict: reason is missing'],
    [{ outcome: 'correct', reward: 1, explanation: '', evidence: { rule: 1 } }, 'not a verdict: evidence.rule must be'],
    [
      { outcome: 'correct', reward: 1, explanation: '', evidence: { extracted: { text: 'a' } } },
      'evidence.extracted.start',
    ],
  ])('makes %j unknown', async (returned, message) => {
    const verdict = await graded(returned);
    expect(verdict).toMatchObject({ outcome: 'unknown', reason: 'verifier error' });
    expect(verdict.explanation).toContain(message);
  });

  it('treats a truncated completion as it is told', async () => {
    const right: Verdict = { outcome: 'correct', reward: 1, explanation: 'right' };
    const lenient = { ...task, verify: () => right };
    const explanation = 'truncated at 3 tokens';
    expect(await grade(lenient, rollout('length'), 'verify')).toBe(right);
    expect(await grade(lenient, rollout('length'), 'incorrect')).toEqual({
      outcome: 'incorrect',
      reward: 0,
      explanation,
    });
    expect(await grade(lenient, rollout('length'), 'unknown')).toEqual({
      outcome: 'unknown',
      reason: 'truncated',
      explanation,
    });
  });
});
