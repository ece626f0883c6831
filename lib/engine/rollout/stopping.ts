/** How a caller can stop a run. */
export interface StopOptions {
  /** Ends the run immediately, also during a request. Rollouts that have started continue without the run. */
  readonly signal?: AbortSignal;
  /**
   * Ends the run as soon as no rollout is under way: starts no further rollouts, and waits for those that have started.
   * The error contains what was restarted and what was not started.
   */
  readonly drain?: AbortSignal;
}

/** Why a stopped run does not change a workload. */
export const DRAINING = 'not started, since the run was told to stop';

/** The result for a workload whose run was told to stop after this number of its pods was changed. */
export function stoppedAfter(
  changed: number,
  pods: readonly unknown[],
  how: 'evicted' | 'updated',
): { readonly outcome: 'notStarted' | 'stopped'; readonly message: string } {
  return changed === 0
    ? { outcome: 'notStarted', message: DRAINING }
    : {
        outcome: 'stopped',
        message: `stopped on request after ${String(changed)} of ${String(pods.length)} pods were ${how}`,
      };
}

/** Whether and how a run has to stop. */
export class Stopping {
  /** Ends requests and pauses. Fires with the caller's `signal`, and with `drain` if no rollout is under way then. */
  readonly signal: AbortSignal;
  private readonly atOnce = new AbortController();
  private isRolling = false;

  constructor(private readonly options: StopOptions) {
    const { signal, drain } = options;
    this.signal = AbortSignal.any([this.atOnce.signal, ...(signal ? [signal] : [])]);
    drain?.addEventListener('abort', this.onDrain, { once: true });
    this.onDrain();
  }

  /** Whether no further rollouts may start. */
  get isDraining(): boolean {
    return this.options.drain?.aborted ?? false;
  }

  /** Runs work with rollouts that the drain waits for. */
  async whileRolling<T>(work: () => Promise<T>): Promise<T> {
    this.isRolling = true;
    try {
      return await work();
    } finally {
      this.isRolling = false;
    }
  }

  /** Stops listening to the signals. */
  close(): void {
    this.options.drain?.removeEventListener('abort', this.onDrain);
  }

  private readonly onDrain = () => {
    if (this.isDraining && !this.isRolling) {
      this.atOnce.abort();
    }
  };
}
