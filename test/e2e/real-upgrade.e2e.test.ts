import { IstioCharts } from 'istio-module';
import { planRestarts, restartWorkloads, type RestartOptions } from 'istio-module/engine';
import { type OlderIstio, olderIstio } from '../control-plane/istio-versions';
import { until } from '../control-plane/kube-client';
import { commandLinesWith } from '../control-plane/process-tree';
import { DEMANDING_WORKLOADS, demandingWorkloads } from './demanding-workloads';
import { MeshCluster } from './mesh-cluster';
import { SAMPLE_WORKLOADS } from './rolled-between';
import { upgradeSensitiveWorkloads } from './upgrade-sensitive-workloads';

type Difference = readonly [path: string, old: string, now: string];

const image = (tag: string) => `docker.io/istio/proxyv2:${tag}`;

/** What differs in native sidecars and in ordinary ones. */
const EVERYWHERE: readonly Difference[] = ['istio-proxy', 'istio-validation'].map((container) => [
  `${container}.image`,
  image('1.30.2-distroless'),
  image('1.31.1-distroless'),
]);

/** What differs in other ways, by workload. */
const SPECIAL: Readonly<Record<string, readonly Difference[]>> = {
  // The image type of a pod's own proxy configuration no longer applies to the container that runs before the proxy.
  'Deployment/shop/debug-proxy': [
    ['istio-proxy.image', image('1.30.2-debug'), image('1.31.1-debug')],
    ['istio-validation.image', image('1.30.2-debug'), image('1.31.1-distroless')],
  ],
};

const IN_THE_MESH = [...SAMPLE_WORKLOADS, ...DEMANDING_WORKLOADS, 'Deployment/shop/secure-metrics'];

describe.each([
  ['native sidecars', true],
  ['sidecars that are ordinary containers', false],
])('an upgrade from Istio 1.30 to 1.31 with %s', (_, nativeSidecars) => {
  let cluster: MeshCluster;
  let older: OlderIstio;

  let addressBefore: string;

  const olderChart = () => cluster.chart({ version: older.version, charts: IstioCharts.directory(older.charts) });
  const names = (workloads: readonly { kind: string; namespace: string; name: string }[]) =>
    workloads.map(({ kind, namespace, name }) => `${kind}/${namespace}/${name}`).sort();
  const EVERY = [...IN_THE_MESH, ...Object.keys(SPECIAL)].sort();

  /** The istiod programs of running processes. */
  const istiodPrograms = () =>
    commandLinesWith(cluster.controlPlane.directory).flatMap((line) => /^\S*pilot-discovery\b/.exec(line) ?? []);

  const options = (): RestartOptions => ({
    kubeconfig: cluster.controlPlane.kubeconfig,
    namespaces: ['shop'],
    injector: { deadlineSeconds: 60, settleSeconds: 1, probes: 2 },
    timeoutSeconds: 120,
    maxConcurrent: 20,
  });

  beforeAll(async () => {
    cluster = await MeshCluster.start({ nativeSidecars });
    older = await olderIstio();
    for (const workload of [...demandingWorkloads(), ...upgradeSensitiveWorkloads()]) {
      await cluster.client.apply(workload);
    }
    await cluster.apply(olderChart());
    await restartWorkloads(options());
    addressBefore = cluster.istiod.address;
    expect(istiodPrograms()).toEqual([older.pilotDiscovery]);
    await cluster.apply(cluster.chart());
  }, 600_000);

  afterAll(async () => {
    await cluster.stop();
  });

  it('replaces the process of istiod by one of the other version, whose pods have another address', async () => {
    const current = cluster.controlPlane.programs.pilotDiscovery;
    await until(() => istiodPrograms().join() === current, 'only the new istiod running');
    const pods = await cluster.client.list('v1', 'Pod', { namespace: 'istio-system', labelSelector: 'app=istiod' });
    expect(pods).toMatchObject([{ status: { phase: 'Running', podIP: cluster.istiod.address } }]);
    expect(cluster.istiod.address).not.toBe(addressBefore);
  }, 60_000);

  it('plans restarts for what the injector of 1.31 writes differently, and for nothing else', async () => {
    const { workloads } = await planRestarts(options());
    const sidecars = workloads.filter(({ decision }) => decision === 'restart');
    const found = sidecars.map(({ kind, namespace, name, differences }) => [
      `${kind}/${namespace}/${name}`,
      differences.map(({ path, old, new: now }) => [path, old, now]),
    ]);
    expect(Object.fromEntries(found)).toEqual({
      ...Object.fromEntries(IN_THE_MESH.map((name) => [name, EVERYWHERE])),
      ...SPECIAL,
    });
  }, 120_000);

  it('says which pods the injector of 1.31 refuses, and why', async () => {
    const { workloads } = await planRestarts(options());
    expect(workloads.filter(({ decision }) => decision === 'undetermined')).toMatchObject([
      {
        kind: 'Deployment',
        name: 'reserved-port',
        reason: 'DryRunDenied',
        message: expect.stringContaining('port 15090 is reserved for Istio') as string,
      },
    ]);
  }, 120_000);

  it('leaves nothing out of date that was restarted', async () => {
    const { restarted } = await restartWorkloads(options());
    expect(names(restarted)).toEqual(EVERY);
    const { workloads } = await planRestarts(options());
    expect(workloads.filter(({ decision }) => decision === 'restart')).toEqual([]);
  }, 120_000);

  describe('and a downgrade back', () => {
    it('restarts the same workloads, whose sidecars are then as before', async () => {
      await cluster.apply(olderChart());
      const { restarted } = await restartWorkloads(options());
      expect(names(restarted)).toEqual(EVERY);
      const back = EVERYWHERE.map(([path, old, now]) => ({ path, old: now, new: old }));
      expect(restarted.find(({ name }) => name === 'secure-metrics')?.differences).toEqual(back);
      const { workloads } = await planRestarts(options());
      const settled = ['current', 'warn', 'skip'];
      expect(workloads.filter(({ decision }) => !settled.includes(decision))).toEqual([]);
    }, 120_000);

    it('restarts, when only one workload was upgraded, only that workload', async () => {
      await cluster.apply(cluster.chart());
      const { restarted } = await restartWorkloads({ ...options(), selector: 'app=cart' });
      expect(names(restarted)).toEqual(['Deployment/shop/cart']);
      await cluster.apply(olderChart());
      expect(names((await restartWorkloads(options())).restarted)).toEqual(['Deployment/shop/cart']);
    }, 120_000);
  });
});
