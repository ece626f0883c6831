import { MeshNamespace, NamespaceOwnership, SidecarInjection } from 'istio-module';
import { App, Chart } from 'cdk8s';
import { emptyChart, fakeModule, named, synthesized, title } from '../synthesis';

const NEVER_INJECTED = ['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'];

describe('MeshNamespace', () => {
  test('labels a namespace for injection and creates it, unless told otherwise', () => {
    const chart = emptyChart();
    new MeshNamespace(chart, 'shop', { name: 'shop' });
    expect(synthesized(chart)).toEqual([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels: { 'istio-injection': 'enabled' } } },
    ]);
  });

  test('labels a namespace with a revision', () => {
    const chart = emptyChart();
    new MeshNamespace(chart, 'shop', { name: 'shop', injection: SidecarInjection.revision('canary') });
    expect(synthesized(chart)[0]?.metadata.labels).toEqual({ 'istio.io/rev': 'canary' });
  });

  test('keeps traffic to a namespace without sidecars working', () => {
    const chart = emptyChart();
    new MeshNamespace(chart, 'legacy', { name: 'old', injection: SidecarInjection.DISABLED });
    const manifests = synthesized(chart);
    expect(manifests.map(title)).toEqual([
      'Namespace/old',
      'DestinationRule/old/no-sidecars',
      'PeerAuthentication/old/default',
    ]);
    expect(manifests[0]?.metadata.labels).toEqual({ 'istio-injection': 'disabled' });
    expect(manifests[1]?.spec).toEqual({
      host: '*.old.svc.cluster.local',
      trafficPolicy: { tls: { mode: 'DISABLE' } },
    });
    expect(manifests[2]?.spec).toEqual({ mtls: { mode: 'PERMISSIVE' } });
  });

  test('marks a namespace that exists already, and adds labels and annotations', () => {
    const chart = emptyChart();
    new MeshNamespace(chart, 'shop', {
      name: 'shop',
      ownership: NamespaceOwnership.ADOPT,
      labels: { team: 'shop' },
      annotations: { 'Example.com/Contact': 'shop@example.com' },
    });
    expect(synthesized(chart)[0]?.metadata).toEqual({
      name: 'shop',
      labels: { team: 'shop', 'istio-injection': 'enabled' },
      annotations: { 'Example.com/Contact': 'shop@example.com', 'istio-module/ownership': 'adopted' },
    });
  });

  test('puts a Namespace into no namespace, whatever the Chart says', () => {
    const chart = new Chart(new App(), 'mesh', { namespace: 'default' });
    new MeshNamespace(chart, 'shop', { name: 'shop' });
    expect(named(synthesized(chart), 'Namespace/shop').metadata.namespace).toBeUndefined();
  });

  test.each(NEVER_INJECTED)('refuses injection in %s, in which Istio never injects', (name) => {
    for (const injection of [undefined, SidecarInjection.revision('canary')]) {
      expect(() => new MeshNamespace(emptyChart(), 'system', { name, injection })).toThrow(
        new Error(
          `MeshNamespace mesh/system: Istio never injects sidecars in namespace '${name}', even with a label for injection: write SidecarInjection.DISABLED`,
        ),
      );
    }
    const chart = emptyChart();
    new MeshNamespace(chart, 'system', { name, injection: SidecarInjection.DISABLED });
    expect(synthesized(chart).map(title)).toEqual([
      `Namespace/${name}`,
      `DestinationRule/${name}/no-sidecars`,
      `PeerAuthentication/${name}/default`,
    ]);
  });

  test('of a control plane may be one in which Istio never injects', () => {
    const chart = emptyChart();
    fakeModule(chart, { namespace: 'kube-system' });
    expect(named(synthesized(chart), 'Namespace/kube-system').metadata.labels).toEqual({
      'istio-injection': 'enabled',
    });
  });

  test('reports all wrong props at once', () => {
    expect(
      () =>
        new MeshNamespace(emptyChart(), 'shop', {
          name: 'the shop',
          injection: SidecarInjection.revision('1.31'),
          labels: {
            'istio-injection': 'enabled',
            'pod-security.kubernetes.io/warn': 'baseline',
            'istio.io/dataplane-mode': 'ambient',
            team: 'the shop',
          },
          annotations: { 'istio-module/ownership': 'adopted', 'example..com/contact': 'me' },
          podSecurity: {},
          egress: { hosts: [] },
          withoutSidecars: [],
        }),
    ).toThrow(
      new Error(
        [
          "namespace 'the shop' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
          "revision '1.31' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
          "label 'istio-injection: enabled' belongs to the prop injection: set it there and leave the label out",
          "label 'pod-security.kubernetes.io/warn: baseline' belongs to the prop podSecurity: set it there and leave the label out",
          "label 'istio.io/dataplane-mode: ambient' puts pods without a sidecar into another data plane: leave it out",
          "labels { team: 'the shop' } is not a valid label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
          "annotations 'example..com/contact' is not a valid annotation key: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit, after an optional domain name and '/'",
          'podSecurity {} is empty: set enforce, audit or warn, or leave it out',
          'withoutSidecars is empty: name a Service, or leave it out',
          "egress.hosts is empty: name at least one, or write '~/*' for workloads that call no other service",
          "annotation 'istio-module/ownership: adopted' belongs to the prop ownership: set it there",
        ]
          .map((line) => `MeshNamespace mesh/shop: ${line}`)
          .join('\n'),
      ),
    );
  });
});
