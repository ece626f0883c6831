import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { until } from '../control-plane/kube-client';
import { readyAfterAnnotation } from '../control-plane/stages';
import type { WorkloadViews } from '../demo/workload-views';
import { MeshCluster, PROJECT } from '../e2e/mesh-cluster';
import { reconfigure } from '../e2e/reconfigure';
import { SAMPLE_WORKLOADS } from '../e2e/rolled-between';
import { LoggingProcess, type LogLine } from './logging-process';
import { BIN } from './run-cli';

const MINUTES = 60_000;
const LEASE = 'istio-system/restarter';
const NEWER_VERSION = '99.0.0';

type Version = 'older' | 'newer';

/** Copies the built command line to this directory, as another version, and returns its program. */
function copyOfVersion(directory: string, version: string): string {
  const built = dirname(dirname(BIN));
  const copy = join(directory, relative(PROJECT, built));
  mkdirSync(copy, { recursive: true });
  cpSync(built, copy, { recursive: true });
  symlinkSync(join(PROJECT, 'node_modules'), join(directory, 'node_modules'));
  const manifest = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as object;
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ ...manifest, version }));
  return join(directory, relative(PROJECT, BIN));
}

async function versionOf(bin: string): Promise<string> {
  return (await promisify(execFile)(process.execPath, [bin, '--version'])).stdout.trim();
}

describe('istio-module watch, in two versions', () => {
  let cluster: MeshCluster;
  let bins: Readonly<Record<Version, string>>;
  let processes: LoggingProcess[] = [];
  let cpu = 200;

  beforeAll(async () => {
    cluster = await MeshCluster.start();
    // A rollout takes long enough for a test to act in the middle of it.
    const annotations = { [readyAfterAnnotation]: '2s' };
    for (const [kind = '', namespace = '', name = ''] of SAMPLE_WORKLOADS.map((one) => one.split('/'))) {
      const reference = { apiVersion: 'apps/v1', kind, metadata: { namespace, name } };
      await cluster.client.patch(reference, { spec: { template: { metadata: { annotations } } } });
    }
    await cluster.apply(cluster.chart());
    bins = { older: BIN, newer: copyOfVersion(join(cluster.controlPlane.directory, 'newer'), NEWER_VERSION) };
  }, 10 * MINUTES);

  afterEach(async () => {
    await Promise.all(processes.map((one) => one.kill('SIGKILL')));
    processes = [];
  });

  afterAll(async () => {
    await cluster.stop();
  }, MINUTES);

  function start(command: 'watch' | 'restart', version: Version, ...flags: readonly string[]): LoggingProcess {
    const process = new LoggingProcess(command, cluster.controlPlane.kubeconfig, flags, { bin: bins[version] });
    processes.push(process);
    return process;
  }

  const watch = (version: Version, ...flags: readonly string[]) =>
    start('watch', version, '--lease', LEASE, '--identity', version, ...flags);

  /** Makes all sidecars outdated. */
  async function outdate(): Promise<void> {
    cpu += 10;
    await reconfigure(cluster, { proxyResources: { requests: { cpu: `${String(cpu)}m` } } });
  }

  const generations = (views: WorkloadViews) =>
    Object.fromEntries(SAMPLE_WORKLOADS.map((name) => [name, views[name]?.generation]));

  /** Waits until a run of the process ends with nothing left to do, and expects that each workload was rolled once. */
  async function expectRolledOnce(before: WorkloadViews, process: LoggingProcess): Promise<void> {
    const isDone = ({ event, counts }: LogLine) =>
      event === 'finished' && (counts as { current: number }).current === SAMPLE_WORKLOADS.length;
    await process.logged(isDone, 'everything up to date');
    const once = Object.entries(generations(before)).map(([name, generation]) => [name, (generation ?? NaN) + 1]);
    expect(generations(await cluster.workloads())).toEqual(Object.fromEntries(once));
  }

  it('runs two different versions', async () => {
    expect(await versionOf(bins.newer)).toBe(NEWER_VERSION);
    expect(await versionOf(bins.older)).not.toBe(NEWER_VERSION);
  });

  it(
    'restarts each workload once where both versions begin at the same time',
    async () => {
      await outdate();
      const before = await cluster.workloads();
      const both = { older: watch('older'), newer: watch('newer') };
      await until(() => both.older.count('leading') + both.newer.count('leading') > 0, 'one of both leading');
      const [first, second]: readonly [Version, Version] =
        both.older.count('leading') > 0 ? ['older', 'newer'] : ['newer', 'older'];
      const [leader, other] = [both[first], both[second]];
      await expectRolledOnce(before, leader);
      expect(other.lines.findLast(({ event }) => event === 'standingBy')).toMatchObject({ holder: first });
      expect([other.count('leading'), other.count('planned')]).toEqual([0, 0]);
      expect(await Promise.all([leader.kill('SIGTERM'), other.kill('SIGTERM')])).toEqual([0, 0]);
    },
    4 * MINUTES,
  );

  it.each<[NodeJS.Signals, Version, Version]>([
    ['SIGTERM', 'older', 'newer'],
    ['SIGKILL', 'older', 'newer'],
    ['SIGKILL', 'newer', 'older'],
  ])(
    'restarts each workload once where %s ends the %s version in the middle, and the %s one goes on',
    async (signal, first, second) => {
      const leader = watch(first, '--max-concurrent', '1');
      await leader.has('watching');
      const next = watch(second);
      await next.has('standingBy');
      const before = await cluster.workloads();
      await outdate();
      await leader.has('rolloutBegan', 2);
      const code = await leader.kill(signal);
      expect(code).toBe(signal === 'SIGTERM' ? 0 : null);
      expect(leader.count('rolloutBegan')).toBeLessThan(SAMPLE_WORKLOADS.length);
      await next.has('leading');
      await expectRolledOnce(before, next);
      expect(next.lines.filter(({ action }) => action === 'restart').length).toBeGreaterThan(0);
      expect(await next.kill('SIGTERM')).toBe(0);
    },
    5 * MINUTES,
  );

  it.each<[Version, Version]>([
    ['older', 'newer'],
    ['newer', 'older'],
  ])(
    'restarts each workload once where the %s version watches, and a Job of the %s one restarts',
    async (watches, restarts) => {
      const watching = watch(watches, '--max-concurrent', '1');
      await watching.has('watching');
      const before = await cluster.workloads();
      await outdate();
      await watching.has('rolloutBegan');
      const job = start('restart', restarts, '--yes', '--max-concurrent', '1');
      expect(await job.ended).toBe(0);
      expect(job.count('rolloutBegan')).toBeGreaterThan(0);
      await watching.has('finished', 2);
      await expectRolledOnce(before, watching);
      expect(await watching.kill('SIGTERM')).toBe(0);
    },
    4 * MINUTES,
  );
});
