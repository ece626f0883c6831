import { IstioCharts, MeshNamespace } from 'istio-module';
import { awaitControlPlane } from 'istio-module/engine';
import { isOfIstio } from '../../control-plane/apply-in-order';
import { serviceAccountIn, type KubeClient } from '../../control-plane/kube-client';
import { MeshCluster } from '../../e2e/mesh-cluster';
import { emptyChart, fakeModule, synthesized } from '../synthesis';

interface Container {
  readonly name: string;
  readonly ports?: readonly object[];
  readonly lifecycle?: { readonly preStop?: object; readonly postStart?: object };
  readonly [field: string]: unknown;
}

type PodSpec = Readonly<Record<string, unknown>> & { readonly containers: readonly Container[] };

interface Row {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: object;
  /** The preStop hooks of the application's containers, by container. */
  readonly preStop: Readonly<Record<string, object | undefined>>;
}

const SLEEP = { sleep: { seconds: 5 } };
const EXEC = { exec: { command: ['/bin/drain'] } };
const app = (fields: object = {}): Container => ({ name: 'app', image: 'app', ...fields });
const port = (protocol: string, containerPort = 53) => ({
  ...{ containerPort, protocol, name: `dns-${protocol.toLowerCase()}` },
});

const ROWS: Readonly<Record<string, Row>> = {
  'a pod like most': { preStop: { app: SLEEP } },
  'a container with a preStop of its own': {
    spec: { containers: [app({ lifecycle: { preStop: EXEC } })] },
    preStop: { app: EXEC },
  },
  'one of two containers with a preStop of its own': {
    spec: { containers: [app(), { ...app({ lifecycle: { preStop: EXEC } }), name: 'second' }] },
    preStop: { app: SLEEP, second: EXEC },
  },
  'a container with a postStart': {
    spec: { containers: [app({ lifecycle: { postStart: EXEC } })] },
    preStop: { app: SLEEP },
  },
  'a grace period below the sleep': { spec: { terminationGracePeriodSeconds: 3 }, preStop: { app: undefined } },
  'a grace period as long as the sleep': { spec: { terminationGracePeriodSeconds: 5 }, preStop: { app: undefined } },
  'a grace period above the sleep': { spec: { terminationGracePeriodSeconds: 6 }, preStop: { app: SLEEP } },
  'a grace period of zero': { spec: { terminationGracePeriodSeconds: 0 }, preStop: { app: undefined } },
  'a pod of a Job': { spec: { restartPolicy: 'Never' }, preStop: { app: undefined } },
  'a pod that is restarted on failure': { spec: { restartPolicy: 'OnFailure' }, preStop: { app: undefined } },
  'a pod that leaves itself out': {
    annotations: { 'istio-module/graceful-termination': 'disabled' },
    preStop: { app: undefined },
  },
  'a native sidecar': { annotations: { 'sidecar.istio.io/nativeSidecar': 'true' }, preStop: { app: SLEEP } },
  'an ordinary sidecar': { annotations: { 'sidecar.istio.io/nativeSidecar': 'false' }, preStop: { app: SLEEP } },
  'a proxy whose settings are in the pod': {
    annotations: { 'sidecar.istio.io/nativeSidecar': 'false' },
    spec: { containers: [app(), { name: 'istio-proxy', image: 'auto', terminationMessagePath: '/tmp/end' }] },
    preStop: { app: SLEEP },
  },
  'templates of the pod’s own choice': {
    annotations: { 'inject.istio.io/templates': 'sidecar' },
    preStop: { app: undefined },
  },
  // If a template were merged into this container, Istio would write back the port with only one of its protocols.
  'a port of two protocols': {
    spec: { containers: [app({ ports: [port('UDP'), port('TCP')] }), { ...app(), name: 'second' }] },
    preStop: { app: undefined, second: SLEEP },
  },
  'a variable that is defined twice': {
    spec: {
      containers: [
        app({
          env: [
            { name: 'HOST', value: 'none' },
            { name: 'HOST', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
          ],
        }),
      ],
    },
    preStop: { app: undefined },
  },
};

describe('gracefulTermination', () => {
  let cluster: MeshCluster;
  let client: KubeClient;

  beforeAll(async () => {
    cluster = await MeshCluster.start({ seed: false });
    ({ client } = cluster);
    const chart = emptyChart();
    fakeModule(chart, {
      helmExecutable: cluster.controlPlane.programs.helm,
      charts: IstioCharts.directory(cluster.controlPlane.programs.istioCharts),
    });
    new MeshNamespace(chart, 'shop', { name: 'shop' });
    const manifests = synthesized(chart).filter((one) => !isOfIstio(one));
    for (const manifest of manifests) await client.apply(manifest);
    await cluster.istiod.ready();
    await awaitControlPlane({ kubeconfig: cluster.controlPlane.kubeconfig });
    await serviceAccountIn(client, 'shop');
  }, 1_800_000);

  afterAll(async () => {
    await cluster.stop();
  });

  /** The pod as the API server and the injector would return it; it is not stored. */
  async function injected({ annotations = {}, spec = {} }: Partial<Row>): Promise<PodSpec> {
    const pod = await client.raw<{ readonly spec: PodSpec }>('POST', '/api/v1/namespaces/shop/pods?dryRun=All', {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', annotations },
      spec: { containers: [app()], ...spec },
    });
    return pod.spec;
  }

  const application = ({ containers }: PodSpec) => containers.filter(({ name }) => name !== 'istio-proxy');

  test.each(Object.entries(ROWS))(
    'adds preStop hooks where they are possible, and nothing else: %s',
    async (_, row) => {
      const spec = await injected(row);
      const found = application(spec).map(({ name, lifecycle }) => [name, lifecycle?.preStop] as const);
      expect(Object.fromEntries(found)).toEqual(row.preStop);
      // Nothing else about the application's containers changes, nor does their order.
      const plain = await injected({
        ...row,
        annotations: { ...row.annotations, 'istio-module/graceful-termination': 'disabled' },
      });
      const without = (containers: readonly Container[]) =>
        containers.map(({ lifecycle: { preStop: _preStop, ...lifecycle } = {}, volumeMounts: _mounts, ...rest }) => ({
          ...rest,
          lifecycle,
        }));
      expect(without(application(spec))).toEqual(without(application(plain)));
      expect(spec.containers.map(({ name }) => name)).toEqual(plain.containers.map(({ name }) => name));
      const all = [...spec.containers, ...(spec.initContainers as readonly Container[])];
      const proxies = all.filter(({ name }) => name === 'istio-proxy');
      expect(proxies).toHaveLength(1);
      expect(proxies[0]?.lifecycle?.preStop).not.toEqual(SLEEP);
    },
    60_000,
  );
});
