import type { RestartError } from '../restart-error';
import type { RestartReport } from '../run/restart-report';
import type { RunEvent } from '../run/run-event';

/** Why the next run begins when nothing changes before. */
export type NextRunReason =
  /** The time between two runs has passed. */
  | 'resync'
  /** A maintenance window opens for a deferred workload. */
  | 'window'
  /** The last run failed. */
  | 'retry';

/** What happens while a cluster is watched: the events of each run, and those between them. */
export type WatchEvent =
  | RunEvent
  /** A run is complete. */
  | { readonly type: 'runEnded'; readonly report: RestartReport }
  /** A run has failed, and is tried again. */
  | { readonly type: 'runFailed'; readonly error: RestartError }
  /** The next run begins at this time, in RFC 3339, or earlier, when something changes. */
  | { readonly type: 'watching'; readonly until: string; readonly reason: NextRunReason }
  /** Something changed that decides about sidecars. */
  | { readonly type: 'changed'; readonly message: string }
  /** Changes of a kind are not noticed before the next run. */
  | { readonly type: 'watchRefused'; readonly message: string }
  /** Another process holds the Lease; this one waits for it. */
  | { readonly type: 'standingBy'; readonly holder: string }
  /** This process holds the Lease. */
  | { readonly type: 'leading' }
  /** This process has lost the Lease. A run under way has been ended; rollouts that have begun go on. */
  | { readonly type: 'lost' }
  /** The Lease cannot be read or written for now. */
  | { readonly type: 'leaseTrouble'; readonly message: string }
  /** Workloads whose rollout failed keep others from being restarted; once until that changes. */
  | { readonly type: 'heldBack'; readonly workloads: readonly string[] };
