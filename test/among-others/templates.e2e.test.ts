import { inspectMesh } from 'istio-module/engine';
import type { MeshChartProps } from '../../stacks/mesh-chart';
import type { KubeObject, ObjectReference } from '../control-plane/kube-client';
import { until } from '../control-plane/kube-client';
import { FakeArgoRollouts } from '../e2e/fake-argo-rollouts';
import { podsOf } from '../e2e/pods-of';
import { deployment, pod, workload } from '../e2e/workload';
import { type AdmittedPod } from './admission-webhooks';
import { CURRENT, decisionsOf, MeshAmongOthers, planned, RESTART } from './mesh-among-others';
import { resizable } from './resize-proxy';
import { runRemedy } from './run-remedy';

const MINUTES = 60_000;
const IMAGE = 'registry.k8s.io/pause:3.10';
const DRAIN: Partial<MeshChartProps> = { meshConfig: { defaultConfig: { drainDuration: '30s' } } };
const RESOURCES = { requests: { cpu: '70m', memory: '80Mi' } };

/** A sidecar as `istioctl kube-inject` of this version writes it into a template. */
function injectedByHand(version: string) {
  const image = `docker.io/istio/proxyv2:${version}-distroless`;
  const volumeMounts = [{ name: 'istio-envoy', mountPath: '/etc/istio/proxy' }];
  const status = { initContainers: ['istio-init'], containers: ['istio-proxy'], volumes: ['istio-envoy'] };
  return {
    templateLabels: { 'security.istio.io/tlsMode': 'istio' },
    templateAnnotations: {
      'istio.io/rev': 'default',
      'sidecar.istio.io/status': JSON.stringify({ ...status, imagePullSecrets: null, revision: 'default' }),
    },
    podSpec: {
      initContainers: [{ name: 'istio-init', image, args: ['istio-iptables', '-p', '15001', '-z', '15006'] }],
      containers: [
        { name: 'app', image: IMAGE },
        { name: 'istio-proxy', image, args: ['proxy', 'sidecar'], volumeMounts },
      ],
      volumes: [{ name: 'istio-envoy', emptyDir: { medium: 'Memory' } }],
    },
  };
}

describe('templates', () => {
  let mesh: MeshAmongOthers;

  beforeAll(async () => {
    mesh = await MeshAmongOthers.start();
  }, 10 * MINUTES);

  afterEach(() => mesh.reset(), 2 * MINUTES);

  afterAll(() => mesh.stop(), MINUTES);

  it.each([
    ['a namespace that nothing injects', 'by-hand', {}],
    ['a namespace of the mesh', 'by-hand-too', { 'istio-injection': 'enabled' }],
  ])(
    'with a sidecar of another version written into them, in %s, are a warning, with kube-inject as the remedy',
    async (_, namespace, labels) => {
      await mesh.namespace(namespace, labels);
      await mesh.run(
        namespace,
        2,
        deployment('old', { namespace, ...injectedByHand('1.27.4') }),
        deployment('present', { namespace, ...injectedByHand('1.31.1') }),
      );
      const plan = await mesh.plan(namespace);
      expect(decisionsOf(plan)).toEqual({
        ...{ 'Deployment/old': 'warn InTemplate', 'Deployment/present': CURRENT },
      });
      expect(planned(plan.workloads, 'Deployment/old')?.remedy).toContain('istioctl kube-inject');
      expect(await mesh.touches(namespace)).toEqual([]);
    },
    4 * MINUTES,
  );

  it(
    'with a sidecar written into them do not have a restart as their remedy before an upgrade',
    async () => {
      const namespace = 'by-hand-checked';
      await mesh.namespace(namespace, {});
      await mesh.run(namespace, 1, deployment('old', { namespace, ...injectedByHand('1.27.4') }));
      const { kubeconfig } = mesh.cluster.controlPlane;
      const { findings } = await inspectMesh({ kubeconfig, purpose: 'upgrade', namespaces: [namespace] });
      const found = findings.filter(({ code }) => code === 'ProxyTooOld');
      expect(found).toHaveLength(1);
      expect(found.filter(({ remedy }) => remedy.includes('rollout restart'))).toEqual([]);
    },
    2 * MINUTES,
  );

  it(
    'with a volume that a claim replaces are compared with a pod as their controller would create it',
    async () => {
      const namespace = 'shadowed';
      const storage = { accessModes: ['ReadWriteOnce'], storageClassName: '' };
      const volume: ObjectReference & { readonly spec: object } = {
        ...{ apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'shadowed-data' } },
        spec: { ...storage, capacity: { storage: '1Gi' }, hostPath: { path: '/data' } },
      };
      const claim = { ...storage, resources: { requests: { storage: '1Gi' } } };
      await mesh.client.apply(volume);
      await mesh.namespace(namespace);
      const vault = workload('apps/v1', 'StatefulSet', 'vault', {
        namespace,
        podSpec: {
          containers: [{ name: 'app', image: IMAGE, volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
          volumes: [{ name: 'data', emptyDir: {} }],
        },
        spec: { serviceName: 'vault', volumeClaimTemplates: [{ metadata: { name: 'data' }, spec: claim }] },
      });
      await mesh.run(namespace, 1, vault);
      expect(await mesh.decisions(namespace)).toEqual({ 'StatefulSet/vault': CURRENT });
      await mesh.outdate();
      expect(await mesh.decisions(namespace)).toEqual({ 'StatefulSet/vault': RESTART });
      expect(await mesh.touches(namespace)).toEqual(['StatefulSet/vault']);
      expect(await mesh.touches(namespace)).toEqual([]);
    },
    4 * MINUTES,
  );

  describe('that have reached some pods only', () => {
    const app = { name: 'app', image: IMAGE };
    const serving = (...ports: readonly number[]) => ports.map((containerPort) => ({ containerPort }));

    /** Creates a StatefulSet of two pods and a DaemonSet, and changes their templates; the change reaches one pod. */
    async function stage(namespace: string, change: object): Promise<number> {
      await mesh.namespace(namespace);
      const nodes = (await mesh.client.list('v1', 'Node')).length;
      const podSpec = { containers: [{ ...app, ports: serving(8080) }] };
      const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 1 } };
      const shards = workload('apps/v1', 'StatefulSet', 'shards', {
        ...{ namespace, podSpec, spec: { replicas: 2, serviceName: 'shards', updateStrategy } },
      });
      const agent = workload('apps/v1', 'DaemonSet', 'agent', {
        ...{ namespace, podSpec, spec: { updateStrategy: { type: 'OnDelete' } } },
      });
      await mesh.run(namespace, 2 + nodes, shards, agent);
      expect(await mesh.decisions(namespace)).toEqual({ 'StatefulSet/shards': CURRENT, 'DaemonSet/agent': CURRENT });
      const uids = async () => (await podsOf(mesh.client, namespace, 'shards')).map(({ metadata }) => metadata.uid);
      const [first, second] = await uids();
      await mesh.client.patch(shards, { spec: { template: change } });
      await mesh.client.patch(agent, { spec: { template: change } });
      await until(async () => (await uids())[1] !== second, `the second pod of ${namespace}/shards being replaced`);
      await mesh.running(namespace, 2 + nodes);
      expect((await uids())[0]).toBe(first);
      return nodes;
    }

    it.each<[string, string, object]>([
      ['port', 'ported', { spec: { containers: [{ ...app, ports: serving(8080, 9090) }] } }],
      [
        'container',
        'shipped',
        {
          spec: {
            containers: [
              { ...app, ports: serving(8080) },
              { ...app, name: 'shipper' },
            ],
          },
        },
      ],
      [
        'probe',
        'probed',
        {
          spec: {
            containers: [{ ...app, ports: serving(8080), readinessProbe: { httpGet: { path: '/', port: 8080 } } }],
          },
        },
      ],
      [
        'setting of the sidecar’s size',
        'resized',
        { metadata: { annotations: { 'sidecar.istio.io/proxyCPU': '200m' } } },
      ],
    ])(
      'are no reason to restart the other pods: with one more %s',
      async (_, namespace, change) => {
        await stage(namespace, change);
        expect(await mesh.decisions(namespace)).toEqual({ 'StatefulSet/shards': CURRENT, 'DaemonSet/agent': CURRENT });
        expect(await mesh.touches(namespace)).toEqual([]);
      },
      5 * MINUTES,
    );

    it(
      'have their pods restarted as far as the rollout reaches, and the remedy updates the others',
      async () => {
        const namespace = 'staged';
        const nodes = await stage(namespace, { spec: { containers: [{ ...app, ports: serving(8080, 9090) }] } });
        await mesh.outdate();
        expect(await mesh.touches(namespace)).toEqual(['StatefulSet/shards']);
        const plan = await mesh.plan(namespace);
        expect(decisionsOf(plan)).toEqual({
          ...{ 'StatefulSet/shards': 'warn Partitioned', 'DaemonSet/agent': 'warn OnDelete' },
        });
        expect(planned(plan.workloads, 'StatefulSet/shards')?.pods).toEqual(['shards-0']);
        expect(await mesh.touches(namespace)).toEqual([]);

        // Each command deletes one pod.
        for (let round = 0; round < nodes; round++) {
          const { workloads } = await mesh.plan(namespace);
          for (const { remedy } of workloads.filter(({ decision }) => decision === 'warn')) {
            await runRemedy(remedy, mesh.cluster.controlPlane.kubeconfig);
          }
          await mesh.running(namespace, 2 + nodes);
        }
        expect(await mesh.decisions(namespace)).toEqual({ 'StatefulSet/shards': CURRENT, 'DaemonSet/agent': CURRENT });
      },
      6 * MINUTES,
    );

    it(
      'are no reason for a restart in a canary of Argo Rollouts',
      async () => {
        const namespace = 'canary';
        const argo = await FakeArgoRollouts.start(mesh.client);
        try {
          await mesh.namespace(namespace);
          const podSpec = { containers: [{ ...app, ports: serving(8080) }] };
          const shop = workload('argoproj.io/v1alpha1', 'Rollout', 'shop', {
            ...{ namespace, podSpec, spec: { replicas: 2 } },
          });
          await mesh.run(namespace, 2, shop);
          expect(await mesh.decisions(namespace)).toEqual({ 'Rollout/shop': CURRENT });
          const containers = [{ ...app, ports: serving(8080, 9090) }];
          await mesh.client.patch(shop, { spec: { template: { spec: { containers } } } });
          await until(async () => {
            const pods = await podsOf(mesh.client, namespace, 'shop');
            const hashes = pods.map(({ metadata }) => metadata.labels?.['rollouts-pod-template-hash']);
            return pods.length === 2 && new Set(hashes).size === 2;
          }, 'the Rollout having one pod of each template');
          await mesh.running(namespace, 2);
          expect(await mesh.decisions(namespace)).toEqual({ 'Rollout/shop': CURRENT });
          expect(await mesh.touches(namespace)).toEqual([]);
          await mesh.outdate();
          expect((await mesh.restart(namespace)).restarted).toEqual(['Rollout/shop']);
          expect(await mesh.decisions(namespace)).toEqual({ 'Rollout/shop': CURRENT });
          expect(await mesh.touches(namespace)).toEqual([]);
        } finally {
          await argo.stop();
        }
      },
      5 * MINUTES,
    );
  });

  describe('that give the sidecar settings of their own', () => {
    const own = (image = 'auto') => ({
      containers: [
        { name: 'app', image: IMAGE },
        { name: 'istio-proxy', image, resources: RESOURCES },
      ],
    });
    const pinned = 'docker.io/istio/proxyv2:1.30.2-distroless';

    it.each<[string, string, (namespace: string) => ObjectReference, string]>([
      [
        'by annotations',
        'own-annotations',
        (namespace) =>
          deployment('web', {
            namespace,
            templateAnnotations: { 'sidecar.istio.io/proxyCPU': '70m', 'sidecar.istio.io/proxyMemoryLimit': '300Mi' },
          }),
        CURRENT,
      ],
      ['by a container', 'own-container', (namespace) => deployment('web', { namespace, podSpec: own() }), RESTART],
      [
        'by a container with an image of another version',
        'own-image',
        (namespace) => deployment('web', { namespace, podSpec: own(pinned) }),
        RESTART,
      ],
      [
        'by a container of a Pod without a controller',
        'own-pod',
        (namespace) => pod('web', { namespace, podSpec: own() }),
        'warn BarePod',
      ],
    ])(
      'are compared as they are injected: %s',
      async (_, namespace, object, withMoreCpu) => {
        await mesh.namespace(namespace);
        const web = object(namespace);
        await mesh.run(namespace, 1, web);
        const key = `${web.kind}/web`;
        const isRolled = web.kind === 'Deployment';
        expect(await mesh.decisions(namespace)).toEqual({ [key]: CURRENT });
        expect(await mesh.touches(namespace)).toEqual([]);

        // The container that checks the redirection takes its size only from annotations.
        await mesh.outdate();
        const plan = await mesh.plan(namespace);
        expect(decisionsOf(plan)).toEqual({ [key]: withMoreCpu });
        expect(planned(plan.workloads, key)?.differences.map(({ path }) => path)).toEqual(
          withMoreCpu === CURRENT ? [] : ['istio-validation.resources.requests.cpu'],
        );
        await mesh.configure(DRAIN);
        expect(await mesh.decisions(namespace)).toEqual({ [key]: isRolled ? RESTART : 'warn BarePod' });
        expect(await mesh.touches(namespace)).toEqual(isRolled ? [key] : []);
        expect(await mesh.touches(namespace)).toEqual([]);
      },
      6 * MINUTES,
    );
  });

  it(
    'are compared without what kubectl debug and a resize changed in running pods',
    async () => {
      const namespace = 'looked-into';
      await mesh.namespace(namespace);
      const containers = [{ name: 'app', image: IMAGE, resources: { requests: { cpu: '10m', memory: '16Mi' } } }];
      const options = { namespace, podSpec: { containers } };
      await mesh.run(namespace, 2, pod('tool', options), deployment('web', options));
      for (const { metadata } of await mesh.client.list('v1', 'Pod', { namespace })) {
        await lookInto(namespace, metadata.name);
      }
      expect(await mesh.decisions(namespace)).toEqual({ 'Deployment/web': CURRENT, 'Pod/tool': CURRENT });
      expect(await mesh.touches(namespace)).toEqual([]);
      await mesh.outdate();
      expect(await mesh.decisions(namespace)).toEqual({ 'Deployment/web': RESTART, 'Pod/tool': 'warn BarePod' });
      expect(await mesh.touches(namespace)).toEqual(['Deployment/web']);
      expect(await mesh.touches(namespace)).toEqual([]);
    },
    5 * MINUTES,
  );

  /** Changes a pod like `kubectl debug` and a resize of the application. */
  async function lookInto(namespace: string, name: string): Promise<void> {
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    const found = await resizable(mesh.client, name, namespace);
    const debugger_ = { name: 'debugger', image: IMAGE, targetContainerName: 'istio-proxy' };
    const debugged = await mesh.client.raw<KubeObject & AdmittedPod>('PUT', `${path}/ephemeralcontainers`, {
      ...found,
      spec: { ...found.spec, ephemeralContainers: [debugger_] },
    });
    for (const container of debugged.spec.containers.filter((one) => one.name === 'app')) {
      container.resources = { requests: { cpu: '20m', memory: '16Mi' } };
    }
    await mesh.client.raw('PUT', `${path}/resize`, debugged);
  }

  it.each(['istio-system', 'nodes'])(
    'of ztunnel are not taken for sidecars, in namespace %s',
    async (namespace) => {
      const off = { 'sidecar.istio.io/inject': 'false' };
      const ztunnel = (version: string) =>
        workload('apps/v1', 'DaemonSet', 'ztunnel', {
          namespace,
          templateLabels: { ...off, 'istio.io/dataplane-mode': 'none' },
          templateAnnotations: off,
          podSpec: {
            containers: [
              {
                name: 'istio-proxy',
                image: `docker.io/istio/ztunnel:${version}-distroless`,
                args: ['proxy', 'ztunnel'],
              },
            ],
          },
          spec: { updateStrategy: { type: 'OnDelete' } },
        });
      await mesh.namespace(namespace, {});
      await mesh.client.apply(ztunnel('1.30.2'));
      const nodes = (await mesh.client.list('v1', 'Node')).length;
      const reached = async () => (await podsOf(mesh.client, namespace, 'ztunnel')).length === nodes;
      await until(reached, 'ztunnel on every node');
      try {
        expect(await mesh.decisions(namespace)).toEqual({});
        await mesh.client.apply(ztunnel('1.31.1'));
        expect(await mesh.decisions(namespace)).toEqual({});
        expect(await mesh.touches(namespace)).toEqual([]);
      } finally {
        await mesh.client.delete(ztunnel('1.31.1'));
      }
    },
    4 * MINUTES,
  );
});
