import type { WebhookConfiguration } from '../../../lib/engine/cluster/objects';
import {
  applyWebhookConfiguration,
  deleteWebhookConfiguration,
  findWebhookConfiguration,
  mergeIntoLive,
  type WebhookManifest,
} from '../../../lib/engine/istio/webhook-configuration';
import { FakeApiServer, refusal } from '../fake-api-server';

const ENABLED = { key: 'istio-injection', operator: 'In', values: ['enabled'] };
const CLOUD = { key: 'control-plane', operator: 'DoesNotExist' };
const service = { name: 'istiod', namespace: 'istio-system' };

const manifest = (expressions: readonly (typeof ENABLED)[] = [ENABLED], names = ['a']): WebhookManifest => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'injector', labels: { app: 'sidecar-injector' } },
  webhooks: names.map((name) => ({
    name,
    clientConfig: { service },
    namespaceSelector: { matchExpressions: expressions },
  })),
});

const live = (applied: WebhookManifest): WebhookConfiguration => ({
  ...applied,
  metadata: { ...applied.metadata, uid: 'u1', resourceVersion: '7', annotations: { 'cloud/seen': 'yes' } },
  webhooks: (applied.webhooks ?? []).map((webhook) => ({
    ...webhook,
    failurePolicy: 'Fail',
    clientConfig: { ...webhook.clientConfig, caBundle: 'LS0t' },
    namespaceSelector: { matchExpressions: [...(webhook.namespaceSelector?.matchExpressions ?? []), CLOUD] },
  })),
});

describe('mergeIntoLive', () => {
  test('keeps what istiod and the cloud provider have written', () => {
    expect(mergeIntoLive(manifest(), manifest(), live(manifest()))).toEqual({
      ...manifest(),
      metadata: {
        name: 'injector',
        uid: 'u1',
        resourceVersion: '7',
        labels: { app: 'sidecar-injector' },
        annotations: { 'cloud/seen': 'yes' },
      },
      webhooks: [
        {
          name: 'a',
          failurePolicy: 'Fail',
          clientConfig: { service, caBundle: 'LS0t' },
          namespaceSelector: { matchExpressions: [ENABLED, CLOUD], matchLabels: {} },
        },
      ],
    });
  });

  test('follows the chart: an expression that it no longer has goes, one that it adds comes', () => {
    const changed = { key: 'istio.io/rev', operator: 'In', values: ['default'] };
    const merged = mergeIntoLive(manifest([changed]), manifest([ENABLED]), live(manifest([ENABLED])));
    expect(merged.webhooks?.[0]?.namespaceSelector?.matchExpressions).toEqual([changed, CLOUD]);
  });

  test('matches webhooks by name, in any order', () => {
    const merged = mergeIntoLive(manifest([ENABLED], ['new', 'a']), manifest(), live(manifest()));
    expect(merged.webhooks?.map(({ name, clientConfig }) => [name, clientConfig.caBundle])).toEqual([
      ['new', undefined],
      ['a', 'LS0t'],
    ]);
    expect(merged.webhooks?.[0]?.namespaceSelector?.matchExpressions).toEqual([ENABLED]);
  });

  test('leaves out a webhook that the chart no longer has', () => {
    const merged = mergeIntoLive(
      manifest([ENABLED], ['a']),
      manifest([ENABLED], ['a', 'b']),
      live(manifest([ENABLED], ['a', 'b'])),
    );
    expect(merged.webhooks?.map(({ name }) => name)).toEqual(['a']);
  });
});

describe('applyWebhookConfiguration', () => {
  test('creates what is not there, and replaces what is, on a fresh read after a conflict', async () => {
    const seen: string[] = [];
    let stored: WebhookConfiguration | undefined;
    let conflicts = 1;
    const server = await FakeApiServer.start(({ method, path, body }) => {
      seen.push(`${method} ${path.split('?')[0] ?? ''}`);
      if (method === 'GET') {
        return stored ? { body: stored } : refusal(404, 'NotFound', 'not found');
      }
      if (method === 'PUT' && conflicts-- > 0) {
        return refusal(409, 'Conflict', 'the object has been modified');
      }
      stored = method === 'DELETE' ? undefined : live(body as WebhookManifest);
      return { body: stored ?? {} };
    });
    try {
      const cluster = { kubeconfig: server.kubeconfig };
      await applyWebhookConfiguration(cluster, manifest());
      await applyWebhookConfiguration(cluster, manifest(), manifest());
      await deleteWebhookConfiguration(cluster, manifest());
      const collection = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
      expect(seen).toEqual([
        `GET ${collection}/injector`,
        `POST ${collection}`,
        `GET ${collection}/injector`,
        `PUT ${collection}/injector`,
        `GET ${collection}/injector`,
        `PUT ${collection}/injector`,
        `DELETE ${collection}/injector`,
      ]);
    } finally {
      await server.close();
    }
  });

  test.each([
    ['get', applyWebhookConfiguration, 'GET'],
    ['get', findWebhookConfiguration, 'GET'],
    ['delete', deleteWebhookConfiguration, 'DELETE'],
  ])('says that the verb %s is lacking (%p)', async (verb, work, method) => {
    const resource = 'mutatingwebhookconfigurations.admissionregistration.k8s.io';
    const message = `${resource} "injector" is forbidden: User "me" cannot ${verb} resource "mutatingwebhookconfigurations" in API group "admissionregistration.k8s.io" at the cluster scope`;
    const server = await FakeApiServer.start(() => refusal(403, 'Forbidden', message));
    try {
      await expect(work({ kubeconfig: server.kubeconfig }, manifest())).rejects.toMatchObject({
        code: 'Forbidden',
        message: `The cluster refuses ${method} /apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/injector: ${message}; grant the verb ${verb} on ${resource}, which the user that applies Istio needs.`,
      });
    } finally {
      await server.close();
    }
  });
});
