import {
  argoRollout,
  IMAGE,
  OLD_IMAGE,
  owner,
  ownerOf,
  pod,
  replicaSet,
  statefulSet,
  type ClusterObject,
  type PodOptions,
} from '../cluster-builder';
import { planOf, SHOP } from '../plan-of-cluster';

const CUSTOM = { 'sidecar.istio.io/proxyImage': 'example/my-proxy:1' };

async function planned(objects: readonly ClusterObject[]) {
  const plan = await planOf([SHOP, ...objects]);
  return plan.map(({ decision, reason, pods }) => ({ decision, reason, pods }));
}

const SKIPPED = [{ decision: 'skip', reason: 'CustomProxyImage', pods: [] }];

describe('pods beside pods with a custom image', () => {
  /** A StatefulSet whose new template has a custom image, and whose first pod stays below the partition. */
  const partitioned = (old: string): readonly ClusterObject[] => {
    const [set] = statefulSet('db', {
      template: { annotations: CUSTOM },
      proxies: [],
      spec: { replicas: 2, updateStrategy: { rollingUpdate: { partition: 1 } } },
      status: { updateRevision: 'db-2' },
    }) as [ClusterObject];
    const member = (index: string, revision: string, options: PodOptions) => {
      const labels = { 'apps.kubernetes.io/pod-index': index, 'controller-revision-hash': `db-${revision}` };
      return pod(`db-${index}`, { owner: ownerOf(set), labels, ...options });
    };
    return [set, member('0', '1', { proxy: old }), member('1', '2', { proxy: IMAGE, annotations: CUSTOM })];
  };

  test('are left to their user below a partition, if they are out of date', async () => {
    expect(await planned(partitioned(OLD_IMAGE))).toEqual([
      { decision: 'warn', reason: 'Partitioned', pods: ['db-0'] },
    ]);
  });

  test('change nothing if they are up to date', async () => {
    expect(await planned(partitioned(IMAGE))).toEqual(SKIPPED);
  });

  test('are left to the update of a Rollout to a template with a custom image', async () => {
    const [object] = argoRollout('cart', {
      template: { annotations: CUSTOM },
      proxies: [],
      status: { currentPodHash: '2' },
    }) as [ClusterObject];
    const labels = { 'rollouts-pod-template-hash': '1' };
    const old = replicaSet('cart-1', { owner: ownerOf(object), proxies: [OLD_IMAGE] });
    const stable = old.map((one) => ({ ...one, metadata: { ...one.metadata, labels } }));
    expect(await planned([object, ...stable])).toEqual([{ decision: 'warn', reason: 'Updating', pods: ['cart-1-0'] }]);
  });

  test('of an unknown controller are reported without them', async () => {
    const [ray] = owner('ray.io/v1', 'RayCluster', 'pool', { proxies: [] }) as [ClusterObject];
    const member = (name: string, annotations = {}) =>
      pod(name, { owner: ownerOf(ray), proxy: OLD_IMAGE, annotations });
    expect(await planned([ray, member('pool-a', CUSTOM), member('pool-b')])).toEqual([
      { decision: 'warn', reason: 'UnknownController', pods: ['pool-b'] },
    ]);
    expect(await planned([ray, member('pool-a', CUSTOM), member('pool-b', CUSTOM)])).toEqual(SKIPPED);
  });
});
