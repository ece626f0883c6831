import { planRestarts } from '../../../lib/engine/run/plan-restarts';
import { removeSidecars, restartWorkloads } from '../../../lib/engine/run/restart-workloads';
import type { RunEvent } from '../../../lib/engine/run/run-event';
import { refuseForeignResources } from '../../../lib/engine/istio/foreign-resources';
import { KubernetesApi } from '../../../lib/engine/cluster/api';
import { transitionPolicy } from '../../../lib/engine/istio/mutual-tls/transition-policy';
import { deployment, IMAGE, injected, istiodService, meshNamespace, type ClusterObject } from '../cluster-builder';
import { refusal } from '../fake-api-server';
import type { FakeCluster, FakeClusterOptions } from '../fake-cluster';
import { optionsFor, startMesh } from '../fake-mesh';
import { policy } from '../inspect/inspection-of';

const STRICT: ClusterObject = {
  ...policy('istio-system', 'STRICT'),
  apiVersion: 'security.istio.io/v1',
  kind: 'PeerAuthentication',
};
/** A Deployment whose pods have no sidecar yet. */
const entering = (name: string, namespace?: string) => deployment(name, { namespace, proxies: [undefined] });
/** The policy of a transition that has begun before. */
const open = (namespace: string): ClusterObject => {
  const policyOfRun = transitionPolicy(namespace);
  return { ...policyOfRun, metadata: { ...policyOfRun.metadata, uid: `uid-${namespace}-open` } };
};
const refusing =
  (wanted: string, namespace: string, message: string): FakeClusterOptions['intercept'] =>
  ({ method, path }) =>
    method === wanted && path.includes(`/namespaces/${namespace}/peerauthentications`)
      ? refusal(403, 'Forbidden', message)
      : undefined;
const DENIED = 'admission webhook "policies.example.com" denied the request: PERMISSIVE is not allowed.';
const FORBIDDEN =
  'peerauthentications.security.istio.io is forbidden: User "ci" cannot create resource "peerauthentications" in API group "security.istio.io"';
const steps = ({ server }: FakeCluster) =>
  server.requests.flatMap(({ method, path }) => {
    if (method === 'PATCH') return [`restart ${path.split('/').at(-1) ?? ''}`];
    return method !== 'GET' && path.includes('peerauthentications') ? [`${method} ${path.split('/')[5] ?? ''}`] : [];
  });

describe('a restart of workloads that enter a STRICT mesh', () => {
  let cluster: FakeCluster | undefined;

  beforeEach(() => {
    // In this test, istiod needs no time to distribute a policy.
    jest.spyOn(KubernetesApi.prototype, 'pause').mockImplementation(() => new Promise((done) => setTimeout(done, 1)));
  });

  afterEach(async () => {
    jest.restoreAllMocks();
    await cluster?.close();
  });

  async function meshWith(objects: readonly ClusterObject[], options?: FakeClusterOptions): Promise<FakeCluster> {
    cluster = await startMesh(objects, options);
    return cluster;
  }

  test('lets their namespace accept plain text until the last of them is restarted', async () => {
    const fake = await meshWith([STRICT, ...entering('cart'), ...entering('web')]);
    const report = await restartWorkloads(optionsFor(fake));
    expect(steps(fake)).toEqual(['POST shop', 'restart cart', 'restart web', 'DELETE shop']);
    expect(report.transitions).toEqual([
      {
        namespace: 'shop',
        state: 'ended',
        message: 'the transition of namespace shop is over, so its mutual TLS is the same as before',
      },
    ]);
    expect(fake.find('PeerAuthentication', 'istio-module-transition')).toBeUndefined();
  });

  test('leaves the namespace permissive when a rollout fails', async () => {
    const fake = await meshWith([STRICT, ...entering('cart')], { fates: { cart: 'fails' } });
    await expect(restartWorkloads(optionsFor(fake))).rejects.toMatchObject({ code: 'RolloutFailed' });
    expect(steps(fake)).toEqual(['POST shop', 'restart cart']);
  });

  test('ends the transition of a run that was killed after its last restart', async () => {
    const fake = await meshWith([STRICT, open('shop'), ...deployment('cart', { proxies: [IMAGE] })]);
    const report = await restartWorkloads(optionsFor(fake));
    expect(steps(fake)).toEqual(['DELETE shop']);
    expect(report).toMatchObject({ rounds: 0, transitions: [{ namespace: 'shop', state: 'ended' }] });
  });

  test('ends the transition of an earlier run in a namespace that has been excluded since', async () => {
    const excluded = [meshNamespace('apps', { 'istio-module/restart': 'disabled' }), ...entering('web', 'apps')];
    const fake = await meshWith([STRICT, open('apps'), ...excluded]);
    const report = await restartWorkloads(optionsFor(fake));
    expect(steps(fake)).toEqual(['DELETE apps']);
    expect(report.transitions).toMatchObject([{ namespace: 'apps', state: 'ended' }]);
  });

  test('ends the transition although a full quota keeps the sidecars of a workload from being compared', async () => {
    const quota = refusal(403, 'Forbidden', 'pods "cart-x" is forbidden: exceeded quota: small');
    const fake = await meshWith([STRICT, open('shop'), ...deployment('cart', { proxies: [IMAGE] })], {
      intercept: ({ method, path }) =>
        method === 'POST' && path === '/api/v1/namespaces/shop/pods' ? quota : undefined,
    });
    const report = await restartWorkloads(optionsFor(fake));
    expect(report.undetermined).toMatchObject([{ name: 'cart', reason: 'DryRunDenied' }]);
    expect(steps(fake)).toEqual(['DELETE shop']);
    expect(report.transitions).toMatchObject([{ namespace: 'shop', state: 'ended' }]);
  });

  describe('leaves a transition of an earlier run as it is', () => {
    test('if it selects other namespaces', async () => {
      const others = [meshNamespace('billing'), ...deployment('ledger', { namespace: 'billing' })];
      const fake = await meshWith([STRICT, open('shop'), ...entering('cart'), ...others]);
      const report = await restartWorkloads(optionsFor(fake, { namespaces: ['billing'] }));
      expect(steps(fake)).toEqual(['restart ledger']);
      expect(report.transitions).toEqual([]);
    });

    test.each([
      ['selects other workloads of the namespace', { selector: 'app=web' }],
      ['ignores a workload of the namespace', { except: [{ namespace: 'shop', kind: 'Deployment', name: 'cart' }] }],
    ])('if it %s', async (_, options) => {
      const web = deployment('web', { labels: { app: 'web' }, proxies: [IMAGE] });
      const fake = await meshWith([STRICT, open('shop'), ...entering('cart'), ...web]);
      const report = await restartWorkloads(optionsFor(fake, options));
      expect(steps(fake)).toEqual([]);
      expect(report.transitions).toEqual([
        {
          namespace: 'shop',
          state: 'permissive',
          message:
            'namespace shop still accepts plain text in addition to mutual TLS, since this run does not include all of its workloads; a run that includes all of them can end this; to end this by hand, delete its PeerAuthentication: kubectl -n shop delete peerauthentication istio-module-transition',
        },
      ]);
    });

    test('if it cannot determine whether a workload gets a sidecar', async () => {
      const template = { labels: { app: 'cart' } };
      const quota = refusal(403, 'Forbidden', 'pods "cart-x" is forbidden: exceeded quota: small');
      const fake = await meshWith([STRICT, open('shop'), ...deployment('cart', { template, proxies: [undefined] })], {
        inject: (pod) => (pod.metadata.labels?.app === 'cart' ? quota : injected(pod, IMAGE)),
      });
      const report = await restartWorkloads(optionsFor(fake));
      expect(report.undetermined).toMatchObject([{ name: 'cart', reason: 'DryRunDenied' }]);
      expect(steps(fake)).toEqual([]);
      expect(report.transitions).toMatchObject([
        {
          state: 'permissive',
          message: expect.stringMatching(/: Deployment shop\/cart; to end this by hand/) as string,
        },
      ]);
    });

    test('if it removes sidecars, and Istio still adds them to workloads of the namespace', async () => {
      const fake = await meshWith([STRICT, open('shop'), ...entering('cart')]);
      const report = await removeSidecars(optionsFor(fake));
      expect(steps(fake)).toEqual([]);
      expect(report.transitions).toMatchObject([{ namespace: 'shop', state: 'permissive' }]);
    });
  });

  test('plans the transition, and changes nothing', async () => {
    const fake = await meshWith([STRICT, ...entering('cart')]);
    const plan = await planRestarts(optionsFor(fake));
    expect(plan.transitions).toMatchObject([{ namespace: 'shop', state: 'permissive' }]);
    expect(steps(fake)).toEqual([]);
  });

  test('are found by the webhooks that the plan was made with', async () => {
    const listsOf = async (objects: readonly ClusterObject[]) => {
      const fake = await meshWith([STRICT, ...objects]);
      await planRestarts(optionsFor(fake));
      await fake.close();
      return fake.server.requests.filter(({ path }) => path.endsWith('/mutatingwebhookconfigurations')).length;
    };
    expect(await listsOf(entering('cart'))).toBe(await listsOf(deployment('cart')));
  });

  test('restarts nothing when the namespace cannot be made permissive', async () => {
    const fake = await meshWith([STRICT, ...entering('cart')], { intercept: refusing('POST', 'shop', FORBIDDEN) });
    await expect(restartWorkloads(optionsFor(fake))).rejects.toMatchObject({ code: 'Forbidden' });
    expect(fake.patched).toEqual([]);
  });

  test('leaves no namespace permissive when another one cannot be made permissive', async () => {
    const apps = [meshNamespace('apps'), ...entering('web', 'apps')];
    const fake = await meshWith([STRICT, ...apps, ...entering('cart')], {
      intercept: refusing('POST', 'shop', FORBIDDEN),
    });
    await expect(restartWorkloads(optionsFor(fake))).rejects.toMatchObject({ code: 'Forbidden' });
    expect(steps(fake)).toEqual(['POST apps', 'POST shop', 'DELETE apps']);
  });

  test('makes no namespace permissive without the permission to restart its workloads', async () => {
    const fake = await meshWith([STRICT, ...entering('cart')], {
      intercept: ({ path }) =>
        path.endsWith('/selfsubjectaccessreviews') ? { body: { status: { allowed: false } } } : undefined,
    });
    await expect(restartWorkloads(optionsFor(fake))).rejects.toMatchObject({ code: 'Forbidden' });
    expect(steps(fake)).toEqual([]);
  });

  test('restarts the workloads of a namespace whose transition admission refuses, and reports that it stays STRICT', async () => {
    const apps = [meshNamespace('apps'), ...entering('web', 'apps')];
    const fake = await meshWith([STRICT, ...apps, ...entering('cart')], {
      intercept: refusing('POST', 'shop', DENIED),
    });
    const told: unknown[] = [];
    const onEvent = (event: RunEvent) => event.type === 'transition' && told.push(event.transition);
    await restartWorkloads(optionsFor(fake, { onEvent, maxConcurrent: 1 }));
    expect(steps(fake)).toEqual(['POST apps', 'POST shop', 'restart web', 'restart cart', 'DELETE apps']);
    expect(told).toMatchObject([
      { namespace: 'apps', state: 'permissive' },
      {
        namespace: 'shop',
        state: 'strict',
        message:
          'PeerAuthentication shop/istio-module-transition was refused (admission webhook "policies.example.com" denied the request: PERMISSIVE is not allowed), so namespace shop does not accept plain text while its workloads enter or leave the mesh, and pods without a sidecar cannot call those that have one; allow this PeerAuthentication, or set the mode to PERMISSIVE until the restart is complete',
      },
    ]);
  });

  test('ends the other transitions when one of them cannot be ended', async () => {
    const apps = [meshNamespace('apps'), ...deployment('web', { namespace: 'apps', proxies: [IMAGE] })];
    const fake = await meshWith([STRICT, open('apps'), open('shop'), ...apps], {
      intercept: refusing('DELETE', 'apps', DENIED),
    });
    await expect(restartWorkloads(optionsFor(fake))).rejects.toMatchObject({ code: 'UnexpectedAnswer' });
    expect(steps(fake)).toEqual(['DELETE apps', 'DELETE shop']);
  });

  test('asks for no policy where nothing enters the mesh and the credentials may read none', async () => {
    const fake = await meshWith([STRICT, ...deployment('cart')], {
      intercept: ({ path }) =>
        path.includes('peerauthentications')
          ? refusal(
              403,
              'Forbidden',
              'peerauthentications.security.istio.io is forbidden: User "ci" cannot list resource "peerauthentications" in API group "security.istio.io"',
            )
          : undefined,
    });
    expect((await restartWorkloads(optionsFor(fake))).restarted).toHaveLength(1);
  });

  test('does the same when sidecars are removed', async () => {
    const fake = await meshWith([STRICT, ...deployment('cart', { proxies: [IMAGE] })], { inject: (pod) => pod });
    await removeSidecars(optionsFor(fake));
    expect(steps(fake)).toEqual(['POST shop', 'restart cart', 'DELETE shop']);
  });

  test('finds the root namespace of a mesh whose injection webhooks are deleted, as in the middle of an uninstall', async () => {
    const place = { namespace: 'mesh', uid: 'uid' };
    const validation = {
      ...{ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration' },
      metadata: { name: 'istio-validator-mesh', uid: 'uid-validator' },
      webhooks: [{ name: 'rev.validation.istio.io', clientConfig: { service: { name: 'istiod', namespace: 'mesh' } } }],
    };
    const data = { mesh: 'rootNamespace: mesh' };
    const fake = await meshWith(
      [
        { ...STRICT, metadata: { ...STRICT.metadata, namespace: 'mesh' } },
        ...deployment('cart', { proxies: [IMAGE] }),
        ...deployment('istiod', { namespace: 'mesh', template: { labels: { app: 'istiod' } }, proxies: [] }),
        istiodService('istiod', 'mesh'),
        { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...place, name: 'istio' }, data },
        validation,
      ],
      { inject: (pod) => pod },
    );
    fake.objects = fake.objects.filter(({ kind }) => kind !== 'MutatingWebhookConfiguration');
    await removeSidecars(optionsFor(fake));
    expect(steps(fake)).toEqual(['POST shop', 'restart cart', 'DELETE shop']);
  });

  test('does not count a transition among the resources that an uninstall would lose', async () => {
    const fake = await meshWith([], {
      intercept: ({ path }) => {
        const groupVersion = 'security.istio.io/v1';
        const resources = [{ name: 'peerauthentications', kind: 'PeerAuthentication', verbs: ['list'] }];
        const labels = { 'istio-module/transition': 'mutual-tls' };
        const items = [{ metadata: { name: 'istio-module-transition', namespace: 'shop', labels } }];
        if (path === '/apis')
          return { body: { groups: [{ name: 'security.istio.io', versions: [{ groupVersion }] }] } };
        if (path === `/apis/${groupVersion}`) return { body: { resources } };
        return path.endsWith('/peerauthentications') ? { body: { items } } : undefined;
      },
    });
    await expect(refuseForeignResources(optionsFor(fake), [])).resolves.toBeUndefined();
  });
});
