import { setTimeout as sleep } from 'node:timers/promises';
import { App, Chart } from 'cdk8s';
import { Destination, Gateway, TrafficPolicy, type IstioModuleProps } from 'istio-module';
import { awaitControlPlane, restartWorkloads } from 'istio-module/engine';
import { type ObjectReference, until } from '../control-plane/kube-client';
import { istioVersion } from '../control-plane/program-sources';
import { onRealNode } from '../control-plane/real-node/on-real-node';
import { Exchange, type ExchangeReport } from './exchange';
import { appDeployment, appService, grpcPort, type LoadOrder, withoutRestarts } from './traffic-app';
import { shop, TrafficMesh } from './traffic-mesh';

/** Callees with sidecars of both kinds, and what calls each of them all the time. */
const callees = { callee: true, 'ordinary-callee': false } as const;
const loads: readonly LoadOrder[] = [
  { url: 'http://callee/', perSecond: 30, method: 'GET', keepAlive: true },
  { url: 'http://callee/', perSecond: 30, method: 'POST', keepAlive: false },
  { url: 'http://ordinary-callee/', perSecond: 30, method: 'GET', keepAlive: false },
  { url: 'http://ordinary-callee/', perSecond: 30, method: 'POST', keepAlive: true },
  { url: `ordinary-callee:${String(grpcPort)}`, perSecond: 30, kind: 'grpc' },
  { url: `callee:${String(grpcPort)}`, perSecond: 5, kind: 'grpc-stream' },
];
const enoughRequests = 5_000;
const enoughSeconds = (1.1 * enoughRequests) / loads.reduce((sum, { perSecond }) => sum + perSecond, 0);

const restarted = ['Deployment/callee', 'Deployment/caller', 'Deployment/ordinary-callee'];

interface Container {
  readonly name: string;
  readonly image: string;
}

const ofGateway = { namespace: 'istio-system', labelSelector: 'app=ingress' };

onRealNode('a restart under constant load', () => {
  let mesh: TrafficMesh;
  let older: Partial<IstioModuleProps>;

  beforeAll(async () => {
    mesh = await TrafficMesh.start();
    older = await mesh.loadOlderIstio();
    await mesh.install(older);
    await mesh.apply([
      ...Object.entries(callees).flatMap(([name, nativeSidecar]) => [
        ...appDeployment({ name, namespace: shop, replicas: 2, sidecar: { nativeSidecar } }),
        appService(name, shop),
      ]),
      ...appDeployment({ name: 'caller', namespace: shop, replicas: 2 }),
      ...appDeployment({ name: 'client', namespace: shop, replicas: loads.length }).map(withoutRestarts),
    ]);
    await mesh.available(shop, ...Object.keys(callees), 'caller', 'client');
    await mesh.available('istio-system', 'ingress');
    await mesh.apply(border());
  }, 600_000);

  afterAll(async () => {
    await (mesh as TrafficMesh | undefined)?.stop();
  }, 60_000);

  /** Puts every sidecar out of date, and restarts what is. */
  async function restart(props: Partial<IstioModuleProps>): Promise<void> {
    await mesh.apply(mesh.module(props).filter(({ kind }) => kind === 'ConfigMap'));
    await restartOutdated();
  }

  /** Replaces the control plane with one of the current version, and restarts all sidecars. */
  async function upgrade(): Promise<void> {
    await mesh.apply(mesh.module());
    await restartOutdated();
  }

  async function restartOutdated(): Promise<void> {
    const { kubeconfig } = mesh.controlPlane;
    await awaitControlPlane({ kubeconfig });
    const report = await restartWorkloads({ kubeconfig, namespaces: [shop], timeoutSeconds: 120 });
    expect(report.restarted.map(({ kind, name }) => `${kind}/${name}`).sort()).toEqual(restarted);
    await mesh.settled(shop);
  }

  /** What becomes of requests of clients that stay, and of callers that are restarted themselves. */
  async function underLoad(work: () => Promise<void>): Promise<ExchangeReport> {
    const clients = await mesh.pods(shop, 'client');
    await Promise.all(loads.map((load, index) => clients[index]?.startLoad(load) ?? Promise.resolve()));
    const exchanges = Object.keys(callees).map((name) => new Exchange(mesh, shop, 'caller', `http://${name}/`));
    await Promise.all([work(), sleep(enoughSeconds * 1_000)]);
    const reports = await Promise.all([
      ...clients.map((client) => client.stopLoad()),
      ...exchanges.map((exchange) => exchange.stop()),
    ]);
    const failures: Record<string, number> = {};
    for (const [what, count] of reports.flatMap((report) => Object.entries(report.failures))) {
      failures[what] = (failures[what] ?? 0) + count;
    }
    return { total: reports.reduce((sum, { total }) => sum + total, 0), failures };
  }

  /** The status of a request of 8 seconds whose pod is deleted while it is under way, by application. */
  async function slowRequests(what: string): Promise<Record<string, number | undefined>> {
    const path = `/slow-${what}`;
    const slow = async (name: string, host: string, pod: () => Promise<string | undefined>) => {
      const asked = (await mesh.pod(shop, 'client')).send(`http://${host}${path}-${name}?delay=8s`, {
        headers: { host: name === 'ingress' ? 'shop.example.com' : host },
      });
      let ending: string | undefined;
      await until(async () => (ending = await pod()) !== undefined, 'the request being on its way');
      const namespace = name === 'ingress' ? 'istio-system' : shop;
      await mesh.client.delete({ apiVersion: 'v1', kind: 'Pod', metadata: { name: ending ?? '', namespace } });
      const [answer] = await asked;
      return [name, answer?.status] as const;
    };
    const ofCallees = Object.keys(callees).map((name) =>
      slow(name, name, () => mesh.podThatGot(shop, name, `${path}-${name}`)),
    );
    const found = await Promise.all(ofCallees);
    await mesh.available(shop, ...Object.keys(callees));
    const ofIngress = await slow('ingress', 'ingress.istio-system', async () => {
      const arrived = await mesh.podThatGot(shop, 'callee', `${path}-ingress`);
      const [gateway] = await mesh.client.list('v1', 'Pod', ofGateway);
      return arrived && gateway?.metadata.name;
    });
    await mesh.available('istio-system', 'ingress');
    return Object.fromEntries([...found, ofIngress]);
  }

  /** The versions of the restarted sidecars, each once. */
  async function proxyVersions(): Promise<unknown[]> {
    const pods = await mesh.client.list('v1', 'Pod', { namespace: shop, labelSelector: 'app!=client' });
    const images = pods.flatMap(({ spec }) => {
      const { containers = [], initContainers = [] } = spec as Partial<
        Record<'containers' | 'initContainers', Container[]>
      >;
      return [...containers, ...initContainers].filter(({ name }) => name === 'istio-proxy').map(({ image }) => image);
    });
    return [...new Set(images.map((image) => /:([^:]+)-distroless$/.exec(image)?.[1]))];
  }

  /** The hooks of the applications' containers, each once. */
  async function preStops(): Promise<unknown[]> {
    const pods = await mesh.client.list('v1', 'Pod', { namespace: shop, labelSelector: 'app!=client' });
    const hooks = pods.flatMap(({ spec }) =>
      (spec as { containers: { name: string; lifecycle?: { preStop?: object } }[] }).containers
        .filter(({ name }) => name === 'app')
        .map(({ lifecycle }) => JSON.stringify(lifecycle?.preStop ?? 'none')),
    );
    return [...new Set(hooks)].map((hook) => JSON.parse(hook) as unknown);
  }

  test('loses no request with gracefulTermination in an upgrade of Istio, whatever the sidecars are', async () => {
    expect(await preStops()).toEqual([{ sleep: { seconds: 5 } }]);
    expect(await proxyVersions()).toEqual([older.version]);
    const { total, failures } = await underLoad(upgrade);
    expect(await proxyVersions()).toEqual([istioVersion]);
    expect(failures).toEqual({});
    expect(total).toBeGreaterThan(enoughRequests);
    expect(await preStops()).toEqual([{ sleep: { seconds: 5 } }]);
  }, 300_000);

  test('lets requests end that take longer than the sleep, in sidecars of both kinds and in a gateway', async () => {
    expect(await slowRequests('on')).toEqual({ callee: 200, 'ordinary-callee': 200, ingress: 200 });
  }, 120_000);

  test('removes the sleep from all pods without gracefulTermination', async () => {
    const without = { gracefulTermination: false } as const;
    await restart(without);
    expect(await preStops()).toEqual(['none']);
    const seen = await underLoad(() =>
      restart({ ...without, proxy: { resources: { requests: { cpu: '12m', memory: '32Mi' } } } }),
    );
    // How many fail is chance; some mostly do.
    process.stdout.write(`without gracefulTermination: ${JSON.stringify(seen)}\n`);
    expect(seen.total).toBeGreaterThan(enoughRequests);
    expect(await preStops()).toEqual(['none']);
  }, 600_000);

  test('cuts longer requests without gracefulTermination, except in native sidecars, which outlive the application', async () => {
    await mesh.restart('istio-system', 'ingress');
    await until(async () => (await mesh.client.list('v1', 'Pod', ofGateway)).length === 1, 'one pod of the gateway');
    const { callee, ...others } = await slowRequests('off');
    expect(callee).toBe(200);
    expect(Object.values(others)).not.toContain(200);
  }, 120_000);
});

/** What lets requests for the callee in through the gateway. */
function border(): ObjectReference[] {
  const chart = new Chart(new App(), 'border');
  const gateway = new Gateway(chart, 'border', {
    namespace: 'istio-system',
    selector: { istio: 'ingress' },
    servers: [{ port: 80, protocol: 'HTTP', hosts: ['shop.example.com'] }],
  });
  new TrafficPolicy(chart, 'www', {
    namespace: shop,
    host: 'callee',
    hosts: ['shop.example.com'],
    gateways: [gateway],
    routes: [{ to: [Destination.host()] }],
  });
  return chart.toJson() as ObjectReference[];
}
