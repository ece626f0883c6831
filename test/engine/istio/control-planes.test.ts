import {
  controlPlaneNamespaces,
  injectorsOf,
  readInjectionWebhooks,
  readIstiods,
  readNamespaces,
} from '../../../lib/engine/istio/control-planes';
import { istiodService, meshNamespace, namespace, type ClusterObject } from '../cluster-builder';
import { refusal } from '../fake-api-server';
import { FakeCluster, type FakeClusterOptions } from '../fake-cluster';

function configuration(name: string, labels: Record<string, string>, webhooks: object[]): ClusterObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name, uid: `uid-${name}`, labels },
    webhooks,
  };
}

const enabled = { matchLabels: { 'istio-injection': 'enabled' } };
const webhook = (name: string, namespaceSelector: object, objectSelector: object = {}, caBundle = 'Q0E=') => ({
  name,
  clientConfig: { caBundle },
  namespaceSelector,
  objectSelector,
});
const INJECTION = 'namespace.sidecar-injector.istio.io';

describe('the control planes of a cluster', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
  });

  test('are in the namespaces that the injection webhooks point to, which can be several', async () => {
    const at = (service: object | undefined) => ({
      ...webhook(INJECTION, enabled),
      clientConfig: service ? { service } : { url: 'https://istiod.example.com/inject' },
    });
    const stable = [
      at({ namespace: 'istio-system', name: 'istiod' }),
      at({ namespace: 'istio-system', name: 'other' }),
    ];
    const canary = [
      ...[at({ namespace: 'istio-canary', name: 'istiod' }), at(undefined)],
      ...[at({ namespace: '../secrets', name: 'istiod' }), at({ namespace: 'Canary', name: 'istiod' })],
    ];
    const others = [{ ...at({ namespace: 'policy', name: 'policy' }), name: 'validate.policy.example.com' }];
    cluster = await FakeCluster.start([
      configuration('istio-sidecar-injector', {}, stable),
      configuration('istio-sidecar-injector-canary-istio-canary', { 'istio.io/rev': 'canary' }, canary),
      configuration('policy', { 'istio.io/rev': 'default' }, others),
    ]);
    const webhooks = await readInjectionWebhooks(await cluster.server.api());
    expect([...controlPlaneNamespaces(webhooks)]).toEqual(['istio-system', 'istio-canary']);
  });

  async function injectors(objects: readonly ClusterObject[]) {
    cluster = await FakeCluster.start(objects);
    const api = await cluster.server.api();
    return injectorsOf(await readInjectionWebhooks(api), await readNamespaces(api));
  }

  test('have no injector when no webhook is one of injection', async () => {
    expect(await injectors([configuration('other', {}, [webhook('validation.example.com', {})])])).toEqual([]);
  });

  test('are probed where their webhook selects a namespace that istiod injects', async () => {
    const system = meshNamespace('kube-system');
    const ending = { ...meshNamespace('bank'), status: { phase: 'Terminating' } };
    const objects = [system, ending, namespace('plain'), meshNamespace('shop')];
    const [injector] = await injectors([...objects, configuration('istio', {}, [webhook(INJECTION, enabled)])]);
    expect(injector).toMatchObject({
      revision: 'default',
      webhookConfiguration: 'istio',
      places: [{ namespace: 'shop', labels: {} }],
      canBeVerified: true,
    });
  });

  test('are probed with the labels that their webhook selects', async () => {
    const byPod = { matchExpressions: [{ key: 'istio.io/rev', operator: 'In', values: ['canary'] }] };
    const [injector] = await injectors([
      namespace('plain'),
      configuration('istio-canary', { 'istio.io/rev': 'canary' }, [webhook(INJECTION, {}, byPod, '')]),
    ]);
    expect(injector).toMatchObject({
      revision: 'canary',
      webhookConfiguration: 'istio-canary',
      places: [{ namespace: 'plain', labels: { 'istio.io/rev': 'canary' } }],
      canBeVerified: false,
    });
  });

  test('are not probed where nothing is selected', async () => {
    const [injector] = await injectors([namespace('plain'), configuration('istio', {}, [webhook(INJECTION, enabled)])]);
    expect(injector?.places).toEqual([]);
  });

  test('are one for each revision, though a tag has a webhook of its own', async () => {
    const labels = { 'istio.io/rev': 'canary' };
    const found = await injectors([
      meshNamespace('shop'),
      configuration('istio-canary', labels, [webhook(INJECTION, { matchLabels: { 'istio.io/rev': 'canary' } })]),
      configuration('istio-revision-tag-default', labels, [webhook(INJECTION, enabled)]),
    ]);
    expect(found.map(({ webhookConfiguration }) => webhookConfiguration)).toEqual(['istio-revision-tag-default']);
  });
});

const SYSTEM = 'istio-system';
/** A configuration whose injection webhook calls a Service. */
const calling = (name: string, service: { readonly name: string; readonly namespace: string }, revision = 'default') =>
  configuration(name, { 'istio.io/rev': revision }, [{ name: INJECTION, clientConfig: { service } }]);
const INJECTING = calling('istio-sidecar-injector', { name: 'istiod', namespace: SYSTEM });

interface Options {
  readonly kind?: string;
  readonly namespace?: string;
  readonly revision?: string;
  /** Labels of its pods. */
  readonly labels?: unknown;
}

function control(name: string, options: Options = {}): ClusterObject {
  const { kind = 'Deployment', namespace = SYSTEM, revision, labels = { app: 'istiod' } } = options;
  return {
    ...{ apiVersion: 'apps/v1', kind },
    metadata: {
      ...{ name, namespace, uid: `uid-${namespace}-${name}` },
      labels: { app: 'istiod', ...(revision === undefined ? {} : { 'istio.io/rev': revision }) },
    },
    spec: { template: { metadata: { labels } } },
  };
}

const configMap = (name: string, namespace = SYSTEM): ClusterObject => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, uid: `${namespace}-${name}` } },
});

describe('the Deployments of the control plane', () => {
  let cluster: FakeCluster | undefined;

  afterEach(async () => {
    await cluster?.close();
  });

  async function istiods(objects: readonly ClusterObject[], options: FakeClusterOptions = {}) {
    cluster = await FakeCluster.start(objects, options);
    const api = await cluster.server.api();
    return readIstiods(api, await readInjectionWebhooks(api));
  }

  const places = async (objects: readonly ClusterObject[], options?: FakeClusterOptions) =>
    (await istiods(objects, options)).map(
      ({ deployment: { metadata } }) => `${metadata.namespace ?? ''}/${metadata.name}`,
    );

  test('have the ConfigMaps of their revision', async () => {
    const found = await istiods([
      INJECTING,
      calling('istio-sidecar-injector-canary', { name: 'istiod-canary', namespace: SYSTEM }, 'canary'),
      istiodService('istiod', SYSTEM, { app: 'istiod', istio: 'pilot' }),
      istiodService('istiod-canary', SYSTEM, { app: 'istiod', 'istio.io/rev': 'canary' }),
      control('istiod', { labels: { app: 'istiod', istio: 'pilot' } }),
      control('istiod-canary', { revision: 'canary', labels: { app: 'istiod', 'istio.io/rev': 'canary' } }),
      ...['istio', 'istio-sidecar-injector', 'istio-canary'].map((name) => configMap(name)),
    ]);
    expect(
      found.map(({ revision, injectorConfigMap, meshConfigMap }) => [
        revision,
        injectorConfigMap?.metadata.name,
        meshConfigMap?.metadata.name,
      ]),
    ).toEqual([
      ['default', 'istio-sidecar-injector', 'istio'],
      ['canary', undefined, 'istio-canary'],
    ]);
  });

  test.each(['Deployment', 'StatefulSet', 'DaemonSet', 'Job'])(
    'do not include a %s that a tenant labels like one, or its ConfigMaps',
    async (kind) => {
      const tenant = [
        control('mine', { kind, namespace: 'evil', revision: 'default' }),
        istiodService('istiod', 'evil'),
        configMap('istio', 'evil'),
        configMap('istio-sidecar-injector', 'evil'),
      ];
      const mesh = [INJECTING, istiodService(), control('istiod'), configMap('istio')];
      expect(await places([...tenant, ...mesh])).toEqual(['istio-system/istiod']);
      expect(cluster?.server.requests.filter(({ path }) => path.includes('/evil/'))).toEqual([]);
    },
  );

  test('do not include those that the Service does not select', async () => {
    const others = [
      control('other', { labels: { app: 'other' } }),
      control('bare', { labels: null }),
      control('inherited', { labels: { constructor: 'istiod' } }),
      { ...control('empty'), spec: {} },
    ];
    expect(await places([INJECTING, istiodService(), ...others])).toEqual([]);
  });

  test('are listed once where revision, tag and default call the same Service, or several Services select them', async () => {
    const tag = istiodService('istiod-revision-tag-prod');
    const webhooks = [
      INJECTING,
      calling('istio-revision-tag-default', { name: 'istiod', namespace: SYSTEM }),
      calling('istio-revision-tag-prod', { name: tag.metadata.name, namespace: SYSTEM }),
    ];
    expect(await places([...webhooks, istiodService(), tag, control('istiod')])).toEqual(['istio-system/istiod']);
    const paths = cluster?.server.requests.map(({ path }) => path) ?? [];
    expect(paths.filter((path) => path.endsWith('/services/istiod'))).toHaveLength(1);
    expect(paths.filter((path) => path.endsWith('/deployments'))).toHaveLength(1);
  });

  test('are found though their webhook selects nothing', async () => {
    const never = { matchLabels: { 'istio.io/deactivated': 'never-match' } };
    const service = { name: 'istiod', namespace: SYSTEM };
    const inactive = configuration('istio-sidecar-injector', {}, [
      { name: INJECTION, clientConfig: { service }, namespaceSelector: never, objectSelector: never },
    ]);
    expect(await places([inactive, istiodService(), control('istiod')])).toEqual(['istio-system/istiod']);
  });

  test.each<[string, ClusterObject[]]>([
    ['there is no such Service', [INJECTING]],
    ['the Service selects nothing', [INJECTING, istiodService('istiod', SYSTEM, {})]],
    [
      'the webhook calls a URL',
      [
        configuration('istio', {}, [{ name: INJECTION, clientConfig: { url: 'https://istiod.example/inject' } }]),
        istiodService(),
      ],
    ],
    ['the Service has no name that an object can have', [calling('istio', { name: '../istiod', namespace: SYSTEM })]],
    [
      'the webhook is of somebody else',
      [
        configuration('other', {}, [
          { name: INJECTION, clientConfig: {} },
          { name: 'pods.example.com', clientConfig: { service: { name: 'istiod', namespace: SYSTEM } } },
        ]),
        istiodService(),
      ],
    ],
    ['nothing of Istio is left but labels', [istiodService()]],
  ])('are none where %s', async (_, objects) => {
    expect(await places([...objects, control('istiod')])).toEqual([]);
  });

  test('are where the validation webhooks lead, once those of injection are deleted', async () => {
    const validation = {
      ...configuration('istio-validator-mesh', {}, [
        { name: 'rev.validation.istio.io', clientConfig: { service: { name: 'istiod', namespace: 'mesh' } } },
      ]),
      kind: 'ValidatingWebhookConfiguration',
    };
    const objects = [validation, istiodService('istiod', 'mesh'), control('istiod', { namespace: 'mesh' })];
    expect(await places(objects)).toEqual(['mesh/istiod']);
    await cluster?.close();
    // While there is an injector, validation webhooks are not even read.
    expect(await places([...objects, INJECTING, istiodService(), control('istiod')])).toEqual(['istio-system/istiod']);
    expect(cluster?.server.requests.some(({ path }) => path.includes('validating'))).toBe(false);
  });

  test('are an error with credentials that may not read the Service', async () => {
    const message =
      'services "istiod" is forbidden: User "ci" cannot get resource "services" in API group "" in the namespace "istio-system"';
    const intercept: FakeClusterOptions['intercept'] = ({ path }) =>
      path.endsWith('/services/istiod') ? refusal(403, 'Forbidden', message) : undefined;
    await expect(places([INJECTING, istiodService(), control('istiod')], { intercept })).rejects.toMatchObject({
      deniedByRbac: true,
      message,
    });
  });
});
