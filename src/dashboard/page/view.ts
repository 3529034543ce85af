/** What the shell hands to the views it shows. */
import type { RunDetail, StreamChange } from '../api.ts';
import type { Query } from './router.ts';

/** Props of a tab of a run. It asks for the rest itself: `useReply(api.rollouts(...))`. */
export interface RunViewProps {
  /** Asked again whenever the run's files grow. `run.summary.run` is its name. */
  readonly run: RunDetail;
  /** Of the address; changed by `changeQuery`. */
  readonly query: Query;
  /** What the live stream last said of the run; undefined before it did. Its fields are versions for `useReply`. */
  readonly change: StreamChange | undefined;
}

export interface StudyViewProps {
  readonly study: string;
  readonly query: Query;
}
