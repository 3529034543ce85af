import { describe, expect, it } from 'vitest';
import { EngineError, UserError } from '../core/errors.ts';
import type { Evaluation } from '../evaluate/evaluation.ts';
import { initialState } from '../train/checkpoint-state.ts';
import { failureOf } from './failure.ts';
import { Terminal } from './terminal.ts';
import { TrainingReporter } from './training-reporter.ts';
import { resultLines, trainingResult } from './training-result.ts';
import { eventText, healthText, panelLines, remainingSeconds, stepLine, type TrainingView } from './training-view.ts';

const { colors } = new Terminal({
  stdout: { write: () => {} },
  stderr: { write: () => {} },
  json: false,
  color: false,
});

const view: TrainingView = {
  title: 'echo · a3po · fake',
  steps: 10,
  firstStep: 2,
  elapsedSeconds: 6,
  last: {
    step: 4,
    metrics: {
      'rollout/reward/mean': 0.5,
      'rollout/pass_rate': 0.5,
      'policy/positive/entropy_nats/mean': 0.25,
      'rollout/positive/completion_tokens/mean': 12,
      'rollout/positive/rollouts': 4,
      'time/step_s': 3,
    },
  },
  rewards: [0, 0.25, 0.5],
};

describe('the panel', () => {
  it('shows progress, reward and both polarities, with dashes for what was not measured', () => {
    const lines = panelLines(view, colors, 80).join('\n');
    expect(lines).toContain('step 4/10  6.0 s, 18 s left');
    expect(lines).toContain('reward 0.500  pass rate 50 %  ▁▅█');
    expect(lines).toMatch(/^correct +0\.250 +12\.0 +- +4$/m);
    expect(lines).toMatch(/^incorrect +- +- +- +-$/m);
  });

  it('reckons the time left from this invocation’s steps, not the run’s', () => {
    expect(remainingSeconds(view)).toBe(18);
    expect(remainingSeconds({ ...view, last: undefined })).toBeUndefined();
  });

  it('is one line a step where there is no terminal', () => {
    expect(stepLine(view.last ?? { step: 0, metrics: {} }, 10)).toBe(
      'step  4/10  reward 0.500  pass 50 %  entropy 0.250/-  length 12.0/-  gradient -  3.00 s',
    );
  });
});

describe('health', () => {
  it('turning amber or red is a line with the state in front', () => {
    const event = { step: 3, level: 'fault', kind: 'health', message: 'weights', details: { state: 'red' } } as const;
    expect(eventText(event, colors)).toBe('red at step 3: weights');
    expect(eventText({ ...event, kind: 'stalled', level: 'warning' }, colors)).toBe('warning at step 3: weights');
  });

  it('at the end is the worst of each check that was not green, red first', () => {
    expect(healthText([], colors)).toBe('health         green throughout');
    const worst = [
      { check: 'truncation', state: 'amber', step: 4 },
      { check: 'mismatch', state: 'red', step: 9 },
    ] as const;
    expect(healthText(worst, colors)).toBe(
      'health         mismatch red (step 9), truncation amber (step 4); docs/METRICS.md says what to do',
    );
  });
});

describe('TrainingReporter', () => {
  it('escapes what an event says', () => {
    const written: string[] = [];
    const screen = { write: (text: string) => written.push(text) };
    const terminal = new Terminal({ stdout: screen, stderr: screen, json: false });
    const reporter = new TrainingReporter(terminal, { title: 't', steps: 1, firstStep: 0, clock: () => 0 });
    reporter.tell({
      kind: 'event',
      event: { step: 1, level: 'warning', kind: 'x', message: 'a\u001b[2Jb', details: {} },
    });
    expect(written.join('')).toContain('warning at step 1: a\\x1b[2Jb');
  });
});

describe('the result', () => {
  const evaluation = (policyVersion: number, correct: readonly number[]): Evaluation => {
    const value = correct.reduce((a, b) => a + b, 0) / (4 * correct.length);
    const interval = { low: value - 0.1, high: value + 0.1 };
    const estimate = {
      value,
      thisTestSet: { ...interval, method: 'jackknife' as const },
      problemsLikeThese: { ...interval, method: 'bootstrap' as const },
    };
    return {
      protocol: {
        task: 'echo',
        split: 'test',
        problems: correct.length,
        problemsSha256: 'x',
        samples: 4,
        temperature: 1,
        topK: 0,
        topP: 1,
        maxTokens: 2,
        truncated: 'incorrect',
        key: [0, 0],
      },
      policyVersion,
      accuracy: estimate,
      passAt: [
        { k: 1, estimate },
        { k: 4, estimate: { ...estimate, value: 1 } },
      ],
      majorityAt: [],
      meanReward: value,
      samples: 4 * correct.length,
      unknown: 0,
      truncated: 0,
      meanCompletionTokens: 2,
      problems: correct.map((count, i) => ({ id: `${i}`, samples: 4, correct: count, unknown: 0, truncated: 0 })),
    };
  };
  const about = { run: 'runs/a', seconds: 1, interrupted: false };

  it('pairs before and after over the same problems', () => {
    const state = { ...initialState, step: 5, evaluated: 5, first: evaluation(0, [0, 2]), last: evaluation(5, [2, 4]) };
    const result = trainingResult(state, about);
    // both rose: 2 of 4 sign patterns reach as far
    expect(result.difference?.['pass@1']).toMatchObject({ value: 0.5, interval: [expect.any(Number), 1], pValue: 0.5 });
    expect(resultLines(result).join('\n')).toMatch(
      /pass@1 +0\.250 \[0\.150, 0\.350\] +0\.750 .* \+0\.500 \[-0\.\d+, \+1\.000\]/,
    );
  });

  it('has no difference, and says why, when the run was resumed with another evaluation', () => {
    const last = evaluation(5, [2, 4]);
    const changed = { ...last, protocol: { ...last.protocol, temperature: 0.5 } };
    const result = trainingResult(
      { ...initialState, step: 5, evaluated: 5, first: evaluation(0, [0, 2]), last: changed },
      about,
    );
    expect(result).not.toHaveProperty('difference');
    expect(resultLines(result).at(-1)).toContain('temperature differs (1 and 0.5)');
  });

  it('has no after when the last evaluation is of earlier weights', () => {
    const state = { ...initialState, step: 7, evaluated: 5, first: evaluation(0, [0, 2]), last: evaluation(5, [2, 4]) };
    expect(Object.keys(trainingResult(state, about))).toEqual([
      'run',
      'seconds',
      'interrupted',
      'steps',
      'health',
      'before',
    ]);
  });
});

describe('failureOf', () => {
  it.each([
    [new UserError('steps must be 1'), 2, 'steps must be 1'],
    [new EngineError('no session', { cause: new Error('out of memory') }), 3, 'no session (out of memory)'],
    [new UserError('bad \u001b[2J key'), 2, 'bad \\x1b[2J key'],
  ])('%s', (error, exitCode, message) => {
    expect(failureOf(error)).toMatchObject({ exitCode, message });
  });

  it('shows the stack of a bug and of nothing else', () => {
    expect(failureOf(new TypeError('x is not a function'))).toMatchObject({ exitCode: 1, kind: 'bug' });
    expect(failureOf(new TypeError('x')).message).toContain('\n    at ');
    expect(failureOf(new UserError('x')).message).not.toContain('\n    at ');
  });
});
