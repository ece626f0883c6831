import { SidecarSettings, type IstioModuleProps } from 'istio-module';
import { emptyChart, fakeModule, synthesized } from './synthesis';
import { warningsOf } from './warnings-of';

const WHY = 'which Istio shuts down in December 2026, and which does not provide Istio 1.31 or later';
const INSTEAD = 'write docker.io/istio instead, or a mirror of your own';

describe('a warning of a retired registry', () => {
  function warningsFor(props: Partial<IstioModuleProps>): string[] {
    return warningsOf(() => {
      const chart = emptyChart();
      fakeModule(chart, props);
      synthesized(chart);
    });
  }

  test.each([
    ['gcr.io/istio-release', 'gcr.io/istio-release'],
    ['gcr.io/istio-release/', 'gcr.io/istio-release'],
    ['registry.istio.io/release', 'registry.istio.io/release'],
  ])('comes once for the hub %s', (hub, registry) => {
    expect(warningsFor({ hub })).toEqual([
      `warning: IstioModule mesh/istio: hub '${hub}' is in the registry ${registry}, ${WHY}: ${INSTEAD}`,
    ]);
  });

  test('names the place in raw values, those of a gateway too', () => {
    const podAnnotations = { 'sidecar.istio.io/proxyImage': 'registry.istio.io/release/proxyv2:1.30.4' };
    expect(
      warningsFor({
        ingressGateways: [{ name: 'public', values: { podAnnotations } }],
        values: { istiod: { global: { hub: 'gcr.io/istio-release' } } },
      }),
    ).toEqual([
      `warning: IstioModule mesh/istio: values.istiod.global.hub 'gcr.io/istio-release' is in the registry gcr.io/istio-release, ${WHY}: ${INSTEAD}`,
      "warning: IstioModule mesh/istio: values.gateway.podAnnotations.sidecar.istio.io/proxyImage 'registry.istio.io/release/proxyv2:1.30.4' " +
        `is in the registry registry.istio.io/release, ${WHY}: ${INSTEAD}`,
    ]);
  });

  test('comes for the image of single sidecars', () => {
    expect(warningsOf(() => new SidecarSettings({ image: 'gcr.io/istio-release/proxyv2:1.30.4' }))).toEqual([
      `warning: SidecarSettings: image 'gcr.io/istio-release/proxyv2:1.30.4' is in the registry gcr.io/istio-release, ${WHY}: ${INSTEAD}`,
    ]);
  });

  test.each([undefined, 'docker.io/istio', 'mirror.example.com/gcr.io/istio-release', 'gcr.io/istio-released'])(
    'does not come for the hub %s',
    (hub) => {
      expect(warningsFor({ hub })).toEqual([]);
    },
  );

  test('is not in the manifests', () => {
    const chart = emptyChart();
    fakeModule(chart, { hub: 'gcr.io/istio-release' });
    const manifests: string[] = [];
    warningsOf(() => manifests.push(JSON.stringify(synthesized(chart))));
    expect(manifests.join('')).not.toContain('December');
  });
});
