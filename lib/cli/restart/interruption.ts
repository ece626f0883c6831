/** The source of signals. */
export type SignalSource = Pick<NodeJS.Process, 'on' | 'off'>;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Handles Ctrl-C, SIGTERM and SIGHUP. CI systems and container runtimes end a job with SIGTERM. SIGHUP is sent when the
 * terminal disappears, for example when an SSH session ends. The first signal drains the run: no further rollouts are
 * started. The second signal ends the run immediately. Later signals have their default effect.
 */
export class Interruption {
  private readonly draining = new AbortController();
  private readonly leaving = new AbortController();

  constructor(
    private readonly listener: { readonly onDrain: () => void; readonly onLeave: () => void },
    private readonly source: SignalSource = process,
  ) {
    for (const name of SIGNALS) {
      source.on(name, this.onSignal);
    }
  }

  get drain(): AbortSignal {
    return this.draining.signal;
  }

  get signal(): AbortSignal {
    return this.leaving.signal;
  }

  close(): void {
    for (const name of SIGNALS) {
      this.source.off(name, this.onSignal);
    }
  }

  private readonly onSignal = () => {
    if (!this.drain.aborted) {
      this.listener.onDrain();
      this.draining.abort();
    } else {
      this.close();
      this.listener.onLeave();
      this.leaving.abort();
    }
  };
}
