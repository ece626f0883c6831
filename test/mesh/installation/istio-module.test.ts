import { Size } from 'cdk8s';
import { Cpu } from 'cdk8s-plus-27';
import { IstioCharts, IstioModule, MutualTls, NamespaceOwnership, Tracing } from 'istio-module';
import { emptyChart, fakeModule, named, synthesized, title, valuesOf, valuesText } from '../synthesis';

const proxyMetadata = { EXIT_ON_ZERO_ACTIVE_CONNECTIONS: 'true', MINIMUM_DRAIN_DURATION: '10s' };

describe('IstioModule', () => {
  test('renders base, istiod and cni in a namespace of its own, with strict mutual TLS in the whole mesh', () => {
    const chart = emptyChart();
    fakeModule(chart);
    const manifests = synthesized(chart);
    expect(named(manifests, 'Namespace/istio-system').metadata.labels).toEqual({ 'istio-injection': 'enabled' });
    expect(named(manifests, 'PeerAuthentication/istio-system/default').spec).toEqual({ mtls: { mode: 'STRICT' } });
    expect(manifests.map(title)).toEqual(
      expect.arrayContaining([
        'CustomResourceDefinition/virtualservices.networking.istio.io',
        'Deployment/istio-system/istiod',
        'DaemonSet/istio-system/istio-cni-node',
      ]),
    );
  });

  test('asks for the charts of its version in the official repository', () => {
    const chart = emptyChart();
    fakeModule(chart);
    expect(named(synthesized(chart), 'ConfigMap/istio-system/fake-istiod').data?.args).toMatch(
      /--repo https:\/\/blob\.istio\.io\/istio-release\/charts --version 1\.31\.1 --namespace istio-system --include-crds istiod istiod$/,
    );
  });

  test('asks for the charts of its version in an OCI registry', () => {
    const chart = emptyChart();
    fakeModule(chart, { charts: IstioCharts.oci('oci://registry.example.com/istio/') });
    expect(named(synthesized(chart), 'ConfigMap/istio-system/fake-istio-base').data?.args).toMatch(
      /--version 1\.31\.1 .* oci:\/\/registry\.example\.com\/istio\/base$/,
    );
  });

  test('sets the defaults of a module', () => {
    const chart = emptyChart();
    fakeModule(chart);
    expect(valuesOf(synthesized(chart), 'istiod')).toEqual({
      global: {
        istioNamespace: 'istio-system',
        hub: 'docker.io/istio',
        tag: '1.31.1',
        variant: 'distroless',
        proxy: { resources: {} },
      },
      cni: { enabled: true },
      sidecarInjectorWebhook: {
        enableNamespacesByDefault: false,
        defaultTemplates: ['sidecar', 'graceful-termination'],
        templates: { 'graceful-termination': expect.any(String) as unknown },
      },
      meshConfig: { defaultConfig: { holdApplicationUntilProxyStarts: true, proxyMetadata } },
    });
  });

  test('takes namespace, ownership, images, CNI and mutual TLS from the props', () => {
    const chart = emptyChart();
    fakeModule(chart, {
      namespace: 'mesh-system',
      namespaceOwnership: NamespaceOwnership.ADOPT,
      hub: 'registry.example.com/istio',
      variant: 'default',
      cni: false,
      mutualTls: MutualTls.PERMISSIVE,
    });
    const manifests = synthesized(chart);
    expect(named(manifests, 'Namespace/mesh-system').metadata.annotations).toEqual({
      'istio-module/ownership': 'adopted',
    });
    expect(named(manifests, 'PeerAuthentication/mesh-system/default').spec).toEqual({ mtls: { mode: 'PERMISSIVE' } });
    expect(manifests.filter(({ kind }) => kind === 'DaemonSet')).toEqual([]);
    expect(valuesOf(manifests, 'istiod')).toMatchObject({
      global: { istioNamespace: 'mesh-system', hub: 'registry.example.com/istio', variant: '' },
      cni: { enabled: false },
    });
  });

  test('leaves mutual TLS to others when it is off', () => {
    const chart = emptyChart();
    fakeModule(chart, { mutualTls: false });
    expect(synthesized(chart).filter(({ kind }) => kind === 'PeerAuthentication')).toEqual([]);
  });

  test('hands every quantity to the charts as a string', () => {
    const chart = emptyChart();
    fakeModule(chart, {
      proxy: {
        resources: {
          requests: { cpu: Cpu.millis(100), memory: Size.mebibytes(256) },
          limits: { cpu: '1', memory: '1e9' },
        },
      },
      istiod: { resources: { requests: { cpu: Cpu.units(2) } }, replicas: 3 },
      values: { istiod: { global: { waypoint: { resources: { limits: { cpu: 4 } } } } } },
    });
    const manifests = synthesized(chart);
    expect(valuesOf(manifests, 'istiod')).toMatchObject({
      global: {
        proxy: { resources: { requests: { cpu: '100m', memory: '256Mi' }, limits: { cpu: '1', memory: '1e9' } } },
        waypoint: { resources: { limits: { cpu: '4' } } },
      },
      resources: { requests: { cpu: '2' } },
      autoscaleEnabled: false,
      replicaCount: 3,
    });
    expect(valuesText(manifests, 'istiod')).toContain('cpu: "1"');
    expect(valuesText(manifests, 'istiod')).toContain('memory: "1e9"');
  });

  test('merges the mesh configuration over its own, the proxies over that, and raw values last', () => {
    const chart = emptyChart();
    fakeModule(chart, {
      accessLogFile: '/dev/stdout',
      tracing: Tracing.otlp({ service: 'collector.telemetry.svc.cluster.local', port: 4317, samplingPercent: 1 }),
      meshConfig: {
        extensionProviders: [{ name: 'logs', envoyFileAccessLog: { path: '/dev/stdout' } }],
        defaultConfig: { concurrency: 1, holdApplicationUntilProxyStarts: false },
      },
      defaultConfig: { concurrency: 2 },
      values: { istiod: { meshConfig: { trustDomain: 'example.com' } } },
    });
    const manifests = synthesized(chart);
    expect(valuesOf(manifests, 'istiod').meshConfig).toEqual({
      accessLogFile: '/dev/stdout',
      defaultConfig: { concurrency: 2, holdApplicationUntilProxyStarts: false, proxyMetadata },
      extensionProviders: [
        { name: 'otlp-tracing', opentelemetry: { service: 'collector.telemetry.svc.cluster.local', port: 4317 } },
        { name: 'logs', envoyFileAccessLog: { path: '/dev/stdout' } },
      ],
      trustDomain: 'example.com',
    });
    expect(named(manifests, 'Telemetry/istio-system/mesh-default').spec).toEqual({
      tracing: [{ providers: [{ name: 'otlp-tracing' }], randomSamplingPercentage: 1 }],
    });
  });

  test('puts what covers the mesh into the root namespace', () => {
    const chart = emptyChart();
    fakeModule(chart, { meshConfig: { rootNamespace: 'istio-config' } });
    expect(synthesized(chart).map(title)).toContain('PeerAuthentication/istio-config/default');
  });

  test('leaves out the fields of the webhooks that istiod owns, and nothing else', () => {
    const chart = emptyChart();
    fakeModule(chart);
    const webhooks = synthesized(chart).flatMap((manifest) => manifest.webhooks ?? []);
    expect(webhooks).toHaveLength(4);
    for (const { clientConfig, failurePolicy } of webhooks) {
      expect(clientConfig).toEqual({ service: { name: 'istiod', namespace: 'istio-system' } });
      expect(failurePolicy).toBeUndefined();
    }
    expect(webhooks[1]).toMatchObject({ name: 'b.istio.io', sideEffects: 'None' });
  });

  test('renders ingress gateways, each with its own name, namespace and values', () => {
    const chart = emptyChart();
    const { gateways } = fakeModule(chart, {
      ingressGateways: [
        { name: 'public', serviceType: 'NodePort', values: { replicaCount: 2 } },
        { name: 'internal', namespace: 'edge' },
      ],
      values: { gateway: { replicaCount: 1 } },
      gracefulTermination: false,
    });
    const manifests = synthesized(chart);
    expect(manifests.map(title)).toEqual(
      expect.arrayContaining(['Deployment/istio-system/public', 'Deployment/edge/internal']),
    );
    expect(valuesOf(manifests, 'public')).toEqual({ service: { type: 'NodePort' }, replicaCount: 2 });
    expect([...gateways.keys()]).toEqual(['public', 'internal']);
  });

  test('reports all wrong props at once', () => {
    expect(() =>
      fakeModule(emptyChart(), {
        version: '1.31',
        namespace: 'Istio',
        charts: IstioCharts.oci('https://example.com'),
        proxy: { resources: { limits: { cpu: '1 core' } } },
        istiod: { replicas: 0 },
        tracing: Tracing.otlp({ service: 'collector:4317', port: 0, samplingPercent: 101 }),
        ingressGateways: [{ name: 'a' }, { name: 'a' }],
      }),
    ).toThrow(
      new Error(
        [
          "version '1.31' is not a version: write MAJOR.MINOR.PATCH, such as '1.31.1'",
          "namespace 'Istio' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
          "IstioCharts.oci('https://example.com') is not an OCI address: write one such as 'oci://registry.example.com/charts'",
          "proxy.resources.limits.cpu '1 core' is not a quantity: write a number with an optional unit, such as '500m' or '2'",
          'istiod.replicas 0 is out of range: write a whole number of at least 1',
          "tracing service 'collector:4317' is not a host: write the name of the collector's Service, without a port",
          'tracing port 0 is not a port: write a whole number from 1 to 65535, such as 4317',
          'tracing samplingPercent 101 is out of range: write a number from 0 to 100',
          "ingress gateway 'a' is defined twice: give each a different name",
        ]
          .map((line) => `IstioModule mesh/istio: ${line}`)
          .join('\n'),
      ),
    );
  });

  test.each(['1.23.6', '2.0.0'])('refuses version %s, which it does not support', (version) => {
    expect(() => fakeModule(emptyChart(), { version })).toThrow(
      new Error(
        `IstioModule mesh/istio: version '${version}' is not supported: use a version of at least 1.24.0, below 2.0.0`,
      ),
    );
  });

  test.each<[string, object, string]>([
    [
      'the default request',
      { limits: { memory: '64Mi' } },
      "proxy.resources.requests.memory '128Mi' (the chart's default) is above proxy.resources.limits.memory '64Mi'",
    ],
    [
      'the default limit',
      { requests: { cpu: '3' } },
      "proxy.resources.requests.cpu '3' is above proxy.resources.limits.cpu '2000m' (the chart's default)",
    ],
  ])('refuses resources that no pod could be created with, against %s', (_, resources, problem) => {
    expect(() => fakeModule(emptyChart(), { proxy: { resources } })).toThrow(
      new Error(`IstioModule mesh/istio: ${problem}: set both, with the request not above the limit`),
    );
  });

  describe('says in one sentence what to do when', () => {
    const failing = (props: object) => () => fakeModule(emptyChart(), props);

    test('helm is not on the PATH', () => {
      const { PATH } = process.env;
      process.env.PATH = __dirname;
      try {
        expect(() => new IstioModule(emptyChart(), 'istio', { version: '1.31.1' })).toThrow(
          new Error(
            'IstioModule mesh/istio: helm is not on the PATH; install Helm 3 (https://helm.sh) or set the prop helmExecutable',
          ),
        );
      } finally {
        process.env.PATH = PATH;
      }
    });

    test('the given helm does not exist', () => {
      expect(failing({ helmExecutable: '/nowhere/helm' })).toThrow(
        new Error(
          "IstioModule mesh/istio: helmExecutable '/nowhere/helm' does not exist; install Helm 3 (https://helm.sh) there or change the prop",
        ),
      );
    });

    test('the given helm is not a program', () => {
      expect(failing({ helmExecutable: __dirname })).toThrow(
        `IstioModule mesh/istio: ${__dirname} could not be run (error while rendering a helm chart: spawnSync ${__dirname} EACCES); ` +
          'check that it is Helm 3 (https://helm.sh) and executable',
      );
    });

    test.each([
      [IstioCharts.official(), 'https://blob.istio.io/istio-release/charts'],
      [IstioCharts.officialOci(), 'oci://ghcr.io/istio/release/charts'],
    ])('%o has no such version', (charts, address) => {
      expect(failing({ version: '1.99.0', charts })).toThrow(
        new Error(
          `IstioModule mesh/istio: chart base of Istio 1.99.0 is not found at ${address}; check the version, ` +
            'or set the prop charts to IstioCharts.directory(PATH) or IstioCharts.oci(URL)',
        ),
      );
    });

    test('the directory of charts does not exist', () => {
      expect(failing({ charts: IstioCharts.directory('/nowhere/charts') })).toThrow(
        new Error(
          "IstioModule mesh/istio: IstioCharts.directory('/nowhere/charts') does not exist: give the directory that contains Istio's charts",
        ),
      );
    });

    test('a chart does not take the values', () => {
      expect(failing({ values: { base: { nonsense: true } } })).toThrow(
        new Error(
          "IstioModule mesh/istio: chart base of Istio 1.31.1 does not accept these values (values don't meet the " +
            'specifications of the schema(s): - nonsense is not allowed); change the props, or values.base',
        ),
      );
    });
  });
});
