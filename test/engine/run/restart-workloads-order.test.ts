import { restartWorkloads } from '../../../lib/engine/run/restart-workloads';
import { daemonSet, deployment, meshNamespace, statefulSet, type ClusterObject } from '../cluster-builder';
import type { FakeCluster } from '../fake-cluster';
import { optionsFor, startMesh } from '../fake-mesh';

const order = (value: string) => ({ 'istio-module/order': value });
const FIRST = order('-999999999');

describe('the order of a run', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
    cluster = undefined;
  });

  /** The workloads that were restarted, in order, although the workload `fails` fails. */
  async function patched(objects: readonly ClusterObject[], maxConcurrent = 1): Promise<readonly string[]> {
    cluster = await startMesh(objects, { fates: { fails: 'hangs' } });
    await restartWorkloads(optionsFor(cluster, { maxConcurrent, timeoutSeconds: 1 })).catch(() => undefined);
    return cluster.patched;
  }

  const evil = { namespace: 'tenant', annotations: FIRST };
  test.each<[string, ClusterObject[]]>([
    ['Deployment', deployment('fails', evil)],
    ['StatefulSet', statefulSet('fails', evil)],
    ['DaemonSet', daemonSet('fails', evil)],
  ])('is not begun by a %s of another namespace that puts itself first', async (_, first) => {
    expect(await patched([meshNamespace('tenant'), ...first, ...deployment('cart'), ...deployment('web')])).toEqual([
      'shop/cart',
      'shop/web',
      'tenant/fails',
    ]);
  });

  test('is that of the workloads within their namespace, which is not held up by another one', async () => {
    const objects = [
      meshNamespace('tenant'),
      ...deployment('fails', { namespace: 'tenant', annotations: order('-1') }),
      ...deployment('waits', { namespace: 'tenant' }),
      ...deployment('web', { annotations: order('2') }),
      ...deployment('db', { annotations: order('-5') }),
      ...deployment('api'),
    ];
    expect(await patched(objects)).toEqual(['shop/db', 'shop/api', 'shop/web', 'tenant/fails']);
    await cluster?.close();
    // Even if all may run at once, later workloads of the namespace wait, while other namespaces are restarted.
    expect([...(await patched(objects, 10))].sort()).toEqual(['shop/api', 'shop/db', 'shop/web', 'tenant/fails']);
  });

  test('is that of the namespaces first, as their own annotations say', async () => {
    const objects = [
      meshNamespace('late', order('10')),
      meshNamespace('tenant', order('-1')),
      ...deployment('one', { namespace: 'late', annotations: FIRST }),
      ...deployment('two', { namespace: 'tenant', annotations: order('5') }),
      ...deployment('cart'),
    ];
    expect(await patched(objects, 10)).toEqual(['tenant/two', 'shop/cart', 'late/one']);
  });

  test('among the workloads of an ordered namespace gives those without one its number', async () => {
    const objects = [
      meshNamespace('late', order('10')),
      ...deployment('b', { namespace: 'late' }),
      ...deployment('a', { namespace: 'late', annotations: order('11') }),
      ...deployment('c', { namespace: 'late', annotations: order('5') }),
    ];
    expect(await patched(objects)).toEqual(['late/c', 'late/b', 'late/a']);
  });
});
