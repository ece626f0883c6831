import { restartWorkloads, type RestartOptions } from 'istio-module/engine';
import { type KubeObject, type ObjectReference, serviceAccountIn, until } from '../control-plane/kube-client';
import { readyAfterAnnotation } from '../control-plane/stages';
import { CutOffProxy } from './cut-off-proxy';
import { failureOf } from './failure-of';
import { MeshCluster } from './mesh-cluster';
import { makeReady } from './pods-of';
import { reconfigure } from './reconfigure';
import { kubeconfigWithout } from './restart-permissions';
import { rolledBetween, SAMPLE_WORKLOADS } from './rolled-between';
import { deploymentNamed, isDone, smallDeployment } from './small-deployment';

const MINUTES = 60_000;
const WEBHOOKS: ObjectReference = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'istio-sidecar-injector' },
};
const AS_GRANTED = 'as a SidecarRestartAccess does (see Permissions in the README).';

describe('a restart', () => {
  let cluster: MeshCluster;
  let concurrency = 0;

  const optionsFor = (options: Partial<RestartOptions> = {}): RestartOptions => ({
    kubeconfig: cluster.controlPlane.kubeconfig,
    injector: { deadlineSeconds: 20, settleSeconds: 0, probes: 2 },
    timeoutSeconds: 60,
    ...options,
  });
  const impatient: Partial<RestartOptions> = { injector: { deadlineSeconds: 1, settleSeconds: 0, probes: 2 } };

  /** Every sidecar is out of date afterwards. */
  async function outdate(): Promise<void> {
    concurrency += 1;
    await reconfigure(cluster, { defaultConfig: { concurrency } });
  }

  async function expectNothingRestarted(work: () => Promise<unknown>, error: object): Promise<void> {
    const before = await cluster.workloads();
    expect(await failureOf(work())).toEqual(error);
    expect(rolledBetween(before, await cluster.workloads())).toEqual([]);
  }

  async function inMesh(namespace: string, labels: object = {}): Promise<void> {
    const metadata = { name: namespace, labels: { 'istio-injection': 'enabled', ...labels } };
    await cluster.client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata });
    await serviceAccountIn(cluster.client, namespace);
  }

  beforeAll(async () => {
    cluster = await MeshCluster.start();
    await cluster.apply(cluster.chart());
    await restartWorkloads(optionsFor());
    await outdate();
  }, 10 * MINUTES);

  afterAll(() => cluster.stop(), MINUTES);

  describe('restarts nothing', () => {
    it(
      'while istiod is down',
      async () => {
        await cluster.istiod.stop();
        try {
          await expectNothingRestarted(() => restartWorkloads(optionsFor(impatient)), {
            code: 'InjectorUnreachable',
            message: expect.stringMatching(
              /^After 1 s, Istio's injection webhook cannot be called for namespace istio-system: Internal error occurred: failed calling webhook "namespace\.sidecar-injector\.istio\.io": failed to call webhook: Post "https:\/\/istiod\.istio-system\.svc:443\/inject\?timeout=10s": dial tcp \S+ connect: connection refused; check that istiod runs and that the API server can reach it, and run again\. Nothing was restarted\.$/,
            ) as string,
          });
        } finally {
          await cluster.istiod.restart();
        }
      },
      MINUTES,
    );

    it(
      'while istiod is down and its webhook lets pods through without a sidecar',
      async () => {
        const object = await cluster.client.get<KubeObject & { webhooks: readonly object[] }>(WEBHOOKS);
        const letThrough = (failurePolicy: string) =>
          cluster.client.patch(WEBHOOKS, {
            webhooks: object.webhooks.map((webhook) => ({ ...webhook, failurePolicy })),
          });
        await cluster.istiod.stop();
        await letThrough('Ignore');
        try {
          await expectNothingRestarted(() => restartWorkloads(optionsFor(impatient)), {
            code: 'InjectorUnreachable',
            message:
              'After 1 s, a probe pod for revision default got no sidecar in namespace istio-system, although the webhook of the revision selects it; check that istiod runs and that the API server can reach it, and run again. Nothing was restarted.',
          });
        } finally {
          await letThrough('Fail');
          await cluster.istiod.restart();
        }
      },
      MINUTES,
    );

    it(
      'while istiod itself is rolled out',
      async () => {
        const istiod = deploymentNamed('istiod', 'istio-system');
        await cluster.istiod.stop();
        await cluster.client.patch(istiod, { spec: { template: { metadata: { annotations: { example: 'new' } } } } });
        await cluster.client.waitFor(istiod, (object) => {
          const { updatedReplicas, replicas } = object?.status as { updatedReplicas?: number; replicas?: number };
          return updatedReplicas === 1 && replicas === 2;
        });
        try {
          await expectNothingRestarted(() => restartWorkloads(optionsFor(impatient)), {
            code: 'ControlPlaneNotReady',
            message:
              'After 1 s, Deployment istio-system/istiod has not finished its rollout (1 old replica pending termination); see why with kubectl -n istio-system describe deployment/istiod, and run again when it is available. Nothing was restarted.',
          });
        } finally {
          await cluster.istiod.restart();
        }
      },
      MINUTES,
    );

    it(
      'when no webhook would inject',
      async () => {
        const { metadata, webhooks } = await cluster.client.get<KubeObject & { webhooks: readonly object[] }>(WEBHOOKS);
        await cluster.client.delete(WEBHOOKS);
        try {
          await expectNothingRestarted(() => restartWorkloads(optionsFor(impatient)), {
            code: 'InjectorMissing',
            message:
              'The cluster has no injection webhook of Istio (no MutatingWebhookConfiguration with a webhook named *.sidecar-injector.istio.io), so every restart would remove a sidecar. Install Istio, or, after an uninstall, run istio-module remove. Nothing was restarted.',
          });
        } finally {
          const { name, labels } = metadata;
          const restored = { ...WEBHOOKS, metadata: { name, labels }, webhooks };
          await cluster.client.create(restored);
        }
      },
      MINUTES,
    );

    it.each([
      [
        'list pods',
        (user: string) =>
          `The cluster refuses GET /api/v1/pods: pods is forbidden: User "${user}" cannot list resource "pods" in API group "" at the cluster scope; grant the verb list on pods, ${AS_GRANTED} Nothing was restarted.`,
      ],
      [
        'create pods',
        (user: string) =>
          `The cluster refuses POST /api/v1/namespaces/istio-system/pods: pods is forbidden: User "${user}" cannot create resource "pods" in API group "" in the namespace "istio-system"; grant the verb create on pods, ${AS_GRANTED} Nothing was restarted.`,
      ],
      [
        'patch statefulsets',
        (_: string, context: string) =>
          `The credentials may not patch statefulsets.apps in namespace shop (context "${context}"); grant that verb, ${AS_GRANTED} Nothing was restarted.`,
      ],
    ])(
      'with credentials that may not %s',
      async (denied, message) => {
        const name = `no-${denied.replace(' ', '-')}`;
        const kubeconfig = await kubeconfigWithout(cluster.controlPlane, cluster.client, name, denied);
        await expectNothingRestarted(() => restartWorkloads(optionsFor({ kubeconfig })), {
          code: 'Forbidden',
          message: message(`system:serviceaccount:default:${name}`, cluster.controlPlane.context),
        });
      },
      MINUTES,
    );

    it('in a context that does not exist', async () => {
      await expectNothingRestarted(() => restartWorkloads(optionsFor({ context: 'production' })), {
        code: 'KubeconfigInvalid',
        message: `The kubeconfig has no context "production"; it has "${cluster.controlPlane.context}".`,
      });
    });

    it(
      'in a cluster that does not answer',
      async () => {
        const proxy = await CutOffProxy.to(cluster.controlPlane);
        proxy.cut();
        const address = proxy.origin.slice('https://'.length);
        await expectNothingRestarted(() => restartWorkloads(optionsFor({ kubeconfig: proxy.kubeconfig })), {
          code: 'ClusterUnreachable',
          message: `The API server ${proxy.origin} (context "${cluster.controlPlane.context}") cannot be reached: connect ECONNREFUSED ${address} (GET /api/v1/namespaces); check the kubeconfig, the context and the network. Nothing was restarted.`,
        });
      },
      MINUTES,
    );
  });

  it(
    'needs no more than the permissions that are tested one by one',
    async () => {
      const kubeconfig = await kubeconfigWithout(cluster.controlPlane, cluster.client, 'restarter');
      const report = await restartWorkloads(optionsFor({ kubeconfig }));
      expect(report.counts).toMatchObject({ restarted: 5, deferred: 0, undetermined: 0 });
    },
    MINUTES,
  );

  it(
    'that loses its cluster half-way says what it did, and a second run does the rest and nothing twice',
    async () => {
      const cart = deploymentNamed('cart');
      await cluster.client.patch(cart, {
        spec: { replicas: 1, template: { metadata: { annotations: { [readyAfterAnnotation]: '6s' } } } },
      });
      await cluster.client.waitFor(cart, isDone);
      await outdate();
      const before = await cluster.workloads();
      const proxy = await CutOffProxy.to(cluster.controlPlane);
      const run = restartWorkloads(optionsFor({ kubeconfig: proxy.kubeconfig, maxConcurrent: 1 }));
      const outcome = failureOf(run);
      const begun = (before['Deployment/shop/cart']?.generation ?? 0) + 1;
      await cluster.client.waitFor(cart, (object) => object?.metadata.generation === begun);
      proxy.cut();
      expect(await outcome).toEqual({
        code: 'ClusterUnreachable',
        message: expect.stringMatching(
          /^The API server \S+ \(context "\S+"\) cannot be reached: [^;]+ \(GET \/apis\/apps\/v1\/namespaces\/shop\/deployments\/cart\); check the kubeconfig, the context and the network\. Restarted before the error: DaemonSet shop\/agent\. Started, but not confirmed complete: Deployment shop\/cart\.$/,
        ) as string,
      });
      const between = await cluster.workloads();
      expect(rolledBetween(before, between)).toEqual(['DaemonSet/shop/agent', 'Deployment/shop/cart']);

      const report = await restartWorkloads(optionsFor());
      const after = await cluster.workloads();
      expect(report.restarted.map(({ name }) => name)).toEqual(['reviews-v1', 'reviews-v2', 'db']);
      expect(after['DaemonSet/shop/agent']).toEqual(between['DaemonSet/shop/agent']);
      expect(after['Deployment/shop/cart']).toMatchObject({ generation: begun, pods: [{}] });
      expect(rolledBetween(before, after)).toEqual(SAMPLE_WORKLOADS);
    },
    2 * MINUTES,
  );

  it(
    'leaves alone what quota or Pod Security would refuse, says why, and restarts the rest',
    async () => {
      // The first namespace by name, in which the injector would be probed.
      await inMesh('a-tight-one');
      await inMesh('strict');
      for (const [name, namespace] of [
        ['full', 'a-tight-one'],
        ['root', 'strict'],
      ] as const) {
        await cluster.client.apply(smallDeployment(name, namespace));
        await cluster.client.waitFor(deploymentNamed(name, namespace), isDone);
      }
      const metadata = { name: 'one', namespace: 'a-tight-one' };
      const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard: { pods: '1' } } };
      await cluster.client.apply(quota);
      await cluster.client.waitFor(
        quota,
        (object) => (object?.status as { used?: { pods?: string } } | undefined)?.used?.pods === '1',
      );
      await inMesh('strict', { 'pod-security.kubernetes.io/enforce': 'restricted' });
      await outdate();
      const refused = await cluster.workloads(['a-tight-one', 'strict']);
      const before = await cluster.workloads();
      const report = await restartWorkloads(optionsFor());
      expect(rolledBetween(before, await cluster.workloads())).toEqual(SAMPLE_WORKLOADS);
      expect(report.undetermined).toMatchObject([
        {
          name: 'full',
          reason: 'DryRunDenied',
          message: expect.stringMatching(
            /^its sidecar cannot be compared, since a new pod would be refused: pods "full-\S+" is forbidden: exceeded quota: one, requested: pods=1, used: pods=1, limited: pods=1$/,
          ) as string,
          remedy: 'kubectl describe namespace a-tight-one',
        },
        {
          name: 'root',
          reason: 'DryRunDenied',
          message: expect.stringMatching(
            /^its sidecar cannot be compared, since a new pod would be refused: pods "root-\S+" is forbidden: violates PodSecurity "restricted:latest": .*runAsNonRoot/,
          ) as string,
          remedy: 'kubectl describe namespace strict',
        },
      ]);
      expect(await cluster.workloads(['a-tight-one', 'strict'])).toEqual(refused);
    },
    2 * MINUTES,
  );

  it(
    'does not fail because of a workload that is deleted while it rolls out, and does not create it again',
    async () => {
      await cluster.client.apply(smallDeployment('doomed', 'shop', { annotations: { [readyAfterAnnotation]: '5s' } }));
      const doomed = deploymentNamed('doomed');
      await cluster.client.waitFor(doomed, isDone);
      await outdate();
      const run = restartWorkloads(optionsFor());
      await cluster.client.waitFor(doomed, (object) => object?.metadata.generation === 2);
      await cluster.client.delete(doomed);
      const report = await run;
      expect(report.restarted.map(({ name }) => name)).toEqual(['agent', 'cart', 'reviews-v1', 'reviews-v2', 'db']);
      expect(await cluster.client.find(doomed)).toBeUndefined();
    },
    2 * MINUTES,
  );

  describe('with a workload whose new pods never become ready', () => {
    const stuck = 'Deployment shop/a-stuck-one';
    const because = (failed: number, others: string) =>
      new RegExp(
        `^${String(failed)} ${failed === 1 ? 'workload was' : 'workloads were'} not brought up to date: ${stuck}: progress deadline exceeded: ReplicaSet "a-stuck-one-\\S+" has timed out progressing${others}\\. See why with kubectl -n shop describe deployment/a-stuck-one, and run again. Workloads that are up to date by then are skipped\\. Restarted before the error: (.*)\\.$`,
      );

    beforeEach(async () => {
      const annotations = { [readyAfterAnnotation]: 'never' };
      await cluster.client.apply(smallDeployment('a-stuck-one', 'shop', { annotations, progressDeadlineSeconds: 3 }));
      await until(
        async () => (await cluster.workloads())['Deployment/shop/a-stuck-one']?.pods[0]?.image !== undefined,
        'the workload having a pod with a sidecar',
      );
      // Its first pod is made ready: a workload that failed before the run does not keep others from being restarted.
      await makeReady(cluster.client, 'shop', 'a-stuck-one');
      await outdate();
    }, MINUTES);

    afterEach(async () => {
      await cluster.client.delete(deploymentNamed('a-stuck-one'));
      await until(
        async () => (await cluster.workloads())['Deployment/shop/a-stuck-one'] === undefined,
        'the workload being gone',
      );
    }, MINUTES);

    it(
      'fails, naming it, and starts nothing after it',
      async () => {
        const before = await cluster.workloads();
        expect(await failureOf(restartWorkloads(optionsFor({ maxConcurrent: 1 })))).toEqual({
          code: 'RolloutFailed',
          message: expect.stringMatching(
            because(
              5,
              ['cart', 'reviews-v1', 'reviews-v2']
                .map((name) => `; Deployment shop/${name}: not started, since an earlier rollout failed`)
                .join('') + '; StatefulSet shop/db: not started, since an earlier rollout failed',
            ),
          ) as string,
        });
        expect(rolledBetween(before, await cluster.workloads())).toEqual([
          'DaemonSet/shop/agent',
          'Deployment/shop/a-stuck-one',
        ]);
      },
      MINUTES,
    );

    it(
      'fails, naming it, after the others are done when told to continue, and does not touch it again',
      async () => {
        const before = await cluster.workloads();
        const run = () => restartWorkloads(optionsFor({ maxConcurrent: 1, onFailure: 'continue' }));
        expect(await failureOf(run())).toEqual({
          code: 'RolloutFailed',
          message: expect.stringMatching(because(1, '')) as string,
        });
        const after = await cluster.workloads();
        expect(rolledBetween(before, after)).toEqual([
          SAMPLE_WORKLOADS[0],
          'Deployment/shop/a-stuck-one',
          ...SAMPLE_WORKLOADS.slice(1),
        ]);
        await run().catch(() => undefined);
        expect(rolledBetween(after, await cluster.workloads())).toEqual([]);
      },
      2 * MINUTES,
    );
  });

  it(
    'of workloads whose revision has no webhook is refused, for they would lose their sidecars',
    async () => {
      const legacy = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'legacy' } };
      const label = (labels: Readonly<Record<string, string | null>>) =>
        cluster.client.patch(legacy, { metadata: { labels } });
      await label({ 'istio-injection': 'enabled' });
      await restartWorkloads(optionsFor());
      await label({ 'istio-injection': null, 'istio.io/rev': 'ghost' });
      await outdate();
      await expectNothingRestarted(() => restartWorkloads(optionsFor()), {
        code: 'SidecarsWouldBeRemoved',
        message:
          '1 workload requests injection but would come back without a sidecar (Deployment legacy/ledger). Check that the injection webhook of their revision exists and selects them; to take them out of the mesh, label their namespace istio-injection=disabled. Nothing was restarted.',
      });
    },
    MINUTES,
  );
});
