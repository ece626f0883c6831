import { MutualTls, PeerAuthentication, type PeerAuthenticationProps } from 'istio-module';
import { emptyChart, fakeModule, named, synthesized, title } from '../synthesis';

describe('PeerAuthentication', () => {
  test.each(Object.values(MutualTls))('%s for the mesh, a namespace, workloads and ports', (mode) => {
    const chart = emptyChart();
    const workload = { app: 'db' };
    new PeerAuthentication(chart, 'mesh', { rootNamespace: 'istio-system', mode });
    new PeerAuthentication(chart, 'shop', { namespace: 'shop', mode });
    new PeerAuthentication(chart, 'db', { namespace: 'shop', workload, mode, ports: { 9090: mode, 9091: mode } });
    const manifests = synthesized(chart);
    expect(manifests.map(title)).toEqual([
      'PeerAuthentication/istio-system/default',
      'PeerAuthentication/shop/default',
      'PeerAuthentication/shop/db',
    ]);
    expect(manifests.map(({ spec }) => spec)).toEqual([
      { mtls: { mode } },
      { mtls: { mode } },
      {
        selector: { matchLabels: workload },
        mtls: { mode },
        portLevelMtls: { '9090': { mode }, '9091': { mode } },
      },
    ]);
  });

  test('leaves the mode to the namespace, and changes a port', () => {
    const chart = emptyChart();
    const ports = { 9090: MutualTls.DISABLE };
    new PeerAuthentication(chart, 'db', { namespace: 'shop', workload: { app: 'db' }, ports });
    expect(synthesized(chart)[0]?.spec).toEqual({
      selector: { matchLabels: { app: 'db' } },
      portLevelMtls: { '9090': { mode: 'DISABLE' } },
    });
  });

  test.each(['before', 'after'])('covers the mesh from the root namespace of a module made %s it', (when) => {
    const chart = emptyChart();
    const props = { namespace: 'mesh-system', mutualTls: false } as const;
    if (when === 'before') fakeModule(chart, props);
    new PeerAuthentication(chart, 'mesh', { mode: MutualTls.PERMISSIVE });
    if (when === 'after') fakeModule(chart, props);
    expect(named(synthesized(chart), 'PeerAuthentication/mesh-system/default').spec).toEqual({
      mtls: { mode: 'PERMISSIVE' },
    });
  });

  test('refuses single workloads of the root namespace, which Istio ignores', () => {
    const chart = emptyChart();
    fakeModule(chart);
    new PeerAuthentication(chart, 'agent', {
      namespace: 'istio-system',
      workload: { app: 'agent' },
      mode: MutualTls.DISABLE,
    });
    expect(() => synthesized(chart)).toThrow(
      "[mesh/agent] workload { app: 'agent' } is in the root namespace 'istio-system', where Istio ignores a PeerAuthentication for individual workloads: leave workload out to apply it to the mesh, or move the workload to another namespace",
    );
  });

  test.each<[string, PeerAuthenticationProps, string]>([
    [
      'an invalid mode',
      { namespace: 'shop', mode: 'ON' as MutualTls },
      "mode 'ON' is not a mode: write one of STRICT, PERMISSIVE, DISABLE",
    ],
    [
      'ports without a workload',
      { namespace: 'shop', ports: { 9090: MutualTls.DISABLE } },
      'ports 9090 needs a workload: set the prop workload to the labels of the pods that listen on it',
    ],
    [
      'invalid labels',
      { namespace: 'shop', workload: { 'app/': 'db' }, mode: MutualTls.STRICT },
      "workload { app/: 'db' } is not a valid label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
    ],
    [
      'a workload of no namespace',
      { rootNamespace: 'istio-system', workload: { app: 'db' }, mode: MutualTls.STRICT },
      "workload { app: 'db' } needs a namespace: set the prop namespace to that of the workload",
    ],
  ])('refuses %s', (_, props, problem) => {
    expect(() => new PeerAuthentication(emptyChart(), 'db', props)).toThrow(
      new Error(`PeerAuthentication mesh/db: ${problem}`),
    );
  });
});
