import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PublishedPlan } from 'istio-module/engine';
import type { KubeObject } from '../control-plane/kube-client';
import type { WorkloadViews } from '../demo/workload-views';
import { withoutApiServer } from '../control-plane/without-api-server';
import { MeshCluster } from '../e2e/mesh-cluster';
import { reconfigure } from '../e2e/reconfigure';
import { rolledBetween, SAMPLE_WORKLOADS } from '../e2e/rolled-between';
import { SOAK } from '../e2e/soak';
import { LoggingProcess } from './logging-process';

const MINUTES = 60_000;
const LEASE = 'istio-system/restarter';

describe('istio-module watch', () => {
  let cluster: MeshCluster;
  const processes: LoggingProcess[] = [];

  beforeAll(async () => {
    cluster = await MeshCluster.start();
    await cluster.apply(cluster.chart());
  }, 10 * MINUTES);

  afterAll(async () => {
    await Promise.all(processes.map((one) => one.kill('SIGKILL')));
    await cluster.stop();
  }, MINUTES);

  function watch(identity: string, ...flags: readonly string[]): LoggingProcess {
    return watchAs(cluster.controlPlane.kubeconfig, identity, ...flags);
  }

  function watchAs(kubeconfig: string, identity: string, ...flags: readonly string[]): LoggingProcess {
    return started(new LoggingProcess('watch', kubeconfig, ['--lease', LEASE, '--identity', identity, ...flags]));
  }

  function started(watching: LoggingProcess): LoggingProcess {
    processes.push(watching);
    return watching;
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

      // The process cannot release its Lease, which has to expire.
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

  it(
    'restarts nothing without permission, and outdated workloads once the permission is back',
    async () => {
      const subject = { kind: 'ServiceAccount', namespace: 'default', name: 'restarter' };
      const binding = {
        ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'restarter' } },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
        subjects: [subject],
      };
      const { namespace, name } = subject;
      await cluster.client.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name } });
      await cluster.client.apply(binding);
      const kubeconfig = await cluster.controlPlane.kubeconfigOf(namespace, name);
      const plan = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'sidecar-plan', namespace: 'default' } };
      await cluster.client.apply(plan);
      const watching = watchAs(kubeconfig, 'permitted', '--publish-plan', 'default/sidecar-plan');
      await watching.has('watching');
      const before = await cluster.workloads();

      await cluster.client.delete(binding);
      await watching.has('leaseTrouble');
      expect(watching.lines.find(({ event }) => event === 'leaseTrouble')?.message).toContain('forbidden');
      await reconfigure(cluster, { proxyResources: { requests: { cpu: '140m' } } });
      expect(rolledBetween(before, await cluster.workloads())).toEqual([]);

      await cluster.client.apply(binding);
      await watching.has('leading', 2);
      await watching.has('finished', 2);
      expect(rolledBetween(before, await cluster.workloads())).toEqual(SAMPLE_WORKLOADS);
      const { data } = await cluster.client.get<KubeObject & { data: Record<string, string> }>(plan);
      const { summary } = JSON.parse(data['plan.json'] ?? '{}') as PublishedPlan;
      expect(summary).toMatchObject({ restart: 0, current: SAMPLE_WORKLOADS.length });
      expect(watching.count('planNotPublished')).toBe(0);
      expect(await watching.kill('SIGTERM')).toBe(0);
    },
    6 * MINUTES,
  );

  it(
    'restarts nothing twice beside another watch, or with a wrong clock',
    async () => {
      const { kubeconfig, directory } = cluster.controlPlane;
      const ahead = join(directory, 'ahead.cjs');
      writeFileSync(ahead, 'const { now } = Date; Date.now = () => now() + 6 * 3_600_000;');
      const both = [
        started(new LoggingProcess('watch', kubeconfig, [])),
        started(new LoggingProcess('watch', kubeconfig, [], { env: { NODE_OPTIONS: `--require ${ahead}` } })),
      ];
      await Promise.all(both.map((one) => one.has('watching')));
      const before = await cluster.workloads();
      await reconfigure(cluster, { proxyResources: { requests: { cpu: '145m' } } });
      await Promise.all(both.map((one) => one.has('finished', 2)));
      const generations = (views: WorkloadViews) =>
        Object.fromEntries(SAMPLE_WORKLOADS.map((name) => [name, views[name]?.generation]));
      const once = Object.fromEntries(
        Object.entries(generations(before)).map(([name, generation]) => [name, (generation ?? NaN) + 1]),
      );
      expect(generations(await cluster.workloads())).toEqual(once);
      expect(await Promise.all(both.map((one) => one.kill('SIGTERM')))).toEqual([0, 0]);
    },
    6 * MINUTES,
  );

  const gone = SOAK ? 300 : 15;
  it(
    `goes on after the API server was gone for ${String(gone)} seconds, and restarts nothing twice`,
    async () => {
      const watching = watch('patient');
      await watching.has('watching');
      const before = await cluster.workloads();
      await withoutApiServer(cluster.controlPlane, gone);
      await watching.has('leading', 2);
      await watching.has('finished', 2);
      expect(rolledBetween(before, await cluster.workloads())).toEqual([]);

      await reconfigure(cluster, { proxyResources: { requests: { cpu: '150m' } } });
      await watching.has('finished', 3);
      expect(rolledBetween(before, await cluster.workloads())).toEqual(SAMPLE_WORKLOADS);
      expect(await watching.kill('SIGTERM')).toBe(0);
    },
    (6 + gone / 60) * MINUTES,
  );
});
