import type { Pod } from '../../../lib/engine/cluster/objects';
import { deployment, IMAGE, injected, meshNamespace, OLD_IMAGE, type ClusterObject } from '../cluster-builder';
import { planOf, SHOP, type PlanningOptions } from '../plan-of-cluster';
import { injectedNow, PROXY_PATH, relayed, webhook } from '../relayed-injector';

/** Counts the requests to the injector alone, which this function answers. */
function counting(inject: (asked: Pod) => Pod = injectedNow) {
  const answer = relayed(inject);
  const requests: string[] = [];
  const intercept: PlanningOptions['intercept'] = (request, cluster) => {
    if (request.path === PROXY_PATH) {
      requests.push((request.body as { request: { namespace: string } }).request.namespace);
    }
    return answer(request, cluster);
  };
  return { requests, intercept };
}

const SLEEP = { preStop: { sleep: { seconds: 5 } } };
const old = { proxies: [OLD_IMAGE] };
const planned = async (objects: readonly ClusterObject[], options: PlanningOptions) =>
  (await planOf([SHOP, webhook(), ...objects], options)).map(({ name, decision }) => `${name}: ${decision}`);

describe('workloads with the same changes', () => {
  test('of one namespace share one request to the injector alone', async () => {
    const { requests, intercept } = counting();
    const objects = [...deployment('cart', old), ...deployment('db', old), ...deployment('web', old)];
    expect(await planned(objects, { intercept })).toEqual(['cart: restart', 'db: restart', 'web: restart']);
    expect(requests).toEqual(['shop']);
  });

  test('of different namespaces share none, because another tenant may have caused the answer', async () => {
    const { requests, intercept } = counting();
    const objects = [
      ...deployment('cart', old),
      meshNamespace('bank'),
      ...deployment('db', { ...old, namespace: 'bank' }),
    ];
    await planned(objects, { intercept });
    expect([...requests].sort()).toEqual(['bank', 'shop']);
  });

  test.each([
    ['annotations', { annotations: { 'proxy.istio.io/config': '{"concurrency":1}' } }],
    ['labels', { labels: { 'sidecar.istio.io/inject': 'true' } }],
  ])('but other %s of Istio share none', async (_, template) => {
    const { requests, intercept } = counting();
    await planned([...deployment('cart', old), ...deployment('db', { ...old, template })], { intercept });
    expect(requests).toHaveLength(2);
  });

  test('share a request whatever their other labels and annotations are', async () => {
    const { requests, intercept } = counting();
    const template = { labels: { app: 'db' }, annotations: { team: 'storage' } };
    await planned([...deployment('cart', old), ...deployment('db', { ...old, template })], { intercept });
    expect(requests).toHaveLength(1);
  });

  test.each([
    ['none if the injector adds a field to the application', { lifecycle: SLEEP }, 2],
    ['one if the application has no changes, although the injector has recorded it', {}, 1],
  ])('share %s', async (_, fields, expected) => {
    const inject = (asked: Pod) => merging(asked, fields);
    const { requests, intercept } = counting(inject);
    await planned([...deployment('cart', old), ...deployment('db', old)], { intercept, inject });
    expect(requests).toHaveLength(expected);
  });

  test('are each asked about if the first request fails', async () => {
    let first = true;
    const { intercept } = counting();
    const failing: PlanningOptions['intercept'] = (request, cluster) => {
      if (request.path === PROXY_PATH && first) {
        first = false;
        return { body: { kind: 'Status', message: 'not an AdmissionReview' } };
      }
      return intercept(request, cluster);
    };
    const inject: PlanningOptions['inject'] = (asked) => withSite(injectedNow(asked), 'south');
    const plan = await planOf([SHOP, webhook(), ...siteOf('cart'), ...siteOf('db')], { inject, intercept: failing });
    expect(plan.map(({ decision }) => decision).sort()).toEqual(['current', 'restart']);
  });
});

describe('workloads with different changes', () => {
  test('share no request', async () => {
    const { requests, intercept } = counting();
    const older = { proxies: [`${OLD_IMAGE}-1`] };
    await planned([...deployment('cart', old), ...deployment('db', older)], { intercept });
    expect(requests).toHaveLength(2);
  });
});

describe('workloads that another webhook selects', () => {
  const policy = (matchLabels: object): ClusterObject => ({
    ...webhook(),
    metadata: { name: 'policies', uid: 'uid-policies' },
    webhooks: [
      {
        name: 'policies.example.com',
        clientConfig: { url: 'https://policies.example.com' },
        namespaceSelector: { matchLabels },
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
      },
    ],
  });
  const objects = [...deployment('cart', old), ...deployment('db', old)];

  test('share no request, because it may set for one of them what the injector sets for another', async () => {
    const { requests, intercept } = counting();
    await planned([policy({ 'istio-injection': 'enabled' }), ...objects], { intercept });
    expect(requests).toHaveLength(2);
  });

  test('share one if it selects only other namespaces', async () => {
    const { requests, intercept } = counting();
    await planned([policy({ team: 'billing' }), ...objects], { intercept });
    expect(requests).toHaveLength(1);
  });
});

describe('workloads with the same changes, which the API server causes', () => {
  const inject: PlanningOptions['inject'] = (asked) => withSite(injectedNow(asked), 'south');

  test('are each asked about, because the injector may give one of them the same value', async () => {
    const { requests, intercept } = counting((asked) =>
      asked.metadata.labels?.app === 'db' ? withSite(injectedNow(asked), 'south') : injectedNow(asked),
    );
    const template = { labels: { app: 'db' } };
    const objects = [...siteOf('cart'), ...siteOf('db', template), ...siteOf('web')];
    expect(await planned(objects, { inject, intercept })).toEqual(['cart: current', 'db: restart', 'web: current']);
    expect(requests).toHaveLength(3);
  });
});

describe('workloads with the same changes, of which the API server causes a part of one list', () => {
  const withArgs = (made: Pod, ...args: string[]) => withProxy(made, { args: ['proxy', ...args] });

  test('are each asked about, and the plan shows only the part of the injector', async () => {
    const { requests, intercept } = counting((asked) => withArgs(injectedNow(asked), '--concurrency=2'));
    const inject: PlanningOptions['inject'] = (asked) => withArgs(injectedNow(asked), '--concurrency=2', '--others');
    const objects = ['cart', 'db'].flatMap((name) => runningWith(name, (pod) => withArgs(pod)));
    const plan = await planOf([SHOP, webhook(), ...objects], { inject, intercept });
    const shown = { path: 'istio-proxy.args', old: '(none)', new: '["--concurrency=2"]' };
    expect(plan.map(({ differences }) => differences)).toEqual([[shown], [shown]]);
    expect(requests).toHaveLength(2);
  });
});

/** The injector with a template that sets these fields in each container of the application. */
function merging(asked: Pod, fields: object): Pod {
  const made = injected(asked, IMAGE);
  const names = asked.spec.containers.map(({ name }) => name);
  const record = { containers: [...names, 'istio-proxy'], initContainers: ['istio-init'], volumes: ['istio-envoy'] };
  const annotations = { ...made.metadata.annotations, 'sidecar.istio.io/status': JSON.stringify(record) };
  const containers = made.spec.containers.map((one) => (names.includes(one.name) ? { ...one, ...fields } : one));
  return { ...made, metadata: { ...made.metadata, annotations }, spec: { ...made.spec, containers } };
}

/** Changes a pod like another webhook, which adds a variable of its own to the sidecar. */
function withSite(made: Pod, value: string): Pod {
  return withProxy(made, { env: [{ name: 'SITE', value }] });
}

function withProxy(made: Pod, fields: object): Pod {
  const containers = made.spec.containers.map((one) => ({ ...one, ...(one.name === 'istio-proxy' ? fields : {}) }));
  return { ...made, spec: { ...made.spec, containers } };
}

/** A Deployment with the variable of the other webhook in its current sidecar. */
function siteOf(name: string, template: object = {}): ClusterObject[] {
  return runningWith(name, (pod) => withSite(pod, 'north'), template);
}

/** A Deployment whose current sidecar is changed in its running pods. */
function runningWith(name: string, change: (pod: Pod) => Pod, template: object = {}): ClusterObject[] {
  return deployment(name, { template, proxies: [IMAGE] }).map((object) =>
    object.kind === 'Pod' ? ({ ...change(object as Pod), kind: 'Pod' } as ClusterObject) : object,
  );
}
