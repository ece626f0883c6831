import type { Pod, StringMap } from '../../../lib/engine/cluster/objects';
import {
  daemonSet,
  deployment,
  IMAGE,
  injected,
  namespace,
  OLD_IMAGE,
  owner,
  ownerOf,
  pod,
  statefulSet,
  type ClusterObject,
  type WorkloadOptions,
} from '../cluster-builder';
import { refusal, type FakeAnswer } from '../fake-api-server';
import { decisionOn, planOf, SHOP, type PlanningOptions } from '../plan-of-cluster';
import { injectedNow, PROXY_PATH, relayed, webhook } from '../relayed-injector';

/** Changes a pod like another webhook, which adds a variable of its own to every container. */
function withVariable(made: Pod, value: string): Pod {
  const containers = made.spec.containers.map((one) => ({ ...one, env: [{ name: 'SITE', value }] }));
  return { ...made, spec: { ...made.spec, containers } };
}

describe('differences that other webhooks make', () => {
  const running = (value: string) =>
    deployment('cart', { proxies: [IMAGE] }).map((object) =>
      object.kind === 'Pod' ? ({ ...withVariable(object as Pod, value), kind: 'Pod' } as ClusterObject) : object,
    );
  const inject: PlanningOptions['inject'] = (asked) => withVariable(injectedNow(asked), 'south');

  test('are no reason for a restart, and are listed separately', async () => {
    const [plan] = await planOf([SHOP, webhook(), ...running('north')], { inject, intercept: relayed(injectedNow) });
    expect(plan).toMatchObject({
      decision: 'current',
      differences: [],
      others: [{ path: 'istio-proxy.env.SITE' }],
    });
  });

  test('count where the injector cannot be asked alone', async () => {
    const [plan] = await planOf([SHOP, webhook(), ...running('north')], { inject, relays: false });
    expect(plan).toMatchObject({ decision: 'restart', differences: [{ path: 'istio-proxy.env.SITE' }] });
  });

  test('do not hide a new image as the reason', async () => {
    const old = deployment('cart', { proxies: [OLD_IMAGE] });
    const [plan] = await planOf([SHOP, webhook(), ...old], { inject, intercept: relayed(injectedNow) });
    expect(plan?.differences.map(({ path }) => path)).toEqual(['istio-init.image', 'istio-proxy.image']);
    expect(plan?.others?.map(({ path }) => path)).toEqual(['istio-proxy.env']);
  });

  test('cost no request where the dry run differs in nothing', async () => {
    let asked = 0;
    const intercept: PlanningOptions['intercept'] = ({ path }) => {
      asked += Number(path === PROXY_PATH);
      return undefined;
    };
    await planOf([SHOP, webhook(), ...deployment('cart', { proxies: [IMAGE, IMAGE] })], { intercept });
    expect(asked).toBe(0);
  });
});

describe('a label that another webhook adds to pods, and that selects the injection webhook', () => {
  const ASKING = { 'sidecar.istio.io/inject': 'true' };
  const labelled = (asked: Pod, labels: StringMap): Pod => ({
    ...asked,
    metadata: { ...asked.metadata, labels: { ...asked.metadata.labels, ...labels } },
  });
  /** A Deployment outside the namespaces of the mesh, with a pod as admission returns it. */
  const running = (admitted: (asked: Pod) => Pod, template: WorkloadOptions['template'] = {}) =>
    deployment('cart', { namespace: 'out', template, proxies: [undefined] }).map((object) =>
      object.kind === 'Pod' ? ({ ...admitted(object as Pod), kind: 'Pod' } as ClusterObject) : object,
    );
  const selecting = webhook({ namespaceSelector: {}, objectSelector: { matchLabels: ASKING } });
  const OUT = namespace('out');
  const admitted = (value: string) => (asked: Pod) => withVariable(injectedNow(labelled(asked, ASKING)), value);

  test('is on the pod in the request to the injector alone, so changes of others are no reason', async () => {
    const asked: unknown[] = [];
    const intercept: PlanningOptions['intercept'] = (request, cluster) => {
      if (request.path === PROXY_PATH) {
        asked.push((request.body as { request: { object: Pod } }).request.object.metadata.labels);
      }
      return relayed(injectedNow)(request, cluster);
    };
    const objects = [OUT, selecting, ...running(admitted('north'))];
    const [plan] = await planOf(objects, { inject: admitted('south'), intercept });
    expect(plan).toMatchObject({ decision: 'current', others: [{ path: 'istio-proxy.env.SITE' }] });
    expect(asked).toEqual([expect.objectContaining(ASKING) as object]);
  });

  test('leads to a request to the injector that returned the sidecar, not to that of the template', async () => {
    const rev = { 'istio.io/rev': 'canary' };
    const ofCanary = (made: Pod): Pod => ({
      ...made,
      metadata: { ...made.metadata, annotations: { ...made.metadata.annotations, 'istio.io/rev': 'canary' } },
    });
    const byCanary = (value: string) => (asked: Pod) =>
      withVariable(ofCanary(injectedNow(labelled(asked, rev))), value);
    const service = { namespace: 'istio-system', name: 'istiod-canary', path: '/inject' };
    const clientConfig = { service, caBundle: 'Q0E=' };
    const canary = {
      ...webhook({ clientConfig, namespaceSelector: {}, objectSelector: { matchLabels: rev } }),
      metadata: { name: 'istio-sidecar-injector-canary', uid: 'uid-canary', labels: rev },
    };
    const paths: string[] = [];
    const intercept: PlanningOptions['intercept'] = ({ path }) => {
      if (path.includes('/proxy/')) {
        paths.push(path);
      }
      return undefined;
    };
    const objects = [OUT, selecting, canary, ...running(byCanary('north'), { labels: ASKING })];
    await planOf(objects, { inject: byCanary('south'), intercept });
    expect(paths).toEqual([PROXY_PATH.replace('istiod', 'istiod-canary')]);
  });

  test.each<[string, PlanningOptions, string]>([
    ['is left alone if the injector alone adds a sidecar', { intercept: relayed(injectedNow) }, 'NoInjector'],
    ['is left alone if the injector cannot be asked alone', { relays: false }, 'NoInjector'],
    ['is restarted if the injector alone adds no sidecar', { intercept: relayed((asked) => asked) }, 'OutOfDate'],
  ])('on a new pod without a sidecar: its workload %s', async (_, options, reason) => {
    const objects = [OUT, selecting, ...running(admitted('north'))];
    const inject: PlanningOptions['inject'] = (asked) => labelled(asked, ASKING);
    expect(await decisionOn(objects, { inject, ...options })).toMatchObject({ reason });
  });
});

describe('a container that others add after the injector, which merges a template into the application', () => {
  const sleeping = { lifecycle: { preStop: { sleep: { seconds: 5 } } } };
  const merging = (asked: Pod): Pod => {
    const merged = asked.spec.containers.filter(({ name }) => name !== 'istio-proxy').map(({ name }) => name);
    const made = injectedNow(asked);
    const record = { containers: [...merged, 'istio-proxy'], initContainers: ['istio-init'], volumes: ['istio-envoy'] };
    const annotations = { ...made.metadata.annotations, 'sidecar.istio.io/status': JSON.stringify(record) };
    const containers = made.spec.containers.map((one) => ({ ...one, ...(merged.includes(one.name) ? sleeping : {}) }));
    return { ...made, metadata: { ...made.metadata, annotations }, spec: { ...made.spec, containers } };
  };
  const agent = { name: 'agent', image: 'agent' };
  const withAgent = (made: Pod): Pod => {
    const { containers } = made.spec;
    const isThere = containers.some(({ name }) => name === agent.name);
    return isThere ? made : { ...made, spec: { ...made.spec, containers: [...containers, agent] } };
  };
  const tool = (inject: (asked: Pod) => Pod) => ({ ...inject(pod('tool') as Pod), kind: 'Pod' }) as ClusterObject;
  const inject: PlanningOptions['inject'] = (asked) => withAgent(merging(asked));
  const options = { inject, intercept: relayed(merging) };

  test('is no difference of a single pod, which the injector saw without it', async () => {
    const running = tool((asked) => withAgent(merging(asked)));
    expect(await decisionOn([SHOP, webhook(), running], options)).toMatchObject({ decision: 'current' });
    expect(await decisionOn([SHOP, webhook(), running], { ...options, relays: false })).toMatchObject({
      decision: 'current',
    });
  });

  test('does not hide that the template is new', async () => {
    const [plan] = await planOf([SHOP, webhook(), tool((asked) => withAgent(injectedNow(asked)))], options);
    expect(plan).toMatchObject({ decision: 'warn', reason: 'BarePod' });
    expect(plan?.differences.map(({ path }) => path)).toContain('app.lifecycle.preStop.sleep.seconds');
  });
});

describe('a dry run that is denied', () => {
  const quota: FakeAnswer = refusal(403, 'Forbidden', 'pods "x" is forbidden: exceeded quota: pods, used: pods=2');
  const options = (denial: FakeAnswer = quota): PlanningOptions => ({
    inject: () => denial,
    intercept: relayed(injectedNow),
  });
  const surge = (maxSurge: number) => ({ spec: { strategy: { rollingUpdate: { maxSurge } } } });

  test.each([
    ['a StatefulSet', statefulSet('db'), 'restart'],
    ['a DaemonSet', daemonSet('agent'), 'restart'],
    ['a Deployment without surge', deployment('cart', surge(0)), 'restart'],
    ['a Deployment with surge', deployment('cart', surge(1)), 'undetermined'],
    ['a StatefulSet that is up to date', statefulSet('db', { proxies: [IMAGE] }), 'current'],
    ['a Deployment with surge that is up to date', deployment('cart', { proxies: [IMAGE] }), 'undetermined'],
  ])('by a full quota: %s', async (_, objects, decision) => {
    expect(await decisionOn([SHOP, webhook(), ...objects], options())).toMatchObject({ decision });
  });

  test.each([
    ['Pod Security', 'violates PodSecurity "restricted"'],
    [
      'a webhook that quotes a refusal by a quota',
      'admission webhook "policies.example.com" denied the request: "exceeded quota: small" is no team',
    ],
  ])('by %s leaves it undetermined', async (_, message) => {
    const denial = refusal(403, 'Forbidden', message);
    const plan = await decisionOn([SHOP, webhook(), ...statefulSet('db')], options(denial));
    expect(plan).toMatchObject({ decision: 'undetermined', reason: 'DryRunDenied' });
  });

  test.each<[string, number, string]>([
    [
      'that quotes a refusal by RBAC',
      403,
      'pods "cart-x" is forbidden: violates PodSecurity "baseline:latest": must not include "cannot get resource "secrets" in API group """',
    ],
    [
      'with the status of an object that does not exist',
      404,
      'admission webhook "policies.example.com" denied the request: namespaces "shop" not found',
    ],
  ])('by a text of its owner %s, says nothing about other workloads', async (_, status, message) => {
    const isMeant = ({ metadata: { labels } }: Pod) => labels?.app === 'cart';
    const inject: PlanningOptions['inject'] = (asked) =>
      isMeant(asked) ? refusal(status, 'Forbidden', message) : injectedNow(asked);
    const cart = deployment('cart', { template: { labels: { app: 'cart' } } });
    const plan = await planOf([SHOP, webhook(), ...cart, ...statefulSet('db')], { inject });
    expect(plan.map(({ name, reason }) => [name, reason])).toEqual([
      ['cart', 'DryRunDenied'],
      ['db', 'OutOfDate'],
    ]);
  });
});

describe('a workload that would get no sidecar any more', () => {
  const inject: PlanningOptions['inject'] = (asked) => asked;
  const opted = { template: { labels: { 'sidecar.istio.io/inject': 'true' } }, proxies: [IMAGE] };

  test('is restarted where the injector itself leaves it out', async () => {
    const plan = await decisionOn([SHOP, webhook(), ...deployment('cart', opted)], { inject });
    expect(plan).toMatchObject({ decision: 'restart', reason: 'OutOfDate' });
  });

  test.each<[string, object, PlanningOptions, string]>([
    ['nothing injects it', { namespaceSelector: { matchLabels: { other: 'yes' } } }, {}, 'NoInjector'],
    ['its webhook may not have been called', { failurePolicy: 'Ignore' }, { relays: false }, 'NoInjector'],
    [
      'its webhook has conditions',
      { matchConditions: [{ name: 'a', expression: 'true' }] },
      { relays: false },
      'NoInjector',
    ],
    [
      'its webhook may not have been called, and the injector says the same',
      { failurePolicy: 'Ignore' },
      { intercept: relayed((asked) => asked) },
      'OutOfDate',
    ],
  ])('where %s', async (_, fields, options, reason) => {
    const plan = await decisionOn([SHOP, webhook(fields), ...deployment('cart', opted)], { inject, ...options });
    expect(plan).toMatchObject({ reason });
  });
});

describe('a sidecar that is written in the pod template', () => {
  const byHand = (image: string, labels = {}) => {
    const { metadata, spec } = injected(pod('x') as Pod, image);
    return deployment('cart', { template: { labels, annotations: metadata.annotations, spec }, proxies: [undefined] });
  };

  test('of another version is a warning', async () => {
    expect(await decisionOn([SHOP, ...byHand(OLD_IMAGE)])).toEqual({
      decision: 'warn',
      reason: 'InTemplate',
      message: `1 of 1 pod out of date (istio-proxy.image ${OLD_IMAGE} → ${IMAGE}); its sidecar is part of its pod template, so a restart would bring back the same sidecar`,
      remedy: 'istioctl kube-inject -f MANIFEST-OF-cart.yaml | kubectl -n shop apply -f -',
    });
  });

  test('remains after an uninstall, until somebody edits the template', async () => {
    const inject: PlanningOptions['inject'] = (asked) => asked;
    expect(await decisionOn([SHOP, ...byHand(IMAGE)], { inject, purpose: 'remove' })).toEqual({
      decision: 'warn',
      reason: 'InTemplate',
      message:
        '1 of 1 pod has a sidecar that Istio no longer injects; its sidecar is part of its pod template, so a restart would bring back the same sidecar',
      remedy: 'kubectl -n shop edit deployment/cart',
    });
  });

  test('of a revision that no webhook serves is a warning', async () => {
    const inject: PlanningOptions['inject'] = (asked) => asked;
    const objects = byHand(OLD_IMAGE, { 'istio.io/rev': 'gone' });
    const nowhere = webhook({ namespaceSelector: { matchLabels: { other: 'yes' } } });
    const plan = await decisionOn([namespace('shop'), nowhere, ...objects], { inject });
    expect(plan).toMatchObject({ decision: 'warn', reason: 'InTemplate' });
  });

  test('of the same version is current, and so is a gateway that istiod manages', async () => {
    expect(await decisionOn([SHOP, ...byHand(IMAGE)])).toMatchObject({ decision: 'current' });
    const managed = byHand(OLD_IMAGE, { 'gateway.istio.io/managed': 'istio.io-gateway-controller' });
    const inject: PlanningOptions['inject'] = (asked) => asked;
    expect(await decisionOn([SHOP, ...managed], { inject })).toMatchObject({ decision: 'current' });
  });
});

describe('pods of a controller that is not known', () => {
  const [ray] = owner('ray.io/v1', 'RayCluster', 'pool', { proxies: [] }) as [ClusterObject];
  const member = (name: string, fields: object) => pod(name, { owner: ownerOf(ray), proxy: IMAGE, ...fields });
  const asks: PlanningOptions['inject'] = (asked) =>
    asked.metadata.annotations?.['sidecar.istio.io/inject'] === 'false' ? asked : injectedNow(asked);

  test('are each judged by what they were made from', async () => {
    const head = member('pool-head', { spec: { containers: [{ name: 'head', image: 'ray' }] } });
    const out = member('pool-out', { annotations: { 'sidecar.istio.io/inject': 'false' }, proxy: undefined });
    const objects = [SHOP, ray, head, member('pool-worker', {}), out];
    expect(await decisionOn(objects, { inject: asks })).toMatchObject({ decision: 'current' });
    const [plan] = await planOf([...objects, member('pool-old', { proxy: OLD_IMAGE })], { inject: asks });
    expect(plan).toMatchObject({ decision: 'warn', reason: 'UnknownController', pods: ['pool-old'] });
  });

  test('leave the controller undetermined where another of one of them would be refused', async () => {
    const inject: PlanningOptions['inject'] = (asked) =>
      asked.spec.containers.some(({ name }) => name === 'head')
        ? refusal(403, 'Forbidden', 'no heads here')
        : injectedNow(asked);
    const head = member('pool-z', { spec: { containers: [{ name: 'head', image: 'ray' }] } });
    const [plan] = await planOf([SHOP, ray, member('pool-a', {}), head], { inject });
    expect(plan).toMatchObject({ decision: 'undetermined', reason: 'DryRunDenied', pods: ['pool-z'] });
  });

  test('are asked about once where they are alike but for their names and numbers', async () => {
    let dryRuns = 0;
    const inject: PlanningOptions['inject'] = (asked) => {
      dryRuns += 1;
      return injectedNow(asked);
    };
    const numbered = (index: number) =>
      member(`pool-${String(index)}`, {
        labels: { app: 'pool', 'apps.kubernetes.io/pod-index': String(index) },
        spec: { hostname: `pool-${String(index)}`, containers: [{ name: 'app', image: 'app' }] },
      });
    await planOf([SHOP, ray, numbered(0), numbered(1), numbered(2)], { inject });
    expect(dryRuns).toBe(1);
  });

  test('that another pod controls have an entry of their own, beside that pod', async () => {
    const driver = pod('sums', { proxy: OLD_IMAGE });
    const executor = pod('sums-exec-1', { owner: ownerOf(driver), proxy: OLD_IMAGE });
    expect((await planOf([SHOP, driver, executor])).map(({ name, reason }) => [name, reason])).toEqual([
      ['sums', 'BarePod'],
      ['sums-exec-1', 'UnknownController'],
    ]);
  });

  test('that a Deployment controls directly are not compared as its replicas', async () => {
    const objects = deployment('cart', { proxies: [IMAGE] });
    const task = pod('cart-task', { owner: ownerOf(objects[0] as ClusterObject), proxy: OLD_IMAGE });
    expect((await planOf([SHOP, ...objects, task])).map(({ kind, decision }) => [kind, decision])).toEqual([
      ['Deployment', 'current'],
      ['Pod', 'warn'],
    ]);
  });
});
