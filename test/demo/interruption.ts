/** The user has pressed Ctrl-C. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ctrl-C: the first one ends what is under way, so that everything can be torn down; the second one ends the program.
 */
export class Interruption {
  private requested = false;
  private stop: (() => void) | undefined;

  /** @param tell receives a line at the first Ctrl-C */
  constructor(private readonly tell: (line: string) => void) {
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        this.request();
      });
    }
  }

  /** @throws Interrupted when there was a Ctrl-C */
  check(): void {
    if (this.requested) {
      throw new Interrupted();
    }
  }

  /**
   * Does something that a Ctrl-C can end.
   *
   * @param stop makes `work` end soon, with or without an error
   * @throws Interrupted when there was a Ctrl-C
   */
  async during<T>(stop: () => void, work: () => Promise<T>): Promise<T> {
    this.check();
    this.stop = stop;
    try {
      const result = await work();
      this.check();
      return result;
    } catch (error) {
      this.check();
      throw error;
    } finally {
      this.stop = undefined;
    }
  }

  private request(): void {
    if (this.requested) {
      process.exit(130);
    }
    this.requested = true;
    this.tell('Interrupted: tearing everything down. Once more to end at once.');
    this.stop?.();
  }
}
