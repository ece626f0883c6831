import { KubernetesApi } from '../../../lib/engine/cluster/api';
import type { Container, Pod } from '../../../lib/engine/cluster/objects';
import {
  daemonSet,
  deployment,
  IMAGE,
  injected,
  meshNamespace,
  namespace,
  OLD_IMAGE,
  pod,
  statefulSet,
  type ClusterObject,
  type WorkloadOptions,
} from '../cluster-builder';
import { refusal } from '../fake-api-server';
import type { FakeClusterOptions } from '../fake-cluster';
import { WEBHOOK } from '../fake-mesh';
import { decisionOn, ONE, planAndRemovals, planOf, SHOP } from '../plan-of-cluster';

/** The credentials may not create pods in any namespace. */
const NOWHERE: FakeClusterOptions = { dryRunsIn: [] };
const DRY_RUN = /\/pods$/;
const RULES = [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }];

const webhook = (fields: object): ClusterObject => ({
  ...WEBHOOK,
  webhooks: [{ ...(WEBHOOK.webhooks as readonly object[])[0], ...fields }],
});
/** A webhook of a third party for the pods of every namespace. */
const ofOthers = (kind: 'Mutating' | 'Validating'): ClusterObject => ({
  ...WEBHOOK,
  kind: `${kind}WebhookConfiguration`,
  metadata: { name: 'policies', uid: 'uid-policies' },
  webhooks: [{ name: 'policies.example.com', clientConfig: {}, rules: RULES }],
});

/** A Deployment whose running pod differs from what the injector gives. */
function running(change: (made: Pod) => Pod, options: WorkloadOptions = {}): ClusterObject[] {
  return deployment('cart', { proxies: [IMAGE], ...options }).map((object) =>
    object.kind === 'Pod' ? (change(object as Pod) as ClusterObject) : object,
  );
}

const inProxy =
  (fields: object) =>
  (made: Pod): Pod => ({
    ...made,
    spec: {
      ...made.spec,
      containers: made.spec.containers.map((one) => (one.name === 'istio-proxy' ? { ...one, ...fields } : one)),
    },
  });
const withMetadata =
  (field: 'labels' | 'annotations', entries: Record<string, string>) =>
  (made: Pod): Pod => ({
    ...made,
    metadata: { ...made.metadata, [field]: { ...made.metadata[field], ...entries } },
  });

const FULL: ClusterObject = {
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'pods', namespace: 'shop', uid: 'uid-quota' },
  status: { hard: { pods: '1' }, used: { pods: '1' } },
};

const plan = async (objects: readonly ClusterObject[], options: FakeClusterOptions = {}) =>
  decisionOn(objects, { ...NOWHERE, ...options });
const NOT_GRANTED = { decision: 'undetermined', reason: 'DryRunNotGranted' };

describe('where dry runs are not granted', () => {
  test.each<[string, readonly ClusterObject[], object]>([
    ['what is as the injector gives it is current', deployment('cart', { proxies: [IMAGE] }), { decision: 'current' }],
    ['what is of another version is restarted', deployment('cart'), { decision: 'restart', message: ONE }],
    [
      'what is in no mesh is not planned',
      [namespace('out'), ...deployment('x', { namespace: 'out', proxies: [undefined] })],
      {},
    ],
    ['what lacks its sidecar is restarted', deployment('cart', { proxies: [undefined] }), { decision: 'restart' }],
    [
      'what nothing injects any more is restarted',
      [namespace('out'), ...deployment('x', { namespace: 'out' })],
      { decision: 'restart', reason: 'OutOfDate' },
    ],
  ])('%s', async (_, objects, expected) => {
    const [found] = await planOf([SHOP, WEBHOOK, ...objects], NOWHERE);
    expect(found ?? {}).toMatchObject(expected);
  });

  test('the injector is asked once a workload, after one dry run in each namespace', async () => {
    const asked: string[] = [];
    const intercept: FakeClusterOptions['intercept'] = ({ method, path }) => {
      if (method === 'POST') {
        asked.push(path);
      }
      return undefined;
    };
    const fleet = ['a', 'b', 'c'].flatMap((name) => deployment(name, { proxies: [IMAGE, IMAGE] }));
    const other = ['d', 'e', 'f'].flatMap((name) => deployment(name, { namespace: 'other', proxies: [IMAGE] }));
    await planOf([SHOP, meshNamespace('other'), WEBHOOK, ...fleet, ...other], { ...NOWHERE, intercept });
    expect(asked.filter((path) => DRY_RUN.test(path))).toHaveLength(2);
    expect(asked.filter((path) => path.includes('/proxy/'))).toHaveLength(6);
    expect(asked).toHaveLength(8);
  });

  test('they are still sent in a namespace for which they are granted', async () => {
    const dryRuns: string[] = [];
    const intercept: FakeClusterOptions['intercept'] = ({ method, path }) => {
      if (method === 'POST' && DRY_RUN.test(path)) {
        dryRuns.push(path);
      }
      return undefined;
    };
    const objects = [SHOP, meshNamespace('other'), ...deployment('cart'), ...deployment('x', { namespace: 'other' })];
    const found = await planOf([WEBHOOK, ...objects], { dryRunsIn: ['other'], intercept });
    expect(found.map(({ decision }) => decision)).toEqual(['restart', 'restart']);
    expect(dryRuns.sort()).toEqual(['/api/v1/namespaces/other/pods', '/api/v1/namespaces/shop/pods']);
  });

  test.each<[string, (made: Pod) => Pod, string]>([
    ['the registry', inProxy({ image: IMAGE.replace('registry.example', 'mirror.example') }), 'istio-proxy.image'],
    ['resources', inProxy({ resources: { requests: { cpu: '250m' } } }), 'istio-proxy.resources'],
    ['a variable', inProxy({ env: [{ name: 'SITE', value: 'north' }] }), 'istio-proxy.env'],
  ])('what differs in %s is undetermined', async (_, change, path) => {
    const [found] = await planOf([SHOP, WEBHOOK, ...running(change)], NOWHERE);
    expect(found).toMatchObject({ ...NOT_GRANTED, differences: [], others: [{ path }] });
    expect(found?.message).toMatch(
      /^1 of 1 pod differs only in fields that others besides the injector may set \(.+\); only a dry run could show the result, and it is not granted$/,
    );
  });

  describe('of the application’s containers that a template is merged into', () => {
    /**
     * Changes a pod like a template that merges a hook into the application, and another webhook that adds a variable.
     */
    const merged = (seconds: number, env: Container['env'] = []) => {
      const lifecycle = { preStop: { sleep: { seconds } } };
      return (made: Pod): Pod => ({
        ...withMetadata('annotations', {
          'sidecar.istio.io/status': JSON.stringify({
            ...{ containers: ['istio-proxy', 'app'], initContainers: ['istio-init'], volumes: ['istio-envoy'] },
          }),
        })(made),
        spec: {
          ...made.spec,
          containers: made.spec.containers.map((one) => (one.name === 'app' ? { ...one, lifecycle, env } : one)),
        },
      });
    };
    const inject = (asked: Pod) => merged(5)(injected(asked, IMAGE));

    test.each<[string, (made: Pod) => Pod, string]>([
      ['what others add is no difference', merged(5, [{ name: 'SITE', value: 'north' }]), 'current'],
      ['what the injector merges is a reason', merged(6), 'restart'],
      ['what it merges of late is a reason', (made) => made, 'restart'],
    ])('%s', async (_, change, decision) => {
      expect(await plan([SHOP, WEBHOOK, ...running(change)], { inject })).toMatchObject({ decision });
    });
  });

  test('what others may decide is listed beside the reason for a restart', async () => {
    const [found] = await planOf(
      [SHOP, WEBHOOK, ...running(inProxy({ image: OLD_IMAGE, resources: { limits: { cpu: '1' } } }))],
      NOWHERE,
    );
    expect(found).toMatchObject({
      decision: 'restart',
      differences: [{ path: 'istio-proxy.image' }],
      others: [{ path: 'istio-proxy.resources' }],
    });
  });

  describe('whether the injector is called is worked out', () => {
    const labelled = (labels: Record<string, string>, proxies: readonly (string | undefined)[]) =>
      deployment('cart', { template: { labels }, proxies });

    test('by the labels that its webhook selects', async () => {
      const selecting = webhook({ objectSelector: { matchLabels: { mesh: 'yes' } } });
      expect(await planOf([SHOP, selecting, ...labelled({ mesh: 'no' }, [undefined])], NOWHERE)).toEqual([]);
      expect(await plan([SHOP, selecting, ...labelled({ mesh: 'yes' }, [undefined])])).toMatchObject({
        decision: 'restart',
      });
    });

    test('and is undetermined with matchConditions', async () => {
      const conditions = webhook({ matchConditions: [{ name: 'a', expression: 'true' }] });
      expect(await plan([SHOP, conditions, ...deployment('cart')])).toEqual({
        ...NOT_GRANTED,
        message:
          'its sidecar cannot be compared without a dry run, which is not granted: the injection webhook of istio-sidecar-injector has matchConditions, which only the API server can evaluate',
        remedy: 'kubectl get mutatingwebhookconfigurations,validatingwebhookconfigurations',
      });
      expect(
        await planOf(
          [namespace('out'), conditions, ...deployment('x', { namespace: 'out', proxies: [undefined] })],
          NOWHERE,
        ),
      ).toEqual([]);
    });

    test('and stops the run where a namespace of the mesh has no injector', async () => {
      const { removals } = await planAndRemovals(
        [SHOP, webhook({ rules: [] }), ...deployment('cart', { proxies: [IMAGE] })],
        NOWHERE,
      );
      expect(removals).toEqual(['Deployment shop/cart']);
    });

    test('and a namespace that is being deleted is not reported', async () => {
      const going = { ...SHOP, status: { phase: 'Terminating' } };
      expect(await planOf([going, WEBHOOK, ...deployment('cart')], NOWHERE)).toEqual([]);
    });
  });

  test('what the injector refuses is undetermined', async () => {
    const inject = () => refusal(400, 'BadRequest', 'invalid annotation');
    expect(await plan([SHOP, WEBHOOK, ...deployment('cart')], { inject })).toMatchObject({
      reason: 'DryRunDenied',
      message: 'its sidecar cannot be compared, since the injector refuses its pods: invalid annotation',
    });
  });

  test('the error is that of the dry run if the injector may not be asked, either', async () => {
    await expect(planOf([SHOP, WEBHOOK, ...deployment('cart')], { ...NOWHERE, relays: false })).rejects.toMatchObject({
      code: 'Forbidden',
      message:
        'The cluster refuses POST /api/v1/namespaces/shop/pods: pods is forbidden: User "ci" cannot create resource "pods" in API group ""; grant the verb create on pods, as a SidecarRestartAccess does (see Permissions in the README).',
    });
  });

  test('an injector that cannot be reached is an error that says so', async () => {
    const pause = jest.spyOn(KubernetesApi.prototype, 'pause').mockResolvedValue();
    const intercept: FakeClusterOptions['intercept'] = ({ path }) =>
      path.includes('/proxy/') ? refusal(500, 'InternalError', 'no endpoints available') : undefined;
    await expect(planOf([SHOP, WEBHOOK, ...deployment('cart')], { ...NOWHERE, intercept })).rejects.toMatchObject({
      code: 'InjectorUnreachable',
      message: expect.stringContaining(
        'the API server cannot relay to Service istio-system/istiod: no endpoints available',
      ) as string,
    });
    pause.mockRestore();
  });

  describe('what others write before the injector sees a pod is found on the running one', () => {
    const sized = (asked: Pod): Pod =>
      inProxy({ args: [asked.metadata.annotations?.size ?? 'small'] })(injected(asked, IMAGE));
    const asking = (asked: Pod, holder: ClusterObject | undefined): Pod =>
      holder?.metadata.labels?.['istio-injection'] === 'enabled' || asked.metadata.labels?.inject === 'yes'
        ? injected(asked, IMAGE)
        : asked;

    test('and an annotation is no reason, unless the injector makes more of it', async () => {
      const annotated = (args: string) =>
        running((made) => withMetadata('annotations', { size: 'large' })(inProxy({ args: [args] })(made)));
      expect(await plan([SHOP, WEBHOOK, ...annotated('large')], { inject: sized })).toMatchObject(NOT_GRANTED);
      expect(await plan([SHOP, WEBHOOK, ...annotated('huge')], { inject: sized })).toMatchObject({
        decision: 'restart',
      });
    });

    test('and an annotation that the injector itself writes is its own', async () => {
      const annotating = (asked: Pod): Pod => {
        const size = asked.metadata.annotations?.size ?? 'small';
        return sized(withMetadata('annotations', { size })(asked));
      };
      const objects = running((made) =>
        withMetadata('annotations', { size: 'large' })(inProxy({ args: ['large'] })(made)),
      );
      expect(await plan([SHOP, WEBHOOK, ...objects], { inject: annotating })).toMatchObject({ decision: 'restart' });
    });

    test('and a label that has a pod of the mesh injected stops no run', async () => {
      const selecting = webhook({ objectSelector: { matchLabels: { inject: 'yes' } } });
      const objects = [SHOP, selecting, ...running(withMetadata('labels', { inject: 'yes' }))];
      const { plan: found, removals } = await planAndRemovals(objects, NOWHERE);
      expect([found[0]?.reason, removals]).toEqual(['DryRunNotGranted', []]);
    });

    test('and a label that has it injected keeps its sidecar', async () => {
      const selecting = webhook({ namespaceSelector: {}, objectSelector: { matchLabels: { inject: 'yes' } } });
      const objects = running(withMetadata('labels', { inject: 'yes' }), { namespace: 'out' });
      expect(await plan([namespace('out'), selecting, ...objects], { inject: asking })).toMatchObject(NOT_GRANTED);
      const bare = running((made) => made, { namespace: 'out' });
      expect(await plan([namespace('out'), selecting, ...bare], { inject: asking })).toMatchObject({
        decision: 'restart',
      });
    });

    test('and a label that keeps it out leaves it without', async () => {
      const objects = running(withMetadata('labels', { 'sidecar.istio.io/inject': 'false' }), { proxies: [undefined] });
      expect(await plan([SHOP, WEBHOOK, ...objects])).toMatchObject(NOT_GRANTED);
    });
  });

  describe('a sidecar that is missing', () => {
    const missing = deployment('cart', { proxies: [undefined] });

    test.each<[string, readonly ClusterObject[], string]>([
      ['a mutating webhook', [SHOP, ofOthers('Mutating')], 'webhook configuration policies'],
      ['a validating webhook', [SHOP, ofOthers('Validating')], 'webhook configuration policies'],
    ])('is undetermined where %s may refuse it', async (_, objects, who) => {
      const found = await plan([WEBHOOK, ...objects, ...missing]);
      expect(found).toMatchObject(NOT_GRANTED);
      expect(found.message).toContain(`and ${who} may refuse the sidecar; only a dry run`);
    });

    test('is undetermined where Pod Security refuses it', async () => {
      const strict = namespace('shop', {
        'istio-injection': 'enabled',
        'pod-security.kubernetes.io/enforce': 'baseline',
      });
      const adding = inProxy({ securityContext: { capabilities: { add: ['NET_ADMIN'] } } });
      const inject = (asked: Pod) => adding(injected(asked, IMAGE));
      expect((await plan([strict, WEBHOOK, ...missing], { inject })).message).toContain(
        'and Pod Security level baseline of namespace shop may refuse the sidecar',
      );
      expect(await plan([strict, WEBHOOK, ...missing])).toMatchObject({ decision: 'restart' });
      expect(await plan([SHOP, WEBHOOK, ...missing], { inject })).toMatchObject({ decision: 'restart' });
    });

    test('is no matter of theirs for pods that have one', async () => {
      const objects = [SHOP, WEBHOOK, ofOthers('Mutating'), ofOthers('Validating'), ...deployment('cart')];
      expect(await plan(objects)).toMatchObject({ decision: 'restart' });
    });
  });

  test.each([
    ['a Deployment that surges', deployment('cart'), 'undetermined'],
    ['a Deployment that makes room first', deployment('cart', { spec: { strategy: { type: 'Recreate' } } }), 'restart'],
    ['a StatefulSet', statefulSet('db'), 'restart'],
    ['a DaemonSet', daemonSet('agent'), 'restart'],
    ['a Deployment that is up to date', deployment('cart', { proxies: [IMAGE] }), 'current'],
  ])('in a namespace whose quota is used up: %s', async (_, objects, decision) => {
    const found = await plan([SHOP, WEBHOOK, FULL, ...objects]);
    expect(found).toMatchObject({ decision });
    expect(found.message.includes('exceeded quota: pods, used: pods=1, limited: pods=1')).toBe(
      decision === 'undetermined',
    );
  });

  test('a full quota is ignored where a sidecar is no longer injected', async () => {
    const quota = { ...FULL, metadata: { ...FULL.metadata, namespace: 'out' } };
    const template = { labels: { 'sidecar.istio.io/inject': 'true' } };
    const objects = [namespace('out'), WEBHOOK, quota, ...statefulSet('db', { namespace: 'out', template })];
    expect(await plan(objects)).toMatchObject({ reason: 'NoInjector' });
  });

  test('a pod without a controller is reported as usual', async () => {
    expect(await plan([SHOP, WEBHOOK, pod('tool', { proxy: OLD_IMAGE })])).toMatchObject({ reason: 'BarePod' });
  });

  test('no pod is given another image while it runs, since others may rewrite it', async () => {
    const old = injected(pod('tool') as Pod, OLD_IMAGE);
    const native = (made: Pod): Pod => {
      const [proxy] = made.spec.containers.filter(({ name }) => name === 'istio-proxy') as [Container];
      const containers = made.spec.containers.filter((one) => one !== proxy);
      return { ...made, spec: { ...made.spec, containers, initContainers: [{ ...proxy, restartPolicy: 'Always' }] } };
    };
    const inject = (asked: Pod) => native(injected(asked, IMAGE));
    const objects = [SHOP, WEBHOOK, native(old) as ClusterObject];
    expect((await planOf(objects, { inject }))[0]?.inPlace).toBeDefined();
    expect((await planOf(objects, { ...NOWHERE, inject }))[0]).toMatchObject({ decision: 'warn', reason: 'BarePod' });
    expect((await planOf(objects, { ...NOWHERE, inject }))[0]?.inPlace).toBeUndefined();
  });

  test('a sidecar in the template is compared by its version', async () => {
    const byHand = (image: string) => {
      const { metadata, spec } = injected(pod('x') as Pod, image);
      return deployment('cart', { template: { annotations: metadata.annotations, spec }, proxies: [undefined] });
    };
    expect(await plan([SHOP, WEBHOOK, ...byHand(OLD_IMAGE)])).toMatchObject({ reason: 'InTemplate' });
    expect(await plan([SHOP, WEBHOOK, ...byHand(IMAGE)])).toMatchObject({ decision: 'current' });
    const mirrored = IMAGE.replace('registry.example', 'mirror.example');
    expect(await plan([SHOP, WEBHOOK, ...byHand(mirrored)])).toMatchObject(NOT_GRANTED);
  });

  test('a gateway that istiod manages, whose template contains its proxy, does not lose it', async () => {
    const labels = { 'sidecar.istio.io/inject': 'false', 'gateway.istio.io/managed': 'istio.io-gateway-controller' };
    const spec = { containers: [{ name: 'istio-proxy', image: IMAGE }] };
    const gateway = deployment('gateway', { template: { labels, spec }, proxies: [undefined] });
    const values = ['false'];
    const matchExpressions = [{ key: 'sidecar.istio.io/inject', operator: 'NotIn', values }];
    const objects = [SHOP, webhook({ objectSelector: { matchExpressions } }), ...gateway];
    expect(await plan(objects)).toMatchObject({ decision: 'current' });
  });
});
