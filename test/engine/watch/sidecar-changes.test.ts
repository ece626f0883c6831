import { SidecarChanges } from '../../../lib/engine/watch/sidecar-changes';
import { FakeApiServer, refusal, type FakeAnswer, type FakeRequest } from '../fake-api-server';

const NAMESPACES = '/api/v1/namespaces';
const CONFIG_MAPS = '/api/v1/namespaces/istio-system/configmaps';
const PROXY_CONFIGS = '/apis/networking.istio.io/v1beta1/proxyconfigs';
const MESH = { controlPlanes: ['istio-system'], root: 'istio-config' };
const DEPLOYMENTS = '/apis/apps/v1/namespaces/istio-system/deployments';

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly [field: string]: unknown;
}

describe('the changes that decide about sidecars', () => {
  let server: FakeApiServer;
  let ending: AbortController;
  let said: string[];
  let scopes: unknown[];

  beforeEach(() => {
    ending = new AbortController();
    said = [];
    scopes = [];
  });

  afterEach(async () => {
    ending.abort();
    await server.close();
  });

  const object = (metadata: Metadata) => ({ metadata: { uid: metadata.name, resourceVersion: '1', ...metadata } });
  const event = (type: string, metadata: Metadata) => `${JSON.stringify({ type, object: object(metadata) })}\n`;

  /**
   * Follows `istio-system`.
   *
   * @param there what the collections contain at first
   * @param events the events of the first watch of each collection, which then stays open
   */
  async function follow(
    there: Readonly<Record<string, readonly Metadata[]>>,
    events: Readonly<Record<string, readonly string[]>>,
    refused: (request: FakeRequest) => FakeAnswer | undefined = () => undefined,
  ): Promise<SidecarChanges> {
    const watched = new Set<string>();
    server = await FakeApiServer.start((request) => {
      const { path, query } = request;
      const refusing = refused(request);
      if (refusing) {
        return refusing;
      }
      if (query.get('watch') !== 'true') {
        return { body: { metadata: { resourceVersion: '1' }, items: (there[path] ?? []).map(object) } };
      }
      if (watched.has(path)) {
        return { silent: true };
      }
      watched.add(path);
      return { body: (events[path] ?? []).join('') };
    });
    const changes = new SidecarChanges(await server.api({ signal: ending.signal }), {
      onChange: (what, scope) => {
        said.push(what);
        scopes.push(scope);
      },
      onRefused: (message) => said.push(message),
    });
    await changes.follow(MESH);
    const isWatchedAgain = () =>
      server.requests.filter(({ query }) => query.get('watch') === 'true').length >= 2 * watched.size &&
      watched.size > 0;
    while (!isWatchedAgain()) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return changes;
  }

  test('are labels and annotations of Namespaces, not what else changes in them', async () => {
    await follow(
      { [NAMESPACES]: [{ name: 'shop', labels: { a: '1' } }, { name: 'old' }] },
      {
        [NAMESPACES]: [
          event('MODIFIED', { name: 'shop', labels: { a: '1' }, resourceVersion: '2' }),
          event('MODIFIED', { name: 'shop', labels: { a: '2' }, resourceVersion: '3' }),
          event('MODIFIED', { name: 'shop', labels: { a: '2' }, annotations: { b: '1' }, resourceVersion: '4' }),
          event('DELETED', { name: 'old', resourceVersion: '5' }),
          event('ADDED', { name: 'new', resourceVersion: '6' }),
        ],
      },
    );
    expect(said).toEqual([
      'Namespace shop was changed',
      'Namespace shop was changed',
      'Namespace old was deleted',
      'Namespace new was changed',
    ]);
  });

  test("are the injector's ConfigMaps, not those in which leaders are elected, nor others", async () => {
    const changed = (name: string, more: object = {}) =>
      event('MODIFIED', { name, namespace: 'istio-system', resourceVersion: '2', ...more });
    const leader = { annotations: { 'control-plane.alpha.kubernetes.io/leader': '{}' } };
    await follow(
      {
        [CONFIG_MAPS]: [
          { name: 'istio' },
          { name: 'istio-sidecar-injector-canary' },
          { name: 'istio-leader', ...leader },
        ],
      },
      {
        [CONFIG_MAPS]: [
          ...[
            changed('istio-leader', leader),
            changed('values'),
            changed('istio'),
            changed('istio-sidecar-injector-canary'),
          ],
        ],
      },
    );
    expect(said).toEqual([
      'ConfigMap istio-system/istio was changed',
      'ConfigMap istio-system/istio-sidecar-injector-canary was changed',
    ]);
  });

  test.each([
    ['a ProxyConfig of the root namespace', PROXY_CONFIGS, 'istio-config', 'mesh'],
    ['a ProxyConfig of another namespace', PROXY_CONFIGS, 'shop', { namespace: 'shop' }],
    ['a Namespace', NAMESPACES, undefined, { namespace: 'istio' }],
    ['a ConfigMap of the injector', CONFIG_MAPS, 'istio-system', 'mesh'],
  ])('concern the mesh or a namespace: %s', async (_, path, namespace, expected) => {
    await follow({}, { [path]: [event('ADDED', { name: 'istio', namespace, generation: 1 })] });
    expect(scopes).toEqual([expected]);
  });

  test('are the specs of Deployments, not their status', async () => {
    const istiod = (generation: number, resourceVersion: string) => ({
      ...{ name: 'istiod', namespace: 'istio-system' },
      ...{ generation, resourceVersion },
    });
    await follow(
      { [DEPLOYMENTS]: [istiod(1, '1')] },
      { [DEPLOYMENTS]: [event('MODIFIED', istiod(1, '2')), event('MODIFIED', istiod(2, '3'))] },
    );
    expect(said).toEqual(['Deployment istio-system/istiod was changed']);
  });

  test('of a kind that may not be watched are not reported; a note says so once, and the watch is tried again', async () => {
    const forbidden = refusal(403, 'Forbidden', 'cannot list resource "configmaps"');
    const changes = await follow({}, {}, ({ path }) => (path === CONFIG_MAPS ? forbidden : undefined));
    await changes.follow(MESH);
    expect(said).toEqual(['ConfigMaps cannot be watched: cannot list resource "configmaps"']);
    expect(server.requests.filter(({ path }) => path === CONFIG_MAPS)).toHaveLength(2);
    expect(server.requests.filter(({ path, query }) => path === NAMESPACES && !query.has('watch'))).toHaveLength(2);
  });

  describe('in the namespaces of control planes', () => {
    const inNamespace = (namespace: string, resource: string) =>
      resource === 'configmaps'
        ? `/api/v1/namespaces/${namespace}/configmaps`
        : `/apis/apps/v1/namespaces/${namespace}/deployments`;
    /** The collections in namespaces that are being watched now. */
    const open = () =>
      [...server.waiting]
        .map(({ path }) => path)
        .filter((path) => path.includes('/namespaces/'))
        .sort();
    const both = (...namespaces: string[]) =>
      namespaces.flatMap((one) => [inNamespace(one, 'configmaps'), inNamespace(one, 'deployments')]).sort();

    async function becomes(paths: readonly string[]): Promise<void> {
      while (JSON.stringify(open()) !== JSON.stringify(paths)) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }

    test('are followed in each, from when it is one, for as long as it is one', async () => {
      const canary = { name: 'istio-sidecar-injector-canary', namespace: 'istio-canary' };
      const changed = event('MODIFIED', { ...canary, resourceVersion: '2' });
      const path = inNamespace('istio-canary', 'configmaps');
      const changes = await follow({ [path]: [canary] }, { [path]: [changed] });
      await becomes(both('istio-system'));
      expect(said).toEqual([]);

      await changes.follow({ controlPlanes: ['istio-system', 'istio-canary'], root: undefined });
      await becomes(both('istio-system', 'istio-canary'));
      expect(said).toEqual(['ConfigMap istio-canary/istio-sidecar-injector-canary was changed']);

      await changes.follow({ controlPlanes: ['istio-canary'], root: undefined });
      await becomes(both('istio-canary'));
      await changes.follow({ controlPlanes: ['istio-system', 'istio-canary'], root: undefined });
      await becomes(both('istio-system', 'istio-canary'));
      await changes.follow({ controlPlanes: [], root: undefined });
      await becomes([]);
      expect(said).toHaveLength(1);
    });

    test('may be refused in one of them, which is reported again after that namespace was gone', async () => {
      const path = inNamespace('istio-canary', 'configmaps');
      const forbidden = refusal(403, 'Forbidden', 'cannot list resource "configmaps" in "istio-canary"');
      const changes = await follow({}, {}, (request) => (request.path === path ? forbidden : undefined));
      await changes.follow({ controlPlanes: ['istio-system', 'istio-canary'], root: undefined });
      await changes.follow({ controlPlanes: ['istio-system', 'istio-canary'], root: undefined });
      const refused = 'ConfigMaps cannot be watched: cannot list resource "configmaps" in "istio-canary"';
      expect(said).toEqual([refused]);
      await becomes([...both('istio-system'), inNamespace('istio-canary', 'deployments')].sort());

      await changes.follow(MESH);
      await changes.follow({ controlPlanes: ['istio-system', 'istio-canary'], root: undefined });
      expect(said).toEqual([refused, refused]);
    });
  });
});
