import { IstioModule, MeshNamespace, type NetworkPolicies } from 'istio-module';
import { emptyChart, FAKE_HELM, fakeModule, named, synthesized, title, type Manifest } from '../synthesis';

function rendered(networkPolicies: NetworkPolicies | undefined): Manifest[] {
  const chart = emptyChart();
  fakeModule(chart, { networkPolicies, ingressGateways: [{ name: 'edge', namespace: 'edge' }] });
  return synthesized(chart);
}

const policies = (manifests: readonly Manifest[]) =>
  manifests.filter(({ kind }) => kind === 'NetworkPolicy').map(title);
const port = (number: number) => ({ protocol: 'TCP', port: number });
const from = (name: string) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });

describe('NetworkPolicies', () => {
  test('are left to others unless asked for', () => {
    expect(policies(rendered(undefined))).toEqual([]);
  });

  test("are the charts', with one that cuts off the other pods of the module's namespace", () => {
    const manifests = rendered({});
    expect(policies(manifests)).toEqual([
      'NetworkPolicy/istio-system/istiod',
      'NetworkPolicy/istio-system/istio-cni',
      'NetworkPolicy/edge/edge',
      'NetworkPolicy/istio-system/default-deny',
    ]);
    expect(named(manifests, 'NetworkPolicy/istio-system/default-deny').spec).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    });
    expect(named(manifests, 'NetworkPolicy/istio-system/istiod').spec).toEqual({
      ingress: [{ ports: [port(15017)] }, { ports: [port(15012), port(15014)] }],
    });
  });

  test('let metrics be read from the named namespaces', () => {
    const chart = emptyChart();
    const monitoring = new MeshNamespace(chart, 'monitoring', { name: 'monitoring' });
    fakeModule(chart, {
      networkPolicies: { metricsFrom: [monitoring, 'kiali'], otherPods: 'untouched' },
      egressGateways: [{ name: 'exit' }],
    });
    const manifests = synthesized(chart);
    const ingress = (name: string) => named(manifests, `NetworkPolicy/istio-system/${name}`).spec?.ingress;
    const metrics = (...ports: number[]) => ({ from: [from('monitoring'), from('kiali')], ports: ports.map(port) });
    expect(ingress('istiod')).toEqual([{ ports: [port(15017)] }, { ports: [port(15012)] }, metrics(15014)]);
    expect(ingress('istio-cni')).toEqual([{ ports: [port(8000)] }, metrics(15014)]);
    expect(ingress('exit')).toEqual([{ ports: [port(15021)] }, { ports: [port(80)] }, metrics(15020, 15090)]);
    expect(policies(manifests)).not.toContain('NetworkPolicy/istio-system/default-deny');
  });

  test('let nobody read metrics', () => {
    expect(named(rendered({ metricsFrom: [] }), 'NetworkPolicy/istio-system/istiod').spec?.ingress).toEqual([
      { ports: [port(15017)] },
      { ports: [port(15012)] },
    ]);
  });

  test('also apply to a control plane beside the module', () => {
    const chart = emptyChart();
    const beside = fakeModule(chart, { networkPolicies: { metricsFrom: [] } });
    new IstioModule(chart, 'canary', { version: '1.31.1', helmExecutable: FAKE_HELM, revision: 'canary', beside });
    const manifests = synthesized(chart);
    expect(policies(manifests)).toHaveLength(4);
    expect(named(manifests, 'NetworkPolicy/istio-system/istiod-canary').spec?.ingress).toEqual([
      { ports: [port(15017)] },
      { ports: [port(15012)] },
    ]);
  });

  test('need charts that contain NetworkPolicies', () => {
    expect(() => fakeModule(emptyChart(), { version: '1.28.0', networkPolicies: {} })).toThrow(
      new Error(
        'IstioModule mesh/istio: networkPolicies needs charts with NetworkPolicies, but chart istiod of Istio 1.28.0 has none: use a newer version, or leave the prop out',
      ),
    );
  });

  test('need names of namespaces', () => {
    expect(() => fakeModule(emptyChart(), { networkPolicies: { metricsFrom: ['Prometheus'] } })).toThrow(
      new Error(
        "IstioModule mesh/istio: networkPolicies.metricsFrom: namespace 'Prometheus' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
      ),
    );
  });
});
