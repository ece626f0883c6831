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
const GIVEN = review({ allowed: true, patch: patch(PATCH) });
const SIDECAR = { sidecar: { containers: { 'istio-proxy': { fields: { image: 'proxyv2' } } } } };
const UNREACHABLE = refusal(503, 'ServiceUnavailable', 'no endpoints available');
const OTHER = { body: { hello: 'world' } };
const DENIED = refusal(
  403,
  'Forbidden',
  'services "https:istiod:443" is forbidden: User "ci" cannot create resource "services/proxy"',
);

describe('an injector that is asked alone', () => {
  let server: FakeApiServer | undefined;

  afterEach(async () => {
    await server?.close();
  });

  /** An injector behind an API server that sends these answers. */
  async function injector(answer: () => FakeAnswer, requestTimeoutSeconds = 30) {
    server = await FakeApiServer.start(answer);
    const api = await server.api({ requestTimeoutSeconds });
    jest.spyOn(api, 'pause').mockResolvedValue();
    const alone = new InjectorAlone(api);
    const ask = (webhook = WEBHOOK) => alone.ask(webhook, 'shop', POD);
    const askTimes = (times: number) => Promise.all(Array.from({ length: times }, () => ask()));
    return { alone, ask, askTimes, requests: server.requests };
  }

  async function askTwice(answer: FakeAnswer, webhook?: InjectionWebhook) {
    const { alone, ask, requests } = await injector(() => answer);
    const first = await ask(webhook);
    await ask(webhook);
    return { first, problems: alone.problems, requests };
  }

  test('gives the sidecar that its patch makes, by way of the Service that its webhook points to', async () => {
    const { first, problems, requests } = await askTwice(GIVEN);
    expect(first).toMatchObject(SIDECAR);
    expect(problems).toEqual([]);
    expect(requests[0]).toMatchObject({
      method: 'POST',
      path: '/api/v1/namespaces/istio-system/services/https:istiod:443/proxy/inject/cluster/a%20b',
      body: { kind: 'AdmissionReview', request: { namespace: 'shop', operation: 'CREATE', object: POD } },
    });
  });

  test('gives none where it leaves the pod as it is', async () => {
    expect((await askTwice(review({ allowed: true }))).first).toMatchObject({ sidecar: undefined });
  });

  test('says why it refuses', async () => {
    const refused = review({ allowed: false, status: { message: 'invalid annotation' } });
    expect((await askTwice(refused)).first).toEqual({ refused: 'invalid annotation' });
  });

  test.each<[string, FakeAnswer, string]>([
    [
      'may not be asked',
      DENIED,
      'the credentials may not create services/proxy https:istiod:443 in namespace istio-system',
    ],
    [
      'does not exist',
      refusal(404, 'NotFound', 'services "istiod" not found'),
      'the API server cannot relay to Service istio-system/istiod: services "istiod" not found',
    ],
  ])('that %s is not asked again, and the reason is reported', async (_, answer, problem) => {
    const { first, problems, requests } = await askTwice(answer);
    expect([first, problems, requests.length]).toEqual([undefined, [problem], 1]);
  });

  test.each<[string, FakeAnswer, string]>([
    [
      'cannot be reached',
      UNREACHABLE,
      'the API server cannot relay to Service istio-system/istiod: no endpoints available',
    ],
    [
      'does not answer in time',
      { silent: true },
      'the API server cannot relay to Service istio-system/istiod: no answer within 1 s',
    ],
    ['is not an injector', OTHER, 'Service istio-system/istiod does not answer with an AdmissionReview'],
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
  ])('that %s is asked about the next pod, and the reason is reported once', async (_, failing, problem) => {
    let answer = failing;
    const { alone, ask } = await injector(() => answer, 1);
    expect([await ask(), await ask()]).toEqual([undefined, undefined]);
    expect(alone.problems).toHaveLength(1);
    expect(alone.problems[0]?.replaceAll("'", '’')).toContain(problem);
    answer = GIVEN;
    expect(await ask()).toMatchObject(SIDECAR);
    expect(alone.problems).toEqual([expect.stringMatching(/ \(other requests to it succeeded\)$/) as string]);
  });

  test('that cannot be reached for a moment is asked again about the same pod', async () => {
    let failures = 0;
    const { alone, ask } = await injector(() => (++failures <= 3 ? UNREACHABLE : GIVEN));
    expect(await ask()).toMatchObject(SIDECAR);
    expect(alone.problems).toEqual([]);
  });

  test('that has answered is asked again after an interruption of all concurrent requests', async () => {
    let answer: FakeAnswer = GIVEN;
    const { ask, askTimes } = await injector(() => answer);
    expect(await ask()).toMatchObject(SIDECAR);
    answer = OTHER;
    await askTimes(16);
    answer = GIVEN;
    expect(await ask()).toMatchObject(SIDECAR);
  });

  test('that has answered is not asked again after many consecutive failures', async () => {
    let answer: FakeAnswer = GIVEN;
    const { ask, askTimes, requests } = await injector(() => answer);
    await ask();
    answer = OTHER;
    for (let round = 0; round < 10; round++) {
      await askTimes(4);
    }
    expect(requests).toHaveLength(1 + 20);
    answer = GIVEN;
    expect(await ask()).toBeUndefined();
  });

  test('that has never answered is not asked again after three failures, until it is retried', async () => {
    let answer: FakeAnswer = OTHER;
    const { alone, ask, requests } = await injector(() => answer);
    for (let times = 0; times < 10; times++) {
      await ask();
    }
    expect(requests).toHaveLength(3);
    answer = GIVEN;
    expect(await ask()).toBeUndefined();
    expect(alone.problems).toEqual(['Service istio-system/istiod does not answer with an AdmissionReview']);
    alone.retry();
    expect(alone.problems).toEqual([]);
    expect(await ask()).toMatchObject(SIDECAR);
  });

  test('that may not be asked is not retried', async () => {
    const { alone, ask, requests } = await injector(() => DENIED);
    await ask();
    alone.retry();
    await ask();
    expect(requests).toHaveLength(1);
  });

  test('that is reached by URL is not asked', async () => {
    const { first, problems, requests } = await askTwice(review({ allowed: true }), { ...WEBHOOK, service: undefined });
    expect([first, requests.length]).toEqual([undefined, 0]);
    expect(problems).toEqual([
      'MutatingWebhookConfiguration istio-sidecar-injector calls its injector by URL, to which the API server relays no requests',
    ]);
  });
});
