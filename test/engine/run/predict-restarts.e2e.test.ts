import type { Chart } from 'cdk8s';
import {
  planRestarts,
  predictRestarts,
  restartWorkloads,
  type Manifest,
  type RestartOptions,
  type RestartPlan,
  type WorkloadName,
} from 'istio-module/engine';
import { OutboundTrafficPolicyMode } from 'istio-module';
import type { MeshChartProps } from '../../../stacks/mesh-chart';
import { until, type ObjectReference } from '../../control-plane/kube-client';
import { DEMANDING_WORKLOADS, demandingWorkloads, unrollableWorkloads } from '../../e2e/demanding-workloads';
import { MeshCluster } from '../../e2e/mesh-cluster';
import { SAMPLE_WORKLOADS } from '../../e2e/rolled-between';
import { workload } from '../../e2e/workload';

const MINUTES = 60_000;
const IN_SHOP = [...SAMPLE_WORKLOADS, ...DEMANDING_WORKLOADS].sort();

let cluster: MeshCluster;

const options = (): RestartOptions => ({
  kubeconfig: cluster.controlPlane.kubeconfig,
  injector: { deadlineSeconds: 60, settleSeconds: 1, probes: 2 },
  timeoutSeconds: 60,
  maxConcurrent: 20,
});

const keyOf = ({ kind, namespace, name }: WorkloadName) => `${kind}/${namespace}/${name}`;

const decidedOn = (plan: Pick<RestartPlan, 'workloads'>, decision: string) =>
  plan.workloads.filter((one) => one.decision === decision).map(keyOf);

/** The manifests as in a synthesized file. */
function manifestsOf(...objects: readonly (Chart | ObjectReference)[]): Manifest[] {
  return objects.flatMap((one) => ('node' in one ? (one.toJson() as Manifest[]) : [one as unknown as Manifest]));
}

function predict(manifests: readonly Manifest[]): Promise<RestartPlan> {
  return predictRestarts({ ...options(), istioctl: cluster.controlPlane.programs.istioctl }, manifests);
}

/** Predicts, applies, plans and restarts, and expects all of these to agree. */
async function provePrediction(manifests: readonly Manifest[]): Promise<RestartPlan> {
  const predicted = await predict(manifests);
  expect(predicted.bound).toBeUndefined();
  await applyAll(manifests);
  const planned = await planRestarts(options());
  expect(predicted.workloads).toEqual(planned.workloads);
  expect(predicted.ignoredAnnotations).toEqual(planned.ignoredAnnotations);
  const report = await restartWorkloads(options());
  expect(report.restarted.map(keyOf).sort()).toEqual(decidedOn(predicted, 'restart').sort());
  return predicted;
}

async function applyAll(manifests: readonly Manifest[]): Promise<void> {
  const chart = { toJson: () => manifests } as unknown as Chart;
  await cluster.apply(chart);
}

const chart = (props: Partial<MeshChartProps> = {}) => cluster.chart({ version: '1.31.1', ...props });

const namespace = (name: string, metadata: Partial<Manifest['metadata']>): Manifest => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, ...metadata },
});

async function startMesh(nativeSidecars: boolean): Promise<void> {
  cluster = await MeshCluster.start({ nativeSidecars });
  for (const object of demandingWorkloads()) {
    await cluster.client.apply(object);
  }
  await until(async () => {
    const views = await cluster.workloads(['shop']);
    return DEMANDING_WORKLOADS.every((name) => (views[name]?.pods.length ?? 0) > 0);
  }, 'the demanding workloads having pods');
}

describe.each([
  ['sidecars that are ordinary containers', false],
  ['native sidecars', true],
])('a prediction with %s', (_, nativeSidecars) => {
  beforeAll(() => startMesh(nativeSidecars), 10 * MINUTES);

  afterAll(async () => {
    await cluster.stop();
  }, MINUTES);

  it(
    'of the first installation is the workloads of its namespaces',
    async () => {
      const predicted = await provePrediction(manifestsOf(chart({ version: '1.31.0' })));
      expect(decidedOn(predicted, 'restart')).toEqual(IN_SHOP);
    },
    3 * MINUTES,
  );

  it(
    'of a new version is every workload in the mesh, with the images as the reason',
    async () => {
      for (const object of unrollableWorkloads()) {
        await cluster.client.apply(object);
      }
      await until(async () => {
        const views = await cluster.workloads(['shop']);
        return views['Job/shop/report'] !== undefined && views['Pod/shop/probed-pod'] !== undefined;
      }, 'the Job and the Pod running');
      const predicted = await provePrediction(manifestsOf(chart()));
      expect(decidedOn(predicted, 'restart').sort()).toEqual(IN_SHOP);
      expect(predicted.workloads.find(({ name }) => name === 'cart')?.differences).toContainEqual({
        path: 'istio-proxy.image',
        old: 'docker.io/istio/proxyv2:1.31.0-distroless',
        new: 'docker.io/istio/proxyv2:1.31.1-distroless',
      });
      expect(decidedOn(predicted, 'warn').sort()).toEqual([
        'Job/shop/migrate',
        'Job/shop/report',
        'Pod/shop/debug',
        'Pod/shop/probed-pod',
        'ReplicaSet/shop/legacy-rs',
      ]);
      expect(decidedOn(predicted, 'skip')).toEqual(['Deployment/shop/custom-proxy']);
    },
    3 * MINUTES,
  );

  it(
    'of the proxies’ resources shows them as the API server writes them',
    async () => {
      const resources = { requests: { cpu: '0.2' }, limits: { cpu: null, memory: '512Mi' } };
      const values = { istiod: { global: { proxy: { resources } } } };
      const predicted = await provePrediction(manifestsOf(chart({ values })));
      expect(predicted.workloads.find(({ name }) => name === 'cart')?.differences).toContainEqual({
        path: 'istio-proxy.resources.requests.cpu',
        old: '100m',
        new: '200m',
      });
    },
    3 * MINUTES,
  );
});

describe('a prediction', () => {
  beforeAll(async () => {
    await startMesh(false);
    await cluster.apply(chart());
    await restartWorkloads(options());
  }, 10 * MINUTES);

  afterAll(async () => {
    await cluster.stop();
  }, MINUTES);

  it(
    'of the manifests that are installed is the plan of today',
    async () => {
      const predicted = await provePrediction(manifestsOf(chart()));
      expect(decidedOn(predicted, 'restart')).toEqual([]);
    },
    MINUTES,
  );

  it(
    'of changes that proxies receive while they run restarts nothing',
    async () => {
      const meshConfig = {
        accessLogFile: '/dev/stdout',
        outboundTrafficPolicy: { mode: OutboundTrafficPolicyMode.REGISTRY_ONLY },
      };
      const predicted = await provePrediction(manifestsOf(chart({ meshConfig })));
      expect(decidedOn(predicted, 'restart')).toEqual([]);
    },
    MINUTES,
  );

  it(
    'of a field of defaultConfig is every workload in the mesh',
    async () => {
      const predicted = await provePrediction(manifestsOf(chart({ defaultConfig: { drainDuration: '30s' } })));
      expect(decidedOn(predicted, 'restart').sort()).toEqual(IN_SHOP);
      expect(predicted.workloads.find(({ name }) => name === 'probed')?.differences).toEqual([
        { path: 'istio-proxy.env.PROXY_CONFIG.drainDuration', old: '(none)', new: '30s' },
      ]);
    },
    2 * MINUTES,
  );

  it(
    'of a ProxyConfig for one workload is that workload',
    async () => {
      const predicted = await provePrediction(
        manifestsOf({
          apiVersion: 'networking.istio.io/v1beta1',
          kind: 'ProxyConfig',
          metadata: { name: 'cart', namespace: 'shop' },
          ...{
            spec: { selector: { matchLabels: { app: 'cart' } }, concurrency: 4, environmentVariables: { SHARD: '1' } },
          },
        }),
      );
      expect(decidedOn(predicted, 'restart')).toEqual(['Deployment/shop/cart']);
    },
    MINUTES,
  );

  it.each([
    ['into the mesh', { labels: { 'istio-injection': 'enabled' } }, ['Deployment/legacy/ledger']],
    ['out of it', { labels: { 'istio-injection': 'disabled' } }, ['Deployment/legacy/ledger']],
    ['into the mesh again', { labels: { 'istio-injection': 'enabled' } }, ['Deployment/legacy/ledger']],
    ['out of it, by taking its label away', { labels: {} }, ['Deployment/legacy/ledger']],
  ])(
    'of a namespace that is switched %s is its workloads',
    async (_, metadata, expected) => {
      const predicted = await provePrediction([namespace('legacy', metadata)]);
      expect(decidedOn(predicted, 'restart')).toEqual(expected);
    },
    MINUTES,
  );

  it(
    'respects the annotations that namespaces and workloads are to have',
    async () => {
      const manifests = manifestsOf(
        chart({ defaultConfig: { concurrency: 3 } }),
        namespace('legacy', {
          annotations: { 'istio-module/window': 'whenever' },
          labels: { 'istio-injection': 'enabled' },
        }),
        workload('apps/v1', 'Deployment', 'reviews-v1', {
          namespace: 'shop',
          annotations: { 'istio-module/restart': 'disabled' },
          spec: { replicas: 2, selector: { matchLabels: { app: 'reviews', version: 'v1' } }, template: undefined },
        }),
      ).filter(({ kind, metadata }) => !(kind === 'Namespace' && metadata.name === 'legacy' && !metadata.annotations));
      const predicted = await predict(manifests);
      expect(decidedOn(predicted, 'skip')).toContain('Deployment/shop/reviews-v1');
      expect(predicted.ignoredAnnotations.map(({ name }) => name)).toEqual(['legacy']);
    },
    MINUTES,
  );

  it(
    'waits for what the manifests roll by themselves',
    async () => {
      const known = await cluster.client.get({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'cart', namespace: 'shop' },
      });
      const { template, selector } = known.spec as { template: { spec: { containers: object[] } }; selector: object };
      const containers = template.spec.containers.map((one) => ({ ...one, image: 'registry.k8s.io/pause:3.9' }));
      const cart = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'cart', namespace: 'shop' },
        spec: { selector, template: { ...template, spec: { ...template.spec, containers } } },
      };
      const manifests = manifestsOf(chart({ defaultConfig: { concurrency: 5 } }), cart);
      const predicted = await predict(manifests);
      expect(decidedOn(predicted, 'wait')).toEqual(['Deployment/shop/cart']);
      await applyAll(manifests);
      const report = await restartWorkloads(options());
      expect(report.restarted.map(keyOf).sort()).toEqual(decidedOn(predicted, 'restart').sort());
    },
    2 * MINUTES,
  );

  it(
    'without istioctl of the version is a bound, and says so',
    async () => {
      const manifests = manifestsOf(chart({ version: '1.31.2' }));
      const predicted = await predict(manifests);
      expect(predicted.bound?.message).toMatch(
        /^At most these workloads restart, since revision default will be Istio 1\.31\.2, but istioctl at .+ has version 1\.31\.1\. /,
      );
      await applyAll(manifests);
      const planned = await planRestarts(options());
      expect(decidedOn(predicted, 'restart')).toEqual(decidedOn(planned, 'restart'));
      expect(decidedOn(predicted, 'warn')).toEqual(decidedOn(planned, 'warn'));
    },
    2 * MINUTES,
  );
});
