/**
 * What a training run is made of, and what it tells whoever watches. Built by cli/ (or a study, or a test); the loop reads it.
 */
import type { Engine } from '../engine/engine.ts';
import type { EvaluationLine, EventLine } from '../journal/schema.ts';
import type { RunWriter } from '../journal/writer.ts';
import type { Objective } from '../objectives/objective.ts';
import type { Watch } from '../rollout/roll-out.ts';
import type { Task } from '../tasks/task.ts';
import type { Tokenizer } from '../text/tokenizer.ts';
import type { TrainState } from './checkpoint-state.ts';
import type { RunConfig } from './config.ts';
import type { Metrics } from './metrics.ts';
import type { SampledAhead } from './sampled.ts';

export type Report =
  | {
      readonly kind: 'progress';
      readonly doing: 'sampling' | 'evaluating';
      readonly done: number;
      readonly planned: number;
    }
  | { readonly kind: 'step'; readonly step: number; readonly metrics: Metrics }
  | { readonly kind: 'evaluation'; readonly line: EvaluationLine }
  | { readonly kind: 'event'; readonly event: EventLine }
  | { readonly kind: 'checkpoint'; readonly step: number; readonly directory: string };

export interface TrainingRun {
  readonly config: RunConfig;
  readonly task: Task;
  readonly tokenizer: Tokenizer;
  readonly engine: Engine;
  /** Where a penalty pulls the policy to; only its `forward` is called. */
  readonly reference?: Engine | undefined;
  readonly objective: Objective;
  readonly journal: RunWriter;
  /** `initialState`, or a checkpoint's, whose weights the engine has loaded. */
  readonly state: TrainState;
  /** The batches that checkpoint holds. */
  readonly ahead?: readonly SampledAhead[] | undefined;
  /** Monotonic, in seconds. Only `time/...` metrics show it. */
  readonly clock: () => number;
  readonly report: (report: Report) => void;
  /** Once aborted the step is finished, a checkpoint saved, and the loop returns; an evaluation is broken off. */
  readonly stop: AbortSignal;
  /** Without it an engine that is lost ends the run. */
  readonly reopen?: Reopen | undefined;
  /** Told about everything that is waited for. */
  readonly watch?: Watch | undefined;
}

/** How a lost engine is replaced. */
export interface Reopen {
  /** As at the run's start. @throws EngineError */
  readonly open: () => Promise<Pick<TrainingRun, 'engine' | 'reference'>>;
  /** Resolves early when the signal is aborted. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
}

/** To the journal, and to whoever watches. */
export function tell({ journal, report }: Pick<TrainingRun, 'journal' | 'report'>, event: EventLine): void {
  journal.event(event);
  report({ kind: 'event', event });
}
