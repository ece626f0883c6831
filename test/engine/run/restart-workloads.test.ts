import { KubernetesApi } from '../../../lib/engine/cluster/api';
import { FIELD_MANAGER } from '../../../lib/engine/cluster/field-manager';
import { eventLines } from '../../../lib/engine/report/event-lines';
import { planRestarts } from '../../../lib/engine/run/plan-restarts';
import { removeSidecars, restartWorkloads } from '../../../lib/engine/run/restart-workloads';
import { refusal, type FakeRequest } from '../fake-api-server';
import {
  argoRollout,
  deployment,
  IMAGE,
  injected,
  OLD_IMAGE,
  statefulSet,
  type ClusterObject,
} from '../cluster-builder';
import { FakeCluster, type FakeClusterOptions } from '../fake-cluster';
import { optionsFor, SHOP, startMesh } from '../fake-mesh';

describe('restartWorkloads', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  });

  async function withCluster(
    objects: readonly ClusterObject[],
    options: FakeClusterOptions = {},
  ): Promise<FakeCluster> {
    cluster = await startMesh(objects, options);
    return cluster;
  }

  test('restarts what is out of date, leaves the rest alone, and says so', async () => {
    const fake = await withCluster([...deployment('cart'), ...deployment('fresh', { proxies: [IMAGE] })]);
    const lines: string[] = [];
    const report = await restartWorkloads(optionsFor(fake, { onEvent: eventLines((line) => lines.push(line)) }));
    expect(report).toMatchObject({
      schemaVersion: 1,
      restarted: [{ namespace: 'shop', kind: 'Deployment', name: 'cart' }],
      counts: { restarted: 1, waited: 0, current: 2, warned: 0, skipped: 0, deferred: 0, undetermined: 0 },
      rounds: 1,
    });
    expect(fake.patched).toEqual(['shop/cart']);
    expect(lines).toEqual(['rolling out 1 workload', '1/1 Deployment shop/cart: restarted']);
  });

  test('patches the restart annotation alone, with a field manager of its own, on exactly the object it planned for', async () => {
    const fake = await withCluster(deployment('cart'));
    await restartWorkloads(optionsFor(fake));
    const [{ query, body }] = fake.patches as [FakeRequest];
    expect(query.get('fieldManager')).toBe(FIELD_MANAGER);
    expect(body).toEqual({
      metadata: { uid: 'uid-Deployment-shop-cart', resourceVersion: '1' },
      spec: {
        template: {
          metadata: {
            annotations: { 'kubectl.kubernetes.io/restartedAt': expect.stringMatching(/^\d{4}-.*Z$/) as string },
          },
        },
      },
    });
  });

  test('replaces no pods twice when a rollout ends between the list of pods and the list of their owners', async () => {
    const [object, set, present] = deployment('cart', { proxies: [IMAGE] }) as [
      ClusterObject,
      ClusterObject,
      ClusterObject,
    ];
    const [, , old] = deployment('cart') as [ClusterObject, ClusterObject, ClusterObject];
    const before = { ...old, metadata: { ...old.metadata, name: 'cart-0-0', uid: 'uid-gone' } };
    let lists = 0;
    const fake = await withCluster([object, set, present], {
      intercept: ({ path }) =>
        path === '/api/v1/pods' && lists++ === 0 ? { body: { items: [before, present] } } : undefined,
    });
    const { restarted, waited, counts } = await restartWorkloads(optionsFor(fake));
    expect({ restarted, waited }).toEqual({
      restarted: [],
      waited: [{ namespace: 'shop', kind: 'Deployment', name: 'cart' }],
    });
    expect(counts).toMatchObject({ current: 1 });
    expect(fake.patches).toEqual([]);
  });

  test('restarts a Rollout of Argo by its own field, and its template stays', async () => {
    const fake = await withCluster(argoRollout('cart'));
    const { restarted } = await restartWorkloads(optionsFor(fake));
    expect(restarted).toMatchObject([{ kind: 'Rollout', namespace: 'shop', name: 'cart' }]);
    expect(fake.patches.map(({ path, body }) => ({ path, body }))).toEqual([
      {
        path: '/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/cart',
        body: {
          metadata: { uid: 'uid-Rollout-shop-cart', resourceVersion: '1' },
          spec: { restartAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string },
        },
      },
    ]);
  });

  test('asks for no kind of workload that owns nothing', async () => {
    const fake = await withCluster(statefulSet('db'));
    await planRestarts(optionsFor(fake));
    const listed = fake.server.requests.map(({ path }) => path).filter((path) => path.startsWith('/apis/a'));
    expect([...new Set(listed)]).toEqual(expect.arrayContaining(['/apis/apps/v1/statefulsets']));
    expect(listed).not.toContain('/apis/argoproj.io/v1alpha1/rollouts');
    expect(listed).not.toContain('/apis/apps/v1/daemonsets');
  });

  test('does nothing a second time', async () => {
    const fake = await withCluster(deployment('cart'));
    await restartWorkloads(optionsFor(fake));
    const report = await restartWorkloads(optionsFor(fake));
    expect(report).toMatchObject({ restarted: [], rounds: 0 });
    expect(fake.patches).toHaveLength(1);
  });

  test('changes nothing when only a plan is wanted', async () => {
    const fake = await withCluster(deployment('cart'));
    expect((await planRestarts(optionsFor(fake))).workloads).toMatchObject([{ name: 'cart', decision: 'restart' }]);
    expect(fake.patches).toHaveLength(0);
  });

  test('reports what it may not restart as a warning', async () => {
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 1 } };
    const fake = await withCluster(statefulSet('db', { spec: { updateStrategy }, proxies: [OLD_IMAGE] }));
    expect(await restartWorkloads(optionsFor(fake))).toMatchObject({
      restarted: [],
      warnings: [{ reason: 'Partitioned' }],
    });
  });

  test('fails with every workload that failed, and starts no further one', async () => {
    const fake = await withCluster([...deployment('a'), ...deployment('b'), ...deployment('c')], {
      fates: { b: 'fails' },
    });
    await expect(restartWorkloads(optionsFor(fake, { maxConcurrent: 1 }))).rejects.toMatchObject({
      code: 'RolloutFailed',
      message:
        '2 workloads were not brought up to date: Deployment shop/b: progress deadline exceeded: ReplicaSet has timed out progressing; Deployment shop/c: not started, since an earlier rollout failed. See why with kubectl -n shop describe deployment/b, and run again. Workloads that are up to date by then are skipped. Restarted before the error: Deployment shop/a.',
    });
    expect(fake.patched).toEqual(['shop/a', 'shop/b']);
  });

  test('has what it had done as data, beside the message', async () => {
    const fake = await withCluster([...deployment('a'), ...deployment('b')], { fates: { a: 'fails' } });
    await expect(restartWorkloads(optionsFor(fake, { maxConcurrent: 1 }))).rejects.toMatchObject({
      message: expect.not.stringContaining('Nothing was restarted') as string,
      done: { restarted: [], begun: ['Deployment shop/a'], notStarted: ['Deployment shop/b'] },
    });
  });

  test('goes on after a failure when told so', async () => {
    const fake = await withCluster([...deployment('a'), ...deployment('b')], { fates: { a: 'fails' } });
    await expect(restartWorkloads(optionsFor(fake, { maxConcurrent: 1, onFailure: 'continue' }))).rejects.toThrow(
      /^1 workload was not brought up to date: Deployment shop\/a: progress deadline exceeded/,
    );
    expect(fake.patched).toEqual(['shop/a', 'shop/b']);
  });

  test('gives up after three rounds on what stays out of date', async () => {
    // With each plan, new pods get another version.
    let plans = 0;
    const fake = await withCluster(deployment('cart'), {
      intercept: ({ path }) => {
        plans += Number(path === '/api/v1/pods');
        return undefined;
      },
      inject: (pod) => ({
        ...pod,
        spec: { ...pod.spec, containers: [{ name: 'istio-proxy', image: `proxy:${String(plans)}` }] },
      }),
    });
    await expect(restartWorkloads(optionsFor(fake))).rejects.toThrow(
      /^1 workload was not brought up to date: Deployment shop\/cart: still out of date after 3 rounds: /,
    );
    expect(fake.patches).toHaveLength(3);
    // Each patch changes something, even within one second.
    expect(new Set(fake.patches.map(({ body }) => JSON.stringify(body))).size).toBe(3);
  });

  describe('restarts nothing', () => {
    test('when the injector would remove sidecars that are meant to stay', async () => {
      const inject: FakeClusterOptions['inject'] = (pod) =>
        !('name' in pod.metadata) && JSON.stringify(pod).includes('istio-module-probe')
          ? { ...pod, spec: { containers: [{ name: 'istio-proxy', image: IMAGE }] } }
          : pod;
      const fake = await withCluster([...deployment('cart'), ...deployment('bill'), ...deployment('pay')], { inject });
      await expect(restartWorkloads(optionsFor(fake))).rejects.toMatchObject({
        code: 'SidecarsWouldBeRemoved',
        message:
          '3 workloads request injection but would come back without a sidecar (Deployment shop/bill, Deployment shop/cart, Deployment shop/pay). Check that the injection webhook of their revision exists and selects them; to take them out of the mesh, label their namespace istio-injection=disabled. Nothing was restarted.',
      });
      expect(fake.patches).toHaveLength(0);
    });

    test('when the permission to patch is missing in one namespace', async () => {
      const denied = { body: { status: { allowed: false } } };
      const fake = await withCluster(deployment('cart'), {
        intercept: ({ path }) => (path.endsWith('selfsubjectaccessreviews') ? denied : undefined),
      });
      await expect(restartWorkloads(optionsFor(fake))).rejects.toMatchObject({
        code: 'Forbidden',
        message:
          'The credentials may not patch deployments.apps in namespace shop (context "fake"); grant that verb, as a SidecarRestartAccess does (see Permissions in the README). Nothing was restarted.',
      });
      expect(fake.patches).toHaveLength(0);
    });

    test('when RBAC denies what the plan reads', async () => {
      const message = 'pods is forbidden: User "me" cannot list resource "pods" in API group "" at the cluster scope';
      const fake = await withCluster(deployment('cart'), {
        intercept: ({ path }) => (path === '/api/v1/pods' ? refusal(403, 'Forbidden', message) : undefined),
      });
      await expect(restartWorkloads(optionsFor(fake))).rejects.toMatchObject({
        code: 'Forbidden',
        message: `The cluster refuses GET /api/v1/pods: ${message}; grant the verb list on pods, as a SidecarRestartAccess does (see Permissions in the README). Nothing was restarted.`,
      });
    });

    test('when RBAC denies dry runs', async () => {
      const message =
        'pods is forbidden: User "me" cannot create resource "pods" in API group "" in the namespace "shop"';
      const fake = await withCluster(deployment('cart'), {
        inject: () => refusal(403, 'Forbidden', message),
        relays: false,
      });
      await expect(restartWorkloads(optionsFor(fake))).rejects.toMatchObject({ code: 'Forbidden' });
    });

    test('when the API server fails otherwise', async () => {
      const pause = jest.spyOn(KubernetesApi.prototype, 'pause').mockResolvedValue();
      const fake = await withCluster([], {
        intercept: ({ path }) => (path === '/api/v1/pods' ? refusal(500, 'InternalError', 'etcd is full') : undefined),
      });
      await expect(restartWorkloads(optionsFor(fake))).rejects.toMatchObject({
        code: 'UnexpectedAnswer',
        message:
          "The API server refuses GET /api/v1/pods with status 500: etcd is full; check the API server's log for the reason. Nothing was restarted.",
      });
      pause.mockRestore();
    });

    test('when the cluster has no injection webhook', async () => {
      cluster = await FakeCluster.start([SHOP, ...deployment('cart')]);
      await expect(planRestarts(optionsFor(cluster))).rejects.toMatchObject({
        message: expect.not.stringContaining('restarted') as string,
        done: undefined,
      });
      await expect(restartWorkloads(optionsFor(cluster))).rejects.toMatchObject({
        code: 'InjectorMissing',
        done: { restarted: [], begun: [], notStarted: [] },
        message:
          'The cluster has no injection webhook of Istio (no MutatingWebhookConfiguration with a webhook named *.sidecar-injector.istio.io), so every restart would remove a sidecar. Install Istio, or, after an uninstall, run istio-module remove. Nothing was restarted.',
      });
      expect(cluster.patches).toHaveLength(0);
    });
  });

  test('ends when its credentials expire, and says which rollouts continue without it', async () => {
    const fake = await withCluster(
      ['a', 'b', 'c'].flatMap((name) => deployment(name)),
      {
        fates: { b: 'hangs' },
        intercept: ({ method, path }, { patched }) =>
          method === 'GET' && path.endsWith('/deployments/b') && patched.includes('shop/b')
            ? refusal(401, 'Unauthorized', 'Unauthorized')
            : undefined,
      },
    );
    const run = restartWorkloads(optionsFor(fake, { maxConcurrent: 1, onFailure: 'continue', events: false }));
    await expect(run).rejects.toMatchObject({
      code: 'Forbidden',
      message: expect.stringMatching(
        /^The cluster refuses GET \S+\/deployments\/b: Unauthorized; .*\. Restarted before the error: Deployment shop\/a\. Started, but not confirmed complete: Deployment shop\/b\.$/,
      ) as string,
    });
    expect(fake.patched).toEqual(['shop/a', 'shop/b']);
  });

  test('leaves out a pod that goes away while its template is read', async () => {
    const [, ...pods] = deployment('cart').slice(1);
    const orphan = pods.map((one) => ({
      ...one,
      metadata: {
        ...one.metadata,
        ownerReferences: [
          { apiVersion: 'v1', kind: 'ReplicationController', name: 'gone', uid: 'uid-gone', controller: true },
        ],
      },
    }));
    const fake = await withCluster(orphan, {
      intercept: ({ path }) =>
        /\/namespaces\/shop\/pods\/./.test(path) ? refusal(404, 'NotFound', 'not found') : undefined,
    });
    expect(await restartWorkloads(optionsFor(fake))).toMatchObject({ warnings: [], rounds: 0 });
  });

  test('removeSidecars needs no injector, and restarts what still carries a sidecar', async () => {
    cluster = await FakeCluster.start([SHOP, ...deployment('cart'), ...deployment('plain', { proxies: [undefined] })], {
      inject: (pod) => pod,
    });
    expect(await removeSidecars(optionsFor(cluster))).toMatchObject({ restarted: [{ name: 'cart' }], rounds: 1 });
    expect(cluster.patched).toEqual(['shop/cart']);
    expect(await removeSidecars(optionsFor(cluster))).toMatchObject({ restarted: [], rounds: 0 });
  });

  test('stops on request, and says what was restarted and what was begun before', async () => {
    const stop = new AbortController();
    const fake = await withCluster([...deployment('a'), ...deployment('b'), ...deployment('c')], {
      fates: { b: 'hangs' },
      intercept: ({ method, path }, { patched }) => {
        if (method === 'GET' && path.endsWith('/deployments/b') && patched.includes('shop/b')) {
          stop.abort();
        }
        return undefined;
      },
    });
    await expect(restartWorkloads(optionsFor(fake, { maxConcurrent: 1, signal: stop.signal }))).rejects.toMatchObject({
      code: 'Aborted',
      message:
        'Stopped on request; run again to continue. Restarted before the error: Deployment shop/a. Started, but not confirmed complete: Deployment shop/b.',
    });
    expect(fake.patched).toEqual(['shop/a', 'shop/b']);
  });

  describe('that is refused half-way says what was restarted before', () => {
    test.each([
      [
        403,
        'pods is forbidden: User "me" cannot list resource "pods" in API group "" at the cluster scope',
        'Forbidden',
        'The cluster refuses GET /api/v1/pods: pods is forbidden: User "me" cannot list resource "pods" in API group "" at the cluster scope; grant the verb list on pods, as a SidecarRestartAccess does (see Permissions in the README).',
      ],
      [
        400,
        'the request is malformed',
        'UnexpectedAnswer',
        "The API server refuses GET /api/v1/pods with status 400: the request is malformed; check the API server's log for the reason.",
      ],
    ])('with status %d', async (status, message, code, sentence) => {
      const fake = await withCluster(deployment('cart'), {
        intercept: ({ path }, { patches }) =>
          path === '/api/v1/pods' && patches.length > 0 ? refusal(status, 'No', message) : undefined,
      });
      await expect(restartWorkloads(optionsFor(fake))).rejects.toMatchObject({
        code,
        message: `${sentence} Restarted before the error: Deployment shop/cart.`,
        done: { restarted: ['Deployment shop/cart'], begun: [], notStarted: [] },
      });
    });
  });

  test('that stops half-way names a workload whose rollout has failed until then', async () => {
    const stop = new AbortController();
    const fake = await withCluster([...deployment('a'), ...deployment('b')], {
      fates: { a: 'fails', b: 'hangs' },
      intercept: ({ method, path }, { server }) => {
        const failed = server.requests.some((request) => request.method === 'POST' && request.path.endsWith('/events'));
        if (failed && method === 'GET' && path.endsWith('/deployments/b')) {
          stop.abort();
        }
        return undefined;
      },
    });
    await expect(restartWorkloads(optionsFor(fake, { signal: stop.signal }))).rejects.toMatchObject({
      code: 'Aborted',
      message:
        'Stopped on request; run again to continue. Started, but not confirmed complete: Deployment shop/a, Deployment shop/b.',
    });
  });

  test('does not treat a failure of the API server as a refusal of a pod', async () => {
    let failures = 1;
    const fake = await withCluster(deployment('cart'), {
      inject: (pod, namespace) =>
        pod.metadata.ownerReferences && failures-- > 0
          ? refusal(500, 'InternalError', 'etcdserver: leader changed')
          : namespace
            ? injected(pod, IMAGE)
            : pod,
    });
    expect(await restartWorkloads(optionsFor(fake))).toMatchObject({ restarted: [{ name: 'cart' }], undetermined: [] });
  });
});
