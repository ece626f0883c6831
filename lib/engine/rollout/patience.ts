import type { KubernetesApi } from '../cluster/api';
import { stuckBecause, type RollingWorkload } from './stuck-rollout';

/** What the waits of a run have in common. */
export interface PatientRun<T> {
  readonly api: KubernetesApi;
  readonly timeoutSeconds: number;
  readonly stuckSeconds: number;
  /** When the run's time is up, in milliseconds since the epoch. */
  readonly deadline: number;
  readonly observer: { onStatus?(task: T, message: string): void };
  /** How many rollouts are waited for. */
  readonly awaited: number;
}

/** Of what is seen to get no further. */
export const STANDS_STILL = 'stands still';

const POLL_MILLISECONDS = { first: 250, last: 2_000 };
/** At most, of all rollouts together: more would slow down the rollouts themselves. */
const LOOKS_PER_SECOND = 40;
/** How often at most the pods of a rollout that stands still are looked at. */
const LOOK_MILLISECONDS = 5_000;

/** How long one workload, or one pod, is waited for: until its time or the run's is up, or it is seen to stand still. */
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
   * Tells how far the workload is, and why that is no use waiting for any longer; undefined while it is.
   *
   * @param message how far it is
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

  /** Tells how far it is, if that is news. */
  tell(message: string, now: number): void {
    if (message !== this.last.message) {
      this.last = { message, at: now };
      this.run.observer.onStatus?.(this.task, message);
    }
  }

  /**
   * Whose time is up; undefined while there is some left.
   *
   * @param now the time before any event is passed on, because its receiver may block the process
   */
  late(now: number): string | undefined {
    const { timeoutSeconds, deadline } = this.run;
    return now >= this.timeout
      ? `not done after ${String(timeoutSeconds)} s`
      : now >= deadline
        ? "not done when the run's deadline passed"
        : undefined;
  }

  /** Pauses until the next look, each time for longer. */
  async pause(): Promise<void> {
    const { api, deadline, awaited } = this.run;
    const untilLate = Math.max(Math.min(this.timeout, deadline) - Date.now(), POLL_MILLISECONDS.first);
    await api.pause(Math.min(Math.max(this.milliseconds, (awaited / LOOKS_PER_SECOND) * 1000), untilLate));
    this.milliseconds = Math.min(this.milliseconds * 1.5, POLL_MILLISECONDS.last);
  }

  /** Something started again that may finish soon. */
  hurry(): void {
    this.milliseconds = POLL_MILLISECONDS.first;
  }
}
