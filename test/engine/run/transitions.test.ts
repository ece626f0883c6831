import { planRestarts, removeSidecars, restartWorkloads } from '../../../lib/engine/run/restart-workloads';
import { refuseForeignResources } from '../../../lib/engine/istio/foreign-resources';
import { KubernetesApi } from '../../../lib/engine/cluster/api';
import { transitionPolicy } from '../../../lib/engine/istio/mutual-tls/transition-policy';
import { deployment, IMAGE, istiodService, type ClusterObject } from '../cluster-builder';
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
const entering = (name: string) => deployment(name, { proxies: [undefined] });
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
        message: 'the restart of namespace shop is complete, so its mutual TLS is the same as before',
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
    const left = transitionPolicy('shop');
    const open: ClusterObject = { ...left, metadata: { ...left.metadata, uid: 'uid-open' } };
    const fake = await meshWith([STRICT, open, ...deployment('cart', { proxies: [IMAGE] })]);
    const report = await restartWorkloads(optionsFor(fake));
    expect(steps(fake)).toEqual(['DELETE shop']);
    expect(report).toMatchObject({ rounds: 0, transitions: [{ namespace: 'shop', state: 'ended' }] });
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
    const fake = await meshWith([STRICT, ...entering('cart')], {
      intercept: ({ method, path }) =>
        method === 'POST' && path.endsWith('/peerauthentications')
          ? refusal(
              403,
              'Forbidden',
              'User "ci" cannot create resource "peerauthentications" in API group "security.istio.io"',
            )
          : undefined,
    });
    await expect(restartWorkloads(optionsFor(fake))).rejects.toMatchObject({ code: 'Forbidden' });
    expect(fake.patched).toEqual([]);
  });

  test('asks for no policy where nothing enters the mesh and the credentials may read none', async () => {
    const fake = await meshWith([STRICT, ...deployment('cart')], {
      intercept: ({ path }) =>
        path.includes('peerauthentications')
          ? refusal(
              403,
              'Forbidden',
              'User "ci" cannot list resource "peerauthentications" in API group "security.istio.io"',
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
