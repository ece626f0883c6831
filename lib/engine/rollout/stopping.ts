/** What a caller stops a run with. */
export interface StopOptions {
  /** Ends the run at once, between two requests or within the one under way; rollouts that have begun go on without it. */
  readonly signal?: AbortSignal;
  /**
   * Ends the run as soon as no rollout is under way: no further one is started, those that have begun are waited for, and
   * the error says what was restarted and what was not started.
   */
  readonly drain?: AbortSignal;
}

/** Whether, and how, a run is to stop. */
export class Stopping {
  /** Ends requests and pauses: fires with the caller's signal, and with its drain while nothing rolls. */
  readonly signal: AbortSignal;
  private readonly atOnce = new AbortController();
  private isRolling = false;

  constructor(private readonly options: StopOptions) {
    const { signal, drain } = options;
    this.signal = AbortSignal.any([this.atOnce.signal, ...(signal ? [signal] : [])]);
    drain?.addEventListener('abort', this.onDrain, { once: true });
    this.onDrain();
  }

  /** No further rollout is started. */
  get isDraining(): boolean {
    return this.options.drain?.aborted ?? false;
  }

  /** Does the work, in which rollouts are under way that the drain waits for. */
  async whileRolling<T>(work: () => Promise<T>): Promise<T> {
    this.isRolling = true;
    try {
      return await work();
    } finally {
      this.isRolling = false;
    }
  }

  /** Listens no more. */
  close(): void {
    this.options.drain?.removeEventListener('abort', this.onDrain);
  }

  private readonly onDrain = () => {
    if (this.isDraining && !this.isRolling) {
      this.atOnce.abort();
    }
  };
}
