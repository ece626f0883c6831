import { Duration } from 'cdk8s';
import { istioDuration, milliseconds } from '../istio-duration';
import { wholeNumberProblem } from '../number-range';
import { InstallationStage } from '../ordering/installation-stage';
import { LONGEST_SECONDS } from './restarter-options';
import { cronProblems, timeZoneProblems } from './cron-schedule';

/** Options of {@link RestarterMode.afterSync}. */
export interface AfterSyncOptions {
  /**
   * The sync wave of the Job with Argo CD. It must be higher than the waves of the control plane and the namespaces.
   * Put objects that must follow the restart, such as STRICT mutual TLS, into a higher wave.
   *
   * @default 10, the wave of InstallationStage.RESTART
   * @see https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
   */
  readonly syncWave?: number;

  /**
   * Time for which a finished Job is kept, in whole seconds. Flux and `kubectl apply` create a deleted Job again, so
   * they repeat a run after that time: a failed run is retried, and a completed one finds nothing to do. With Argo CD,
   * each sync is a new run, and this only removes the Jobs of former configurations.
   *
   * @default Duration.days(1)
   */
  readonly keepFor?: Duration;
}

/** Options of {@link RestarterMode.schedule}. */
export interface ScheduleOptions {
  /**
   * The time zone of the schedule, by its name in the tz database, such as `Europe/Berlin`.
   *
   * @default 'Etc/UTC'
   */
  readonly timeZone?: string;

  /**
   * Maximum delay of a run's start, in whole seconds. A run starts late, for example, if the previous run is still in
   * progress. A run that cannot start in time is skipped.
   *
   * @default Duration.minutes(10)
   */
  readonly startingDeadline?: Duration;

  /**
   * Number of completed Jobs that are kept.
   *
   * @default 1
   */
  readonly completedJobs?: number;

  /**
   * Number of failed Jobs that are kept.
   *
   * @default 3
   */
  readonly failedJobs?: number;
}

/** Options of {@link RestarterMode.watch}. */
export interface WatchOptions {
  /**
   * Number of pods. One of them restarts workloads, and another one takes over if it is gone for 15 seconds.
   *
   * @default 1
   */
  readonly replicas?: number;

  /**
   * Interval between runs if nothing has changed.
   *
   * @default Duration.minutes(10)
   */
  readonly resync?: Duration;
}

/** The modes as data: a closed union. */
export type RestarterSchedule =
  | { readonly kind: 'afterSync'; readonly syncWave: number; readonly keepForSeconds: number }
  | { readonly kind: 'watch'; readonly replicas: number; readonly resyncSeconds: number }
  | {
      readonly kind: 'schedule';
      readonly cron: string;
      readonly timeZone: string;
      readonly startingDeadlineSeconds: number;
      readonly completedJobs: number;
      readonly failedJobs: number;
    };

/** When a `SidecarRestarter` runs. */
export class RestarterMode {
  /**
   * A Job that runs once after each change to the mesh.
   *
   * Its name ends with a fingerprint of the control planes' manifests, the Namespaces and ProxyConfigs of the app, and
   * the Job itself. Flux and `kubectl apply` therefore create a new Job when one of them changes. With Argo CD, it is a
   * hook of the `Sync` phase in a separate wave: Argo CD waits for it, and runs it with each sync.
   */
  static afterSync(options: AfterSyncOptions = {}): RestarterMode {
    const { syncWave = InstallationStage.RESTART.syncWave, keepFor = Duration.days(1) } = options;
    return new RestarterMode({ kind: 'afterSync', syncWave, keepForSeconds: milliseconds(keepFor) / 1000 }, [
      ...(Number.isSafeInteger(syncWave)
        ? []
        : [`mode.syncWave ${String(syncWave)} is not a wave: write a whole number`]),
      ...secondsProblem('mode.keepFor', keepFor, 60),
    ]);
  }

  /**
   * A CronJob that runs, for example, at night or within a maintenance window. A run does not start while the previous
   * one is still running.
   *
   * @param cron minute, hour, day of the month, month and day of the week, such as `0 2 * * sat`; or `@daily`
   * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
   */
  static schedule(cron: string, options: ScheduleOptions = {}): RestarterMode {
    const { timeZone = 'Etc/UTC', startingDeadline = Duration.minutes(10) } = options;
    const { completedJobs = 1, failedJobs = 3 } = options;
    const startingDeadlineSeconds = milliseconds(startingDeadline) / 1000;
    return new RestarterMode({ kind: 'schedule', cron, timeZone, startingDeadlineSeconds, completedJobs, failedJobs }, [
      ...cronProblems(cron).map((problem) => `mode: ${problem}`),
      ...timeZoneProblems(timeZone).map((problem) => `mode.${problem}`),
      // The controller checks every 10 seconds.
      ...secondsProblem('mode.startingDeadline', startingDeadline, 10),
      ...wholeNumberProblem('mode.completedJobs', completedJobs, 0),
      ...wholeNumberProblem('mode.failedJobs', failedJobs, 0),
    ]);
  }

  /**
   * A Deployment that runs permanently. It restarts workloads periodically, when a maintenance window opens, and after
   * changes to the injection webhooks, to istiod and its configuration, and to Namespaces. It serves metrics on the
   * port `http-metrics` (9090).
   *
   * A pod is ready when its first run is complete, or while it stands by for another pod. Later changes to the mesh do
   * not wait for the restarts. To apply objects after the restarts, such as STRICT mutual TLS, use
   * {@link RestarterMode.afterSync}.
   */
  static watch(options: WatchOptions = {}): RestarterMode {
    const { replicas = 1, resync = Duration.minutes(10) } = options;
    return new RestarterMode({ kind: 'watch', replicas, resyncSeconds: milliseconds(resync) / 1000 }, [
      ...wholeNumberProblem('mode.replicas', replicas, 1),
      ...secondsProblem('mode.resync', resync, 10, LONGEST_SECONDS),
    ]);
  }

  private constructor(
    /** @internal */
    readonly schedule: RestarterSchedule,
    /** @internal */
    readonly problems: readonly string[],
  ) {}
}

function secondsProblem(prop: string, duration: Duration, least: number, most = 2 ** 31 - 1): string[] {
  const seconds = milliseconds(duration) / 1000;
  return Number.isSafeInteger(seconds) && seconds >= least && seconds <= most
    ? []
    : [
        `${prop} ${istioDuration(duration)} is out of range: write whole seconds, from ${String(least)} to ${String(most)}`,
      ];
}
