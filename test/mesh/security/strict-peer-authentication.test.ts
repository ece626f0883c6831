import { MeshNamespace, MutualTls, StrictPeerAuthentication } from 'istio-module';
import { emptyChart, fakeModule, synthesized, title } from '../synthesis';

describe('StrictPeerAuthentication', () => {
  test('covers workloads of a namespace, with ports that are treated differently', () => {
    const chart = emptyChart();
    const namespace = new MeshNamespace(chart, 'shop', { name: 'shop' });
    new StrictPeerAuthentication(chart, 'db', {
      namespace,
      workload: { app: 'db' },
      ports: { 9090: MutualTls.PERMISSIVE },
    });
    const [, peerAuthentication] = synthesized(chart);
    expect(peerAuthentication).toEqual({
      apiVersion: 'security.istio.io/v1',
      kind: 'PeerAuthentication',
      metadata: { name: 'db', namespace: 'shop' },
      spec: {
        selector: { matchLabels: { app: 'db' } },
        mtls: { mode: 'STRICT' },
        portLevelMtls: { '9090': { mode: 'PERMISSIVE' } },
      },
    });
  });

  test('covers a namespace by its name', () => {
    const chart = emptyChart();
    new StrictPeerAuthentication(chart, 'strict', { namespace: 'shop' });
    expect(synthesized(chart).map(title)).toEqual(['PeerAuthentication/shop/default']);
  });

  test.each(['before', 'after'])('covers the mesh from the root namespace of a module made %s it', (when) => {
    const chart = emptyChart();
    const props = { namespace: 'mesh-system', mutualTls: false } as const;
    if (when === 'before') fakeModule(chart, props);
    new StrictPeerAuthentication(chart, 'strict');
    if (when === 'after') fakeModule(chart, props);
    expect(synthesized(chart).map(title)).toContain('PeerAuthentication/mesh-system/default');
  });

  test('covers the mesh from the root namespace that is named', () => {
    const chart = emptyChart();
    new StrictPeerAuthentication(chart, 'strict', { rootNamespace: 'istio-config' });
    expect(synthesized(chart).map(title)).toEqual(['PeerAuthentication/istio-config/default']);
  });

  test('asks for the root namespace when nothing tells it', () => {
    const chart = emptyChart();
    new StrictPeerAuthentication(chart, 'strict');
    expect(() => synthesized(chart)).toThrow(
      '[mesh/strict] applies to the whole mesh, but the app has no IstioModule or ExistingIstio that sets its root namespace: set the prop rootNamespace',
    );
  });

  test.each<[string, object, string]>([
    [
      'ports without a workload',
      { namespace: 'shop', ports: { 9090: MutualTls.DISABLE } },
      'ports 9090 needs a workload: set the prop workload to the labels of the pods that listen on it',
    ],
    [
      'an invalid port',
      { namespace: 'shop', workload: { app: 'db' }, ports: { 70000: MutualTls.DISABLE } },
      "ports has '70000', which is not a port: write a whole number from 1 to 65535",
    ],
    [
      'a workload without a namespace',
      { workload: { app: 'db' } },
      "workload { app: 'db' } needs a namespace: set the prop namespace to that of the workload",
    ],
    [
      'a workload without labels',
      { namespace: 'shop', workload: {} },
      'workload {} has no labels: name at least one, or leave the prop out to select every workload',
    ],
    [
      'a namespace and a root namespace',
      { namespace: 'shop', rootNamespace: 'istio-system' },
      "rootNamespace 'istio-system' is for the whole mesh, but namespace is set: leave out one of them",
    ],
    [
      'an invalid name',
      { namespace: 'shop', name: 'The DB' },
      "'The DB' is not a valid object name: use lower-case letters, digits and hyphens, starting and ending with a letter or digit in the construct id, or set the prop name",
    ],
  ])('refuses %s', (_, props, problem) => {
    expect(() => new StrictPeerAuthentication(emptyChart(), 'db', props)).toThrow(
      new Error(`StrictPeerAuthentication mesh/db: ${problem}`),
    );
  });
});
