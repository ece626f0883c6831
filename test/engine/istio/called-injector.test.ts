import type { Webhook, WebhookConfiguration } from '../../../lib/engine/cluster/objects';
import { calledInjector } from '../../../lib/engine/istio/called-injector';
import { injectionWebhooks } from '../../../lib/engine/istio/injection-webhooks';

type Rule = NonNullable<Webhook['rules']>[number];

const RULE: Rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], scope: '*' };
const service = (name: string) => ({ service: { namespace: 'istio-system', name, path: '/inject' } });
const webhook = (fields: Partial<Webhook> = {}): Webhook => ({
  name: 'namespace.sidecar-injector.istio.io',
  clientConfig: service('istiod'),
  namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } },
  rules: [RULE],
  ...fields,
});
const configuration = (name: string, ...webhooks: readonly Webhook[]): WebhookConfiguration => ({
  metadata: { name, uid: name },
  webhooks,
});
const CONDITIONS = { matchConditions: [{ name: 'a', expression: 'object.metadata.name != "x"' }] };
/** How Istio's charts disable a webhook. */
const OFF = { matchLabels: { 'istio.io/deactivated': 'never-match' } };

function called(configurations: readonly WebhookConfiguration[], labels: Record<string, string> = {}) {
  const found = calledInjector(injectionWebhooks(configurations), {
    namespace: 'shop',
    namespaceLabels: { 'istio-injection': 'enabled' },
    labels,
  });
  return 'unknown' in found ? found.unknown : (found.webhook?.service?.name ?? found.webhook?.configuration);
}

describe('the injector that the API server would call', () => {
  test.each<[string, Partial<Webhook>, string | undefined]>([
    ['that of the webhook which selects the pod', {}, 'istiod'],
    ['none for another namespace', { namespaceSelector: { matchLabels: { 'istio-injection': 'other' } } }, undefined],
    ['none for a pod with other labels', { objectSelector: { matchLabels: { app: 'other' } } }, undefined],
    ['none by a webhook that is switched off', { namespaceSelector: OFF }, undefined],
    ['none by a webhook without rules', { rules: undefined }, undefined],
    ['none where it is called for updates', { rules: [{ ...RULE, operations: ['UPDATE'] }] }, undefined],
    ['none where it is called for other kinds', { rules: [{ ...RULE, resources: ['services'] }] }, undefined],
    ['none where it is called for other groups', { rules: [{ ...RULE, apiGroups: ['apps'] }] }, undefined],
    ['none where it is called for other versions', { rules: [{ ...RULE, apiVersions: ['v2'] }] }, undefined],
    ['none where it is called for what has no namespace', { rules: [{ ...RULE, scope: 'Cluster' }] }, undefined],
    [
      'that of a webhook for everything',
      { rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'], scope: 'Namespaced' }] },
      'istiod',
    ],
  ])('is %s', (_, fields, name) => {
    expect(called([configuration('one', webhook(fields))])).toBe(name);
  });

  test('is one where several webhooks lead to it', () => {
    const configurations = [configuration('two', webhook()), configuration('one', webhook(CONDITIONS), webhook())];
    expect(called(configurations)).toBe('istiod');
  });

  test('is the other where one is for pods with a label', () => {
    const canary = webhook({
      clientConfig: service('canary'),
      objectSelector: { matchLabels: { 'istio.io/rev': 'canary' } },
    });
    const present = webhook({
      objectSelector: { matchExpressions: [{ key: 'istio.io/rev', operator: 'DoesNotExist' }] },
    });
    expect(called([configuration('one', canary, present)], { 'istio.io/rev': 'canary' })).toBe('canary');
    expect(called([configuration('one', canary, present)])).toBe('istiod');
  });

  test('is unknown with matchConditions', () => {
    expect(called([configuration('one', webhook(CONDITIONS))])).toBe(
      'the injection webhook of one has matchConditions, which only the API server can evaluate',
    );
  });

  test.each([
    ['another Service', service('canary')],
    ['a URL', { url: 'https://istiod.example.com/inject' }],
  ])('is unknown where another webhook leads to %s', (_, clientConfig) => {
    expect(called([configuration('two', webhook()), configuration('one', webhook({ clientConfig }))])).toBe(
      'the webhooks of one and two select its pods, and call different injectors',
    );
  });

  test('may be reached by URL', () => {
    expect(called([configuration('one', webhook({ clientConfig: { url: 'https://istiod.example.com' } }))])).toBe(
      'one',
    );
  });
});
