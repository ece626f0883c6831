import type { WebhookConfiguration } from '../../../lib/engine/cluster/objects';
import { injectionWebhooks, otherWebhooks, selectsPod } from '../../../lib/engine/istio/injection-webhooks';

const NAME = 'namespace.sidecar-injector.istio.io';
const rule = { operations: ['CREATE'], apiGroups: [''], resources: ['pods'] };
const configuration = (webhook: object, labels: Record<string, string> = {}): WebhookConfiguration => ({
  metadata: { name: 'one', uid: 'one', labels },
  webhooks: [{ name: NAME, clientConfig: {}, rules: [rule], ...webhook }],
});
const first = (webhook: object, labels?: Record<string, string>) =>
  injectionWebhooks([configuration(webhook, labels)])[0];

describe('injection webhooks', () => {
  test('are recognized by their names, and name the Service of their injector', () => {
    const service = { namespace: 'istio-system', name: 'istiod-canary', path: '/inject', port: 8443 };
    expect(first({ clientConfig: { service, caBundle: 'Q0E=' } }, { 'istio.io/rev': 'canary' })).toMatchObject({
      revision: 'canary',
      service,
      canBeVerified: true,
      failsClosed: true,
      hasMatchConditions: false,
    });
    expect(first({ name: 'other.example.com' })).toBeUndefined();
  });

  test.each([
    [{ service: { namespace: 'i', name: 's' } }, { namespace: 'i', name: 's', port: 443, path: '/' }],
    [{ url: 'https://istiod.example.com/inject' }, undefined],
  ])('of the client configuration %j are at the Service %j', (clientConfig, service) => {
    expect(first({ clientConfig })?.service).toEqual(service);
  });

  test.each([
    [{ service: { namespace: 'i', name: 's' } }, false],
    [{ service: { namespace: 'i', name: 's' }, caBundle: 'Q0E=' }, true],
    [{ url: 'https://istiod.example.com/inject', caBundle: 'Q0E=' }, true],
    [{ url: 'https://istiod.example.com/inject' }, true],
  ])('of the client configuration %j can be verified: %s', (clientConfig, expected) => {
    expect(first({ clientConfig })?.canBeVerified).toBe(expected);
  });

  test('say whether a pod without a sidecar is the injector’s answer', () => {
    expect(first({ failurePolicy: 'Ignore' })?.failsClosed).toBe(false);
    expect(first({ matchConditions: [{ name: 'a', expression: 'false' }] })?.hasMatchConditions).toBe(true);
  });

  test('select pods by their own labels and those of their namespace, whose name is one', () => {
    const webhook = {
      configuration: 'one',
      namespaceSelector: {
        matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['a'] }],
      },
      objectSelector: { matchLabels: { app: 'cart' } },
    };
    const selects = (namespace: string, labels: Record<string, string>) =>
      selectsPod(webhook, { namespace, namespaceLabels: {}, labels });
    expect([selects('b', { app: 'cart' }), selects('a', { app: 'cart' }), selects('b', {})]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

describe('the webhooks of others', () => {
  test.each<[string, object, number]>([
    ['that may change new pods', {}, 1],
    ['for all resources', { rules: [{ operations: ['*'], apiGroups: ['*'], resources: ['*/*'] }] }, 1],
    ['for updates', { rules: [{ ...rule, operations: ['UPDATE'] }] }, 0],
    ['for other kinds', { rules: [{ ...rule, resources: ['services'] }] }, 0],
    ['without rules', { rules: undefined }, 0],
    ['that are Istio’s', { name: NAME }, 0],
  ])('are those %s: %j', (_, webhook, count) => {
    expect(otherWebhooks([configuration({ name: 'other.example.com', ...webhook })])).toHaveLength(count);
  });
});
