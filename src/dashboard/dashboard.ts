/** What the routes are given: where the runs are, how to read what the dashboard does not know, and what is kept between requests. */
import type { Address } from './guard.ts';
import type { OpenRuns } from './open-run.ts';
import type { OpenRolloutSource } from './rollout-source.ts';
import type { StaticSite } from './static.ts';
import type { StudyReader } from './studies.ts';
import type { StudyReports } from './study-reports.ts';
import type { Watch } from './watch.ts';

export interface AppSettings {
  /** The folder served, absolute and real. */
  readonly root: string;
  readonly address: Address;
  /** The page. */
  readonly site: StaticSite;
  readonly studies: StudyReader;
  readonly openRollouts: OpenRolloutSource;
  /** A path as a shell in the folder where the server was started would be told it. */
  readonly shown: (path: string) => string;
  /** Told of errors that are ours. */
  readonly onBug: (error: unknown) => void;
}

/** What routes share. */
export interface Dashboard extends AppSettings {
  readonly open: OpenRuns;
  readonly reports: StudyReports;
  readonly watch: Watch;
}
