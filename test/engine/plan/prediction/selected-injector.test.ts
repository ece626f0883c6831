import type { InjectionState, Revision } from '../../../../lib/engine/plan/prediction/injection-state';
import { injectorSelection } from '../../../../lib/engine/plan/prediction/selected-injector';

const revision = (name: string, config = ''): Revision => ({
  ...{ name, namespace: 'istio-system', config, values: '', mesh: '', env: {}, version: '1.31.1' },
});

const webhookOf = (name: string, of: string, matchLabels: Record<string, string>, path = '/inject') => ({
  metadata: { name, uid: name, labels: { 'istio.io/rev': of } },
  webhooks: [
    {
      name: 'rev.namespace.sidecar-injector.istio.io',
      clientConfig: { service: { path } },
      namespaceSelector: { matchLabels },
    },
  ],
});

function select(
  pod: { readonly namespace?: string; readonly labels?: object; readonly annotations?: object; readonly spec?: object },
  config = '',
): string | undefined {
  const webhooks = [
    webhookOf('istio-sidecar-injector', 'default', { 'istio-injection': 'enabled' }),
    webhookOf('istio-revision-tag-prod', 'canary', { 'istio.io/rev': 'prod' }, '/inject/cluster/east/net/one'),
  ];
  const namespaces = {
    shop: { 'istio-injection': 'enabled' },
    bank: { 'istio.io/rev': 'prod' },
    legacy: {},
    'kube-system': { 'istio-injection': 'enabled' },
  };
  const state = {
    namespaces: new Map(Object.entries(namespaces).map(([name, labels]) => [name, { labels, annotations: {} }])),
    webhooks: new Map(webhooks.map((one) => [one.metadata.name, one])),
    revisions: new Map([
      ['default', revision('default', config)],
      ['canary', revision('canary')],
    ]),
    proxyConfigs: [],
  } as unknown as InjectionState;
  const { namespace = 'shop', labels = {}, annotations = {}, spec = {} } = pod;
  const metadata = { namespace, labels: { ...labels }, annotations: { ...annotations } };
  const chosen = injectorSelection(state)({ metadata, spec });
  return chosen && [chosen.revision.name, chosen.cluster, chosen.network].filter(Boolean).join(' ');
}

describe('injectorSelection', () => {
  test.each([
    ['a namespace with injection', {}, 'default'],
    ['a tag, with what its webhook adds', { namespace: 'bank' }, 'canary east one'],
    ['a namespace without injection', { namespace: 'legacy' }, undefined],
    ['a namespace that the cluster does not have', { namespace: 'new' }, undefined],
    ['a namespace that istiod never injects', { namespace: 'kube-system' }, undefined],
    ['a pod on the network of its node', { spec: { hostNetwork: true } }, undefined],
    ['a pod that refuses by its label', { labels: { 'sidecar.istio.io/inject': 'false' } }, undefined],
    ['a pod that refuses by its annotation', { annotations: { 'sidecar.istio.io/inject': 'false' } }, undefined],
  ])('gives the injector of %s, or none', (_, pod, expected) => {
    expect(select(pod)).toBe(expected);
  });

  test('respects the policy, and the selectors beside it', () => {
    const disabled = 'policy: disabled\nalwaysInjectSelector: [{ matchLabels: { always: "1" } }]';
    expect(select({}, disabled)).toBeUndefined();
    expect(select({ labels: { always: '1' } }, disabled)).toBe('default');
    expect(select({ annotations: { 'sidecar.istio.io/inject': 'true' } }, disabled)).toBe('default');
    const never = 'policy: enabled\nneverInjectSelector: [{ matchLabels: { job: "1" } }, {}]';
    expect(select({ labels: { job: '1' } }, never)).toBeUndefined();
    expect(select({}, never)).toBe('default');
  });
});
