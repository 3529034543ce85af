/**
 * What the dashboard's server and its page say to each other: routes, queries and replies, all JSON unless noted. Types and names
 * alone, so that both sides may import it; nothing here needs Node or a browser.
 *
 * Every route takes GET (and HEAD) only. A reply that is not 2xx is an `ApiError`. What is broken on disk is no error: it comes as a state
 * (`status: 'broken'`, `damage`, `damaged`). Text that a policy or a file wrote is passed on as it is: who shows it escapes it.
 *
 * Names of runs are paths below the folder served (`quickstart`, `polarity-single/grpo-s1`), encoded as one segment of an address.
 */

export type Outcome = 'correct' | 'incorrect' | 'unknown';
export type Polarity = 'positive' | 'negative';

/** JSON has no NaN and no infinities. */
export type Value = number | 'NaN' | 'Infinity' | '-Infinity';

export type ErrorKind =
  /** 400: a part of the query, named in the message, cannot be. */
  | 'bad-query'
  /** 403: a path that leads out of its run, a foreign Host or Origin. */
  | 'refused'
  /** 404 */
  | 'not-found'
  /** 405 */
  | 'read-only'
  /** 409: what is on disk cannot be read as what it should be. */
  | 'damaged'
  /** 413: more than the server is willing to read at once. */
  | 'too-large'
  /** 500: a bug of ours. */
  | 'bug';

export interface ApiError {
  readonly error: ErrorKind;
  /** For people: what, where, what to do. */
  readonly message: string;
}

/** Addresses; a name is encoded here and nowhere else. */
export const routes = {
  runs: '/api/runs',
  run: (run: string) => `/api/runs/${encodeURIComponent(run)}`,
  metrics: (run: string) => `/api/runs/${encodeURIComponent(run)}/metrics`,
  evaluations: (run: string) => `/api/runs/${encodeURIComponent(run)}/evaluations`,
  events: (run: string) => `/api/runs/${encodeURIComponent(run)}/events`,
  health: (run: string) => `/api/runs/${encodeURIComponent(run)}/health`,
  rollouts: (run: string) => `/api/runs/${encodeURIComponent(run)}/rollouts`,
  rollout: (run: string, step: number, row: number) => `/api/runs/${encodeURIComponent(run)}/rollouts/${step}/${row}`,
  compare: '/api/compare',
  stream: '/api/stream',
  glossary: '/api/glossary',
  study: (study: string) => `/api/studies/${encodeURIComponent(study)}`,
  /** HTML, made at the moment it is asked for: for a frame with `sandbox`. */
  studyReport: (study: string) => `/api/studies/${encodeURIComponent(study)}/report`,
  /** A file of a run as it is, always as a download; `path` as in `RawFile`. */
  file: (run: string, path: string) =>
    `/files/${encodeURIComponent(run)}/${path.split('/').map(encodeURIComponent).join('/')}`,
} as const;

// GET /api/runs

export type RunStatus =
  /** Its writer lives. */
  | 'running'
  /** It took all the steps its run.yaml asks for. */
  | 'finished'
  /** Nobody writes it and steps are left: interrupted, killed, or told to stop. */
  | 'stopped'
  /** Its manifest or run.yaml is missing or cannot be read; `damage` says what. The rest may still be looked at. */
  | 'broken';

export interface RunSummary {
  readonly run: string;
  readonly status: RunStatus;
  /** Steps taken; 0 before the first. */
  readonly step: number;
  /** What follows is null where run.yaml does not say it or cannot be read. */
  readonly totalSteps: number | null;
  readonly task: string | null;
  /** Of the objective: the recipe's name, or `sentence`. */
  readonly recipe: string | null;
  /** Last part of the policy folder's path, or the engine's name for those without a folder. */
  readonly policy: string | null;
  readonly engine: string | null;
  readonly seed: number | null;
  /** Unix seconds of the first line written, and of the last; null before the first. */
  readonly started: number | null;
  readonly updated: number | null;
  /** Of the last step. */
  readonly passRate: number | null;
  readonly reward: number | null;
  /** Seconds of the last step. */
  readonly stepSeconds: number | null;
  /** The worst state of the last step's health checks; null where nothing was measured. */
  readonly health: HealthState | null;
  /** Study whose folder the run lies in. */
  readonly study: string | null;
  /** What is broken, one sentence each; empty for a whole run. A torn last line of a run that is being written is no damage. */
  readonly damage: readonly string[];
}

export interface StudySummary {
  readonly study: string;
  readonly about: string;
  readonly arms: number;
  readonly seeds: number;
  /** Runs planned, and of those how many are in each state. */
  readonly runs: number;
  readonly finished: number;
  readonly running: number;
  readonly damage: readonly string[];
}

export interface RunsReply {
  /** The folder served, absolute. */
  readonly root: string;
  /** Newest first. */
  readonly runs: readonly RunSummary[];
  readonly studies: readonly StudySummary[];
  /** Folders with more runs than are listed, deeper than is looked, or that cannot be read; one sentence each. */
  readonly notes: readonly string[];
}

// GET /api/runs/:run

export interface RawFile {
  /** Inside the run, with `/`. */
  readonly path: string;
  readonly bytes: number;
}

/** A command that can be pasted into a POSIX shell in the folder where the server was started. */
export interface CopyCommand {
  readonly kind: 'resume' | 'fork' | 'replay' | 'evaluate' | 'sample' | 'export';
  readonly title: string;
  readonly command: string;
  /** What it does, what to change in it. */
  readonly about: string;
}

export interface CheckpointSummary {
  readonly step: number;
  readonly bytes: number;
}

export interface RunDetail {
  readonly summary: RunSummary;
  /** run.yaml as it is; null where it cannot be read. */
  readonly yaml: string | null;
  readonly manifest: RunManifestReply | null;
  readonly checkpoints: readonly CheckpointSummary[];
  /** Steps whose rollouts are on disk, ascending. */
  readonly rolloutSteps: readonly number[];
  readonly files: readonly RawFile[];
  /** Files beyond those listed. */
  readonly moreFiles: number;
  readonly commands: readonly CopyCommand[];
}

export interface RunManifestReply {
  readonly seed: number;
  readonly versions: Readonly<Record<string, string>>;
  readonly dataHashes: Readonly<Record<string, string>>;
  /** The checkpoint this run was forked from. */
  readonly parent: { readonly run: string; readonly step: number } | null;
}

// GET /api/runs/:run/metrics?keys=a,b&from=STEP

export interface MetricsQuery {
  /** With commas; at most 200. Absent: `columns` is empty and `keys` alone is of interest. */
  readonly keys?: string;
  /** First step wanted; 0 by default. */
  readonly from?: number;
}

export interface MetricsReply {
  /** [N] ascending, from `from` on. */
  readonly steps: readonly number[];
  /** Key -> [N]; null where the step has no such metric. Keys that no step has are absent. */
  readonly columns: Readonly<Record<string, readonly (Value | null)[]>>;
  /** Every key of the run, sorted. */
  readonly keys: readonly string[];
  /** Changes when the run was taken back to an earlier step (a resume): forget earlier replies and ask from 0. */
  readonly generation: number;
  /** Complete lines that could not be read. */
  readonly damaged: number;
  /** Bytes after the last complete line: a line being written, or torn by a crash. */
  readonly tornBytes: number;
}

// GET /api/runs/:run/evaluations

export interface EvaluationsReply {
  readonly evaluations: readonly EvaluationReply[];
  readonly damaged: number;
  readonly tornBytes: number;
}

export interface EvaluationReply {
  readonly step: number;
  readonly policyVersion: number;
  /** `countdown/test` */
  readonly name: string;
  readonly problems: number | null;
  readonly samples: number | null;
  readonly metrics: Readonly<Record<string, Value>>;
  /** [low, high] at 95 %: what other problems like these would give. */
  readonly intervals: Readonly<Record<string, readonly [Value, Value]>>;
  /** What these very problems would give, sampled again. */
  readonly testSetIntervals: Readonly<Record<string, readonly [Value, Value]>>;
  readonly unixSeconds: number;
}

// GET /api/runs/:run/events

export interface EventsReply {
  /** In the order written; the last 5,000. */
  readonly events: readonly EventReply[];
  /** Earlier ones left out. */
  readonly omitted: number;
  readonly damaged: number;
  readonly tornBytes: number;
}

export interface EventReply {
  readonly step: number;
  readonly level: 'note' | 'warning' | 'fault';
  readonly kind: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly unixSeconds: number;
}

// GET /api/runs/:run/health

export type HealthState = 'green' | 'amber' | 'red';

export interface HealthCheck {
  /** `first_ratio` of the metric `health/first_ratio`. */
  readonly check: string;
  readonly key: string;
  /** Of the last step that measured it. */
  readonly state: HealthState;
  readonly step: number;
  /** Steps where the state became another, ascending, the first measured one included. */
  readonly changes: readonly { readonly step: number; readonly state: HealthState }[];
  /** The last event of kind `health` about this check; null where none was written (it was green all along). */
  readonly event: EventReply | null;
}

export interface HealthReply {
  /** Worst first, then by name. */
  readonly checks: readonly HealthCheck[];
  /** Of the run: steps that measured anything. */
  readonly measuredSteps: number;
}

// GET /api/runs/:run/rollouts?...

export interface RolloutQuery {
  /** One step, or `a-b` (inclusive). Absent: all. */
  readonly step?: string;
  /** The problem's id, whole. */
  readonly problem?: string;
  readonly polarity?: Polarity;
  readonly outcome?: Outcome;
  /** One number, or `a..b` (inclusive; either may be left out). Rollouts with an unknown verdict have none. */
  readonly reward?: string;
  readonly minTokens?: number;
  readonly maxTokens?: number;
  /** Cut off at the length limit, or not. */
  readonly truncated?: boolean;
  /** Found in completion, prompt or explanation, case-insensitive; at most 200 characters. */
  readonly text?: string;
  readonly sort?: RolloutSort;
  /** 0 by default. */
  readonly offset?: number;
  /** 50 by default, 500 at most. */
  readonly limit?: number;
}

/** `-` is descending. `step` (by default) is the order on disk: step, group, index. */
export type RolloutSort = 'step' | '-step' | 'reward' | '-reward' | 'tokens' | '-tokens' | 'problem' | '-problem';

export interface RolloutSummary {
  readonly step: number;
  /** In the step's file. */
  readonly row: number;
  readonly group: number;
  readonly index: number;
  readonly problemId: string;
  readonly outcome: Outcome;
  /** Null for an unknown verdict. */
  readonly reward: number | null;
  readonly tokens: number;
  readonly truncated: boolean;
  readonly policyVersion: number;
  /** Beginnings, at most 300 characters; for a text search the completion's part around the first hit. */
  readonly prompt: string;
  readonly completion: string;
  /** [start, end) of the hit in `completion`; null without a search, or where the hit is in another text. */
  readonly hit: readonly [number, number] | null;
  readonly explanation: string;
}

export interface RolloutsReply {
  readonly rows: readonly RolloutSummary[];
  /** Matching rollouts found so far. */
  readonly total: number;
  /** Files looked through, of those the query asks for. */
  readonly scanned: { readonly files: number; readonly of: number };
  /** False: the scan goes on in the background; ask again for more. A scan nobody asks about for some seconds is given up. */
  readonly complete: boolean;
  /** Files that could not be read, one sentence each; at most 20. */
  readonly damage: readonly string[];
}

// GET /api/runs/:run/rollouts/:step/:row

/** All lists are [T], one element a token; null where the file does not have them. */
export interface TokenColumns {
  readonly ids: readonly number[];
  /** [T] begin of each token's text in `completion`, UTF-16 units; its end is the next one's begin. Null without a tokenizer: see `RolloutDetail.tokenNote`. */
  readonly starts: readonly number[] | null;
  /** [T] texts; for tokens that are part of a character `completion` is the better view. Null as `starts`. */
  readonly texts: readonly string[] | null;
  /** The sampler's, in nats. */
  readonly logprobs: readonly (number | null)[];
  /** In nats. */
  readonly entropies: readonly (number | null)[] | null;
  /** As trained on, after shaping. Null for a rollout that was not trained on. */
  readonly advantages: readonly (number | null)[] | null;
  /** Before sample weights and token rules. Null where it cannot be worked out from the files: see `Stages.note`. */
  readonly baseAdvantages: readonly (number | null)[] | null;
  /** Bit r is set where rule r of `rules` touched the token. */
  readonly rules: readonly number[] | null;
  /** Change of the trainer's log-probability by the step's updates. Null where it was not probed. */
  readonly logprobChanges: readonly (number | null)[] | null;
}

/** A span of the completion the verifier took for the answer, UTF-16 units. */
export interface ExtractedSpan {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly anchor: string;
}

export interface SiblingSummary {
  readonly row: number;
  readonly index: number;
  readonly outcome: Outcome;
  readonly reward: number | null;
  readonly tokens: number;
  readonly truncated: boolean;
  /** At most 2,000 characters. */
  readonly completion: string;
  readonly meanAdvantage: number | null;
}

/** How the advantage came about, as `polarity objectives explain` gives it, for this rollout's real group. */
export interface Stages {
  readonly objective: string;
  /** Each schedule's value at the step. */
  readonly schedules: Readonly<Record<string, number>>;
  /** The rules of the objective: name, in words, and what the statistic means. */
  readonly rules: readonly { readonly name: string; readonly words: string; readonly statistic: string }[];
  /** [G] verdict rewards, null for unknown verdicts; after the reward transforms; after filter and baseline. In the order of `siblings`. */
  readonly rewards: readonly (number | null)[];
  readonly transformedRewards: readonly (number | null)[];
  readonly baseAdvantages: readonly number[];
  /** Largest difference between the advantages worked out here and those on file; null where the file has none. */
  readonly largestDifference: number | null;
  /** What the numbers leave out, e.g. that rules of scope `batch` saw the whole step. Empty: nothing. */
  readonly note: string;
}

export interface RolloutDetail {
  readonly step: number;
  readonly row: number;
  readonly group: number;
  readonly index: number;
  readonly problemId: string;
  readonly policyVersion: number;
  readonly truncated: boolean;
  readonly prompt: string;
  readonly completion: string;
  readonly promptTokens: number;
  readonly outcome: Outcome;
  readonly reward: number | null;
  /** Of an unknown verdict. */
  readonly reason: string | null;
  readonly explanation: string;
  readonly evidence: {
    readonly extracted: ExtractedSpan | null;
    readonly goldForm: string | null;
    readonly answerForm: string | null;
    readonly rule: string | null;
    readonly steps: number | null;
  } | null;
  /** Names of the file's token rules, by bit. */
  readonly rules: readonly string[];
  readonly tokens: TokenColumns;
  /** Why tokens have no text; null where they have. */
  readonly tokenNote: string | null;
  /** The whole group, this rollout included, by index. */
  readonly siblings: readonly SiblingSummary[];
  readonly stages: Stages | null;
  /** Why there are no stages; null where there are. */
  readonly stagesNote: string | null;
}

// GET /api/compare?runs=a,b[@step]

export interface CompareQuery {
  /** 2 to 12 runs with commas, each `run` (its last evaluation) or `run@step`; the first is what the others are compared with. */
  readonly runs: string;
}

export interface CompareReply {
  readonly runs: readonly ComparedRun[];
  /** Leaf paths of run.yaml that differ, sorted; `values` in the order of `runs`, null where a run has no such setting. */
  readonly differences: readonly { readonly path: string; readonly values: readonly (string | null)[] }[];
  /** Settings that are the same in all. */
  readonly same: number;
  /** The first run with each other one. */
  readonly evaluations: readonly PairedEvaluations[];
}

export interface ComparedRun {
  readonly run: string;
  /** Of the evaluations compared; null where the run has none. */
  readonly step: number | null;
  readonly summary: RunSummary;
}

export type PairedEvaluations =
  | {
      readonly kind: 'compared';
      readonly a: string;
      readonly b: string;
      readonly benchmarks: readonly ComparedBenchmark[];
      /** Evaluations that one of them has alone. */
      readonly notCompared: readonly string[];
    }
  | { readonly kind: 'refused'; readonly a: string; readonly b: string; readonly reasons: readonly string[] };

export interface ComparedBenchmark {
  readonly name: string;
  readonly scores: readonly PairedScore[];
  /** Of the average, adjusted (Holm) for the number of benchmarks compared. */
  readonly adjustedPValue: number;
  /** In words: who is better, or that it is not resolved and why. */
  readonly verdict: string;
}

export interface PairedScore {
  /** `avg@16`, `pass@4` */
  readonly score: string;
  readonly before: number;
  readonly after: number;
  readonly difference: number;
  /** 95 % of the difference. */
  readonly thisTestSet: readonly [number, number];
  readonly problemsLikeThese: readonly [number, number];
  readonly pValue: number;
  readonly problems: number;
}

// GET /api/stream?runs=a,b   (server-sent events)

/**
 * Event `change`, data `StreamChange`: one for each run at once, then whenever its files grew. Event `runs`, data `{}`: a run appeared or went, ask
 * for the list again; it comes without `runs=` too. Browsers open six connections to a server and no more: one stream a page, closed while the page is hidden.
 */
export interface StreamChange {
  readonly run: string;
  readonly status: RunStatus;
  readonly step: number;
  /** As `MetricsReply.generation`. */
  readonly generation: number;
  /** Lines so far. */
  readonly evaluations: number;
  readonly events: number;
  /** Latest step with rollouts, and with a checkpoint, on disk; null before the first. */
  readonly rolloutStep: number | null;
  readonly checkpointStep: number | null;
}

// GET /api/glossary

/** Metric key pattern -> what it means. `*` in a pattern stands for one part of a key. */
export type GlossaryReply = Readonly<Record<string, GlossaryEntry>>;

export interface GlossaryEntry {
  readonly meaning: string;
  readonly unit: string;
  readonly healthy: string;
  readonly remedy: string;
}

// GET /api/studies/:study

export interface StudyDetail {
  readonly summary: StudySummary;
  readonly arms: readonly { readonly name: string; readonly role: string; readonly changes: string }[];
  /** In the study's order; `summary` is null for a run that has not begun. */
  readonly runs: readonly {
    readonly run: string;
    readonly arm: string;
    readonly seed: number;
    readonly summary: RunSummary | null;
  }[];
}
