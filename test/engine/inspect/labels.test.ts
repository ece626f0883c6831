import { deployment, namespace } from '../cluster-builder';
import { findingsOf, inspectionOf, revisionWebhooks, tagWebhooks } from './inspection-of';

const error = { severity: 'error', blocks: ['upgrade'] };
const object = { kind: 'Namespace', namespace: '', name: 'shop' };
const shop = (labels: Readonly<Record<string, string>>) => [namespace('shop', labels)];

describe('two labels of one namespace', () => {
  const webhooks = [revisionWebhooks(), revisionWebhooks('canary')];

  test.each([
    ['enabled', 'canary', 'so revision default injects its pods'],
    ['disabled', 'canary', 'so nothing injects its pods'],
    ['enabled', 'gone', 'so revision default injects its pods'],
    ['disabled', 'gone', 'so nothing injects its pods'],
  ])('istio-injection=%s and istio.io/rev=%s contradict each other', async (injection, revision, effect) => {
    const objects = shop({ 'istio-injection': injection, 'istio.io/rev': revision });
    const { findings } = await inspectionOf({ objects, webhooks });
    expect(findings).toEqual([
      {
        ...error,
        code: 'ConflictingInjectionLabels',
        object,
        message: `Namespace shop has both labels istio-injection=${injection} and istio.io/rev=${revision}; the latter has no effect, ${effect}`,
        remedy: 'kubectl label namespace shop istio.io/rev-',
      },
    ]);
  });

  test('agree where both choose the same control plane', async () => {
    const objects = shop({ 'istio-injection': 'enabled', 'istio.io/rev': '1-31' });
    const tagged = [revisionWebhooks('1-31'), tagWebhooks('default', '1-31')];
    expect((await inspectionOf({ objects, webhooks: tagged })).findings).toEqual([]);
  });
});

describe('a label that no webhook serves', () => {
  test('is reported for a namespace whose revision is gone', async () => {
    const objects = shop({ 'istio.io/rev': '1-29' });
    expect(await findingsOf('UnservedRevision', { objects })).toEqual([
      {
        ...error,
        code: 'UnservedRevision',
        object,
        message:
          'Namespace shop has the label istio.io/rev=1-29, which no injection webhook serves, so its pods get no sidecar when they are restarted; injection webhooks serve default',
        remedy: 'kubectl label namespace shop istio.io/rev=default --overwrite',
      },
    ]);
  });

  test('is reported for the plain label where every control plane has a revision', async () => {
    const objects = shop({ 'istio-injection': 'enabled' });
    const webhooks = [revisionWebhooks('1-31', false)];
    expect(await findingsOf('UnservedRevision', { objects, webhooks })).toMatchObject([
      {
        message:
          'Namespace shop has the label istio-injection=enabled, which no injection webhook serves, so its pods get no sidecar when they are restarted; injection webhooks serve 1-31',
        remedy: 'kubectl label namespace shop istio-injection- istio.io/rev=1-31 --overwrite',
      },
    ]);
  });

  test('has no remedy where several revisions could be meant', async () => {
    const webhooks = [revisionWebhooks('1-31'), tagWebhooks('prod', '1-31')];
    const found = await findingsOf('UnservedRevision', { objects: shop({ 'istio.io/rev': 'gone' }), webhooks });
    expect(found).toMatchObject([
      { message: expect.stringMatching(/; injection webhooks serve 1-31, prod$/) as string, remedy: '' },
    ]);
  });

  test('is reported for any label where there is no webhook', async () => {
    const found = await findingsOf('UnservedRevision', { objects: shop({ 'istio.io/rev': 'gone' }), webhooks: [] });
    expect(found).toMatchObject([
      { message: expect.stringMatching(/; the cluster has no injection webhook$/) as string },
    ]);
  });

  test('is reported for the labels of pods', async () => {
    const labels = { 'istio.io/rev': '1-29' };
    const objects = [...shop({}), ...deployment('cart', { template: { labels } })];
    expect(await findingsOf('UnservedRevision', { objects })).toEqual([
      {
        ...error,
        code: 'UnservedRevision',
        object: { kind: 'Deployment', namespace: 'shop', name: 'cart' },
        message:
          'The pods of Deployment shop/cart have the label istio.io/rev=1-29, which no injection webhook serves, so they get no sidecar when they are restarted; injection webhooks serve default',
        remedy: '',
      },
    ]);
    const optedOut = { ...labels, 'sidecar.istio.io/inject': 'false' };
    const without = [...shop({}), ...deployment('cart', { template: { labels: optedOut } })];
    expect(await findingsOf('UnservedRevision', { objects: without })).toEqual([]);
  });

  test.each<Readonly<Record<string, string>>>([
    { 'istio.io/rev': 'prod' },
    { 'istio.io/rev': '1-31' },
    { 'istio-injection': 'disabled' },
    {},
  ])('is not reported for %j', async (labels) => {
    const webhooks = [revisionWebhooks('1-31'), tagWebhooks('prod', '1-31')];
    expect(await findingsOf('UnservedRevision', { objects: shop(labels), webhooks })).toEqual([]);
  });
});
