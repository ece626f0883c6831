import { nameOf } from '../../../lib/engine/plan/plan';
import { IMAGE, injected, namespace, OLD_IMAGE, owner, pod, replicaSet, type ClusterObject } from '../cluster-builder';
import { WEBHOOK } from '../fake-mesh';
import { refusal } from '../fake-api-server';
import { ONE, planOf, SHOP, type PlanningOptions } from '../plan-of-cluster';

const reference = (apiVersion: string, kind: string, name: string) => ({
  ...{ apiVersion, kind, name, uid: `uid-${name}`, controller: true },
});
const CONTROLLER = owner('v1', 'ReplicationController', 'old');

async function decided(objects: readonly ClusterObject[], options: PlanningOptions = {}) {
  const plan = await planOf([SHOP, ...objects], { evict: true, ...options });
  return plan.map((one) => `${nameOf(one)} ${one.decision} ${one.reason} ${one.method ?? ''}`.trim());
}

describe('a plan that evicts', () => {
  test.each([
    ['ReplicaSet', replicaSet('cart')],
    ['ReplicationController', owner('v1', 'ReplicationController', 'cart')],
  ])('restarts what would be a warning otherwise: %s', async (kind, objects) => {
    const [workload] = await planOf([SHOP, ...objects], { evict: true });
    expect(workload).toMatchObject({
      ...{ kind, decision: 'restart', reason: 'OutOfDate', method: 'eviction', remedy: '', pods: ['cart-0'] },
      message: `${ONE}; its pods are evicted one by one`,
    });
    expect(await decided(objects, { evict: false })).toEqual([
      `${kind} shop/cart warn ${kind === 'ReplicaSet' ? 'BareReplicaSet' : kind}`,
    ]);
  });

  test.each([
    ['a Job', owner('batch/v1', 'Job', 'import'), 'Job shop/import warn JobOwned'],
    ['a Pod', [pod('debug', { proxy: OLD_IMAGE })], 'Pod shop/debug warn BarePod'],
    [
      'a static Pod',
      [pod('proxy', { owner: reference('v1', 'Node', 'node-0'), proxy: OLD_IMAGE })],
      'Pod shop/proxy warn StaticPod',
    ],
    [
      'what a DeploymentConfig rolls',
      owner('v1', 'ReplicationController', 'old-1', {
        owner: reference('apps.openshift.io/v1', 'DeploymentConfig', 'old'),
      }),
      'ReplicationController shop/old-1 warn ReplicationController',
    ],
    [
      'what a CloneSet rolls',
      replicaSet('cart-1', { owner: reference('apps.kruise.io/v1alpha1', 'CloneSet', 'cart') }),
      'ReplicaSet shop/cart-1 warn UnknownController',
    ],
    [
      'what nobody knows',
      owner('kafka.strimzi.io/v1', 'StrimziPodSet', 'kafka'),
      'StrimziPodSet shop/kafka warn UnknownController',
    ],
    ['what is up to date', replicaSet('cart', { proxies: [IMAGE] }), 'ReplicaSet shop/cart current UpToDate'],
    [
      'what its user has excluded',
      replicaSet('cart', { annotations: { 'istio-module/restart': 'disabled' } }),
      'ReplicaSet shop/cart skip Excluded',
    ],
    [
      'what could not start without an injector',
      replicaSet('gateway', {
        namespace: 'left',
        template: { spec: { containers: [{ name: 'istio-proxy', image: 'auto' }] } },
      }),
      'ReplicaSet left/gateway warn NeedsInjector',
    ],
  ])('leaves %s', async (_, objects, decision) => {
    expect(await decided([namespace('left'), ...objects])).toEqual([decision]);
  });

  test('waits for the maintenance window', async () => {
    const annotations = { 'istio-module/window': 'Sat 00:00-01:00' };
    expect(await decided(replicaSet('cart', { annotations }))).toEqual([
      'ReplicaSet shop/cart deferred OutsideWindow eviction',
    ]);
  });

  test('restarts where a quota is used up, since an eviction makes room first', async () => {
    let isFull = true;
    const inject: PlanningOptions['inject'] = (asked) => {
      const answer = isFull ? refusal(403, 'Forbidden', 'exceeded quota: small') : injected(asked, IMAGE);
      isFull = !isFull;
      return answer;
    };
    expect(await decided([WEBHOOK, ...CONTROLLER], { inject })).toEqual([
      'ReplicationController shop/old restart OutOfDate eviction',
    ]);
  });
});
