/** What sends the signals. */
export type SignalSource = Pick<NodeJS.Process, 'on' | 'off'>;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ctrl-C, and SIGTERM just so, since CI systems and container runtimes end a job with it, and SIGHUP, which comes when the
 * terminal is gone, as with an ssh session: the first one drains the run, the second one ends it at once. A further one
 * ends the process as if nobody listened.
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
