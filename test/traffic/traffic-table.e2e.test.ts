import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isOfIstio } from '../control-plane/apply-in-order';
import { gatewayApiDefinitions } from '../control-plane/gateway-api';
import type { KubeObject, ObjectReference } from '../control-plane/kube-client';
import { until } from '../control-plane/kube-client';
import { onRealNode } from '../control-plane/real-node/on-real-node';
import { appDeployment, appService } from './traffic-app';
import { plain, shop, TrafficMesh } from './traffic-mesh';
import { borders, telemetry } from './promises/borders';
import { gatewayApi } from './promises/gateway-api';
import { routing } from './promises/routing';
import { security } from './promises/security';
import type { TrafficTest } from './traffic-promise';

const isAgent = ({ kind }: ObjectReference) => kind === 'DaemonSet';
/** Lines of the table apply these. */
const isPromised = (object: ObjectReference) =>
  isOfIstio(object) && ['PeerAuthentication', 'DestinationRule'].includes(object.kind);

const inShop = [
  'echo-v1',
  'echo-v2',
  'half-broken',
  'caller',
  'other',
  'mainframe',
  'mainframe-too',
  'rolling',
  'hasty',
];
const inPlain = ['stranger', 'outside', 'collector', 'authorizer'];

function applications(): ObjectReference[] {
  const labels = (app: string) => ({ labels: { app } });
  return [
    ...['v1', 'v2'].flatMap((version) =>
      appDeployment({ name: `echo-${version}`, namespace: shop, ...labels('echo'), version }),
    ),
    ...appDeployment({ name: 'half-broken', namespace: shop, version: 'well' }),
    ...appDeployment({ name: 'broken', namespace: shop, ...labels('half-broken'), version: 'broken', status: 500 }),
    ...appDeployment({ name: 'caller', namespace: shop }),
    ...appDeployment({ name: 'other', namespace: shop }),
    ...appDeployment({ name: 'mainframe', namespace: shop, version: 'bare', bare: true }),
    ...appDeployment({ name: 'mainframe-too', namespace: shop, labels: { app: 'mainframe' }, version: 'sidecar' }),
    ...appDeployment({ name: 'rolling', namespace: shop, replicas: 2, servesOnSeconds: 4 }),
    ...appDeployment({ name: 'hasty', namespace: shop, graceSeconds: 1 }),
    ...['echo', 'half-broken', 'rolling', 'hasty'].map((name) => appService(name, shop)),
    appService('mainframe', shop, { app: 'mainframe' }, true),
    ...inPlain.flatMap((name) => appDeployment({ name, namespace: plain })),
    ...['collector', 'authorizer'].map((name) => appService(name, plain)),
    appService('outside-too', plain, { app: 'stranger' }),
  ];
}

/** What this Envoy cannot show, which is not of Istio's own build: each comes from an extension that it lacks. */
export const notShown = [
  "Istio's metrics (istio_requests_total and so on), which come from its extension istio.stats",
  "peers' metadata in access logs and spans (source_workload and so on), from its extension istio.peer_metadata",
  'its protocols in ALPN, by which a proxy knows before it answers that a client has a sidecar, from istio.alpn',
] as const;

onRealNode('traffic', () => {
  let mesh: TrafficMesh;
  const agentOf = (objects: readonly ObjectReference[]) => objects.filter(isAgent);

  beforeAll(async () => {
    mesh = await TrafficMesh.start();
    await mesh.apply(await gatewayApiDefinitions('standard'));
    const objects = mesh.module();
    await mesh.apply(objects.filter((object) => !isOfIstio(object) && !isAgent(object)));
    await mesh.available('istio-system', 'istiod');
    await mesh.apply(objects.filter((object) => isOfIstio(object) && !isPromised(object)));
    await mesh.apply(appDeployment({ name: 'early', namespace: shop }));
    await until(async () => (await validation(mesh, 'early')) !== undefined, 'a pod failing without the node agent', {
      timeoutSeconds: 60,
    });
    await mesh.apply(agentOf(objects));
    await agentReady(mesh);
    await mesh.apply(applications());
    await Promise.all([mesh.available(shop, ...inShop, 'broken'), mesh.available(plain, ...inPlain)]);
    await mesh.available('istio-system', 'ingress');
  }, 600_000);

  afterAll(async () => {
    await (mesh as TrafficMesh | undefined)?.stop();
  }, 60_000);

  test('istiod answers through its Service, for webhooks and for those who ask it through the API server', async () => {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'asked', namespace: shop } };
    const object = { ...pod, spec: { containers: [{ name: 'app', image: 'app' }] } };
    const answer = await mesh.client.raw<{ response: { allowed: boolean; patch: string } }>(
      'POST',
      '/api/v1/namespaces/istio-system/services/https:istiod:443/proxy/inject',
      {
        apiVersion: 'admission.k8s.io/v1',
        kind: 'AdmissionReview',
        request: { uid: 'asked', namespace: shop, object },
      },
    );
    expect(answer.response.allowed).toBe(true);
    expect(Buffer.from(answer.response.patch, 'base64').toString()).toContain('"istio-proxy"');
  });

  describe.each<[string, readonly TrafficTest[]]>([
    ['security', security],
    ['routing', routing],
    ['borders', borders],
    ['the Gateway API', gatewayApi],
    ['telemetry', telemetry],
  ])('%s', (_area, lines) => {
    test.each(lines.map((line) => [line.title, line] as const))('%s', (_title, line) => line.run(mesh), 60_000);
  });

  describe('a restart', () => {
    test.each([
      ['finishes a request that it has begun', 'rolling', 200],
      ['cannot finish a request without time to stop', 'hasty', 503],
    ])(
      'a pod that ends %s',
      async (_what, app, status) => {
        const path = `/ending-${app}`;
        const asked = (await mesh.pod(shop, 'caller')).send(`http://${app}${path}?delay=6s`);
        await until(async () => (await mesh.podThatGot(shop, app, path)) !== undefined, 'the request being on its way');
        const name = (await mesh.podThatGot(shop, app, path)) ?? '';
        await mesh.client.delete({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: shop } });

        expect((await asked).map((answer) => answer.status)).toEqual([status]);
      },
      60_000,
    );

    test('a rollout loses no request, and its new pods get none before they are ready', async () => {
      await mesh.available(shop, 'rolling');
      const caller = await mesh.pod(shop, 'caller');
      await caller.startLoad({ url: 'http://rolling/', perSecond: 50, keepAlive: true });
      await mesh.restart(shop, 'rolling');
      const { total, failures } = await caller.stopLoad();

      expect(failures).toEqual({});
      expect(total).toBeGreaterThan(50);
    }, 120_000);
  });

  describe('the node agent', () => {
    test('a pod that started before the agent was ready gets a working redirection', async () => {
      await mesh.available(shop, 'early');
      const [answer] = await (await mesh.pod(shop, 'early')).send('http://echo/');
      expect(answer?.app?.headers['x-forwarded-client-cert']).toContain('/ns/shop/sa/early');
    }, 120_000);

    test("is chained behind the node's own network, and leaves that as it was", async () => {
      const configuration = () =>
        readFileSync(join(mesh.node.directory, 'written', 'etc', 'cni', 'net.d', '10-pods.conflist'), 'utf8');
      const plugins = () =>
        (JSON.parse(configuration()) as { plugins: { type: string }[] }).plugins.map(({ type }) => type);
      expect(plugins()).toEqual(['bridge', 'portmap', 'istio-cni']);

      await withoutAgent(mesh);
      await until(() => plugins().length === 2, 'the agent taking itself out of the configuration');
      expect(plugins()).toEqual(['bridge', 'portmap']);
    }, 120_000);
  });

  describe('without the node agent', () => {
    beforeAll(async () => {
      await mesh.delete(mesh.module().filter(isPromised));
      await until(async () => (await injectedInit(mesh)).includes('istio-init'), 'istiod injecting the init container');
      await Promise.all(['echo-v1', 'echo-v2', 'caller'].map((name) => mesh.restart(shop, name)));
    }, 600_000);

    test('pods have an init container that redirects their traffic', async () => {
      const pods = await mesh.client.list('v1', 'Pod', { namespace: shop, labelSelector: 'app=caller' });
      const running = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
      expect(running.map(initContainersOf)).toEqual([['istio-init', 'istio-proxy']]);
    });

    const lines = [...security.slice(0, 3), ...routing.slice(0, 3)];
    test.each(lines.map((line) => [line.title, line] as const))('%s', (_title, line) => line.run(mesh), 60_000);
  });

  test('this Envoy still lacks the extensions that the tests leave out', async () => {
    const { address } = await mesh.pod(shop, 'caller');
    const metrics = await (await fetch(`http://${address}:15020/stats/prometheus`)).text();
    expect(metrics).toContain('envoy_cluster_upstream_rq');
    expect(metrics).not.toContain('istio_requests_total');
    expect(notShown).toHaveLength(3);
  });
});

/** How the init container ended that sees whether a pod's traffic is redirected; `undefined` while it has not. */
async function validation(mesh: TrafficMesh, app: string): Promise<number | undefined> {
  const [pod] = await mesh.client.list('v1', 'Pod', { namespace: shop, labelSelector: `app=${app}` });
  const { initContainerStatuses = [] } = (pod?.status ?? {}) as {
    initContainerStatuses?: { name: string; state: State; lastState?: State }[];
  };
  const container = initContainerStatuses.find(({ name }) => name === 'istio-validation');
  return container?.state.terminated?.exitCode ?? container?.lastState?.terminated?.exitCode;
}

function initContainersOf({ spec }: KubeObject): string[] {
  return ((spec as { initContainers?: { name: string }[] }).initContainers ?? []).map(({ name }) => name);
}

/** The init containers that a pod would get today. */
async function injectedInit(mesh: TrafficMesh): Promise<string[]> {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'asked', namespace: shop } };
  const object = { ...pod, spec: { containers: [{ name: 'app', image: 'app' }] } };
  return initContainersOf(await mesh.client.apply(object, { dryRun: true }));
}

interface State {
  readonly terminated?: { readonly exitCode: number };
}

async function agentReady(mesh: TrafficMesh): Promise<void> {
  const reference = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'istio-cni-node', namespace: 'istio-system' },
  };
  await mesh.client.waitFor(
    reference,
    (set: KubeObject | undefined) => {
      const { numberReady, desiredNumberScheduled } = (set?.status ?? {}) as Record<string, number | undefined>;
      return desiredNumberScheduled === 2 && numberReady === 2;
    },
    { timeoutSeconds: 60 },
  );
}

/** Switches the module to `cni: false`, as an update of it would. */
async function withoutAgent(mesh: TrafficMesh): Promise<void> {
  const before = mesh.module();
  const after = mesh.module({ cni: false });
  const key = ({ kind, metadata }: ObjectReference) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
  const kept = new Set(after.map(key));
  await mesh.apply(after.filter((object) => !isOfIstio(object)));
  await mesh.delete(before.filter((object) => !kept.has(key(object))));
}
