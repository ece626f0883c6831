import { InjectorAlone } from '../../../lib/engine/injector/injector-alone';
import type { InjectionWebhook } from '../../../lib/engine/istio/injection-webhooks';
import { FakeApiServer, refusal, type FakeAnswer } from '../fake-api-server';

const WEBHOOK: InjectionWebhook = {
  revision: 'default',
  configuration: 'istio-sidecar-injector',
  namespaceSelector: {},
  objectSelector: {},
  hasMatchConditions: false,
  failsClosed: true,
  canBeVerified: true,
  service: { namespace: 'istio-system', name: 'istiod', port: 443, path: '/inject/cluster/a b' },
};
const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { labels: { app: 'cart' } },
  spec: { containers: [{ name: 'app' }] },
};
const PATCH = [{ op: 'add', path: '/spec/containers/-', value: { name: 'istio-proxy', image: 'proxyv2' } }];
const review = (response: object): FakeAnswer => ({ body: { kind: 'AdmissionReview', response } });
const patch = (operations: object) => Buffer.from(JSON.stringify(operations)).toString('base64');

describe('an injector that is asked alone', () => {
  let server: FakeApiServer | undefined;

  afterEach(async () => {
    await server?.close();
  });

  async function ask(answer: FakeAnswer, webhook: InjectionWebhook = WEBHOOK) {
    server = await FakeApiServer.start(() => answer);
    const alone = new InjectorAlone(await server.api());
    const first = await alone.ask(webhook, 'shop', POD);
    await alone.ask(webhook, 'shop', POD);
    return { first, problems: alone.problems, requests: server.requests };
  }

  test('gives the sidecar that its patch makes, by way of the Service that its webhook points to', async () => {
    const { first, problems, requests } = await ask(review({ allowed: true, patch: patch(PATCH) }));
    expect(first).toMatchObject({ sidecar: { containers: { 'istio-proxy': { fields: { image: 'proxyv2' } } } } });
    expect(problems).toEqual([]);
    expect(requests[0]).toMatchObject({
      method: 'POST',
      path: '/api/v1/namespaces/istio-system/services/https:istiod:443/proxy/inject/cluster/a%20b',
      body: { kind: 'AdmissionReview', request: { namespace: 'shop', operation: 'CREATE', object: POD } },
    });
  });

  test('gives none where it leaves the pod as it is', async () => {
    expect((await ask(review({ allowed: true }))).first).toMatchObject({ sidecar: undefined });
  });

  test('says why it refuses', async () => {
    const refused = review({ allowed: false, status: { message: 'invalid annotation' } });
    expect((await ask(refused)).first).toEqual({ refused: 'invalid annotation' });
  });

  test.each<[string, FakeAnswer, string]>([
    [
      'may not be asked',
      refusal(
        403,
        'Forbidden',
        'services "https:istiod:443" is forbidden: User "ci" cannot create resource "services/proxy"',
      ),
      'the credentials may not create services/proxy https:istiod:443 in namespace istio-system',
    ],
    [
      'cannot be reached',
      refusal(500, 'InternalError', 'no endpoints available'),
      'the API server cannot relay to Service istio-system/istiod: no endpoints available',
    ],
    [
      'is not an injector',
      { body: { hello: 'world' } },
      'Service istio-system/istiod does not answer with an AdmissionReview',
    ],
    [
      'is answered for by something else',
      { body: '<html>' },
      'the API server cannot relay to Service istio-system/istiod: The API server’s answer',
    ],
    [
      'patches a field that does not exist',
      review({ allowed: true, patch: patch([{ op: 'remove', path: '/spec/volumes/7' }]) }),
      'Service istio-system/istiod does not answer with an AdmissionReview',
    ],
  ])('that %s is not asked again, and the reason is reported once', async (_, answer, problem) => {
    const { first, problems, requests } = await ask(answer);
    expect(first).toBeUndefined();
    expect(problems).toHaveLength(1);
    expect(problems[0]?.replaceAll("'", '’')).toContain(problem);
    expect(requests.length).toBeLessThanOrEqual(2);
  });

  test('that is reached by URL is not asked', async () => {
    const { first, problems, requests } = await ask(review({ allowed: true }), { ...WEBHOOK, service: undefined });
    expect([first, requests.length]).toEqual([undefined, 0]);
    expect(problems).toEqual([
      'MutatingWebhookConfiguration istio-sidecar-injector calls its injector by URL, to which the API server relays no requests',
    ]);
  });
});
