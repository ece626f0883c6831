import type { KubernetesApi } from '../cluster/api';
import { stuckBecause, type RollingWorkload } from './stuck-rollout';

/** The common data of the waits of a run. */
export interface PatientRun<T> {
  readonly api: KubernetesApi;
  readonly timeoutSeconds: number;
  readonly stuckSeconds: number;
  /** When the run's time is up, in milliseconds since the epoch. */
  readonly deadline: number;
  readonly observer: { onStatus?(task: T, message: string): void };
  /** The number of rollouts that the run waits for. */
  readonly awaited: number;
}

/** The prefix of messages about rollouts without progress. */
export const STANDS_STILL = 'stuck';

const POLL_MILLISECONDS = { first: 250, last: 2_000 };
/** The limit for all rollouts together. More requests would slow down the rollouts. */
const LOOKS_PER_SECOND = 40;
/** The minimum time between two checks of the pods of a rollout without progress. */
const LOOK_MILLISECONDS = 5_000;

/** Limits the wait for one workload or pod: until its time or that of the run is up, or until it is stuck. */
export class Patience<T> {
  private readonly timeout: number;
  private last = { message: '', at: Date.now() };
  private lookedAt = Date.now();
  private milliseconds = POLL_MILLISECONDS.first;

  constructor(
    private readonly run: PatientRun<T>,
    private readonly task: T,
  ) {
    this.timeout = Date.now() + run.timeoutSeconds * 1000;
  }

  /**
   * Reports the progress, and returns why the wait ends; undefined while it continues.
   *
   * @param message the progress
   */
  async spentBecause(message: string, workload: RollingWorkload): Promise<string | undefined> {
    const { api, stuckSeconds } = this.run;
    const now = Date.now();
    const late = this.late(now);
    this.tell(message, now);
    const lookMilliseconds = Math.min(LOOK_MILLISECONDS, stuckSeconds * 1000);
    const standsStill = now - this.last.at >= stuckSeconds * 1000 && now - this.lookedAt >= lookMilliseconds;
    if (late === undefined && !standsStill) {
      return undefined;
    }
    this.lookedAt = now;
    const stuck = await stuckBecause(api, workload);
    const why = [message, ...(stuck === undefined ? [] : [stuck])].join('; ');
    return late !== undefined ? `${late}: ${why}` : stuck === undefined ? undefined : `${STANDS_STILL}: ${why}`;
  }

  /** Reports the progress if it has changed. */
  tell(message: string, now: number): void {
    if (message !== this.last.message) {
      this.last = { message, at: now };
      this.run.observer.onStatus?.(this.task, message);
    }
  }

  /**
   * Which time limit has passed; undefined if none has.
   *
   * @param now the current time, read before events are passed on, because their receiver may block the process
   */
  late(now: number): string | undefined {
    const { timeoutSeconds, deadline } = this.run;
    return now >= this.timeout
      ? `not complete after ${String(timeoutSeconds)} s`
      : now >= deadline
        ? "not complete when the run's deadline passed"
        : undefined;
  }

  /** Pauses until the next check, longer each time. */
  async pause(): Promise<void> {
    const { api, deadline, awaited } = this.run;
    const untilLate = Math.max(Math.min(this.timeout, deadline) - Date.now(), POLL_MILLISECONDS.first);
    await api.pause(Math.min(Math.max(this.milliseconds, (awaited / LOOKS_PER_SECOND) * 1000), untilLate));
    this.milliseconds = Math.min(this.milliseconds * 1.5, POLL_MILLISECONDS.last);
  }

  /** Shortens the pauses again, because something new may finish soon. */
  hurry(): void {
    this.milliseconds = POLL_MILLISECONDS.first;
  }
}
