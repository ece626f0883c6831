import { identityOf, refuseForeignResources } from '../../../lib/engine/istio/foreign-resources';
import { FakeApiServer, refusal, type FakeAnswer } from '../fake-api-server';

const KINDS: Readonly<Record<string, readonly object[]>> = {
  '/apis/networking.istio.io/v1': [
    { name: 'virtualservices', kind: 'VirtualService', verbs: ['list'] },
    { name: 'virtualservices/status', kind: 'VirtualService', verbs: ['get'] },
  ],
  '/apis/networking.istio.io/v1alpha3': [
    { name: 'virtualservices', kind: 'VirtualService', verbs: ['list'] },
    { name: 'envoyfilters', kind: 'EnvoyFilter', verbs: ['list'] },
  ],
  '/apis/security.istio.io/v1': [{ name: 'peerauthentications', kind: 'PeerAuthentication', verbs: ['list'] }],
};
const GROUPS = [
  { name: 'apps', versions: [{ groupVersion: 'apps/v1' }] },
  { name: 'notistio.io', versions: [{ groupVersion: 'notistio.io/v1' }] },
  {
    name: 'networking.istio.io',
    versions: [{ groupVersion: 'networking.istio.io/v1' }, { groupVersion: 'networking.istio.io/v1alpha3' }],
  },
  { name: 'security.istio.io', versions: [{ groupVersion: 'security.istio.io/v1' }] },
];

describe('refuseForeignResources', () => {
  let server: FakeApiServer | undefined;
  let refused: Readonly<Record<string, string>> = {};

  afterEach(async () => {
    await server?.close();
    refused = {};
  });

  /** A cluster with these objects, each as `path: [namespace/name]`. */
  async function refuse(objects: Readonly<Record<string, readonly string[]>>, owned: readonly string[] = []) {
    server = await FakeApiServer.start(({ path }): FakeAnswer => {
      if (path === '/apis') {
        return { body: { groups: GROUPS } };
      }
      const message = refused[path];
      if (message) {
        return refusal(403, 'Forbidden', message);
      }
      const resources = KINDS[path];
      if (resources) {
        return { body: { resources } };
      }
      if (!Object.keys(KINDS).some((version) => path.startsWith(`${version}/`))) {
        return refusal(404, 'NotFound', path);
      }
      const items = (objects[path] ?? []).map((one) => {
        const [namespace, name] = one.split('/');
        return { metadata: { namespace, name } };
      });
      return { body: { items } };
    });
    await refuseForeignResources({ kubeconfig: server.kubeconfig }, owned);
  }

  const SERVICES = '/apis/networking.istio.io/v1/virtualservices';
  const FILTERS = '/apis/networking.istio.io/v1alpha3/envoyfilters';

  test('lets an uninstall pass when nothing is left', async () => {
    await expect(refuse({})).resolves.toBeUndefined();
  });

  test('lets an uninstall pass when all that is left goes with it', async () => {
    const mine = identityOf({ kind: 'VirtualService', namespace: 'shop', name: 'cart' });
    await expect(refuse({ [SERVICES]: ['shop/cart'] }, [mine])).resolves.toBeUndefined();
  });

  test('lists what would be lost, each once though two versions serve it', async () => {
    const objects = { [SERVICES]: ['shop/cart'], '/apis/networking.istio.io/v1alpha3/virtualservices': ['shop/cart'] };
    await expect(refuse(objects)).rejects.toMatchObject({
      code: 'ForeignResources',
      message:
        "Istio is not uninstalled: 1 resource of Istio's API groups that this stack does not own would be deleted with Istio's CRDs: VirtualService shop/cart; delete it first; to delete it with Istio, set force: true, run pulumi up and uninstall again.",
    });
  });

  test('says which permission it lacks', async () => {
    const message =
      'envoyfilters.networking.istio.io is forbidden: User "me" cannot list resource "envoyfilters" in API group "networking.istio.io" at the cluster scope';
    refused = { [FILTERS]: message };
    await expect(refuse({})).rejects.toMatchObject({
      code: 'Forbidden',
      message: `The cluster refuses GET ${FILTERS}: ${message}; grant the verb list on envoyfilters.networking.istio.io, as a SidecarRestartAccess does, unless it has uninstall: false (see Permissions in the README).`,
    });
  });

  test('finds kinds that the preferred version of their group does not serve', async () => {
    const objects = { [FILTERS]: ['shop/lua'], '/apis/security.istio.io/v1/peerauthentications': ['shop/default'] };
    await expect(refuse(objects)).rejects.toThrow(
      /^Istio is not uninstalled: 2 resources of .*: EnvoyFilter shop\/lua, PeerAuthentication shop\/default; delete them first;/,
    );
  });

  test('cuts a long list short', async () => {
    const many = Array.from({ length: 21 }, (_, index) => `shop/route-${String(index)}`);
    await expect(refuse({ [SERVICES]: many })).rejects.toThrow(
      /: 21 resources .*, VirtualService shop\/route-19, …; delete them first;/,
    );
  });
});
