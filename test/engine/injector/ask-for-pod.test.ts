import { askForPod } from '../../../lib/engine/injector/ask-for-pod';
import { FakeApiServer, refusal, type FakeAnswer } from '../fake-api-server';

const DEADLINE = 'Timeout: request did not complete within requested timeout - context deadline exceeded';
const LATE = { denied: 'admission took too long, for example because of a slow webhook', isLate: true };

describe('askForPod', () => {
  let fake: FakeApiServer | undefined;

  afterEach(async () => {
    await fake?.close();
  });

  /** Requests a pod, where that request gets the first answer, and all others get the second. */
  async function ask(created: FakeAnswer, others: FakeAnswer = {}) {
    fake = await FakeApiServer.start(({ method }) => (method === 'POST' ? created : others));
    const api = await fake.api({ requestTimeoutSeconds: 0.25 });
    jest.spyOn(api, 'pause').mockResolvedValue();
    return askForPod(api, 'shop', {});
  }

  const asked = () => fake?.requests.filter(({ method }) => method === 'POST').length;

  test.each<[string, FakeAnswer]>([
    ['the API server gives up', refusal(504, 'Timeout', DEADLINE)],
    ['nobody answers in time', { silent: true }],
  ])('treats admission so slow that %s as a denial, without a second request', async (_, created) => {
    expect(await ask(created)).toEqual(LATE);
    expect(asked()).toBe(1);
    expect(fake?.requests[0]?.query.get('timeout')).toBe('200ms');
  });

  test('treats any answer to another request as a sign that the API server works', async () => {
    const forbidden = refusal(403, 'Forbidden', 'forbidden: User "me" cannot get path "/version"');
    expect(await ask(refusal(504, 'Timeout', DEADLINE), forbidden)).toEqual(LATE);
  });

  test('is no denial where the API server answers nothing else either', async () => {
    await expect(ask({ silent: true }, { silent: true })).rejects.toMatchObject({ code: 'ClusterUnreachable' });
  });

  test('tries again where a proxy in between gives up', async () => {
    await expect(ask({ status: 504, body: 'Gateway Timeout' })).rejects.toMatchObject({ status: 504 });
    expect(asked()).toBe(6);
  });

  test('treats a conversion webhook that is down as a denial', async () => {
    const message =
      'conversion webhook for example.com/v1, Kind=Limit failed: Post "https://limits.tenant.svc:443/convert": connection refused';
    expect(await ask(refusal(500, 'InternalError', message))).toEqual({ denied: message });
    expect(asked()).toBe(1);
  });

  test.each(['connection refused', 'context deadline exceeded'])(
    'is an error where Istio’s own webhook fails by %s',
    async (why) => {
      const message = `failed calling webhook "namespace.sidecar-injector.istio.io": ${why}`;
      await expect(ask(refusal(500, 'InternalError', message))).rejects.toMatchObject({ code: 'InjectorUnreachable' });
    },
  );
});
