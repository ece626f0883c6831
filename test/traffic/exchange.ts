import { setTimeout as sleep } from 'node:timers/promises';
import type { TrafficMesh } from './traffic-mesh';
import type { Answer } from './traffic-app';

/** What became of the requests from one application to another. */
export interface ExchangeReport {
  readonly total: number;
  /** How many requests failed, by status or error. */
  readonly failures: Readonly<Record<string, number>>;
}

const intervalMilliseconds = 50;
const requestsAtOnce = 2;

/**
 * Requests from one application to another that go on while both are restarted: whichever pods of the caller are ready
 * send them.
 */
export class Exchange {
  private readonly failures: Record<string, number> = {};
  private total = 0;
  private stopped = false;
  private readonly running: Promise<void>;

  constructor(
    private readonly mesh: TrafficMesh,
    private readonly namespace: string,
    private readonly caller: string,
    private readonly url: string,
  ) {
    this.running = this.run();
  }

  /** Ends the requests, and waits for those that are on their way. */
  async stop(): Promise<ExchangeReport> {
    this.stopped = true;
    await this.running;
    return { total: this.total, failures: this.failures };
  }

  private async run(): Promise<void> {
    const underWay = new Set<Promise<void>>();
    while (!this.stopped) {
      const sending = this.sendOnce().finally(() => underWay.delete(sending));
      underWay.add(sending);
      await sleep(intervalMilliseconds);
    }
    await Promise.all(underWay);
  }

  private async sendOnce(): Promise<void> {
    const pods = await this.mesh.pods(this.namespace, this.caller);
    const pod = pods[Math.floor(Math.random() * pods.length)];
    // A pod that has just ended takes no order, and has sent nothing then.
    const answers = await pod?.send(this.url, { count: requestsAtOnce }).catch(() => []);
    answers?.forEach((answer) => {
      this.record(answer);
    });
  }

  private record({ status, error }: Answer): void {
    this.total += 1;
    if (status !== 200) {
      const what = status === 0 ? (error ?? 'no answer') : String(status);
      this.failures[what] = (this.failures[what] ?? 0) + 1;
    }
  }
}
