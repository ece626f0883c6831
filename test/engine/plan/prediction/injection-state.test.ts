import { appliedState, readInjectionState } from '../../../../lib/engine/plan/prediction/injection-state';
import type { Manifest } from '../../../../lib/engine/plan/prediction/manifest';
import { istiodService, meshNamespace, type ClusterObject } from '../../cluster-builder';
import { WEBHOOK } from '../../fake-mesh';
import { inMemoryApi } from '../../in-memory-api';

const configMap = (name: string, data: unknown, metadata: object = {}): ClusterObject & Manifest => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap', data: data as Record<string, string> },
  metadata: { name, namespace: 'istio-system', uid: name, ...metadata },
});

const istiod = (image: string, more: object = {}, env: unknown = []): ClusterObject & Manifest => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
  metadata: { name: 'istiod', namespace: 'istio-system', uid: 'istiod', labels: { app: 'istiod' }, ...more },
  spec: {
    template: {
      metadata: { labels: { app: 'istiod' } },
      spec: { containers: [{ name: 'proxy' }, { name: 'discovery', image, env }] },
    },
  },
});

const LIVE = [
  meshNamespace('shop'),
  WEBHOOK,
  istiodService(),
  istiod('registry.example/pilot:1.31.0-distroless', {}, [
    { name: 'PILOT_X', value: '1' },
    { name: 'POD_NAME', valueFrom: {} },
  ]),
  configMap('istio-sidecar-injector', { config: 'policy: enabled', values: '{}' }),
  configMap('istio', { mesh: 'rootNamespace: istio-system' }),
];

const stateOf = (objects: readonly ClusterObject[] = LIVE) => readInjectionState(inMemoryApi(objects, (pod) => pod));

/** The state once these manifests are applied. */
async function applied(...manifests: readonly unknown[]) {
  return appliedState(await stateOf(), manifests as readonly Manifest[]);
}

describe('readInjectionState', () => {
  test('has what the control plane injects by', async () => {
    const { namespaces, webhooks, revisions, proxyConfigs } = await stateOf();
    expect(namespaces.get('shop')?.labels).toEqual({ 'istio-injection': 'enabled' });
    expect([...webhooks.keys()]).toEqual(['istio-sidecar-injector']);
    expect([...revisions.values()]).toEqual([
      {
        ...{ name: 'default', namespace: 'istio-system', version: '1.31.0', env: { PILOT_X: '1' } },
        ...{ config: 'policy: enabled', values: '{}', mesh: 'rootNamespace: istio-system' },
      },
    ]);
    expect(proxyConfigs).toEqual([]);
  });

  test('has empty texts where ConfigMaps or their keys are missing', async () => {
    const { revisions } = await stateOf([WEBHOOK, istiodService(), istiod('pilot@sha256:abc'), configMap('istio', {})]);
    expect(revisions.get('default')).toMatchObject({ config: '', values: '', mesh: '', version: undefined });
  });
});

describe('the version of a control plane', () => {
  test.each([
    ['docker.io/istio/pilot:1.31.1', {}, '1.31.1'],
    ['localhost:5000/pilot:v1.31.1-debug@sha256:abc', {}, '1.31.1'],
    ['pilot:1.31.1-vendor.3', {}, '1.31.1-vendor.3'],
    ['pilot@sha256:abc', { labels: { app: 'istiod', 'app.kubernetes.io/version': '1.31.1' } }, '1.31.1'],
    ['pilot:latest', {}, undefined],
  ])('is read from the tag or the label of the image %s', async (image, more, expected) => {
    expect((await applied(istiod(image, more))).revisions.get('default')?.version).toBe(expected);
  });
});

describe('appliedState', () => {
  test('is the same where nothing is applied, or nothing that injection depends on', async () => {
    const others = [
      configMap('istio-ca-root-cert', { 'root-cert.pem': 'x' }),
      configMap('istio', null),
      configMap('istio', { other: '' }),
      { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'cart' } },
      { apiVersion: 'serving.example/v1', kind: 'Namespace', metadata: { name: 'shop' } },
    ];
    expect(await applied(...others)).toEqual(await stateOf());
  });

  test('keeps the parts of a revision that the manifests do not contain', async () => {
    const { revisions } = await applied(configMap('istio-sidecar-injector', { config: 'policy: disabled' }));
    expect(revisions.get('default')).toMatchObject({ config: 'policy: disabled', values: '{}', version: '1.31.0' });
  });

  test('leaves alone what belongs to another mesh', async () => {
    const elsewhere = { namespace: 'istio-other' };
    expect(await applied(configMap('istio', { mesh: 'x: 1' }, elsewhere), istiod('pilot:1.40.0', elsewhere))).toEqual(
      await stateOf(),
    );
  });

  test('has further revisions, by their label or their name', async () => {
    const { revisions } = await applied(
      configMap('istio-canary', { mesh: 'x: 1' }),
      istiod('pilot:1.32.0', { name: 'istiod-next', labels: { app: 'istiod', 'istio.io/rev': 'next' } }),
    );
    expect(revisions.get('canary')).toMatchObject({ mesh: 'x: 1', config: '', version: undefined });
    expect(revisions.get('next')).toMatchObject({ version: '1.32.0', namespace: 'istio-system' });
  });

  test.each<[string, object | null, boolean]>([
    ['a Service in the namespace of istiod', { service: { name: 'any', namespace: 'istio-system' } }, true],
    ['a Service in another namespace', { service: { name: 'any', namespace: 'mesh' } }, false],
    ['a URL', { url: 'https://istiod.example/inject' }, false],
    ['nothing', null, true],
  ])('adds a further revision only if its webhook leads here or says nothing: %s', async (_, clientConfig, isTaken) => {
    const labels = { 'istio.io/rev': 'canary' };
    const { revisions } = await applied(
      configMap('istio-canary', { mesh: 'x: 1' }),
      istiod('pilot:1.32.0', { name: 'istiod-canary', labels: { app: 'istiod', ...labels } }),
      {
        ...WEBHOOK,
        metadata: { name: 'istio-sidecar-injector-canary', labels },
        webhooks: [{ name: 'sidecar-injector.istio.io', clientConfig }],
      },
    );
    expect(revisions.has('canary')).toBe(isTaken);
  });

  test('has the webhooks in the order in which they are called', async () => {
    const one = { ...WEBHOOK, metadata: { ...WEBHOOK.metadata, name: 'a-tag' }, webhooks: null };
    const { webhooks } = await applied(one);
    expect([...webhooks].map(([name, { webhooks: all }]) => [name, all?.length])).toEqual([
      ['a-tag', 0],
      ['istio-sidecar-injector', 1],
    ]);
  });

  test('has ProxyConfigs in the namespace that kubectl takes, and the age of those that are there', async () => {
    const kind = { apiVersion: 'networking.istio.io/v1beta1', kind: 'ProxyConfig' };
    const live = { ...kind, metadata: { name: 'a', namespace: 'default', uid: 'a', creationTimestamp: '2024' } };
    const state = { ...(await stateOf()), proxyConfigs: [live] };
    const manifest = { ...kind, metadata: { name: 'a', creationTimestamp: null }, spec: { concurrency: 1 } };
    expect(appliedState(state, [manifest as unknown as Manifest]).proxyConfigs).toEqual([
      { metadata: live.metadata, spec: { concurrency: 1 } },
    ]);
  });

  const REFUSED = 'fix it: istiod would reject it and keep its current one.';
  test.each([
    [
      'no YAML',
      { config: 'policy: [' },
      /^The injector's configuration of revision default is not valid YAML in "config": .+; fix it/,
    ],
    [
      'no text',
      { config: { policy: 'enabled' } },
      /^The injector's configuration of revision default is not valid YAML in "config": /,
    ],
    [
      'a list',
      { config: '', values: '- 1' },
      `The injector's configuration of revision default has a value that is not a mapping in "values"; ${REFUSED}`,
    ],
    [
      'a text',
      { config: 'garbage' },
      `The injector's configuration of revision default has a value that is not a mapping in "config"; ${REFUSED}`,
    ],
    [
      'a selector that is no list',
      { config: 'neverInjectSelector: { matchLabels: {} }' },
      `The injector's configuration of revision default has a value that is not a list in "neverInjectSelector" of "config"; ${REFUSED}`,
    ],
  ])('refuses a configuration that is %s', async (_, data, message) => {
    const state = applied(configMap('istio-sidecar-injector', data));
    await expect(state).rejects.toMatchObject({ code: 'InvalidOption' });
    await expect(state).rejects.toThrow(message);
  });

  test.each([
    ['webhooks', { ...WEBHOOK, webhooks: 'none' }, 'MutatingWebhookConfiguration istio-sidecar-injector', 'webhooks'],
    [
      'containers',
      { ...istiod(''), spec: { template: { spec: { containers: {} } } } },
      'Deployment istiod',
      'spec.template.spec.containers',
    ],
    ['variables', istiod('pilot:1.31.1', {}, { A: '1' }), 'Deployment istiod', 'env'],
  ])('refuses %s that are no list', async (_, manifest, name, path) => {
    await expect(applied(manifest)).rejects.toMatchObject({
      code: 'InvalidOption',
      message: `The ${path} of ${name} is not a list of objects; fix it: the API server would reject it.`,
    });
  });

  test('accepts an istiod without a spec', async () => {
    const { revisions } = await applied({ ...istiod(''), spec: undefined });
    expect(revisions.get('default')).toMatchObject({ env: {}, version: undefined });
  });
});
