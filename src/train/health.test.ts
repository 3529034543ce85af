import { describe, expect, it } from 'vitest';
import { EngineError } from '../core/errors.ts';
import { CHECKS } from '../journal/glossary/checks.ts';
import { examine, judge, refuseFaults, worstStates } from './health.ts';
import { type HealthState, healthyState } from './health-state.ts';
import type { Metrics } from './metrics.ts';

/** A step with which nothing is wrong. */
const sound: Metrics = {
  'rollout/broken_groups': 0,
  'rollout/stop_fault_frac': 0,
  'rollout/round_trip_fault_frac': 0,
  'rollout/unknown_frac': 0,
  'rollout/truncated_frac': 0.1,
  'rollout/repetition_frac/mean': 0.01,
  'rollout/version_fault_frac': 0,
  'policy/entropy_nats/mean': 0.5,
  'objective/advantage_imbalance/max': 1e-7,
  'optim/steps': 1,
  'loss/first_ratio_deviation/max': 1e-5,
  'policy/mismatch_nats/mean': 2e-7,
};

interface Step {
  readonly metrics?: Record<string, number | undefined>;
  readonly refusals?: readonly string[];
  readonly isExact?: boolean;
}

/** Each step's changes to a sound one, from a healthy beginning. */
function run(steps: readonly Step[], begun: HealthState = healthyState) {
  let state = begun;
  const outcomes = steps.map(({ metrics = {}, refusals = [], isExact = true }, i) => {
    const entries = Object.entries({ ...sound, ...metrics }).filter(([, value]) => value !== undefined);
    const outcome = examine({ metrics: Object.fromEntries(entries) as Metrics, refusals, isExact }, state, i + 1);
    state = outcome.state;
    return outcome;
  });
  const last = outcomes.at(-1);
  return {
    state,
    told: outcomes.flatMap(({ events }) =>
      events.map(({ step, details }) => `${step} ${details['check']} ${details['state']}`),
    ),
    /** Checks of the last step that are not green. */
    bad: Object.entries(last?.metrics ?? {})
      .filter(([, value]) => value !== 0)
      .map(([key, value]) => `${key} ${value}`),
    last: last?.metrics ?? {},
    events: outcomes.flatMap(({ events }) => events),
  };
}

const entropy = (value: number): Step => ({ metrics: { 'policy/entropy_nats/mean': value } });
const mismatch = (value: number): Step => ({
  metrics: { 'policy/mismatch_nats/mean': value, 'loss/first_ratio_deviation/max': 0 },
});
const idle: Step = {
  metrics: {
    'optim/steps': 0,
    'loss/first_ratio_deviation/max': undefined,
    'policy/mismatch_nats/mean': undefined,
  },
};
const refused: Step = { metrics: { 'optim/steps': 0 }, refusals: ['norm NaN'] };
const one = (key: string, value: number): Step[] => [{ metrics: { [key]: value } }];

describe('a sound step', () => {
  it('is green on every check and says nothing', () => {
    const { last, told, state } = run([{}, {}]);
    expect(Object.keys(last)).toEqual(CHECKS.map(({ name }) => `health/${name}`));
    expect(new Set(Object.values(last))).toEqual(new Set([0]));
    expect(told).toEqual([]);
    expect(worstStates(state)).toEqual([]);
  });

  it('has no state of what was not measured', () => {
    const off = { 'loss/first_ratio_deviation/max': undefined, 'objective/advantage_imbalance/max': undefined };
    const { last } = run([{ metrics: { ...off, 'policy/entropy_nats/mean': undefined } }]);
    for (const name of ['importance_ratio', 'mismatch', 'advantage_sum', 'entropy_collapse', 'entropy_explosion'])
      expect(last).not.toHaveProperty([`health/${name}`]);
  });
});

describe('each check', () => {
  it.each<[string, number, Step[]]>([
    ['group_integrity', 2, one('rollout/broken_groups', 1)],
    ['completion_ends', 2, one('rollout/stop_fault_frac', 0.01)],
    ['token_round_trip', 1, one('rollout/round_trip_fault_frac', 0.2)],
    ['token_round_trip', 2, one('rollout/round_trip_fault_frac', 0.6)],
    ['unknown_verdicts', 1, one('rollout/unknown_frac', 0.06)],
    ['unknown_verdicts', 2, one('rollout/unknown_frac', 0.26)],
    ['truncation', 1, one('rollout/truncated_frac', 0.51)],
    ['truncation', 2, one('rollout/truncated_frac', 0.91)],
    ['repetition', 1, one('rollout/repetition_frac/mean', 0.31)],
    ['repetition', 2, one('rollout/repetition_frac/mean', 0.61)],
    ['entropy_collapse', 1, [...Array(5).fill(entropy(1)), entropy(0.09)]],
    ['entropy_collapse', 2, [...Array(5).fill(entropy(1)), entropy(0.019)]],
    ['entropy_explosion', 1, [...Array(5).fill(entropy(1)), entropy(2.1)]],
    ['entropy_explosion', 2, [...Array(5).fill(entropy(1)), entropy(4.1)]],
    ['advantage_sum', 1, one('objective/advantage_imbalance/max', 2e-5)],
    ['advantage_sum', 2, one('objective/advantage_imbalance/max', 0.1)],
    ['update_made', 1, [idle, idle, idle]],
    ['update_made', 2, Array(10).fill(idle)],
    ['finite_numbers', 1, [refused]],
    ['finite_numbers', 2, [refused, refused]],
    ['finite_numbers', 2, one('loss/value/mean', Number.NaN)],
    ['weights_in_sampler', 2, one('rollout/version_fault_frac', 0.5)],
    ['weights_in_sampler', 1, [{}, mismatch(4e-5)]],
    ['weights_in_sampler', 2, [{}, mismatch(6e-3)]],
    ['importance_ratio', 1, one('loss/first_ratio_deviation/max', 2e-3)],
    ['importance_ratio', 1, [mismatch(0.03)]],
    ['importance_ratio', 2, [mismatch(0.06)]],
    ['mismatch', 1, [1, 2, 4, 8].map((n) => mismatch(n * 1e-3))],
    ['mismatch', 2, [1, 2, 4, 8, 16, 32, 64, 128].map((n) => mismatch(n * 1e-4))],
  ])('%s gets to %d, and no other with it', (name, severity, steps) => {
    expect(run(steps).bad).toEqual([`health/${name} ${severity}`]);
  });

  it('is green up to its limits', () => {
    const limits = {
      'rollout/unknown_frac': 0.05,
      'rollout/truncated_frac': 0.5,
      'loss/first_ratio_deviation/max': 1e-3,
    };
    expect(run([{ metrics: limits }]).bad).toEqual([]);
    expect(run([idle, idle]).bad).toEqual([]);
    expect(run([entropy(1), ...Array(4).fill(entropy(1)), entropy(0.1), entropy(2)]).bad).toEqual([]);
  });

  it('asks no exactness of an engine that promises none: of 16-bit servers the mean is judged', () => {
    const metrics = { 'loss/first_ratio_deviation/max': 0.8, 'policy/mismatch_nats/mean': 5e-3 };
    expect(run([{ metrics, isExact: false }]).bad).toEqual([]);
    expect(run([{ metrics, isExact: true }]).bad).toEqual(['health/importance_ratio 1']);
  });

  it('counts no completion as ungraded that was to be left out when cut off', () => {
    const unknown = (truncated: number): Step => ({
      metrics: { 'rollout/unknown_frac': 0.4, 'rollout/unknown_frac/truncated': truncated },
    });
    expect(run([unknown(0.4)]).bad).toEqual([]);
    expect(run([unknown(0.3)]).bad).toEqual(['health/unknown_verdicts 1']);
  });

  it('takes what is no number for the worst', () => {
    expect(judge(CHECKS[0], { 'rollout/broken_groups': Number.NaN })?.severity).toBe(2);
  });
});

describe('what is compared with the run’s beginnings', () => {
  it('is compared with the mean of its first five values, steps without one left out', () => {
    const none: Step = { metrics: { 'policy/entropy_nats/mean': undefined } };
    const { state } = run([entropy(1), none, entropy(2), entropy(3), entropy(4), entropy(5), entropy(900)]);
    expect(state.first['policy/entropy_nats/mean']).toEqual({ sum: 15, count: 5 });
  });

  it('never is where the policy began without entropy', () => {
    expect(run([...Array(5).fill(entropy(0)), entropy(1)]).last).not.toHaveProperty(['health/entropy_explosion']);
  });

  it('is compared with a tenth of a nat at least: three times next to nothing is no noise', () => {
    const begun = Array(5).fill(entropy(0.02));
    expect(run([...begun, entropy(0.19)]).bad).toEqual([]);
    expect(run([...begun, entropy(0.21)]).bad).toEqual(['health/entropy_explosion 1']);
  });

  it('calls certainty no collapse where the problems are solved', () => {
    const solved: Step = { metrics: { 'policy/entropy_nats/mean': 0.001, 'rollout/pass_rate': 0.9 } };
    expect(run([...Array(5).fill(entropy(1)), solved]).bad).toEqual([]);
  });

  it('goes on alike when the state has been in a checkpoint', () => {
    const steps = [1, 1.1, 0.9].map(entropy);
    const later = [0.7, 0.3, 0.09].map(entropy);
    const whole = run([...steps, ...later]);
    const thawed = JSON.parse(JSON.stringify(run(steps).state)) as HealthState;
    expect(run(later, thawed).state.first).toEqual(whole.state.first);
    expect(run(later, thawed).last).toEqual(whole.last);
  });
});

describe('sampler and trainer', () => {
  it('that disagree from the first step on have another policy, not old weights', () => {
    expect(run([mismatch(0.5), mismatch(0.5), mismatch(0.5)]).bad).toEqual(['health/importance_ratio 2']);
  });

  it('that stop agreeing after an update have different weights, and go on having them', () => {
    const { bad, last } = run([mismatch(1e-7), mismatch(0.01), mismatch(0.1), mismatch(0.2)]);
    expect(bad).toEqual(['health/weights_in_sampler 2']);
    expect(last).not.toHaveProperty(['health/mismatch']);
  });

  it('are not judged by off-policy steps', () => {
    const off: Step = { metrics: { 'policy/mismatch_nats/mean': 0.3, 'loss/first_ratio_deviation/max': undefined } };
    expect(run([{}, off]).bad).toEqual([]);
  });
});

describe('an event', () => {
  const bad = one('rollout/truncated_frac', 0.6)[0] as Step;
  const worse = one('rollout/truncated_frac', 0.95)[0] as Step;

  it('comes when a check gets worse, once', () => {
    expect(run([bad, bad, {}, bad, worse, bad, worse]).told).toEqual(['1 truncation amber', '5 truncation red']);
  });

  it('comes again after ten better steps in a row', () => {
    expect(run([bad, ...Array(9).fill({}), bad]).told).toEqual(['1 truncation amber']);
    expect(run([bad, ...Array(10).fill({}), bad]).told).toEqual(['1 truncation amber', '12 truncation amber']);
  });

  it('says in plain words what is wrong, what was measured, and what to do', () => {
    expect(run([worse]).events).toEqual([
      {
        step: 1,
        level: 'fault',
        kind: 'health',
        message:
          'completions are cut off at sampling.maxTokens: the policy learns from half sentences [truncation red: rollout/truncated_frac is 0.95, above 0.9]. Raise sampling.maxTokens; if lengths keep growing with it, shorten them with a reward (overlong) or check that the policy knows its stop token.',
        details: { check: 'truncation', state: 'red', measure: 'rollout/truncated_frac', value: 0.95, limit: 0.9 },
      },
    ]);
  });

  it('writes a value that JSON cannot hold as text, and what the engine said', () => {
    const [event] = run([{ ...refused, metrics: { 'loss/value/mean': Number.NaN } }]).events;
    expect(event?.details).toMatchObject({ measure: 'non_finite_metrics', value: 1, refusals: ['norm NaN'] });
    expect(event?.message).toContain('(norm NaN)');
    const [ratio] = run(one('loss/first_ratio_deviation/max', Number.NaN)).events.slice(-1);
    expect(ratio?.details['value']).toBe('NaN');
  });
});

describe('the worst of a run', () => {
  it('is kept with the step that was first as bad, in the order of the checks', () => {
    const { state } = run([
      idle,
      idle,
      idle,
      ...one('rollout/truncated_frac', 0.6),
      ...one('rollout/truncated_frac', 0.95),
      {},
    ]);
    expect(worstStates(state)).toEqual([
      { check: 'truncation', state: 'red', step: 5 },
      { check: 'update_made', state: 'amber', step: 3 },
    ]);
  });
});

describe('refused gradients', () => {
  it('are counted in a row: a sound step forgives, a step without anything to apply does not', () => {
    expect(run([refused]).state.refused).toBe(1);
    expect(run([refused, idle]).state.refused).toBe(1);
    expect(run([refused, {}]).state.refused).toBe(0);
  });

  it('stop the run at the third', () => {
    const { state } = run([refused, refused, refused]);
    expect(() => refuseFaults(state, ['norm NaN'])).toThrow(EngineError);
    expect(() => refuseFaults(state, ['norm NaN'])).toThrow('norm NaN');
    expect(() => refuseFaults(run([refused, refused]).state, ['norm NaN'])).not.toThrow();
    expect(() => refuseFaults(run([refused, refused]).state, [])).not.toThrow();
  });
});
