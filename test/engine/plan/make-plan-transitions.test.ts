import { differenceLines } from '../../../lib/engine/report/difference-lines';
import { refusal } from '../fake-api-server';
import {
  argoRollout,
  daemonSet,
  deployment,
  IMAGE,
  namespace,
  OLD_IMAGE,
  ownerOf,
  pod,
  replicaSet,
  statefulSet,
  type ClusterObject,
} from '../cluster-builder';
import { decisionOn, ONE, planAndRemovals, planOf, type PlanningOptions, SHOP } from '../plan-of-cluster';

describe('a rollout that is under way', () => {
  const progressing = { updatedReplicas: 0 };

  test('is waited for if it replaces all that is out of date', async () => {
    const objects = deployment('cart', { status: { observedGeneration: 0 } });
    expect(await decisionOn([SHOP, ...objects])).toEqual({
      decision: 'wait',
      reason: 'RollingOut',
      message: 'already rolling out to up-to-date pods',
      remedy: '',
    });
  });

  test('is started again if its newest pods are out of date', async () => {
    const objects = deployment('cart', { status: progressing });
    expect(await decisionOn([SHOP, ...objects])).toMatchObject({ decision: 'restart' });
  });

  test('is waited for if its newest ReplicaSet has no pods yet', async () => {
    const [object, set, first] = deployment('cart', { status: progressing }) as [
      ClusterObject,
      ClusterObject,
      ClusterObject,
    ];
    const revision = { 'deployment.kubernetes.io/revision': '2' };
    const [newest] = replicaSet('cart-2', { owner: ownerOf(object), revision: 2, proxies: [] }) as [ClusterObject];
    const updated = { ...object, metadata: { ...object.metadata, annotations: revision } };
    expect(await decisionOn([SHOP, updated, set, first, newest])).toMatchObject({ decision: 'wait' });
  });

  test('is waited for if its newest ReplicaSet came after the ReplicaSets were listed', async () => {
    const [object, ...rest] = deployment('cart', { status: progressing }) as [ClusterObject, ...ClusterObject[]];
    const revision = { 'deployment.kubernetes.io/revision': '2' };
    const updated = { ...object, metadata: { ...object.metadata, annotations: revision } };
    expect(await decisionOn([SHOP, updated, ...rest])).toMatchObject({ decision: 'wait' });
  });

  test.each([
    ['StatefulSet', statefulSet('db', { status: { updateRevision: 'db-2', updatedReplicas: 0 } })],
    [
      'DaemonSet',
      daemonSet('db', { status: { observedGeneration: 0 } }).map((object) =>
        object.kind === 'Pod'
          ? { ...object, metadata: { ...object.metadata, labels: { 'pod-template-generation': '0' } } }
          : object,
      ),
    ],
  ])('of a %s is waited for', async (_, objects) => {
    expect(await decisionOn([SHOP, ...objects])).toMatchObject({ decision: 'wait' });
  });
});

describe('a workload that is half rolled', () => {
  test('has its differences listed pod by pod', async () => {
    const proxies = [IMAGE, OLD_IMAGE, undefined, OLD_IMAGE];
    const [plan] = await planOf([SHOP, ...deployment('cart', { proxies })]);
    expect(plan).toMatchObject({ decision: 'restart', pods: ['cart-1-1', 'cart-1-2', 'cart-1-3'] });
    expect(differenceLines(plan?.differences ?? [])).toEqual([
      `istio-init, istio-proxy: image ${OLD_IMAGE} → ${IMAGE} (in cart-1-1, cart-1-3)`,
      `sidecar: (none) → ${IMAGE} (in cart-1-2)`,
    ]);
  });
});

describe('a Rollout of Argo', () => {
  const created = (objects: readonly ClusterObject[], creationTimestamp: string) =>
    objects.map((object) => (object.kind === 'Pod' ? withMeta(object, { creationTimestamp }) : object));
  const withMeta = (object: ClusterObject, more: object) => ({ ...object, metadata: { ...object.metadata, ...more } });

  test('that is evicting all that is out of date is waited for', async () => {
    const objects = argoRollout('cart', { spec: { restartAt: '2026-01-02T03:04:05Z' } });
    expect(await decisionOn([SHOP, ...created(objects, '2026-01-02T03:04:04Z')])).toMatchObject({ decision: 'wait' });
  });

  test('that is evicting older pods is restarted again for those that are out of date', async () => {
    const objects = argoRollout('cart', { spec: { restartAt: '2026-01-02T03:04:05Z' } });
    expect(await decisionOn([SHOP, ...created(objects, '2026-01-02T03:04:06Z')])).toMatchObject({
      decision: 'restart',
    });
  });

  test('is left to its user in the middle of an update whose own pods are up to date', async () => {
    const [object, oldSet, oldPod, newPod] = argoRollout('cart', {
      proxies: [OLD_IMAGE, IMAGE],
      status: { currentPodHash: '2' },
    }) as [ClusterObject, ClusterObject, ClusterObject, ClusterObject];
    const updated = withMeta(newPod, { labels: { 'rollouts-pod-template-hash': '2' } });
    expect(await decisionOn([SHOP, object, oldSet, oldPod, updated])).toMatchObject({
      decision: 'warn',
      reason: 'Updating',
    });
  });

  test.each([
    ['Deployment', { apiVersion: 'apps/v1', kind: 'Deployment', name: 'base' }, deployment('base', { proxies: [] })],
    ['object that is not there', { apiVersion: 'apps/v1', kind: 'Deployment', name: 'gone' }, []],
    ['PodTemplate, which is not read', { apiVersion: 'v1', kind: 'PodTemplate', name: 'base' }, []],
  ])('that takes its template from a %s is restarted', async (_, workloadRef, referred) => {
    const [object, ...rest] = argoRollout('cart', { spec: { workloadRef, template: undefined } }) as [
      ClusterObject,
      ...ClusterObject[],
    ];
    expect(await decisionOn([SHOP, object, ...rest, ...referred])).toMatchObject({ decision: 'restart', message: ONE });
  });

  test.each([{}, { spec: {} }, { spec: { containers: null } }])(
    'that has the empty template %j besides a reference is restarted',
    async (template) => {
      const workloadRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'base' };
      const objects = argoRollout('cart', { spec: { workloadRef, template } as object });
      const plan = await decisionOn([SHOP, ...objects, ...deployment('base', { proxies: [] })]);
      expect(plan).toMatchObject({ decision: 'restart', message: ONE });
    },
  );
});

describe('what cannot be determined', () => {
  const quota = { inject: () => refusal(403, 'Forbidden', 'pods "cart-x" is forbidden: exceeded quota: small') };

  test('is undetermined and not restarted', async () => {
    expect(await planOf([SHOP, ...deployment('cart')], quota)).toEqual([
      {
        namespace: 'shop',
        kind: 'Deployment',
        name: 'cart',
        decision: 'undetermined',
        reason: 'DryRunDenied',
        message:
          'its sidecar cannot be compared, since a new pod would be refused: pods "cart-x" is forbidden: exceeded quota: small',
        remedy: 'kubectl describe namespace shop',
        pods: ['cart-1-0'],
        differences: [],
      },
    ]);
  });

  test.each([
    '{"containers":5}',
    '{"containers":"istio-proxy"}',
    '{"initContainers":[7]}',
    '{"volumes":{}}',
    '{"revision":{}}',
    '[]',
    'null',
    'injected',
  ])('is the workload of a pod whose record of what was injected is %s, and no other', async (record) => {
    const hostile = deployment('cart').map(({ metadata, ...object }) => ({
      ...object,
      metadata:
        object.kind === 'Pod'
          ? { ...metadata, annotations: { ...metadata.annotations, 'sidecar.istio.io/status': record } }
          : metadata,
    }));
    expect(await planOf([SHOP, ...hostile, ...deployment('web')])).toMatchObject([
      {
        name: 'cart',
        decision: 'undetermined',
        reason: 'MalformedRecord',
        message:
          'its sidecar cannot be compared, since the annotation sidecar.istio.io/status of pod cart-1-0 does not have the format that Istio writes',
        remedy: 'kubectl -n shop get pod cart-1-0 -o yaml',
        pods: ['cart-1-0'],
      },
      { name: 'web', decision: 'restart' },
    ]);
  });

  const deep = Array.from({ length: 100 }).reduce<object>((inner) => ({ inner }), {});
  const templated = (container: unknown) => ({ spec: { template: { spec: { containers: [container] } } } });

  test.each<[string, object]>([
    ['spec', { spec: null }],
    ['spec', { spec: { template: deep } }],
    ['spec.selector', { spec: { selector: 5 } }],
    ['spec.selector.matchLabels', { spec: { selector: { matchLabels: { app: {} } } } }],
    ['spec.selector.matchExpressions', { spec: { selector: { matchExpressions: {} } } }],
    [
      'spec.template.metadata.annotations',
      { spec: { template: { metadata: { annotations: [] }, spec: { containers: [] } } } },
    ],
    ['spec.template.spec.containers', { spec: { template: { spec: { containers: {} } } } }],
    ['spec.template.spec.containers[0]', templated(null)],
    ['spec.template.spec.containers[0].name', templated({ image: 'app' })],
    ['spec.template.spec.containers[0].env', templated({ name: 'app', env: { A: 'b' } })],
    ['spec.workloadRef', { spec: { workloadRef: 'cart' } }],
    ['spec.strategy', { spec: { strategy: null } }],
    ['status.conditions', { status: { conditions: {} } }],
  ])('is a Rollout whose field %s is invalid, and no other workload', async (path, fields) => {
    const hostile = argoRollout('cart').map((one) => (one.kind === 'Rollout' ? { ...one, ...fields } : one));
    const entry = {
      decision: 'undetermined',
      reason: 'MalformedRecord',
      message: `its sidecar cannot be compared, since the field ${path} of its Rollout is invalid`,
      remedy: 'kubectl -n shop get rollout cart -o yaml',
      pods: ['cart-1-0'],
    };
    const objects = [SHOP, ...deployment('web'), ...hostile];
    expect(await planOf(objects)).toMatchObject([{ name: 'web', decision: 'restart' }, entry]);
    const left = await planOf(objects, { purpose: 'remove', inject: (asked) => asked });
    expect(left).toMatchObject([{ name: 'web', decision: 'restart' }, entry]);
  });

  test('is undetermined though it has no sidecar, if it asks for one', async () => {
    const objects = [SHOP, ...deployment('cart', { proxies: [undefined] })];
    expect(await decisionOn(objects, quota)).toMatchObject({ decision: 'undetermined' });
  });

  test('is not mentioned if it has no sidecar and asks for none', async () => {
    expect(await planOf([namespace('shop'), ...deployment('cart', { proxies: [undefined] })], quota)).toEqual([]);
  });
});

describe('a namespace', () => {
  test('that was switched into the mesh has its workloads restarted', async () => {
    expect(await decisionOn([SHOP, ...deployment('cart', { proxies: [undefined, undefined] })])).toMatchObject({
      decision: 'restart',
      message: '2 of 2 pods lack the sidecar that the injector adds',
    });
  });

  test('that was switched out of it has them restarted too, and loses no sidecar by mistake', async () => {
    const objects = [namespace('shop', { 'istio-injection': 'disabled' }), ...deployment('cart')];
    const found = await planAndRemovals(objects);
    expect(found.plan).toMatchObject([
      { decision: 'restart', message: '1 of 1 pod has a sidecar that Istio no longer injects' },
    ]);
    expect(found.removals).toEqual([]);
  });

  test('that asks for injection and gets none is a fault of the injector', async () => {
    const objects = [SHOP, ...deployment('cart'), ...deployment('new', { proxies: [undefined] })];
    expect((await planAndRemovals(objects, { inject: (asked) => asked })).removals).toEqual(['Deployment shop/cart']);
  });
});

describe('a gateway, whose template leaves its image to the injector', () => {
  const spec = { containers: [{ name: 'istio-proxy', image: 'auto' }] };
  const gateway = deployment('ingress', { template: { labels: { 'sidecar.istio.io/inject': 'true' }, spec } });

  test('is restarted like any other workload', async () => {
    expect(await decisionOn([SHOP, ...gateway])).toMatchObject({ decision: 'restart', message: ONE });
  });

  test('that gets nothing from the injector is a fault of the injector', async () => {
    const found = await planAndRemovals([SHOP, ...gateway], { inject: (asked) => asked });
    expect(found.removals).toEqual(['Deployment shop/ingress']);
  });

  test('is never restarted without an injector, since it could not start', async () => {
    const plan = await decisionOn([SHOP, ...gateway], { inject: (asked) => asked, purpose: 'remove' });
    expect(plan).toEqual({
      decision: 'warn',
      reason: 'NeedsInjector',
      message:
        '1 of 1 pod has a sidecar that Istio no longer injects; its template leaves the image of istio-proxy to the injector (image: auto), so new pods could not start',
      remedy: 'kubectl -n shop delete deployment/ingress',
    });
  });
});

test('a workload that is being deleted is left out, though its pods are still there', async () => {
  const [object, ...rest] = deployment('cart') as [ClusterObject, ...ClusterObject[]];
  const metadata = { ...object.metadata, deletionTimestamp: '2026-11-24T12:00:00Z' };
  expect(await planOf([SHOP, { ...object, metadata }, ...rest])).toEqual([]);
});

describe('the removal of sidecars', () => {
  const removed: PlanningOptions = { purpose: 'remove', inject: (asked) => asked };

  test('restarts what carries one, and does not mention what does not', async () => {
    const objects = [SHOP, ...deployment('cart'), ...deployment('plain', { proxies: [undefined] })];
    expect(await planOf(objects, removed)).toMatchObject([
      {
        name: 'cart',
        decision: 'restart',
        message: '1 of 1 pod has a sidecar that Istio no longer injects',
        differences: [{ path: 'sidecar', old: OLD_IMAGE, new: '(none)' }],
      },
    ]);
  });

  test('adds no sidecar to a workload that lacks one, though an injector is still there', async () => {
    const objects = [SHOP, ...deployment('cart', { proxies: [undefined] })];
    expect(await planOf(objects, { purpose: 'remove' })).toEqual([]);
  });

  test('is a warning for what cannot be restarted', async () => {
    expect(await decisionOn([SHOP, pod('alone', { proxy: OLD_IMAGE })], removed)).toMatchObject({
      decision: 'warn',
      reason: 'BarePod',
      message:
        '1 of 1 pod has a sidecar that Istio no longer injects; a Pod without a controller is not created again when it is deleted',
    });
  });
});
