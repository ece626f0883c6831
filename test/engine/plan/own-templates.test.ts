import type { Pod } from '../../../lib/engine/cluster/objects';
import type { WorkloadPlan } from '../../../lib/engine/plan/plan';
import {
  argoRollout,
  deployment,
  IMAGE,
  injected,
  OLD_IMAGE,
  ownerOf,
  pod,
  replicaSet,
  type ClusterObject,
  type WorkloadOptions,
} from '../cluster-builder';
import { decisionOn, planOf, SHOP, type PlanningOptions } from '../plan-of-cluster';

const CPU = 'sidecar.istio.io/proxyCPU';
const INJECT = 'sidecar.istio.io/inject';
const IMAGES = ['istio-init.image', 'istio-proxy.image'];

type Template = NonNullable<WorkloadOptions['template']>;

/** The pod as istiod's webhook returns it, with the CPU that its annotation requests. */
function sized<T extends Pod>(asked: T, image: string): T {
  const made = injected(asked, image);
  const cpu = asked.metadata.annotations?.[CPU] ?? '100m';
  const containers = made.spec.containers.map((one) =>
    one.name === 'istio-proxy' ? { ...one, resources: { requests: { cpu } } } : one,
  );
  return { ...made, spec: { ...made.spec, containers } };
}

const options: PlanningOptions = {
  inject: (asked) => (asked.metadata.labels?.[INJECT] === 'false' ? asked : sized(asked, IMAGE)),
};

/** A ReplicaSet with one pod. */
function revision(
  owner: ClusterObject,
  hashLabel: string,
  number: number,
  { labels, ...template }: Template,
  image: string | undefined,
): readonly ClusterObject[] {
  const hash = { [hashLabel]: String(number) };
  const written = { ...template, labels: { ...labels, ...hash } };
  const name = `cart-${String(number)}`;
  const [set] = replicaSet(name, {
    ...{ owner: ownerOf(owner), revision: number, template: written, proxies: [] },
  }) as [ClusterObject];
  const { annotations } = template;
  const bare = pod(`${name}-0`, { owner: ownerOf(set), labels: written.labels, annotations }) as ClusterObject & Pod;
  return [{ ...set, metadata: { ...set.metadata, labels: hash } }, image === undefined ? bare : sized(bare, image)];
}

const MORE_CPU: Template = { annotations: { [CPU]: '200m' } };

interface Canary {
  readonly template?: Template;
  /** The image of the sidecar in the pod of the version before the update. */
  readonly stable?: string;
  /** The image of the sidecar in the pod of the new version. */
  readonly fresh?: string;
  readonly status?: WorkloadOptions['status'];
}

/** A Rollout that has paused in the middle of an update to this template. */
function canary({ template = MORE_CPU, stable = IMAGE, fresh, status }: Canary): readonly ClusterObject[] {
  const [object] = argoRollout('cart', {
    ...{ template, proxies: [], spec: { replicas: 2 } },
    status: { currentPodHash: '2', replicas: 2, availableReplicas: 2, ...status },
  }) as [ClusterObject];
  const label = 'rollouts-pod-template-hash';
  return [object, ...revision(object, label, 1, {}, stable), ...revision(object, label, 2, template, fresh)];
}

describe('pods of the version before an update of a Rollout', () => {
  const planned = async (sketch: Canary) => {
    const [plan] = (await planOf([SHOP, ...canary(sketch)], options)) as [WorkloadPlan];
    const { decision, reason, pods, differences } = plan;
    return { decision, reason, pods, paths: differences.map(({ path }) => path) };
  };
  const current = { decision: 'current', reason: 'UpToDate', pods: [], paths: [] };

  test('are current if they match what the injector adds to their own template', async () => {
    expect(await planned({ fresh: IMAGE })).toEqual(current);
  });

  test('are current though the new template opts out of injection', async () => {
    expect(await planned({ template: { labels: { [INJECT]: 'false' } } })).toEqual(current);
  });

  test('are left to the update with the differences from their own template', async () => {
    expect(await planned({ stable: OLD_IMAGE, fresh: IMAGE })).toEqual({
      ...{ decision: 'warn', reason: 'Updating', pods: ['cart-1-0'], paths: IMAGES },
    });
  });

  test('are restarted together with outdated pods of the new version', async () => {
    expect(await planned({ stable: OLD_IMAGE, fresh: OLD_IMAGE })).toEqual({
      ...{ decision: 'restart', reason: 'OutOfDate', pods: ['cart-1-0', 'cart-2-0'], paths: IMAGES },
    });
  });

  test('are not listed if only pods of the new version are outdated', async () => {
    expect(await planned({ fresh: OLD_IMAGE })).toEqual({
      ...{ decision: 'restart', reason: 'OutOfDate', pods: ['cart-2-0'], paths: IMAGES },
    });
  });

  test('are compared with their own template after an aborted update, too', async () => {
    const status = { abort: true };
    expect(await planned({ fresh: IMAGE, status })).toEqual(current);
    expect(await planned({ stable: OLD_IMAGE, fresh: IMAGE, status })).toEqual({
      ...{ decision: 'restart', reason: 'OutOfDate', pods: ['cart-1-0'], paths: IMAGES },
    });
  });
});

describe('pods of a paused Deployment', () => {
  /** A paused Deployment with this template, whose controller has created this number of ReplicaSets. */
  const paused = (number: string, template: Template): ClusterObject => {
    const [made] = deployment('cart', { template, spec: { paused: true }, proxies: [] }) as [ClusterObject];
    const annotations = { 'deployment.kubernetes.io/revision': number };
    return { ...made, metadata: { ...made.metadata, annotations } };
  };

  test('of an older ReplicaSet are compared with its template', async () => {
    const object = paused('2', MORE_CPU);
    const sets = (stable: string) => [
      ...revision(object, 'pod-template-hash', 1, {}, stable),
      ...revision(object, 'pod-template-hash', 2, MORE_CPU, IMAGE),
    ];
    expect(await decisionOn([SHOP, object, ...sets(IMAGE)], options)).toMatchObject({ decision: 'current' });
    expect(await decisionOn([SHOP, object, ...sets(OLD_IMAGE)], options)).toMatchObject({ reason: 'Paused' });
  });

  test('are compared with the template of their ReplicaSet if that of the Deployment has changed since', async () => {
    const object = paused('1', MORE_CPU);
    const set = (image: string) => revision(object, 'pod-template-hash', 1, {}, image);
    expect(await decisionOn([SHOP, object, ...set(IMAGE)], options)).toMatchObject({ decision: 'current' });
    expect(await decisionOn([SHOP, object, ...set(OLD_IMAGE)], options)).toMatchObject({ reason: 'Paused' });
  });

  test.each([
    ['no', IMAGE, 'current', 0],
    ['one', OLD_IMAGE, 'warn', 1],
  ])('cost %s read of their ReplicaSet if its template is still current: %s', async (_, image, decision, times) => {
    const object = paused('1', {});
    const [set, first] = revision(object, 'pod-template-hash', 1, {}, image) as [ClusterObject, ClusterObject];
    const second = { ...first, metadata: { ...first.metadata, name: 'cart-1-1', uid: 'uid-shop-cart-1-1' } };
    let reads = 0;
    const intercept: PlanningOptions['intercept'] = ({ path }) => {
      reads += path.endsWith('/replicasets/cart-1') ? 1 : 0;
      return undefined;
    };
    expect(await decisionOn([SHOP, object, set, first, second], { ...options, intercept })).toMatchObject({ decision });
    expect(reads).toBe(times);
  });
});
