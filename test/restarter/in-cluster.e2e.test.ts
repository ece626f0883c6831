import { join } from 'node:path';
import { JsonPatch, Duration, type ApiObject } from 'cdk8s';
import { MeshNamespace, PodSecurityLevel, RestarterMode, SidecarRestarter, type IstioModuleProps } from 'istio-module';
import { deploymentAvailable } from '../control-plane/deployment-available';
import { olderIstioVersion } from '../control-plane/istio-versions';
import { KubeClient, type KubeObject, type ObjectReference, until } from '../control-plane/kube-client';
import { istioVersion } from '../control-plane/program-sources';
import { onRealNode } from '../control-plane/real-node/on-real-node';
import { realNodePlacement } from '../control-plane/real-node/placement';
import { appDeployment } from '../traffic/traffic-app';
import { moduleProps, shop, TrafficMesh } from '../traffic/traffic-mesh';
import { restarterImage, writeRestarterImage } from './restarter-image';

const MINUTES = 60_000;
/** Holds the restarter: with injection, and under the strictest Pod Security Standard. */
const ops = 'ops';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
}

interface LogLine {
  readonly level: string;
  readonly event: string;
  readonly message: string;
  readonly code?: string;
  readonly counts?: Readonly<Record<string, number>>;
}

interface KubernetesEvent extends KubeObject {
  readonly reason: string;
  readonly note?: string;
  readonly message?: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
}

onRealNode('a restarter in the cluster', () => {
  let mesh: TrafficMesh;
  let older: Partial<IstioModuleProps>;

  beforeAll(async () => {
    mesh = await TrafficMesh.start();
    const archive = join(mesh.node.directory, 'restarter.tar');
    process.stdout.write(`${await writeRestarterImage(archive)}\n`);
    await mesh.node.loadArchive(archive);
    older = await mesh.loadOlderIstio();
  }, 10 * MINUTES);

  afterAll(async () => {
    await (mesh as TrafficMesh | undefined)?.stop();
  }, MINUTES);

  const module: Partial<IstioModuleProps> = { ingressGateways: [] };
  const olderModule = (): Partial<IstioModuleProps> => ({ ...module, ...older });

  /** The objects of a mesh with a restarter, as `kubectl apply` gets them. */
  function objects(
    props: Partial<IstioModuleProps>,
    mode: RestarterMode,
    options: { readonly injectorTimeout?: Duration } = {},
  ): ObjectReference[] {
    return mesh.module(props, (chart, istio) => {
      new MeshNamespace(chart, ops, { name: ops, podSecurity: { enforce: PodSecurityLevel.RESTRICTED } });
      const restarter = new SidecarRestarter(chart, 'restarter', {
        ...{ istio, mode, image: restarterImage, namespace: ops, networkPolicy: true, publishPlan: true },
        options: { namespaces: [shop], timeout: Duration.minutes(2), ...options },
      });
      place(restarter.job, '');
      place(restarter.cronJob, '/jobTemplate/spec');
      place(restarter.deployment, '');
    });
  }

  const jobs = () => mesh.client.list('batch/v1', 'Job', { namespace: ops });
  const conditionsOf = ({ status }: KubeObject) => (status as { conditions?: Condition[] }).conditions ?? [];
  const isEnded = (job: KubeObject) =>
    conditionsOf(job).some(({ type, status }) => ['Complete', 'Failed'].includes(type) && status === 'True');

  /** The Job that is not among the known ones, once it has ended, with its log. */
  async function ended(known: readonly string[], timeoutSeconds = 180): Promise<{ job: KubeObject; log: LogLine[] }> {
    let found: KubeObject | undefined;
    try {
      await until(
        async () => {
          found = (await jobs()).find(({ metadata }) => !known.includes(metadata.name));
          return found !== undefined && isEnded(found);
        },
        'a Job ending',
        { timeoutSeconds },
      );
    } catch (error) {
      throw new Error(`${JSON.stringify(found?.status)} ${JSON.stringify(await events(ops))} ${mesh.node.logs()}`, {
        cause: error,
      });
    }
    const job = found as KubeObject;
    const labelSelector = `batch.kubernetes.io/job-name=${job.metadata.name}`;
    const [pod] = await mesh.client.list('v1', 'Pod', { namespace: ops, labelSelector });
    const text = await mesh.client.log(ops, pod?.metadata.name ?? '', 'restart');
    const log = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as LogLine);
    return { job, log };
  }

  const names = async () => (await jobs()).map(({ metadata }) => metadata.name);
  const events = (namespace: string) => mesh.client.list<KubernetesEvent>('v1', 'Event', { namespace });
  const toldOf = async (reason: string) =>
    (await events(shop))
      .filter((event) => event.reason === reason)
      .map(({ involvedObject: { kind, name } }) => `${kind}/${name}`)
      .sort();

  const generationOfCart = async () => {
    const reference = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'cart', namespace: shop } };
    return (await mesh.client.get(reference)).metadata.generation;
  };

  /** A field of the sidecars of the running pods in the mesh, by application. */
  async function proxies(field: (container: { image: string; resources: object }) => unknown): Promise<object> {
    const pods = await mesh.client.list('v1', 'Pod', { namespace: shop });
    const found = pods
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ metadata, spec }) => {
        const { initContainers = [], containers = [] } = spec as Partial<
          Record<'initContainers' | 'containers', { name: string; image: string; resources: object }[]>
        >;
        const proxy = [...initContainers, ...containers].find(({ name }) => name === 'istio-proxy');
        return [metadata.labels?.app ?? '', proxy && field(proxy)] as const;
      });
    return Object.fromEntries<unknown>(found);
  }

  test(
    'finds nothing to restart in a mesh that was just installed, and completes',
    async () => {
      await mesh.apply(objects(olderModule(), RestarterMode.afterSync()));
      const { job, log } = await ended([]);
      expect(conditionsOf(job)).toContainEqual(expect.objectContaining({ type: 'Complete', status: 'True' }));
      expect(log.at(-1)).toMatchObject({ level: 'info', event: 'finished', counts: { restarted: 0 } });
      // The namespace injects, and the pod is left out.
      const [pod] = await mesh.client.list('v1', 'Pod', { namespace: ops });
      const { containers } = pod?.spec as { containers: { name: string }[] };
      expect(containers.map(({ name }) => name)).toEqual(['restart']);
    },
    5 * MINUTES,
  );

  test(
    'restarts what another version has made outdated, and reports the rest as Events',
    async () => {
      await mesh.apply(appDeployment({ name: 'cart', namespace: shop }));
      const [account, deployment] = appDeployment({ name: 'debug', namespace: shop });
      const { template } = (deployment as unknown as { spec: { template: object } }).spec;
      await mesh.apply([
        account as ObjectReference,
        {
          ...{ apiVersion: 'v1', kind: 'Pod', ...template },
          metadata: { ...(template as KubeObject).metadata, name: 'debug', namespace: shop },
        },
      ]);
      await mesh.available(shop, 'cart');
      const image = (version: string) => `docker.io/istio/proxyv2:${version}-distroless`;
      expect(await proxies((proxy) => proxy.image)).toEqual({
        cart: image(olderIstioVersion),
        debug: image(olderIstioVersion),
      });

      const known = await names();
      await mesh.apply(objects(module, RestarterMode.afterSync()));
      const { job, log } = await ended(known);
      expect({ conditions: conditionsOf(job).map(({ type }) => type), log: log.at(-1) }).toMatchObject({
        conditions: expect.arrayContaining(['Complete']) as string[],
        log: { level: 'info', event: 'finished', counts: { restarted: 1, warned: 1 } },
      });
      await mesh.available(shop, 'cart');
      await until(async () => (await mesh.client.list('v1', 'Pod', { namespace: shop })).length === 2, 'the old pod');
      expect(await proxies((proxy) => proxy.image)).toEqual({
        cart: image(istioVersion),
        debug: image(olderIstioVersion),
      });
      expect(await toldOf('SidecarRestarted')).toEqual(['Deployment/cart']);
      expect(await toldOf('SidecarOutOfDate')).toEqual(['Pod/debug']);
      const plan = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'sidecar-plan-restarter', namespace: ops },
      };
      const { data } = await mesh.client.get<KubeObject & { data: Record<string, string> }>(plan);
      expect(JSON.parse(data['plan.json'] ?? '{}')).toMatchObject({
        summary: { restart: 0, warn: 1 },
        workloads: [{ kind: 'Pod', name: 'debug', namespace: shop, decision: 'warn' }],
        omitted: 0,
      });
      expect(log.filter(({ level }) => level === 'warn').map(({ event }) => event)).toEqual(['left']);
    },
    6 * MINUTES,
  );

  test(
    'may not do anything else with its account',
    async () => {
      const account = await KubeClient.connect(await mesh.controlPlane.kubeconfigOf(ops, 'restarter'));
      try {
        const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'own', namespace: shop } };
        const spec = { containers: [{ name: 'own', image: 'own:1' }] };
        await expect(account.create({ ...pod, spec } as ObjectReference)).rejects.toThrow(
          "ValidatingAdmissionPolicy 'restarter-dry-runs'",
        );
        const cart = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'cart', namespace: shop } };
        await expect(account.patch(cart, { spec: { paused: true } })).rejects.toThrow(
          "ValidatingAdmissionPolicy 'restarter-restarts'",
        );
      } finally {
        account.close();
      }
    },
    MINUTES,
  );

  test(
    'applied again as it is, runs nothing',
    async () => {
      const before = await names();
      await mesh.apply(objects(module, RestarterMode.afterSync()));
      expect(await names()).toEqual(before);
    },
    MINUTES,
  );

  test(
    'on a schedule, restarts what other resources have made outdated',
    async () => {
      const known = await names();
      const requests = { cpu: '11m', memory: '33Mi' };
      const nightly = objects({ ...module, proxy: { resources: { requests } } }, RestarterMode.schedule('* * * * *'));
      await mesh.apply(nightly);
      const { job, log } = await ended(known);
      // The CronJob has made it, and nothing else.
      expect(job.metadata.ownerReferences).toMatchObject([{ kind: 'CronJob', name: 'restarter' }]);
      await mesh.delete(nightly.filter(({ kind }) => kind === 'CronJob'));
      expect(log.at(-1)).toMatchObject({ event: 'finished', counts: { restarted: 1 } });
      await mesh.available(shop, 'cart');
      expect(await proxies(({ resources }) => resources)).toMatchObject({ cart: { requests } });
    },
    6 * MINUTES,
  );

  test(
    'watching, restarts after a change, and when a window opens',
    async () => {
      const cpuOfCart = async () => {
        const found = (await proxies(({ resources }) => resources)) as { cart?: { requests: { cpu: string } } };
        return found.cart?.requests.cpu;
      };
      const watching = (cpu: string) =>
        objects({ ...module, proxy: { resources: { requests: { cpu, memory: '33Mi' } } } }, RestarterMode.watch());
      await mesh.apply(watching('12m'));
      // It is ready when its first run is complete.
      await deploymentAvailable(mesh.client, ops, 'restarter', 180);
      expect(await cpuOfCart()).toBe('12m');

      const isRestarted = (cpu: string) => async () => (await cpuOfCart()) === cpu;
      await mesh.apply(watching('13m'));
      await until(isRestarted('13m'), 'a restart after a change', { timeoutSeconds: 120 });
      await mesh.available(shop, 'cart');

      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: shop } };
      await mesh.client.patch(namespace, { metadata: { annotations: { 'istio-module/window': windowIn(2) } } });
      const deferred = (await toldOf('SidecarRestartDeferred')).length;
      const objectsInWindow = watching('14m');
      await mesh.apply(objectsInWindow);
      await until(async () => (await toldOf('SidecarRestartDeferred')).length > deferred, 'a deferral', {
        timeoutSeconds: 90,
      });
      expect(await cpuOfCart()).toBe('13m');
      await until(isRestarted('14m'), 'a restart in the window', { timeoutSeconds: 200 });
      await mesh.available(shop, 'cart');
      await mesh.delete(
        objectsInWindow.filter(({ kind, metadata }) => kind === 'Deployment' && metadata.namespace === ops),
      );
      await mesh.client.patch(namespace, { metadata: { annotations: { 'istio-module/window': null } } });
    },
    9 * MINUTES,
  );

  test(
    'fails as a Job where the injector does not come up to date, and restarts nothing',
    async () => {
      const known = await names();
      const before = await generationOfCart();
      const istiod = moduleProps.values?.istiod as object;
      // There is no such image, so that the rollout of istiod does not end.
      const stuck = { ...module, values: { istiod: { ...istiod, global: { tag: 'none', variant: '' } } } };
      await mesh.apply(objects(stuck, RestarterMode.afterSync(), { injectorTimeout: Duration.seconds(15) }));
      const { job, log } = await ended(known);
      expect(conditionsOf(job)).toContainEqual(
        expect.objectContaining({ type: 'Failed', status: 'True', reason: 'PodFailurePolicy' }),
      );
      expect(log.at(-1)).toMatchObject({ level: 'error', event: 'failed', code: 'ControlPlaneNotReady' });
      expect((job.status as { failed?: number }).failed).toBe(1);
      expect(await generationOfCart()).toBe(before);
    },
    4 * MINUTES,
  );
});

/** A window of some hours that opens in this number of minutes. */
function windowIn(minutes: number): string {
  const timeIn = (later: number) => new Date(Date.now() + later * MINUTES).toISOString().slice(11, 16);
  return `${timeIn(minutes)}-${timeIn(minutes + 180)}`;
}

/** Has a workload's pods run on the real node. */
function place(workload: ApiObject | undefined, spec: string): void {
  for (const [field, value] of Object.entries(realNodePlacement)) {
    workload?.addJsonPatch(JsonPatch.add(`/spec${spec}/template/spec/${field}`, value));
  }
}
