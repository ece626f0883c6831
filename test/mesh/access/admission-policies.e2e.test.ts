import { ServiceAccount } from 'cdk8s-plus-27';
import { SidecarRestartAccess } from 'istio-module';
import { planRestarts, restartWorkloads, type RestartReport } from 'istio-module/engine';
import { KubeClient, type KubeObject, type ObjectReference, until } from '../../control-plane/kube-client';
import { shopNamespace } from '../../control-plane/sample-workloads';
import { FakeArgoRollouts } from '../../e2e/fake-argo-rollouts';
import { MeshCluster } from '../../e2e/mesh-cluster';
import { reconfigure } from '../../e2e/reconfigure';
import { pod, workload } from '../../e2e/workload';
import { emptyChart, synthesized } from '../synthesis';

const MINUTES = 60_000;
const ACCOUNT = 'restarter';
const RESTARTED_AT = 'kubectl.kubernetes.io/restartedAt';
const AT = '2026-01-01T00:00:00Z';
const KINDS = [
  ['apps/v1', 'Deployment', 'cart'],
  ['apps/v1', 'StatefulSet', 'db'],
  ['apps/v1', 'DaemonSet', 'agent'],
  ['argoproj.io/v1alpha1', 'Rollout', 'shipped'],
] as const;

interface Policy extends KubeObject {
  readonly status?: { readonly observedGeneration?: number; readonly typeChecking?: object };
}

interface NamedContainer {
  readonly name: string;
}

interface PodSpec {
  readonly containers: readonly NamedContainer[];
  readonly initContainers: readonly NamedContainer[];
}

/** The configuration does not change during the tests, so there is nothing to wait for. */
const injector = { settleSeconds: 0, probes: 1, deadlineSeconds: 30 };

describe('the admission policies of SidecarRestartAccess', () => {
  let cluster: MeshCluster;
  let argo: FakeArgoRollouts;
  let kubeconfig: string;
  let restarter: KubeClient;
  let granted: readonly ObjectReference[];
  let first: RestartReport;

  const named = (apiVersion: string, kind: string, name: string): ObjectReference => ({
    ...{ apiVersion, kind, metadata: { name, namespace: shopNamespace } },
  });
  const peerAuthentication = (name: string, mode: string): ObjectReference & { readonly spec: object } => ({
    ...named('security.istio.io/v1', 'PeerAuthentication', name),
    spec: { mtls: { mode } },
  });
  const bare = (name: string) => pod(name, { namespace: shopNamespace });
  const refusal = async (request: Promise<unknown>): Promise<string> =>
    request.then(
      () => 'let through',
      (error: unknown) => (error as Error).message,
    );

  beforeAll(async () => {
    cluster = await MeshCluster.start();
    const { client, controlPlane } = cluster;
    argo = await FakeArgoRollouts.start(client);
    const [apiVersion, kind, name] = KINDS[3];
    await client.apply(workload(apiVersion, kind, name, { namespace: shopNamespace, spec: { replicas: 2 } }));
    await client.apply({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: ACCOUNT, namespace: shopNamespace },
    });
    await cluster.apply(cluster.chart());
    const chart = emptyChart();
    const subject = ServiceAccount.fromServiceAccountName(chart, 'user', ACCOUNT, { namespaceName: shopNamespace });
    new SidecarRestartAccess(chart, 'restarter', { subjects: [subject], admissionPolicy: true, inPlace: true });
    granted = synthesized(chart);
    for (const object of granted) {
      await client.apply(object);
    }
    kubeconfig = await controlPlane.kubeconfigOf(shopNamespace, ACCOUNT);
    restarter = await KubeClient.connect(kubeconfig);
    // A policy is enforced a moment after it is created.
    await until(
      async () => (await refusal(restarter.create(bare('probe')))).includes('ValidatingAdmissionPolicy'),
      'the admission policies being in force',
      { timeoutSeconds: 60 },
    );
    await client.delete(bare('probe'));
    first = await restartWorkloads({ kubeconfig, injector });
  }, 6 * MINUTES);

  afterAll(async () => {
    restarter.close();
    await argo.stop();
    await cluster.stop();
  }, MINUTES);

  test('are of the types that the API server has', async () => {
    const policies = granted.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy');
    expect(policies).toHaveLength(4);
    for (const policy of policies) {
      await cluster.client.waitFor(policy, (object) => (object as Policy).status?.observedGeneration === 1);
      const { status } = await cluster.client.get<Policy>(policy);
      expect(status?.typeChecking).toEqual({});
    }
  });

  test('let a run restart every kind, and begin and end a transition', async () => {
    expect(first.restarted.map(({ kind, name }) => `${kind}/${name}`).sort()).toEqual([
      'DaemonSet/agent',
      'Deployment/cart',
      'Deployment/reviews-v1',
      'Deployment/reviews-v2',
      'Rollout/shipped',
      'StatefulSet/db',
    ]);
    expect(first.transitions).toContainEqual(expect.objectContaining({ namespace: shopNamespace, state: 'ended' }));
    const policies = await cluster.client.list('security.istio.io/v1', 'PeerAuthentication');
    expect(policies.map(({ metadata }) => metadata.name)).not.toContain('istio-module-transition');
  });

  test(
    'let a run record what the restart was for',
    async () => {
      const binding = granted.find(({ kind }) => kind === 'RoleBinding') as ObjectReference;
      await cluster.client.delete(binding);
      await reconfigure(cluster, { proxyResources: { requests: { cpu: '130m' } } });
      await until(
        async () => {
          const { notes, workloads } = await planRestarts({ kubeconfig, injector });
          return notes !== undefined && workloads.some(({ decision }) => decision === 'restart');
        },
        'the change being in force, and the right to ask the injector being gone',
        { timeoutSeconds: 60 },
      );
      const { restarted } = await restartWorkloads({ kubeconfig, injector });
      expect(restarted).toHaveLength(6);
      for (const [apiVersion, kind, name] of KINDS) {
        const { metadata } = await cluster.client.get(named(apiVersion, kind, name));
        expect(metadata.annotations).toHaveProperty(['istio-module/restarted-for']);
      }
    },
    3 * MINUTES,
  );

  test('let pods be created as a dry run, and not otherwise', async () => {
    const path = `/api/v1/namespaces/${shopNamespace}/pods`;
    expect(await restarter.raw('POST', `${path}?dryRun=All`, bare('own'))).toMatchObject({ kind: 'Pod' });
    const privileged = { containers: [{ name: 'app', image: 'app:1', securityContext: { privileged: true } }] };
    for (const object of [bare('own'), pod('own', { namespace: shopNamespace, podSpec: privileged })]) {
      expect(await refusal(restarter.create(object))).toContain(
        "ValidatingAdmissionPolicy 'restarter-dry-runs' with binding 'restarter-dry-runs' denied request: SidecarRestartAccess restarter allows pods to be created as a dry run only (dryRun=All)",
      );
    }
    expect(await cluster.client.find(bare('own'))).toBeUndefined();
  });

  describe.each(KINDS)('of %s %s', (apiVersion, kind, name) => {
    const template = (change: object) => ({ spec: { template: change } });
    const image = { spec: { containers: [{ name: 'app', image: 'evil:1' }] } };
    const annotated = { metadata: { annotations: { [RESTARTED_AT]: AT } } };
    const restart = kind === 'Rollout' ? { spec: { restartAt: AT } } : template(annotated);
    const restartWithImage =
      kind === 'Rollout' ? { spec: { restartAt: AT, template: image } } : template({ ...annotated, ...image });

    test.each<[string, object]>([
      ['an image', template(image)],
      ['the account of its pods', template({ spec: { serviceAccountName: 'admin' } })],
      ['a label of its pods', template({ metadata: { labels: { extra: 'x' } } })],
      ['an annotation of its pods', template({ metadata: { annotations: { 'sidecar.istio.io/inject': 'false' } } })],
      ['a field of its spec', { spec: { minReadySeconds: 7 } }],
      ...(kind === 'DaemonSet' ? [] : [['replicas', { spec: { replicas: 0 } }] satisfies [string, object]]),
      ...(kind === 'Rollout' ? [['a restart of its template', template(annotated)] satisfies [string, object]] : []),
      ['a label', { metadata: { labels: { extra: 'x' } } }],
      ['an annotation', { metadata: { annotations: { 'istio-module/restart': 'disabled' } } }],
      ['finalizers', { metadata: { finalizers: ['example.com/held'] } }],
      ['an image with a restart', restartWithImage],
    ])('refuse %s', async (_, change) => {
      const reference = named(apiVersion, kind, name);
      const before = await cluster.client.get(reference);
      expect(await refusal(restarter.patch(reference, change))).toMatch(
        /ValidatingAdmissionPolicy 'restarter-restarts' .* denied request: SidecarRestartAccess restarter allows only .* to change in /,
      );
      expect((await cluster.client.get(reference)).metadata.generation).toBe(before.metadata.generation);
    });

    test('let the restart alone through', async () => {
      expect(await refusal(restarter.patch(named(apiVersion, kind, name), restart))).toBe('let through');
    });

    test('let others change an image', async () => {
      const { metadata } = await cluster.client.patch(named(apiVersion, kind, name), {
        ...{ metadata: { labels: { by: 'another' } } },
        ...template({ spec: { containers: [{ name: 'app', image: 'app:2' }] } }),
      });
      expect(metadata.labels).toMatchObject({ by: 'another' });
    });
  });

  test('let native sidecars change in running pods, and nothing else of these', async () => {
    const reference = bare('running');
    await cluster.client.create(reference);
    const { spec } = await cluster.client.get<KubeObject & { readonly spec: PodSpec }>(reference);
    expect(spec.initContainers.map(({ name }) => name)).toContain('istio-proxy');
    const withImage = (containers: readonly NamedContainer[], name: string) =>
      containers.map((one) => (one.name === name ? { ...one, image: 'other:1' } : one));
    const nothingElse = 'allows only the native sidecars of a pod to change';
    for (const [refused, allowed] of [
      [{ spec: { containers: withImage(spec.containers, spec.containers[0]?.name ?? '') } }, nothingElse],
      [{ metadata: { labels: { extra: 'x' } } }, nothingElse],
      [
        { spec: { initContainers: withImage(spec.initContainers, 'istio-validation') } },
        'allows changes to init containers only in the image and resources of native sidecars that Istio has injected',
      ],
    ] as const) {
      const denied = await refusal(restarter.patch(reference, refused));
      expect(denied).toContain("ValidatingAdmissionPolicy 'restarter-in-place'");
      expect(denied).toContain(allowed);
    }
    const update = { spec: { initContainers: withImage(spec.initContainers, 'istio-proxy') } };
    expect(await refusal(restarter.patch(reference, update))).toBe('let through');
    await cluster.client.delete(reference);
  });

  test('refuse PeerAuthentications other than that of a transition', async () => {
    const { client } = cluster;
    const denied = /ValidatingAdmissionPolicy 'restarter-transitions' .* allows only the PeerAuthentication/;
    expect(await refusal(restarter.create(peerAuthentication('own', 'DISABLE')))).toMatch(denied);
    expect(await refusal(restarter.create(peerAuthentication('istio-module-transition', 'PERMISSIVE')))).toMatch(
      denied,
    );
    await client.create(peerAuthentication('theirs', 'STRICT'));
    expect(await refusal(restarter.delete(peerAuthentication('theirs', 'STRICT')))).toMatch(denied);
    expect(await client.find(peerAuthentication('theirs', 'STRICT'))).toBeDefined();
    await client.delete(peerAuthentication('theirs', 'STRICT'));
  });

  test('let others create pods', async () => {
    expect(await refusal(cluster.client.create(bare('of-another')))).toBe('let through');
    await cluster.client.delete(bare('of-another'));
  });
});
