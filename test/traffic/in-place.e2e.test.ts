import { type IstioModuleProps, SidecarSettings } from 'istio-module';
import type { RestartPlan, RestartReport } from 'istio-module/engine';
import { olderIstioVersion } from '../control-plane/istio-versions';
import type { KubeObject, ObjectReference } from '../control-plane/kube-client';
import { istioVersion } from '../control-plane/program-sources';
import { onRealNode } from '../control-plane/real-node/on-real-node';
import { runCli } from '../cli/run-cli';
import { appDeployment, appService, type LoadReport, type TrafficPod } from './traffic-app';
import { moduleProps, plain, shop, TrafficMesh } from './traffic-mesh';

const MINUTES = 60_000;
const perSecond = 50;

const imageOf = (version: string) => `docker.io/istio/proxyv2:${version}-distroless`;

/** The module with sidecars of that image. */
const withImage = (version: string, props: Partial<IstioModuleProps> = {}): Partial<IstioModuleProps> => {
  const { istiod } = moduleProps.values as { istiod: object };
  return { ...props, values: { istiod: { ...istiod, global: { proxy: { image: imageOf(version) } } } } };
};
const resources = { requests: { cpu: '20m', memory: '48Mi' }, limits: { cpu: '1', memory: '256Mi' } };
const otherCpu = { requests: { cpu: '40m', memory: '64Mi' }, limits: { cpu: '2', memory: '320Mi' } };
const moreResources = { requests: { cpu: '30m', memory: '64Mi' }, limits: { cpu: '2', memory: '320Mi' } };

/** The pod template of a caller with a native sidecar. */
function template(name: string) {
  const [, deployment] = appDeployment({ name, namespace: shop }) as unknown as [
    ObjectReference,
    { spec: { template: { metadata: { labels: object; annotations: object }; spec: object } } },
  ];
  const { metadata, spec } = deployment.spec.template;
  const { annotations } = new SidecarSettings({ excludeInboundPorts: [9000] }).metadata({});
  return {
    metadata: {
      labels: metadata.labels,
      annotations: { ...annotations, ...metadata.annotations, 'sidecar.istio.io/nativeSidecar': 'true' },
    },
    spec: { ...spec, serviceAccountName: 'default' },
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly containerID: string;
  readonly restartCount: number;
  readonly state: { readonly running?: { readonly startedAt: string } };
  readonly resources?: object;
}

/** What of a pod an update in place is to leave, and what it is to change. */
interface Seen {
  readonly uid: string | undefined;
  readonly application: { readonly id: string; readonly startedAt: string; readonly restarts: number };
  readonly sidecar: {
    readonly id: string;
    readonly image: string;
    readonly resources: object | undefined;
    readonly actual: object | undefined;
  };
}

onRealNode('in place', () => {
  let mesh: TrafficMesh;
  const callers = ['batch', 'debug'];

  beforeAll(async () => {
    mesh = await TrafficMesh.start();
    await mesh.loadOlderIstio();
    await mesh.apply(mesh.module(withImage(olderIstioVersion, { proxy: { resources } })));
    await mesh.available('istio-system', 'istiod', 'ingress');
    await mesh.apply([...appDeployment({ name: 'callee', namespace: plain }), appService('callee', plain)]);
    await mesh.available(plain, 'callee');
    const metadata = { namespace: shop };
    await mesh.client.create({
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { ...metadata, name: 'batch' },
      spec: { template: { ...template('batch'), spec: { ...template('batch').spec, restartPolicy: 'Never' } } },
    } as ObjectReference);
    const { metadata: own, spec } = template('debug');
    await mesh.client.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, ...own, name: 'debug' },
      spec,
    } as ObjectReference);
    await Promise.all(callers.map(ready));
  }, 7 * MINUTES);

  afterAll(async () => {
    await (mesh as TrafficMesh | undefined)?.stop();
  }, MINUTES);

  async function ready(name: string): Promise<TrafficPod> {
    for (let attempt = 0; attempt < 120; attempt++) {
      const [pod] = await mesh.pods(shop, name);
      if (pod) {
        return pod;
      }
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    throw new Error(`the pod of ${name} does not become ready: ${mesh.node.logs()}`);
  }

  async function see(name: string): Promise<Seen> {
    const [pod] = await mesh.client.list('v1', 'Pod', { namespace: shop, labelSelector: `app=${name}` });
    const { metadata, spec, status } = pod as KubeObject & {
      readonly spec: { initContainers: { name: string; image: string; resources: object }[] };
      readonly status: Record<'containerStatuses' | 'initContainerStatuses', ContainerStatus[]>;
    };
    const application = status.containerStatuses.find((one) => one.name === 'app') as ContainerStatus;
    const sidecar = status.initContainerStatuses.find((one) => one.name === 'istio-proxy') as ContainerStatus;
    const written = spec.initContainers.find((one) => one.name === 'istio-proxy');
    return {
      uid: metadata.uid,
      application: {
        id: application.containerID,
        startedAt: application.state.running?.startedAt ?? '',
        restarts: application.restartCount,
      },
      sidecar: {
        id: sidecar.containerID,
        image: written?.image ?? '',
        resources: written?.resources,
        actual: sidecar.resources,
      },
    };
  }

  const seen = () => Promise.all(callers.map(see));

  async function cli<T>(command: string, ...flags: readonly string[]): Promise<T> {
    const env = { KUBECONFIG: mesh.controlPlane.kubeconfig };
    const { code, stdout, stderr } = await runCli([command, '-n', shop, '-o', 'json', ...flags], { env });
    expect({ code, output: code === 0 ? '' : stdout + stderr }).toEqual({ code: 0, output: '' });
    return JSON.parse(stdout) as T;
  }

  const plan = async (...flags: readonly string[]) => {
    const { workloads } = await cli<RestartPlan>('plan', ...flags);
    const selected = workloads.filter((workload) => workload.selected !== false);
    return selected.map(({ kind, name, decision, inPlace }) => ({
      ...{ kind, name, decision },
      settles: inPlace?.differences.map(({ path }) => path) ?? [],
      leaves: inPlace?.remaining.map(({ path }) => path) ?? [],
    }));
  };
  const planned = (decision: string, settles: readonly string[], leaves: readonly string[] = []) => [
    { kind: 'Job', name: 'batch', decision, settles, leaves },
    { kind: 'Pod', name: 'debug', decision, settles, leaves },
  ];
  const restart = () => cli<RestartReport>('restart', '--in-place', '--yes', '--timeout', '45s');
  const names = (workloads: readonly { readonly kind: string; readonly name: string }[]) =>
    workloads.map(({ kind, name }) => `${kind} ${name}`);

  /** Runs work while each caller calls, a connection for each request. */
  async function underLoad(work: () => Promise<void>): Promise<readonly LoadReport[]> {
    const pods = await Promise.all(callers.map(ready));
    const url = `http://callee.${plain}/`;
    await Promise.all(pods.map((pod) => pod.startLoad({ url, perSecond })));
    try {
      await work();
      await new Promise((resolve) => setTimeout(resolve, 3_000));
    } catch (error) {
      await Promise.all(pods.map((pod) => pod.stopLoad()));
      throw error;
    }
    return Promise.all(pods.map((pod) => pod.stopLoad()));
  }

  test(
    'new resources reach running sidecars, and nothing is interrupted',
    async () => {
      await mesh.apply(mesh.module(withImage(olderIstioVersion, { proxy: { resources: moreResources } })));
      const paths = ['limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'];
      const settled = paths.map((path) => `istio-proxy.resources.${path}`);
      expect(await plan('--in-place')).toEqual(planned('update', settled));
      const before = await seen();
      const reports = await underLoad(async () => {
        expect(names((await restart()).updated)).toEqual(['Job batch', 'Pod debug']);
      });
      expect(await seen()).toEqual(
        before.map(({ uid, application, sidecar: { id, image } }) => ({
          uid,
          application,
          sidecar: { id, image, resources: moreResources, actual: moreResources },
        })),
      );
      expect(reports.map(({ failures }) => failures)).toEqual([{}, {}]);
      expect(await plan('--in-place')).toEqual(planned('current', []));
      // A plan without --in-place also compares containers of the pods that have already run, with other resources.
      expect(await plan()).toEqual(planned('warn', []));
    },
    3 * MINUTES,
  );

  test(
    'a new image restarts the sidecar alone, and traffic is interrupted for a moment',
    async () => {
      await mesh.apply(mesh.module(withImage(istioVersion, { proxy: { resources: moreResources } })));
      expect(await plan('--in-place')).toEqual(planned('update', ['istio-proxy.image']));
      const before = await seen();
      const reports = await underLoad(async () => {
        expect(names((await restart()).updated)).toEqual(['Job batch', 'Pod debug']);
      });
      const after = await seen();
      expect(after.map(({ uid, application }) => ({ uid, application }))).toEqual(
        before.map(({ uid, application }) => ({ uid, application })),
      );
      expect(after.map(({ sidecar }) => sidecar.image)).toEqual(callers.map(() => imageOf(istioVersion)));
      after.forEach(({ sidecar }, index) => {
        expect(sidecar.id).not.toBe(before[index]?.sidecar.id);
      });
      const seconds = reports.map(({ failed }) => failed / perSecond);
      process.stderr.write(
        `a new image interrupted traffic for ${seconds.map((one) => one.toFixed(2)).join(' s and ')} s\n`,
      );
      for (const interrupted of seconds) {
        // None at all would mean that nothing was measured.
        expect(interrupted).toBeGreaterThan(0);
      }
      // How long it takes depends on the machine; that it is over does not.
      const later = await underLoad(() => Promise.resolve());
      expect(later.map(({ failures }) => failures)).toEqual([{}, {}]);
    },
    3 * MINUTES,
  );

  test(
    'a second run does nothing more',
    async () => {
      const before = await seen();
      const { updated, warnings, rounds } = await restart();
      expect({ updated, warnings, rounds }).toEqual({ updated: [], warnings: [], rounds: 0 });
      expect(await seen()).toEqual(before);
    },
    2 * MINUTES,
  );

  test(
    'what cannot change in place stays a warning',
    async () => {
      const defaultConfig = { concurrency: 1 };
      await mesh.apply(mesh.module(withImage(istioVersion, { proxy: { resources: otherCpu }, defaultConfig })));
      const leaves = ['istio-proxy.env.PROXY_CONFIG.concurrency'];
      const [job] = await plan('--in-place');
      expect(job).toMatchObject({ decision: 'update', leaves });
      const { updated, warnings } = await restart();
      expect(names(updated)).toEqual(['Job batch', 'Pod debug']);
      expect(warnings.map(({ reason, differences }) => [reason, differences.map(({ path }) => path)])).toEqual([
        ['JobOwned', expect.arrayContaining(leaves)],
        ['BarePod', expect.arrayContaining(leaves)],
      ]);
      expect((await seen()).map(({ sidecar }) => sidecar.actual)).toEqual(callers.map(() => otherCpu));
      expect((await restart()).updated).toEqual([]);
    },
    3 * MINUTES,
  );
});
