import type { Pod } from '../../../lib/engine/cluster/objects';
import {
  deployment,
  IMAGE,
  injected,
  pod,
  replicaSet,
  statefulSet,
  type ClusterObject,
  type WorkloadOptions,
} from '../cluster-builder';
import type { FakeClusterOptions } from '../fake-cluster';
import { WEBHOOK } from '../fake-mesh';
import { planOf, SHOP } from '../plan-of-cluster';

type Variables = Readonly<Record<string, string>>;

/** The pod, with these variables in its proxy. */
function withVariables<T extends Pod>(made: T, variables: Variables): T {
  const env = Object.entries({ SITE: 'a', ...variables }).map(([name, value]) => ({ name, value }));
  const containers = made.spec.containers.map((one) => (one.name === 'istio-proxy' ? { ...one, env } : one));
  return { ...made, spec: { ...made.spec, containers } };
}

const running = (objects: readonly ClusterObject[], variables: Variables): readonly ClusterObject[] =>
  objects.map((one) => (one.kind === 'Pod' ? withVariables(one as ClusterObject & Pod, variables) : one));
const injecting =
  (variables: Variables) =>
  (asked: Pod): Pod =>
    withVariables(injected(asked, IMAGE), variables);
const UP_TO_DATE: WorkloadOptions = { proxies: [IMAGE] };

describe.each(['ISTIO_KUBE_APP_PROBERS', 'ISTIO_PROMETHEUS_ANNOTATIONS'])('the variable %s', (name) => {
  const some = { [name]: '{"a":1}' };

  test.each<[string, Variables, Variables, object]>([
    ['now adds', {}, some, { old: '(none)', new: '(not shown)' }],
    ['no longer adds', some, {}, { old: '(not shown)', new: '(none)' }],
  ])('is a reason for a restart if the injector %s it', async (_, before, now, values) => {
    const objects = running(deployment('cart', UP_TO_DATE), before);
    const [plan] = await planOf([SHOP, ...objects], { inject: injecting(now) });
    expect(plan).toMatchObject({ decision: 'restart', reason: 'OutOfDate' });
    expect(plan?.differences).toEqual([{ path: `istio-proxy.env.${name}`, ...values }]);
  });

  test('is no reason if only its value differs', async () => {
    const objects = running(deployment('cart', UP_TO_DATE), some);
    const [plan] = await planOf([SHOP, ...objects], { inject: injecting({ [name]: '{"a":2}' }) });
    expect(plan).toMatchObject({ decision: 'current', differences: [] });
  });

  test('is no reason if another webhook causes it', async () => {
    const intercept: FakeClusterOptions['intercept'] = ({ path, body }) => {
      if (!path.includes('/proxy/')) {
        return undefined;
      }
      const { metadata, spec } = injecting({})((body as { request: { object: Pod } }).request.object);
      const patch = [
        { op: 'add', path: '/metadata', value: metadata },
        { op: 'add', path: '/spec', value: spec },
      ];
      const response = { allowed: true, patch: Buffer.from(JSON.stringify(patch)).toString('base64') };
      return { body: { kind: 'AdmissionReview', response } };
    };
    const objects = [SHOP, WEBHOOK, ...running(deployment('cart', UP_TO_DATE), {})];
    const [plan] = await planOf(objects, { inject: injecting(some), intercept });
    expect(plan).toMatchObject({ decision: 'current', others: [{ path: `istio-proxy.env.${name}` }] });
  });

  const unobserved = { status: { observedGeneration: 0 } };
  const below = { spec: { updateStrategy: { rollingUpdate: { partition: 1 } } }, status: { updateRevision: 'db-2' } };

  test.each<[string, readonly ClusterObject[]]>([
    ['a Pod without a controller', [pod('alone', { proxy: IMAGE })]],
    ['a ReplicaSet whose template may have changed since', replicaSet('bare', UP_TO_DATE)],
    ['a Deployment whose change is not observed yet', deployment('cart', { ...UP_TO_DATE, ...unobserved })],
    ['a StatefulSet below its partition', statefulSet('db', { ...UP_TO_DATE, ...below })],
  ])('is no reason for pods that may be of another template: %s', async (_, objects) => {
    const [plan] = await planOf([SHOP, ...running(objects, some)], { inject: injecting({}) });
    expect(plan).toMatchObject({ decision: 'current', differences: [] });
  });
});
