/** Words that several replies of the dashboard share. */

export type Outcome = 'correct' | 'incorrect' | 'unknown';
export type Polarity = 'positive' | 'negative';

/** JSON has no NaN and no infinities. */
export type Value = number | 'NaN' | 'Infinity' | '-Infinity';

export type RunStatus =
  /** Its writer lives. */
  | 'running'
  /** It took all the steps its run.yaml asks for. */
  | 'finished'
  /** Nobody writes it and steps are left: interrupted, killed, or told to stop. */
  | 'stopped'
  /** Its manifest or run.yaml is missing or cannot be read; `damage` says what. The rest may still be looked at. */
  | 'broken';

export type HealthState = 'green' | 'amber' | 'red';
