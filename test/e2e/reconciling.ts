import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MILLISECONDS = 300;

/** A test's controller, which reconciles its objects again and again until it is stopped. */
export class Reconciling {
  private isStopped = false;
  private readonly work: Promise<void>;

  constructor(
    private readonly name: string,
    private readonly look: () => Promise<void>,
  ) {
    this.work = this.run();
  }

  /** Returns once the last reconciliation has ended. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.work;
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      await sleep(PAUSE_MILLISECONDS);
      try {
        await this.look();
      } catch (error) {
        // Objects may change during a reconciliation, as for any controller: the next one sees their current state.
        process.stderr.write(`${this.name}: ${String(error)}\n`);
      }
    }
  }
}
