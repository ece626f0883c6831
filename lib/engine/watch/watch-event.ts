import type { RestartError } from '../restart-error';
import type { RestartReport } from '../run/restart-report';
import type { RunEvent } from '../run/run-event';

/** Why the next run starts if nothing changes before. */
export type NextRunReason =
  /** The time between two runs is over. */
  | 'resync'
  /** A maintenance window opens for a deferred workload. */
  | 'window'
  /** The last run failed. */
  | 'retry';

/** The events of a watch: those of each run, and those between runs. */
export type WatchEvent =
  | RunEvent
  /** A run is complete. */
  | { readonly type: 'runEnded'; readonly report: RestartReport }
  /** A run has failed and will be retried. */
  | { readonly type: 'runFailed'; readonly error: RestartError }
  /** The next run starts at this time, in RFC 3339, or earlier if something changes. */
  | { readonly type: 'watching'; readonly until: string; readonly reason: NextRunReason }
  /** An object that affects sidecars has changed. */
  | { readonly type: 'changed'; readonly message: string }
  /**
   * The objects of one Kubernetes kind, or of several, cannot be watched, so their changes are found only by the next
   * run.
   */
  | { readonly type: 'watchRefused'; readonly message: string }
  /** Another process holds the Lease. This process waits for it. */
  | { readonly type: 'standingBy'; readonly holder: string }
  /** This process holds the Lease. */
  | { readonly type: 'leading' }
  /** This process has lost the Lease, and has ended its run. Rollouts that have started continue. */
  | { readonly type: 'lost' }
  /** The Lease temporarily cannot be read or written. */
  | { readonly type: 'leaseTrouble'; readonly message: string }
  /** Workloads with failed rollouts prevent further restarts. Sent once until that changes. */
  | { readonly type: 'heldBack'; readonly workloads: readonly string[] };
