import { KubernetesApi } from '../../../lib/engine/cluster/api';
import { FakeApiServer, kubeconfigFor, refusal, type FakeAnswer, type FakeRequest } from '../fake-api-server';
import { Certificates } from './certificates';

describe('KubernetesApi', () => {
  let server: FakeApiServer | undefined;

  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  /** Answers requests in turn; all further requests get the last answer. */
  async function answering(...answers: readonly FakeAnswer[]): Promise<FakeApiServer> {
    let next = 0;
    server = await FakeApiServer.start(() => answers[Math.min(next++, answers.length - 1)] ?? {});
    return server;
  }

  const names = ({ metadata }: { metadata: { name: string } }) => metadata.name;
  const page = (items: readonly string[], next = ''): FakeAnswer => ({
    body: { items: items.map((name) => ({ metadata: { name } })), metadata: { continue: next } },
  });

  test('authenticates with the token of the kubeconfig and says who asks', async () => {
    const certificates = new Certificates();
    const own = certificates.server('server', certificates.authority('authority'), ['IP:127.0.0.1']);
    certificates.remove();
    server = await FakeApiServer.start(() => ({ body: { kind: 'Namespace' } }), own);
    expect(await (await server.api()).get('/api/v1/namespaces/shop')).toEqual({ kind: 'Namespace' });
    expect(server.requests[0]?.headers).toMatchObject({
      authorization: 'Bearer a-token',
      'user-agent': 'istio-module',
    });
  });

  test('reads a list page by page', async () => {
    const fake = await answering(page(['a', 'b'], 'page-2'), page(['c']));
    expect(await (await fake.api()).list('/api/v1/pods', names, { labelSelector: 'app=a' })).toEqual(['a', 'b', 'c']);
    expect(fake.requests.map(({ query }) => Object.fromEntries(query))).toEqual([
      { limit: '500', labelSelector: 'app=a' },
      { limit: '500', labelSelector: 'app=a', continue: 'page-2' },
    ]);
  });

  describe('a list of several pages, which tells at its beginning where the next one starts', () => {
    /** A page as the API server writes it: the metadata of the list come first. */
    const ordered = (items: readonly string[], next: string): FakeAnswer => ({
      body: JSON.stringify({ metadata: { continue: next }, items: items.map((name) => ({ metadata: { name } })) }),
    });
    const TWENTY = Array.from({ length: 20 }, (_, index) => `pod-${String(index)}`);
    const tokens = (fake: FakeApiServer) => fake.requests.map(({ query }) => query.get('continue') ?? 'none');

    test('is asked for the next page while one is on its way', async () => {
      let asked: () => void = () => undefined;
      const isAsked = new Promise<void>((resolve) => {
        asked = resolve;
      });
      server = await FakeApiServer.start(({ query }) => {
        if (query.has('continue')) {
          asked();
          return ordered(['last'], '');
        }
        return { ...ordered(TWENTY, 'page-2'), halfUntil: isAsked };
      });
      expect(await (await server.api()).list('/api/v1/pods', names)).toEqual([...TWENTY, 'last']);
      expect(tokens(server)).toEqual(['none', 'page-2']);
    });

    test('has no more than two pages on their way', async () => {
      let [underWay, most] = [0, 0];
      server = await FakeApiServer.start(({ query }) => {
        underWay += 1;
        most = Math.max(most, underWay);
        const index = Number(query.get('continue') ?? '0');
        const answered = new Promise((resolve) => setTimeout(resolve, 20)).then(() => (underWay -= 1));
        return { ...ordered(TWENTY, index < 5 ? String(index + 1) : ''), halfUntil: answered };
      });
      expect(await (await server.api()).list('/api/v1/pods', names)).toHaveLength(6 * 20);
      expect(most).toBe(2);
    });

    test('continues after a page that had to be read again', async () => {
      let first = true;
      server = await FakeApiServer.start(({ query }) => {
        switch (query.get('continue')) {
          case 'after-the-cut-one':
            return ordered(['missed two'], '');
          case 'after-the-whole-one':
            return ordered(['c'], '');
          default: {
            const answer = first
              ? { ...ordered(TWENTY, 'after-the-cut-one'), cut: true }
              : ordered(['a', 'b'], 'after-the-whole-one');
            first = false;
            return answer;
          }
        }
      });
      expect(await (await server.api()).list('/api/v1/pods', names)).toEqual(['a', 'b', 'c']);
    });

    test('fails as a whole when its second page does', async () => {
      const fake = await answering(ordered(TWENTY, 'page-2'), refusal(403, 'Forbidden', 'no pods for you'));
      await expect((await fake.api()).list('/api/v1/pods', names)).rejects.toMatchObject({ status: 403 });
    });
  });

  test('asks for metadata alone when nothing else is read', async () => {
    const fake = await answering(page([]));
    await (await fake.api()).list('/apis/apps/v1/replicasets', names, { metadataOnly: true });
    expect(fake.requests[0]?.headers.accept).toBe('application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1');
  });

  test('takes a list of null items for an empty one', async () => {
    const fake = await answering({ body: { items: null } });
    expect(await (await fake.api()).list('/api/v1/pods', names)).toEqual([]);
  });

  test('counts no item twice when the connection is cut in the middle of a page', async () => {
    const fake = await answering(page(['a'], 'page-2'), { ...page(['b', 'c', 'd']), cut: true }, page(['b', 'c', 'd']));
    expect(await (await fake.api()).list('/api/v1/pods', names)).toEqual(['a', 'b', 'c', 'd']);
    expect(fake.requests).toHaveLength(3);
  });

  test('reads the rest of a page again that a proxy has lost', async () => {
    const whole = JSON.stringify(page(['a', 'b']).body);
    const fake = await answering({ body: whole.slice(0, whole.indexOf('b')) }, { body: whole });
    expect(await (await fake.api()).list('/api/v1/pods', names)).toEqual(['a', 'b']);
  });

  test('leaves out the arrays that are not read, and hands over those that are read as text', async () => {
    const metadata = { name: 'a', managedFields: [{ manager: 'kubelet' }] };
    const spec = { containers: [{ name: 'app' }], volumes: [{ name: 'data' }] };
    const status = { phase: 'Running', conditions: [{ type: 'Ready' }] };
    const fake = await answering({ body: { items: [{ metadata, spec, status }] } });
    const options = { fieldSelector: 'a=b', omitted: ['status.conditions'], asText: ['spec.containers'] };
    const read = (item: unknown, arrays: unknown) => ({ item, arrays });
    expect(await (await fake.api()).list('/api/v1/pods', read, options)).toEqual([
      {
        item: {
          metadata: { name: 'a', managedFields: [] },
          spec: { containers: [], volumes: [{ name: 'data' }] },
          status: { phase: 'Running', conditions: [] },
        },
        arrays: { 'spec.containers': '[{"name":"app"}]' },
      },
    ]);
    expect(fake.requests[0]?.query.get('fieldSelector')).toBe('a=b');
  });

  test('passes on an error of the function that reads an item', async () => {
    const fake = await answering(page(['a']));
    const failing = () => {
      throw new TypeError('this item cannot be read');
    };
    await expect((await fake.api()).list('/api/v1/pods', failing)).rejects.toThrow('this item cannot be read');
    expect(fake.requests).toHaveLength(1);
  });

  test('starts a list over, and counts nothing twice, when it expires between two pages', async () => {
    const fake = await answering(page(['a'], 'page-2'), refusal(410, 'Expired', 'too old'), page(['a', 'b']));
    expect(await (await fake.api()).list('/api/v1/pods', names)).toEqual(['a', 'b']);
    expect(fake.requests[2]?.query.has('continue')).toBe(false);
  });

  test('gives up a list that expires again and again', async () => {
    const fake = await answering(refusal(410, 'Expired', 'too old'));
    await expect((await fake.api()).list('/api/v1/pods', names)).rejects.toMatchObject({
      name: 'ApiFailure',
      status: 410,
      reason: 'Expired',
      message: 'too old',
      request: 'GET /api/v1/pods',
    });
    expect(fake.requests).toHaveLength(4);
  });

  test('waits as long as Retry-After says when it is told to slow down', async () => {
    const fake = await answering(
      { ...refusal(429, 'TooManyRequests', 'slow down'), headers: { 'retry-after': '1' } },
      { body: { ok: true } },
    );
    const started = Date.now();
    expect(await (await fake.api()).get('/version')).toEqual({ ok: true });
    expect(Date.now() - started).toBeGreaterThanOrEqual(990);
  });

  test.each([502, 503, 504])('tries again after status %d', async (status) => {
    const fake = await answering({ status, body: 'upstream is gone' }, { body: { ok: true } });
    expect(await (await fake.api()).get('/version')).toEqual({ ok: true });
    expect(fake.requests).toHaveLength(2);
  });

  test('tries again after a failure of the API server itself, whatever the request', async () => {
    const failing = refusal(500, 'InternalError', 'etcdserver: leader changed');
    const fake = await answering(failing, { body: { ok: true } });
    expect(await (await fake.api()).mergePatch('/apis/apps/v1/namespaces/shop/deployments/cart', {}, 'me')).toEqual({
      ok: true,
    });
    expect(fake.requests.map(({ method }) => method)).toEqual(['PATCH', 'PATCH']);
  });

  test('tries again when an answer is truncated without an error', async () => {
    const fake = await answering({ body: '{"items":[{"metadata":{"na' }, page(['a']));
    expect(await (await fake.api()).list('/api/v1/pods', names)).toEqual(['a']);
  });

  test('gives up when every answer is truncated', async () => {
    const fake = await answering({ body: '{"items":' });
    const api = await fake.api();
    jest.spyOn(api, 'pause').mockResolvedValue();
    await expect(api.list('/api/v1/pods', names)).rejects.toMatchObject({
      code: 'UnexpectedAnswer',
      message: `The API server's answer to GET /api/v1/pods is not JSON; check that ${fake.url} is a Kubernetes API server.`,
    });
    expect(fake.requests).toHaveLength(6);
  });

  test('tries again when the connection is cut in the middle of an answer', async () => {
    const fake = await answering({ ...page(['a', 'b', 'c']), cut: true }, page(['a', 'b', 'c']));
    expect(await (await fake.api()).list('/api/v1/pods', names)).toEqual(['a', 'b', 'c']);
  });

  test('tries again when an answer takes too long', async () => {
    const fake = await answering({ silent: true }, { body: { ok: true } });
    expect(await (await fake.api({ requestTimeoutSeconds: 0.1 })).get('/version')).toEqual({ ok: true });
  });

  test('waits for an answer as long as its option says, even longer than a timer can', async () => {
    const fake = await answering({ silent: true });
    const api = await fake.api({ requestTimeoutSeconds: 3_000_000, signal: AbortSignal.timeout(1_000) });
    await expect(api.get('/version')).rejects.toMatchObject({ code: 'Aborted' });
    expect(fake.requests).toHaveLength(1);
  });

  test.each([
    [500, 'InternalError', 'failed calling webhook'],
    [403, 'Forbidden', 'no'],
    [409, 'Conflict', 'changed meanwhile'],
  ])('passes on a refusal with status %d at once', async (status, reason, message) => {
    const fake = await answering(refusal(status, reason, message));
    await expect((await fake.api()).get('/api/v1/pods')).rejects.toMatchObject({ status, reason, message });
    expect(fake.requests).toHaveLength(1);
  });

  test.each([401, 429, 503, 504])('does not repeat what a webhook refuses with status %d', async (status) => {
    const message = 'admission webhook "policies.example.com" denied the request: no';
    const fake = await answering(refusal(status, 'Timeout', message));
    await expect((await fake.api()).dryRunCreate('/api/v1/namespaces/shop/pods', {})).rejects.toMatchObject({
      ...{ status: 403, message, isOfAdmission: true, isLate: false },
    });
    expect(fake.requests).toHaveLength(1);
  });

  test('shows a refusal that is not a Status object unchanged', async () => {
    const fake = await answering({ status: 400, body: '<html>Bad Request</html>\n' });
    await expect((await fake.api()).get('/')).rejects.toMatchObject({
      message: '<html>Bad Request</html>',
      reason: '',
    });
  });

  test('names the status of a refusal without a body', async () => {
    const fake = await answering({ status: 400, body: '' });
    await expect((await fake.api()).get('/')).rejects.toMatchObject({ message: 'HTTP status 400' });
  });

  test('names the server that is not an API server, since it does not answer in JSON', async () => {
    const fake = await answering({ body: '<html>Welcome</html>' });
    await expect((await fake.api()).get('/api/v1/pods')).rejects.toMatchObject({
      code: 'UnexpectedAnswer',
      message: `The API server's answer to GET /api/v1/pods is not JSON; check that ${fake.url} is a Kubernetes API server.`,
    });
  });

  test.each(['{"error":"log in first"}', '{"kind":"PodList","items":{}}', '[]', 'null', '"items"'])(
    'refuses %s as the answer to a list, and does not treat it as an empty one',
    async (body) => {
      const fake = await answering({ body });
      await expect((await fake.api()).list('/api/v1/pods', names)).rejects.toMatchObject({
        code: 'UnexpectedAnswer',
        message: `The API server's answer to GET /api/v1/pods is not a list; check that ${fake.url} is a Kubernetes API server.`,
      });
    },
  );

  test.each(['{"error":"log in first"}', '{"metadata":{}}', '[]', 'null'])(
    'refuses %s as the answer to the creation of a pod',
    async (body) => {
      const fake = await answering({ body });
      await expect((await fake.api()).dryRunCreate('/api/v1/namespaces/shop/pods', {})).rejects.toMatchObject({
        code: 'UnexpectedAnswer',
        message: `The API server's answer to POST /api/v1/namespaces/shop/pods is not the object that was to be created; check that ${fake.url} is a Kubernetes API server.`,
      });
    },
  );

  test('names server, context and request when nobody listens', async () => {
    const gone = await FakeApiServer.start(() => ({}));
    const { url } = gone;
    await gone.close();
    const api = await KubernetesApi.open({ kubeconfig: kubeconfigFor(url) });
    const pauses: number[] = [];
    jest.spyOn(api, 'pause').mockImplementation((milliseconds) => {
      pauses.push(milliseconds);
      return Promise.resolve();
    });
    await expect(api.get('/api/v1/pods')).rejects.toMatchObject({
      code: 'ClusterUnreachable',
      message: expect.stringMatching(
        new RegExp(
          `^The API server ${url} \\(context "fake"\\) cannot be reached: .*connect ECONNREFUSED .* \\(GET /api/v1/pods\\); check the kubeconfig, the context and the network\\.$`,
        ),
      ) as string,
    });
    expect(pauses).toEqual([200, 400, 800, 1600, 3200]);
    api.close();
  });

  test('finds nothing after a 404, and fails on every other refusal', async () => {
    const fake = await answering(refusal(404, 'NotFound', 'not found'), refusal(403, 'Forbidden', 'no'));
    const api = await fake.api();
    expect(await api.find('/api/v1/namespaces/a')).toBeUndefined();
    await expect(api.find('/api/v1/namespaces/a')).rejects.toMatchObject({ status: 403 });
  });

  test('creates only as a dry run', async () => {
    const fake = await answering({ body: { kind: 'Pod', metadata: {}, spec: {} } });
    await (await fake.api()).dryRunCreate('/api/v1/namespaces/shop/pods', { kind: 'Pod' });
    const request = fake.requests[0] as FakeRequest;
    expect([request.method, request.query.get('dryRun'), request.body]).toEqual(['POST', 'All', { kind: 'Pod' }]);
  });

  test('sends a merge patch under the name of its field manager', async () => {
    const fake = await answering({});
    await (await fake.api()).mergePatch('/apis/apps/v1/namespaces/shop/deployments/cart', { a: 1 }, 'istio-module');
    const { method, query, headers, body } = fake.requests[0] as FakeRequest;
    expect([method, query.get('fieldManager'), headers['content-type'], body]).toEqual([
      'PATCH',
      'istio-module',
      'application/merge-patch+json',
      { a: 1 },
    ]);
  });

  test('keeps the path that the server has in the kubeconfig', async () => {
    const fake = await answering({});
    const api = await KubernetesApi.open({ kubeconfig: kubeconfigFor(`${fake.url}/k8s/clusters/one/`) });
    await api.get('/api/v1/pods');
    api.close();
    expect(fake.requests[0]?.path).toBe('/k8s/clusters/one/api/v1/pods');
  });

  test("reads the API server's clock, and keeps the last one when an answer has none that can be read", async () => {
    const fake = await answering({ headers: { date: 'Mon, 02 Nov 2026 10:00:00 GMT' } }, { headers: { date: 'soon' } });
    const api = await fake.api();
    await api.get('/version');
    await api.get('/version');
    expect(new Date(api.clock.now).toISOString()).toBe('2026-11-02T10:00:00.000Z');
  });

  describe('stopped by its caller', () => {
    const aborted = { code: 'Aborted', message: 'Stopped on request; run again to continue.' };

    test('sends nothing afterwards', async () => {
      const fake = await answering({});
      await expect((await fake.api({ signal: AbortSignal.abort() })).get('/version')).rejects.toMatchObject(aborted);
      expect(fake.requests).toHaveLength(0);
    });

    test('ends the request under way and does not repeat it', async () => {
      const fake = await answering({ silent: true });
      const caller = new AbortController();
      const answer = (await fake.api({ signal: caller.signal })).get('/version');
      const stopped = expect(answer).rejects.toMatchObject(aborted);
      while (fake.requests.length === 0) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      caller.abort();
      await stopped;
      expect(fake.requests).toHaveLength(1);
    });

    test('ends a pause early', async () => {
      const fake = await answering({});
      await expect((await fake.api({ signal: AbortSignal.timeout(50) })).pause(60_000)).rejects.toMatchObject(aborted);
    }, 5_000);
  });
});
