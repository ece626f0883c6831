import type { App } from 'cdk8s';
import {
  ExistingIstio,
  MeshNamespace,
  MeshTelemetry,
  MutualTls,
  SidecarInjection,
  StrictPeerAuthentication,
  type ExistingIstioProps,
} from 'istio-module';
import { emptyChart, named, synthesized, title } from '../synthesis';

const PROVIDERS = [{ name: 'spans', zipkin: { service: 'zipkin', port: 9411 } }];

describe('ExistingIstio', () => {
  test('installs nothing', () => {
    const chart = emptyChart();
    new ExistingIstio(chart, 'istio');
    expect(synthesized(chart)).toEqual([]);
  });

  test('covers the mesh from its root namespace', () => {
    const chart = emptyChart();
    const istio = new ExistingIstio(chart, 'istio', {
      namespace: 'mesh-system',
      rootNamespace: 'mesh-config',
      extensionProviders: PROVIDERS,
      tracing: { provider: 'spans', samplingPercent: 1 },
      mutualTls: MutualTls.PERMISSIVE,
    });
    const manifests = synthesized(chart);
    expect(manifests.map(title)).toEqual([
      'PeerAuthentication/mesh-config/default',
      'Telemetry/mesh-config/mesh-default',
    ]);
    expect(manifests.map(({ spec }) => spec)).toEqual([
      { mtls: { mode: 'PERMISSIVE' } },
      { tracing: [{ providers: [{ name: 'spans' }], randomSamplingPercentage: 1 }] },
    ]);
    expect([istio.peerAuthentication?.kind, istio.telemetry?.kind]).toEqual(['PeerAuthentication', 'Telemetry']);
  });

  test('tells other constructs the root namespace', () => {
    const chart = emptyChart();
    new StrictPeerAuthentication(chart, 'strict');
    new ExistingIstio(chart, 'istio', { namespace: new MeshNamespace(chart, 'system', { name: 'mesh-system' }) });
    expect(named(synthesized(chart), 'PeerAuthentication/mesh-system/default').spec).toEqual({
      mtls: { mode: 'STRICT' },
    });
  });

  test('takes any provider, and settings without one, where its mesh configuration is not known', () => {
    const chart = emptyChart();
    new ExistingIstio(chart, 'istio');
    new MeshTelemetry(chart, 'shop', {
      namespace: 'shop',
      tracing: { samplingPercent: 10 },
      accessLogs: [{ disabled: true }, { providers: ['logs'] }],
    });
    expect(synthesized(chart).map(title)).toEqual(['Telemetry/shop/default']);
  });

  test('checks references to providers against those that it knows', () => {
    const chart = emptyChart();
    new ExistingIstio(chart, 'istio', { extensionProviders: PROVIDERS });
    new MeshTelemetry(chart, 'shop', { namespace: 'shop', tracing: { provider: 'span' } });
    expect(() => (chart.node.root as App).synthYaml()).toThrow(
      "[mesh/shop] tracing provider 'span' is not defined for tracing in ExistingIstio mesh/istio (it knows 'spans', 'stackdriver'): add it to its extensionProviders, or write another",
    );
  });

  test('is served by the revisions that it has', () => {
    const chart = emptyChart();
    new ExistingIstio(chart, 'istio', { revisions: ['blue', 'prod'] });
    new MeshNamespace(chart, 'shop', { name: 'shop', injection: SidecarInjection.revision('prod') });
    expect(synthesized(chart)).toHaveLength(1);
    new MeshNamespace(chart, 'other', { name: 'other' });
    expect(() => (chart.node.root as App).synthYaml()).toThrow(
      "[mesh/other] no control plane of the app serves injection SidecarInjection.ENABLED; the app has only the revisions and tags 'blue', 'prod'",
    );
  });

  test('conflicts with a further Telemetry of the whole mesh', () => {
    const chart = emptyChart();
    new ExistingIstio(chart, 'istio', { tracing: { samplingPercent: 1 } });
    new MeshTelemetry(chart, 'mesh', { accessLogs: [{ providers: ['envoy'] }] });
    expect(() => (chart.node.root as App).synthYaml()).toThrow(
      /Telemetry istio-system\/\S+ \(mesh\/mesh\/Default\) applies to all of the mesh, and so does Telemetry istio-system\/mesh-default \(mesh\/istio\/telemetry\), but Istio uses only one of them: put both into one/,
    );
  });

  test('reports all wrong props at once', () => {
    const props: ExistingIstioProps = {
      version: '1.31',
      namespace: 'Istio',
      rootNamespace: 'a.b',
      revisions: [],
      extensionProviders: [...PROVIDERS, ...PROVIDERS],
      tracing: { provider: 'span', samplingPercent: 101 },
      defaultExportTo: { virtualServices: 'shop' as '.' },
    };
    expect(() => new ExistingIstio(emptyChart(), 'istio', props)).toThrow(
      new Error(
        [
          "version '1.31' is not a version: write MAJOR.MINOR.PATCH, such as '1.31.1'",
          "namespace 'Istio' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
          "rootNamespace 'a.b' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
          'tracing samplingPercent 101 is out of range: write a number from 0 to 100',
          "extension provider 'spans' is defined twice: give each a different name",
          `defaultExportTo.virtualServices is "shop": write '*', '.' or '~'`,
          'revisions is empty, so no namespace gets sidecars: name at least one, or leave the prop out for the default control plane',
          "tracing provider 'span' is not defined for tracing in ExistingIstio mesh/istio (it knows 'spans', 'spans', 'stackdriver'): add it to extensionProviders, or write another",
        ]
          .map((line) => `ExistingIstio mesh/istio: ${line}`)
          .join('\n'),
      ),
    );
  });
});
