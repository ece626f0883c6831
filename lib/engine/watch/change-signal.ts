/** Wakes a waiting caller after a change. Remembers changes while nobody waits. */
export class ChangeSignal {
  private hasChanged = false;
  private wake: (() => void) | undefined;

  notify(): void {
    this.hasChanged = true;
    this.wake?.();
  }

  /** Forgets all changes so far. */
  clear(): void {
    this.hasChanged = false;
  }

  /**
   * Waits until a change, until the time is up, or until the signal fires.
   *
   * @returns whether something has changed
   */
  async next(milliseconds: number, signal: AbortSignal): Promise<boolean> {
    if (!this.hasChanged && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          this.wake = undefined;
          resolve();
        };
        const timer = setTimeout(done, milliseconds);
        signal.addEventListener('abort', done);
        this.wake = done;
      });
    }
    return this.hasChanged;
  }
}
