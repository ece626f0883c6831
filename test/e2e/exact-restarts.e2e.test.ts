import { planRestarts, restartWorkloads, type RestartOptions, type RestartReport } from 'istio-module/engine';
import type { ProxyConfig } from 'istio-module';
import { until, type ObjectReference } from '../control-plane/kube-client';
import { readyAfterAnnotation } from '../control-plane/stages';
import { DEMANDING_WORKLOADS, demandingWorkloads, unrollableWorkloads } from './demanding-workloads';
import { MeshCluster, type WorkloadView } from './mesh-cluster';
import { reconfigure } from './reconfigure';
import { rolledBetween, SAMPLE_WORKLOADS } from './rolled-between';

const IN_THE_MESH = [...SAMPLE_WORKLOADS, ...DEMANDING_WORKLOADS].sort();
const MINUTES = 60_000;

const namesOf = (workloads: RestartReport['restarted'] | RestartReport['waited']): string[] =>
  workloads.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`).sort();

function optionsFor(cluster: MeshCluster, options: Partial<RestartOptions> = {}): RestartOptions {
  return {
    kubeconfig: cluster.controlPlane.kubeconfig,
    injector: { deadlineSeconds: 30, settleSeconds: 1, probes: 2 },
    timeoutSeconds: 60,
    maxConcurrent: 20,
    ...options,
  };
}

/** Starts a cluster with the workloads and the mesh applied, in which the demanding workloads have pods. */
async function startMesh(nativeSidecars: boolean): Promise<MeshCluster> {
  const cluster = await MeshCluster.start({ nativeSidecars });
  for (const workload of demandingWorkloads()) {
    await cluster.client.apply(workload);
  }
  await cluster.apply(cluster.chart());
  await until(async () => {
    const views = await cluster.workloads(['shop']);
    return DEMANDING_WORKLOADS.every((name) => (views[name]?.pods.length ?? 0) > 0);
  }, 'the demanding workloads having pods');
  return cluster;
}

/** What a run did: its report, and which workloads were touched according to the cluster. */
async function runOn(cluster: MeshCluster, options: Partial<RestartOptions> = {}) {
  const before = await cluster.workloads();
  const report = await restartWorkloads(optionsFor(cluster, options));
  const after = await settled(cluster);
  return { report, after, rolled: rolledBetween(before, after) };
}

/** The workloads, once all pods that are being deleted are gone. */
async function settled(cluster: MeshCluster): Promise<Record<string, WorkloadView>> {
  await until(async () => {
    const pods = await cluster.client.list('v1', 'Pod');
    return pods.every(({ metadata }) => metadata.deletionTimestamp === undefined);
  }, 'no pod being deleted');
  return cluster.workloads();
}

describe.each([
  ['native sidecars', true],
  ['sidecars that are ordinary containers', false],
])('restarts with %s', (_, nativeSidecars) => {
  let cluster: MeshCluster;

  beforeAll(async () => {
    cluster = await startMesh(nativeSidecars);
  }, 10 * MINUTES);

  afterAll(async () => {
    await cluster.stop();
  }, MINUTES);

  it(
    'give every workload of the mesh its sidecar, in one round',
    async () => {
      const { report, rolled, after } = await runOn(cluster);
      expect(namesOf(report.restarted)).toEqual(IN_THE_MESH);
      expect(rolled).toEqual(IN_THE_MESH);
      expect(report.rounds).toBe(1);
      expect(IN_THE_MESH.flatMap((name) => after[name]?.pods.map(({ image }) => image))).toEqual(
        IN_THE_MESH.flatMap((name) => after[name]?.pods.map(() => 'docker.io/istio/proxyv2:1.31.1-distroless')),
      );
    },
    2 * MINUTES,
  );

  it(
    'find no difference in what was just rolled or created',
    async () => {
      for (const workload of unrollableWorkloads()) {
        await cluster.client.apply(workload);
      }
      await until(async () => {
        const views = await cluster.workloads(['shop']);
        return views['Job/shop/report'] !== undefined && views['Pod/shop/probed-pod'] !== undefined;
      }, 'the Job and the Pod running');
      const { workloads } = await planRestarts(optionsFor(cluster, { namespaces: ['shop'] }));
      const current = [...IN_THE_MESH, 'Job/shop/report', 'Pod/shop/probed-pod'].sort();
      expect(
        workloads
          .filter(({ decision }) => decision === 'current')
          .map(keyOf)
          .sort(),
      ).toEqual(current);
      expect(
        workloads.filter(({ decision }) => decision !== 'current').map(({ name, reason }) => [name, reason]),
      ).toEqual([
        ['custom-proxy', 'CustomProxyImage'],
        ['migrate', 'JobOwned'],
        ['debug', 'BarePod'],
        ['legacy-rs', 'BareReplicaSet'],
      ]);
    },
    MINUTES,
  );

  it(
    'touch nothing when nothing has changed',
    async () => {
      const { report, rolled } = await runOn(cluster);
      expect(report).toMatchObject({ restarted: [], waited: [], rounds: 0 });
      expect(rolled).toEqual([]);
    },
    MINUTES,
  );

  it(
    'roll all sidecars, and once, when meshConfig.defaultConfig alone has changed',
    async () => {
      await reconfigure(cluster, { meshConfig: { defaultConfig: { drainDuration: '30s' } } });
      const { report, rolled } = await runOn(cluster);
      expect(rolled).toEqual(IN_THE_MESH);
      expect(namesOf(report.restarted)).toEqual(IN_THE_MESH);
      expect(report.restarted.find(({ name }) => name === 'probed')).toMatchObject({
        message: '1 of 1 pod out of date (istio-proxy.env.PROXY_CONFIG.drainDuration (none) → 30s)',
        differences: [{ path: 'istio-proxy.env.PROXY_CONFIG.drainDuration', old: '(none)', new: '30s' }],
      });
      expect(report.warnings.find(({ name }) => name === 'probed-pod')).toMatchObject({
        reason: 'BarePod',
        differences: [{ path: 'istio-proxy.env.PROXY_CONFIG.drainDuration', old: '(none)', new: '30s' }],
      });
      expect((await runOn(cluster)).rolled).toEqual([]);
    },
    2 * MINUTES,
  );
});

function keyOf({ kind, namespace, name }: { kind: string; namespace: string; name: string }): string {
  return `${kind}/${namespace}/${name}`;
}

describe('restarts after a change', () => {
  let cluster: MeshCluster;

  beforeAll(async () => {
    cluster = await MeshCluster.start();
    await cluster.apply(cluster.chart());
    await restartWorkloads(optionsFor(cluster));
  }, 10 * MINUTES);

  afterAll(async () => {
    await cluster.stop();
  }, MINUTES);

  it(
    'of access logs alone do not happen',
    async () => {
      await reconfigure(cluster, { meshConfig: { accessLogFile: '/dev/stdout', accessLogEncoding: 'JSON' } });
      const telemetry = {
        apiVersion: 'telemetry.istio.io/v1',
        kind: 'Telemetry',
        metadata: { name: 'access-logs', namespace: 'istio-system' },
        spec: { accessLogging: [{ providers: [{ name: 'envoy' }] }] },
      };
      await cluster.applyOne(telemetry);
      const { report, rolled } = await runOn(cluster);
      expect(rolled).toEqual([]);
      expect(report).toMatchObject({ restarted: [], rounds: 0 });
    },
    MINUTES,
  );

  it(
    'of the proxies’ resources happen to exactly the workloads in the mesh',
    async () => {
      await reconfigure(cluster, {
        values: {
          istiod: {
            global: { proxy: { resources: { requests: { cpu: '0.2' }, limits: { cpu: null, memory: '512Mi' } } } },
          },
        },
      });
      const { rolled, after } = await runOn(cluster);
      expect(rolled).toEqual(SAMPLE_WORKLOADS);
      expect(after['Deployment/shop/cart']?.pods[0]?.resources).toEqual({
        requests: { cpu: '200m', memory: '128Mi' },
        limits: { memory: '512Mi' },
      });
      expect(after['Deployment/shop/custom-proxy']?.pods[0]?.resources).toBeUndefined();
    },
    2 * MINUTES,
  );

  it(
    'of Istio’s version happen to exactly the workloads in the mesh, with the images in the reason',
    async () => {
      await cluster.apply(cluster.chart({ version: '1.31.2' }));
      const { report, rolled } = await runOn(cluster);
      expect(rolled).toEqual(SAMPLE_WORKLOADS);
      expect(report.restarted.find(({ name }) => name === 'agent')?.differences).toContainEqual({
        path: 'istio-proxy.image',
        old: 'docker.io/istio/proxyv2:1.31.1-distroless',
        new: 'docker.io/istio/proxyv2:1.31.2-distroless',
      });
    },
    2 * MINUTES,
  );

  const label = (value: string | null) =>
    cluster.client.patch(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'legacy' } },
      { metadata: { labels: { 'istio-injection': value } } },
    );

  it.each([
    ['into the mesh', 'enabled', '2 of 2 pods lack the sidecar that the injector adds'],
    ['out of it by its label', 'disabled', '2 of 2 pods have a sidecar that Istio no longer injects'],
    ['into the mesh again', 'enabled', '2 of 2 pods lack the sidecar that the injector adds'],
    ['out of it by taking its label away', null, '2 of 2 pods have a sidecar that Istio no longer injects'],
  ])(
    'that switches a namespace %s happen to exactly its workloads',
    async (_, value, message) => {
      await label(value);
      const { report, rolled, after } = await runOn(cluster);
      expect(rolled).toEqual(['Deployment/legacy/ledger']);
      expect(report.restarted).toMatchObject([{ kind: 'Deployment', namespace: 'legacy', name: 'ledger', message }]);
      expect(after['Deployment/legacy/ledger']?.pods.map(({ image }) => image !== undefined)).toEqual(
        Array(2).fill(value === 'enabled'),
      );
    },
    MINUTES,
  );

  it(
    'leave a rollout alone that is under way to current pods, and wait for it',
    async () => {
      const reference: ObjectReference = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'cart', namespace: 'shop' },
      };
      await reconfigure(cluster, { version: '1.31.2', defaultConfig: { concurrency: 2 } });
      await until(async () => {
        const { workloads } = await planRestarts(optionsFor(cluster));
        return workloads.some(({ name, decision }) => name === 'cart' && decision === 'restart');
      }, 'the change being in force');
      await cluster.client.patch(reference, {
        spec: {
          replicas: 1,
          strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
          template: { metadata: { annotations: { [readyAfterAnnotation]: '15s' } } },
        },
      });
      const { generation } = (await cluster.client.get(reference)).metadata;

      const report = await restartWorkloads(optionsFor(cluster, { namespaces: ['shop'] }));
      expect(namesOf(report.waited)).toEqual(['Deployment/shop/cart']);
      expect(namesOf(report.restarted)).toEqual(SAMPLE_WORKLOADS.filter((name) => name !== 'Deployment/shop/cart'));
      const after = (await settled(cluster))['Deployment/shop/cart'];
      expect(after?.generation).toBe(generation);
      expect(after?.pods).toHaveLength(1);
    },
    2 * MINUTES,
  );

  it(
    'of fields of defaultConfig of every kind are planned, since the injector and the ConfigMaps agree on all of them',
    async () => {
      const defaultConfig: ProxyConfig = {
        concurrency: 0,
        proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true', under_score: '' },
        drainDuration: '1m30s',
        terminationDrainDuration: '25s',
        tracing: { sampling: 12.5, zipkin: { address: 'zipkin.tracing:9411' } },
        holdApplicationUntilProxyStarts: false,
        proxyStatsMatcher: { inclusionRegexps: ['.*outlier.*'], inclusionPrefixes: ['a', 'b'] },
        image: { imageType: 'debug' },
        privateKeyProvider: { cryptomb: { pollDelay: '10ms', fallback: false } },
        gatewayTopology: { numTrustedProxies: 2, proxyProtocol: {} },
        readinessProbe: { httpGet: { path: '/ready', port: 8080 } },
        interceptionMode: 'TPROXY',
        extraStatTags: [],
        statNameLength: 189,
        parentShutdownDuration: '60s',
      };
      const unchanged = ['extraStatTags', 'statNameLength', 'parentShutdownDuration'];
      await reconfigure(cluster, { version: '1.31.2', defaultConfig });
      const { workloads } = await planRestarts(optionsFor(cluster, { namespaces: ['shop'] }));
      const paths = workloads.find(({ name }) => name === 'db')?.differences.map(({ path }) => path) ?? [];
      expect(
        Object.keys(defaultConfig).filter((field) => !paths.some((path) => path.includes(`PROXY_CONFIG.${field}`))),
      ).toEqual(unchanged);
    },
    MINUTES,
  );

  it.each<[string, ProxyConfig]>([
    ['the default written out', { tracing: { sampling: 0 }, interceptionMode: 'REDIRECT' }],
    ['nothing', {}],
  ])(
    'of defaultConfig to %s are planned, since the injector and the ConfigMaps agree',
    async (_, defaultConfig) => {
      await reconfigure(cluster, { version: '1.31.2', defaultConfig });
      const { workloads } = await planRestarts(optionsFor(cluster, { namespaces: ['shop'] }));
      expect(workloads.find(({ name }) => name === 'db')?.decision).toBe('restart');
    },
    MINUTES,
  );
});
