import { ApiObject, Chart, type App } from 'cdk8s';
import {
  ExistingIstio,
  IstioModule,
  MeshNamespace,
  MutualTls,
  SidecarInjection,
  Tracing,
  type IstioModuleProps,
} from 'istio-module';
import { emptyChart, FAKE_HELM, fakeModule, named, synthesized, title, valuesOf } from '../synthesis';

const TRACING = Tracing.otlp({ service: 'collector.telemetry.svc.cluster.local', port: 4317 });

function canary(chart: Chart, props: Partial<IstioModuleProps>): IstioModule {
  return new IstioModule(chart, 'canary', { version: '1.31.1', helmExecutable: FAKE_HELM, ...props });
}

function dependenciesOf(chart: Chart, wanted: string): string[] {
  const objects = chart.node.findAll().filter((construct) => construct instanceof ApiObject);
  const [found] = objects.filter(({ kind, metadata }) => `${kind}/${String(metadata.name)}` === wanted);
  return found?.node.dependencies.map(({ node }) => node.path) ?? [];
}

describe('a control plane with a revision', () => {
  test('is named after it, injects its own namespace, and validates', () => {
    const chart = emptyChart();
    const istio = fakeModule(chart, { revision: '1-31-1', revisionTags: ['prod', 'default'] });
    const manifests = synthesized(chart);
    expect(istio.revisions).toEqual(['1-31-1', 'prod', 'default']);
    expect(named(manifests, 'Namespace/istio-system').metadata.labels).toEqual({ 'istio.io/rev': '1-31-1' });
    expect(valuesOf(manifests, 'istiod-1-31-1')).toMatchObject({
      revision: '1-31-1',
      revisionTags: ['prod', 'default'],
    });
    expect(valuesOf(manifests, 'istio-base')).toEqual({
      global: { istioNamespace: 'istio-system' },
      defaultRevision: '1-31-1',
    });
    expect(valuesOf(manifests, 'istio-cni')).not.toHaveProperty('revision');
  });

  test('gives its gateways their proxies, and serves namespaces by its names', () => {
    const chart = emptyChart();
    fakeModule(chart, {
      revision: 'blue',
      revisionTags: ['prod'],
      ingressGateways: [{ name: 'edge' }, { name: 'outer', namespace: 'edge', revision: 'prod' }],
    });
    for (const name of ['blue', 'prod']) {
      new MeshNamespace(chart, name, { name, injection: SidecarInjection.revision(name) });
    }
    const manifests = synthesized(chart);
    expect(valuesOf(manifests, 'edge')).toMatchObject({ revision: 'blue' });
    expect(valuesOf(manifests, 'outer')).toMatchObject({ revision: 'prod' });
  });

  test.each<[string, Partial<IstioModuleProps>, string]>([
    [
      'an invalid revision',
      { revision: '1.31' },
      "revision '1.31' is not a valid name: write at most 56 lower-case letters, digits and hyphens, such as '1-31-1'",
    ],
    [
      'a revision that is too long',
      { revision: 'a'.repeat(57) },
      `revision '${'a'.repeat(57)}' is not a valid name: write at most 56 lower-case letters, digits and hyphens, such as '1-31-1'`,
    ],
    [
      'the default as a revision',
      { revision: 'default' },
      "revision 'default' is the control plane without a revision: leave the prop out",
    ],
    [
      'a tag that is too long',
      { revisionTags: ['t'.repeat(44)] },
      `revision tag '${'t'.repeat(44)}' is not a valid name: write at most 43 lower-case letters, digits and hyphens, such as 'stable'`,
    ],
    [
      'a tag that is a number',
      { revisionTags: ['131'] },
      "revision tag '131' without quotes in YAML may be read as something other than text: write another, such as 'v131'",
    ],
    ['a tag twice', { revisionTags: ['prod', 'prod'] }, "revision tag 'prod' is defined twice: leave one out"],
    [
      'a tag like the revision',
      { revision: 'blue', revisionTags: ['blue'] },
      "revision tag 'blue' is the revision itself: leave it out, or write another",
    ],
    [
      'the default tag of the default control plane',
      { revisionTags: ['default'] },
      "revision tag 'default' needs a control plane with a revision: leave it out, or set the prop revision",
    ],
    [
      'an older base',
      { version: '1.31.1', base: { version: '1.30.2' } },
      "base.version '1.30.2' is older than the control plane, which has version '1.31.1': write that",
    ],
    [
      'a base of no version',
      { base: { version: 'latest' } },
      "base.version 'latest' is not a version: write MAJOR.MINOR.PATCH, such as '1.31.1'",
    ],
  ])('refuses %s', (_, props, problem) => {
    expect(() => fakeModule(emptyChart(), props)).toThrow(new Error(`IstioModule mesh/istio: ${problem}`));
  });

  test.each<[string, SidecarInjection, Partial<IstioModuleProps>, string]>([
    [
      'the default where there is none',
      SidecarInjection.ENABLED,
      { revision: 'blue', revisionTags: ['prod'] },
      "no control plane of the app serves injection SidecarInjection.ENABLED; the app has only the revisions and tags 'blue', 'prod': name one of them with SidecarInjection.revision, or give a module the revision tag 'default'",
    ],
    [
      'a revision that is not there',
      SidecarInjection.revision('green'),
      {},
      "no control plane of the app serves injection SidecarInjection.revision('green'); the app has only the revisions and tags 'default': name one of them, or declare the other control plane with ExistingIstio",
    ],
  ])('is asked for by namespaces: refuses %s', (_, injection, props, problem) => {
    const chart = emptyChart();
    fakeModule(chart, props);
    new MeshNamespace(chart, 'shop', { name: 'shop', injection });
    expect(() => (chart.node.root as App).synthYaml()).toThrow(`[mesh/shop] ${problem}`);
  });

  test('is asked for by gateways: refuses one that is not there', () => {
    const chart = emptyChart();
    fakeModule(chart, { egressGateways: [{ name: 'exit', namespace: 'edge', revision: 'green' }] });
    expect(() => (chart.node.root as App).synthYaml()).toThrow(
      "[mesh/istio] egress gateway 'exit': revision 'green' does not exist in the app, whose control planes have the revisions and tags 'default': name one of them",
    );
  });

  test('does not give gateways of the module another proxy than the namespace says', () => {
    expect(() => fakeModule(emptyChart(), { ingressGateways: [{ name: 'edge', revision: 'green' }] })).toThrow(
      new Error(
        "IstioModule mesh/istio: ingress gateway 'edge' of revision 'green' would get its proxy from revision 'default' in namespace 'istio-system': set its namespace to another one",
      ),
    );
  });
});

describe('a control plane beside another', () => {
  test('leaves to that one what the mesh has once, and defines the providers that its Telemetry names', () => {
    const chart = emptyChart();
    const stable = fakeModule(chart, {
      namespace: 'mesh-system',
      meshConfig: { rootNamespace: 'mesh-config' },
      tracing: TRACING,
      base: { version: '1.32.0' },
    });
    const { base, cni, peerAuthentication, telemetry, namespace, rootNamespace } = canary(chart, {
      version: '1.32.0',
      revision: 'canary',
      revisionTags: ['next'],
      beside: stable,
    });
    new MeshNamespace(chart, 'shop', { name: 'shop', injection: SidecarInjection.revision('next') });
    const manifests = synthesized(chart);
    expect([base, cni, peerAuthentication, telemetry]).toEqual([undefined, undefined, undefined, undefined]);
    expect(namespace).toBe(stable.namespace);
    expect(rootNamespace).toBe('mesh-config');
    const titles = manifests.map(title);
    expect(titles.filter((one, index) => titles.indexOf(one) < index)).toEqual([]);
    expect(titles).toEqual(
      expect.arrayContaining(['Deployment/mesh-system/istiod', 'Deployment/mesh-system/istiod-canary']),
    );
    expect(valuesOf(manifests, 'istiod-canary')).toMatchObject({
      revision: 'canary',
      revisionTags: ['next'],
      cni: { enabled: true },
      global: { istioNamespace: 'mesh-system', tag: '1.32.0' },
      meshConfig: { rootNamespace: 'mesh-config', extensionProviders: [{ name: 'otlp-tracing' }] },
    });
    expect(named(manifests, 'ConfigMap/mesh-system/fake-istio-base').data?.args).toContain('--version 1.32.0');
  });

  test('is applied after that one', () => {
    const chart = emptyChart();
    const stable = fakeModule(chart);
    canary(chart, { revision: 'canary', beside: stable });
    synthesized(chart);
    const namespace = stable.namespace?.namespaceObject.node.path;
    const [istiod] = stable.istiod.apiObjects.filter(({ kind }) => kind === 'Deployment');
    expect(dependenciesOf(chart, 'Deployment/istiod-canary')).toEqual(
      expect.arrayContaining([namespace, istiod?.node.path]),
    );
    expect(dependenciesOf(chart, 'ServiceAccount/istiod-canary')).toEqual([namespace]);
  });

  test('takes its place in another chart of the app', () => {
    const chart = emptyChart();
    const stable = fakeModule(chart);
    const other = new Chart(chart.node.root, 'next');
    canary(other, { revision: 'canary', beside: stable });
    expect((chart.node.root as App).synthYaml()).toContain('name: istiod-canary');
  });

  test('may be the third', () => {
    const chart = emptyChart();
    const second = canary(chart, { revision: 'second', beside: fakeModule(chart) });
    const third = new IstioModule(chart, 'third', {
      ...{ version: '1.31.1', helmExecutable: FAKE_HELM },
      ...{ revision: 'third', beside: second },
    });
    expect(third.foundation).toBe(second.foundation);
    expect(third.namespace).toBe(second.namespace);
  });

  test('stands beside an Istio of others', () => {
    const chart = emptyChart();
    const beside = new ExistingIstio(chart, 'istio', {
      namespace: 'mesh-system',
      rootNamespace: 'mesh-config',
      extensionProviders: [{ name: 'spans', zipkin: { service: 'zipkin', port: 9411 } }],
    });
    const { namespace } = canary(chart, {
      revision: 'canary',
      beside,
      ingressGateways: [{ name: 'edge' }],
    });
    expect(namespace).toBeUndefined();
    const manifests = synthesized(chart);
    expect(
      manifests.filter(({ kind }) => ['Namespace', 'CustomResourceDefinition', 'DaemonSet'].includes(kind)),
    ).toEqual([]);
    expect(named(manifests, 'Deployment/mesh-system/istiod-canary')).toBeDefined();
    expect(valuesOf(manifests, 'istiod-canary')).toMatchObject({
      cni: { enabled: false },
      meshConfig: { rootNamespace: 'mesh-config', extensionProviders: [{ name: 'spans' }] },
    });
  });

  test('reports props that belong to the other one, and names that both would have', () => {
    const chart = emptyChart();
    const stable = fakeModule(chart, { revision: 'blue', revisionTags: ['prod'] });
    expect(() =>
      canary(chart, {
        version: '1.33.0',
        namespace: 'other-system',
        mutualTls: MutualTls.STRICT,
        tracing: TRACING,
        meshConfig: { rootNamespace: 'mesh-config' },
        revision: 'prod',
        revisionTags: ['blue'],
        beside: stable,
      }),
    ).toThrow(
      new Error(
        [
          'namespace applies to the whole mesh, so it belongs to IstioModule mesh/istio: set it there',
          'mutualTls applies to the whole mesh, so it belongs to IstioModule mesh/istio: set it there',
          'tracing applies to the whole mesh, so it belongs to IstioModule mesh/istio: set it there',
          'meshConfig.rootNamespace applies to the whole mesh, so it belongs to IstioModule mesh/istio: set it there',
          "version '1.33.0' is more than one minor version away from '1.31.1' of IstioModule mesh/istio: take one minor version at a time",
          "revision 'prod' is also used by IstioModule mesh/istio: give one of them another",
          "revision tag 'blue' is also used by IstioModule mesh/istio: give one of them another",
        ]
          .map((line) => `IstioModule mesh/canary: ${line}`)
          .join('\n'),
      ),
    );
  });

  test.each<[string, Partial<IstioModuleProps>, string]>([
    [
      'no revision',
      {},
      "a module beside IstioModule mesh/istio needs its own name: set the prop revision, such as '1-31-1'",
    ],
    [
      'an older base',
      { version: '1.32.0', revision: 'canary' },
      "version '1.32.0' is newer than the CustomResourceDefinitions of IstioModule mesh/istio, which have version '1.31.1': set its base.version to '1.32.0'",
    ],
    [
      'gateways in a namespace of the other',
      { revision: 'canary', egressGateways: [{ name: 'exit' }] },
      "egress gateway 'exit' of revision 'canary' would get its proxy from revision 'default' in namespace 'istio-system': set its namespace to another one",
    ],
  ])('refuses %s', (_, props, problem) => {
    const chart = emptyChart();
    const beside = fakeModule(chart);
    expect(() => canary(chart, { ...props, beside })).toThrow(new Error(`IstioModule mesh/canary: ${problem}`));
  });

  test('beside an ExistingIstio, is refused with props that only a module has, and with newer resource definitions', () => {
    const chart = emptyChart();
    const beside = new ExistingIstio(chart, 'istio', { version: '1.31.1' });
    const props = {
      version: '1.32.0',
      base: {},
      meshConfig: { rootNamespace: 'mesh-config' },
      mutualTls: MutualTls.STRICT,
    };
    expect(() => canary(chart, { ...props, revision: 'canary', beside })).toThrow(
      new Error(
        [
          'base applies to the whole mesh, but ExistingIstio mesh/istio is not installed by the app: leave out base',
          'mutualTls applies to the whole mesh, so it belongs to ExistingIstio mesh/istio: set it there',
          'meshConfig.rootNamespace applies to the whole mesh, so it belongs to ExistingIstio mesh/istio: set its rootNamespace',
          "version '1.32.0' is newer than the CustomResourceDefinitions of ExistingIstio mesh/istio, which have version '1.31.1': update them, and leave out the prop version of ExistingIstio mesh/istio",
        ]
          .map((line) => `IstioModule mesh/canary: ${line}`)
          .join('\n'),
      ),
    );
  });

  test('is refused with a gateway that the other has', () => {
    const chart = emptyChart();
    const gateway = { name: 'edge', namespace: 'edge' };
    const beside = fakeModule(chart, { ingressGateways: [gateway] });
    expect(() => canary(chart, { revision: 'canary', beside, egressGateways: [gateway] })).toThrow(
      new Error(
        "IstioModule mesh/canary: egress gateway 'edge' is also a gateway of IstioModule mesh/istio in namespace 'edge': give one of them another name",
      ),
    );
  });

  test('is an error without the prop beside', () => {
    const chart = emptyChart();
    fakeModule(chart);
    expect(() => canary(chart, { revision: 'canary' })).toThrow(
      new Error(
        'IstioModule mesh/canary: is a second Istio in the cluster of IstioModule mesh/istio, which has the CustomResourceDefinitions and the mesh-wide resources: set the prop revision, and set beside to that one',
      ),
    );
  });
});
