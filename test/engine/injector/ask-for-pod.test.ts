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

  const BY_WEBHOOK = 'admission webhook "policies.example.com" denied the request: ';
  const ENDS = 'unable to create new content in namespace shop because it is being terminated';

  test.each<[string, number, string, string]>([
    [
      'quotes a refusal by RBAC in a field of the pod',
      403,
      'Forbidden',
      'pods "cart-1-x" is forbidden: violates PodSecurity "baseline:latest": non-default capabilities (container "app" must not include "User "me" cannot get resource "secrets" in API group """ in securityContext.capabilities.add)',
    ],
    ['claims that the namespace does not exist', 404, 'NotFound', `${BY_WEBHOOK}namespaces "shop" not found`],
    ['claims that the namespace is being deleted', 403, 'Forbidden', `${BY_WEBHOOK}${ENDS}`],
    ['claims that the credentials are invalid', 401, 'Unauthorized', `${BY_WEBHOOK}Unauthorized`],
    ['claims that the API server fails', 500, 'InternalError', `${BY_WEBHOOK}etcdserver: no leader`],
    ['claims that it took too long', 504, 'Timeout', `${BY_WEBHOOK}${DEADLINE}`],
    [
      'claims that Istio’s own webhook fails',
      500,
      'InternalError',
      `${BY_WEBHOOK}failed calling webhook "namespace.sidecar-injector.istio.io": refused`,
    ],
    [
      'comes from a policy that answers like failed authentication',
      401,
      'Unauthorized',
      `pods "cart-1-x" is forbidden: ValidatingAdmissionPolicy 'owners' with binding 'shop' denied request: no owner`,
    ],
  ])('treats a refusal as a denial of this pod only, even if it %s', async (_, status, reason, message) => {
    const causes = [{ reason: 'NamespaceTerminating', message: 'namespace shop is being terminated' }];
    const details = message.startsWith(BY_WEBHOOK) ? { kind: 'namespaces', name: 'shop', causes } : {};
    const { body } = refusal(status, reason, message);
    expect(await ask({ status, body: { ...(body as object), details } })).toEqual({ denied: message });
  });

  test('has no answer where the namespace does not exist, or is being deleted', async () => {
    expect(await ask(refusal(404, 'NotFound', 'namespaces "shop" not found'))).toBeUndefined();
    await fake?.close();
    const causes = [{ reason: 'NamespaceTerminating', message: 'namespace shop is being terminated' }];
    const { body } = refusal(403, 'Forbidden', `pods "cart-1-x" is forbidden: ${ENDS}`);
    expect(await ask({ status: 403, body: { ...(body as object), details: { causes } } })).toBeUndefined();
  });

  test('is an error where RBAC refuses the request, even if an authorizer adds a reason', async () => {
    const message =
      'pods is forbidden: User "me" cannot create resource "pods" in API group "" in the namespace "shop": requires one of ["container.pods.create"] permission(s).';
    await expect(ask(refusal(403, 'Forbidden', message))).rejects.toMatchObject({
      code: 'Forbidden',
      remedy: 'grant the verb create on pods, as a SidecarRestartAccess does (see Permissions in the README)',
    });
  });
});
