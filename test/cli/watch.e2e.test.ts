import { type ChildProcess, spawn } from 'node:child_process';
import { until } from '../control-plane/kube-client';
import { MeshCluster } from '../e2e/mesh-cluster';
import { reconfigure } from '../e2e/reconfigure';
import { rolledBetween, SAMPLE_WORKLOADS } from '../e2e/rolled-between';
import { BIN } from './run-cli';

const MINUTES = 60_000;
const LEASE = 'istio-system/restarter';

interface Line {
  readonly event: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** `istio-module watch`, and what it has written so far. */
class WatchProcess {
  readonly lines: Line[] = [];
  readonly ended: Promise<number | null>;
  private readonly child: ChildProcess;
  private rest = '';

  constructor(kubeconfig: string, identity: string, ...flags: readonly string[]) {
    const args = ['watch', '--kubeconfig', kubeconfig, '--log-format', 'json', '--injector-settle', '1s'];
    const all = [BIN, ...args, '--lease', LEASE, '--identity', identity, ...flags];
    this.child = spawn(process.execPath, all, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.rest + text).split('\n');
      this.rest = lines.pop() ?? '';
      this.lines.push(...lines.map((line) => JSON.parse(line) as Line));
    });
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
  }

  count(event: string): number {
    return this.lines.filter((line) => line.event === event).length;
  }

  async has(event: string, times = 1): Promise<void> {
    await until(() => this.count(event) >= times, `${event} ${String(times)} times in ${JSON.stringify(this.lines)}`, {
      timeoutSeconds: 120,
    });
  }

  kill(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.ended;
  }
}

describe('istio-module watch', () => {
  let cluster: MeshCluster;
  const processes: WatchProcess[] = [];

  beforeAll(async () => {
    cluster = await MeshCluster.start();
    await cluster.apply(cluster.chart());
  }, 5 * MINUTES);

  afterAll(async () => {
    await Promise.all(processes.map((one) => one.kill('SIGKILL')));
    await cluster.stop();
  }, MINUTES);

  function watch(identity: string, ...flags: readonly string[]): WatchProcess {
    const started = new WatchProcess(cluster.controlPlane.kubeconfig, identity, ...flags);
    processes.push(started);
    return started;
  }

  it(
    'restarts what is outdated at first and after a change, nothing twice, and leaves the Lease to another process',
    async () => {
      const original = await cluster.workloads();
      const first = watch('first', '--listen', '127.0.0.1:0');
      await first.has('watching');
      const restarted = await cluster.workloads();
      expect(rolledBetween(original, restarted)).toEqual(SAMPLE_WORKLOADS);

      const second = watch('second');
      await second.has('standingBy');
      expect(second.lines.find(({ event }) => event === 'standingBy')).toMatchObject({ holder: 'first' });

      await reconfigure(cluster, { proxyResources: { requests: { cpu: '130m' } } });
      await first.has('changed');
      await first.has('finished', 2);
      const again = await cluster.workloads();
      expect(rolledBetween(restarted, again)).toEqual(SAMPLE_WORKLOADS);
      expect(second.count('planned')).toBe(0);

      // Without a word: the Lease has to run out.
      await first.kill('SIGKILL');
      await second.has('leading');
      await second.has('finished');
      expect(rolledBetween(again, await cluster.workloads())).toEqual([]);
      expect(await second.kill('SIGTERM')).toBe(0);
      expect(second.lines.at(-1)).toMatchObject({ event: 'draining' });

      const third = watch('third');
      await third.has('finished');
      expect(third.count('standingBy')).toBe(0);
      expect(await third.kill('SIGINT')).toBe(0);
      expect(rolledBetween(again, await cluster.workloads())).toEqual([]);
    },
    6 * MINUTES,
  );
});
