import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MILLISECONDS = 300;

/** A controller of a test at work: it looks at its objects again and again until it is stopped. */
export class Reconciling {
  private isStopped = false;
  private readonly work: Promise<void>;

  constructor(
    private readonly name: string,
    private readonly look: () => Promise<void>,
  ) {
    this.work = this.run();
  }

  /** Returns once the last look is over. */
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
        // Its objects change under its hands, as they do for any controller: the next look finds them as they are.
        process.stderr.write(`${this.name}: ${String(error)}\n`);
      }
    }
  }
}
