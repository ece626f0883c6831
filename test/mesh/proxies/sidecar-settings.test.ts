import { ApiObjectMetadataDefinition, Duration, Size } from 'cdk8s';
import { Cpu, Deployment, Pod } from 'cdk8s-plus-27';
import { PodInjection, ProxyLogLevel, SidecarSettings, type SidecarSettingsOptions } from 'istio-module';
import { emptyChart } from '../synthesis';

const EVERYTHING: SidecarSettingsOptions = {
  injection: PodInjection.ENABLED,
  resources: {
    requests: { cpu: Cpu.millis(50), memory: Size.mebibytes(64) },
    limits: { cpu: '1', memory: '1e9' },
  },
  image: 'registry.example.com:5000/istio/proxyv2:1.31.1-fips',
  includeInboundPorts: '*',
  excludeInboundPorts: [9090, 9091],
  includeOutboundPorts: [5432],
  excludeOutboundPorts: [3306],
  includeOutboundIPRanges: '*',
  excludeOutboundIPRanges: ['10.0.0.0/8', '2001:db8::/32'],
  proxyConfig: {
    holdApplicationUntilProxyStarts: false,
    terminationDrainDuration: Duration.seconds(20),
    dnsCapture: true,
    concurrency: 2,
  },
  nativeSidecar: false,
  logLevel: ProxyLogLevel.INFO,
  componentLogLevels: { http: ProxyLogLevel.DEBUG, ext_authz: ProxyLogLevel.TRACE },
  volumes: [
    { name: 'certs', source: { secret: { secretName: 'client-certs' } }, mountPath: '/etc/certs' },
    { name: 'scratch', source: { emptyDir: {} }, mountPath: '/scratch', readOnly: false },
  ],
};

const ANNOTATIONS = {
  'sidecar.istio.io/proxyCPU': '50m',
  'sidecar.istio.io/proxyMemory': '64Mi',
  'sidecar.istio.io/proxyCPULimit': '1',
  'sidecar.istio.io/proxyMemoryLimit': '1e9',
  'sidecar.istio.io/proxyImage': 'registry.example.com:5000/istio/proxyv2:1.31.1-fips',
  'sidecar.istio.io/nativeSidecar': 'false',
  'sidecar.istio.io/logLevel': 'info',
  'sidecar.istio.io/componentLogLevel': 'http:debug,ext_authz:trace',
  'proxy.istio.io/config':
    '{"holdApplicationUntilProxyStarts":false,"concurrency":2,"proxyMetadata":{"EXIT_ON_ZERO_ACTIVE_CONNECTIONS":"false","ISTIO_META_DNS_CAPTURE":"true"},"terminationDrainDuration":"20s"}',
  'traffic.sidecar.istio.io/includeInboundPorts': '*',
  'traffic.sidecar.istio.io/excludeInboundPorts': '9090,9091',
  'traffic.sidecar.istio.io/includeOutboundPorts': '5432',
  'traffic.sidecar.istio.io/excludeOutboundPorts': '3306',
  'traffic.sidecar.istio.io/includeOutboundIPRanges': '*',
  'traffic.sidecar.istio.io/excludeOutboundIPRanges': '10.0.0.0/8,2001:db8::/32',
  'sidecar.istio.io/userVolume': '{"certs":{"secret":{"secretName":"client-certs"}},"scratch":{"emptyDir":{}}}',
  'sidecar.istio.io/userVolumeMount':
    '{"certs":{"mountPath":"/etc/certs","readOnly":true},"scratch":{"mountPath":"/scratch","readOnly":false}}',
};

describe('SidecarSettings', () => {
  test('are labels and annotations of a pod', () => {
    expect(new SidecarSettings(EVERYTHING).metadata()).toEqual({
      labels: { 'sidecar.istio.io/inject': 'true' },
      annotations: ANNOTATIONS,
    });
  });

  test('are merged over the metadata that a pod has, which stays as it is', () => {
    const own = { name: 'db', labels: { app: 'db' }, annotations: { 'sidecar.istio.io/logLevel': 'off', note: 'x' } };
    expect(new SidecarSettings({ logLevel: ProxyLogLevel.ERROR }).metadata(own)).toEqual({
      name: 'db',
      labels: { app: 'db' },
      annotations: { note: 'x', 'sidecar.istio.io/logLevel': 'error' },
    });
    expect(own.annotations['sidecar.istio.io/logLevel']).toBe('off');
    expect(new SidecarSettings({ injection: PodInjection.DISABLED }).metadata()).toEqual({
      labels: { 'sidecar.istio.io/inject': 'false' },
    });
  });

  test('are applied to workloads and pods of cdk8s-plus', () => {
    const chart = emptyChart();
    const settings = new SidecarSettings({ injection: PodInjection.ENABLED, nativeSidecar: true });
    const deployment = new Deployment(chart, 'web', { containers: [{ image: 'web' }] });
    const pod = new Pod(chart, 'job', { containers: [{ image: 'job' }] });
    settings.applyTo(deployment);
    settings.applyTo(pod);
    const expected = {
      labels: expect.objectContaining({ 'sidecar.istio.io/inject': 'true' }) as object,
      annotations: { 'sidecar.istio.io/nativeSidecar': 'true' },
    };
    const [web, job] = chart.toJson() as { spec: { template: { metadata: object } }; metadata: object }[];
    expect(web?.spec.template.metadata).toMatchObject(expected);
    expect(job?.metadata).toMatchObject(expected);
    expect(deployment.metadata).toBeInstanceOf(ApiObjectMetadataDefinition);
    expect(deployment.metadata.toJson()).not.toHaveProperty('annotations');
  });

  test('redirect nothing with empty lists', () => {
    expect(new SidecarSettings({ includeInboundPorts: [], includeOutboundIPRanges: [] }).metadata()).toEqual({
      annotations: {
        'traffic.sidecar.istio.io/includeInboundPorts': '',
        'traffic.sidecar.istio.io/includeOutboundIPRanges': '',
      },
    });
  });

  test('are refused with everything that is wrong at once', () => {
    expect(
      () =>
        new SidecarSettings({
          resources: { requests: { cpu: '1 core' } },
          image: 'proxyv2:1.31.1',
          includeInboundPorts: [0],
          excludeInboundPorts: [70000],
          includeOutboundPorts: [1.5, 80],
          excludeOutboundPorts: [80],
          includeOutboundIPRanges: ['10.0.0.1'],
          excludeOutboundIPRanges: ['10.0.0.0/33'],
          proxyConfig: { concurrency: -1 },
          componentLogLevels: { 'http,x': ProxyLogLevel.DEBUG },
          volumes: [
            { name: 'Certs', source: {}, mountPath: 'certs' },
            { name: 'a', source: { secret: {}, emptyDir: {} }, mountPath: '/a' },
            { name: 'a', source: { emptyDir: {} }, mountPath: '/b' },
          ],
        }),
    ).toThrow(
      new Error(
        [
          "resources.requests.cpu '1 core' is not a quantity: write a number with an optional unit, such as '500m' or '2'",
          'includeInboundPorts 0 is not a port: write a whole number from 1 to 65535',
          'excludeInboundPorts 70000 is not a port: write a whole number from 1 to 65535',
          'includeOutboundPorts 1.5 is not a port: write a whole number from 1 to 65535',
          "includeOutboundIPRanges '10.0.0.1' is not a CIDR block: write one such as '10.0.0.0/8' or '203.0.113.4/32'",
          "excludeOutboundIPRanges '10.0.0.0/33' is not a CIDR block: write one such as '10.0.0.0/8' or '203.0.113.4/32'",
          'port 80 is in includeOutboundPorts and in excludeOutboundPorts: leave it out of one of them',
          'excludeInboundPorts [70000] has no effect with a list in includeInboundPorts: leave out one of them',
          'excludeOutboundIPRanges [10.0.0.0/33] has no effect with a list in includeOutboundIPRanges: leave out one of them',
          'proxyConfig.concurrency -1 is out of range: write a whole number of at least 0',
          "volumes[0] name 'Certs' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
          "volume 'Certs' has no source: write one, such as { secret: { secretName: 'client-certs' } }",
          "volume 'Certs' has mountPath 'certs', which is not a path: write one such as '/etc/client-certs'",
          "volume 'a' has the sources secret and emptyDir: write one, such as { secret: { secretName: 'client-certs' } }",
          "volume 'a' is defined twice: give each a different name",
          "image 'proxyv2:1.31.1' is not an image with a registry: write one such as 'registry.example.com/istio/proxyv2:1.31.1-fips'",
          "componentLogLevels has 'http,x', which is not a component of Envoy: write one such as 'http'",
        ]
          .map((line) => `SidecarSettings: ${line}`)
          .join('\n'),
      ),
    );
  });

  test.each<[string, SidecarSettingsOptions, string]>([
    ['nothing', {}, 'is empty: set an option'],
    [
      'a request above its limit',
      { resources: { requests: { memory: '1Gi' }, limits: { memory: '512Mi' } } },
      "resources.requests.memory '1Gi' is above resources.limits.memory '512Mi': set both, with the request not above the limit",
    ],
    [
      'settings of a sidecar that is not injected',
      { injection: PodInjection.DISABLED, nativeSidecar: true, logLevel: ProxyLogLevel.OFF },
      'PodInjection.DISABLED removes the sidecar, so nativeSidecar, logLevel would have no effect: leave out one or the other',
    ],
  ])('refuse %s', (_, options, problem) => {
    expect(() => new SidecarSettings(options)).toThrow(new Error(`SidecarSettings: ${problem}`));
  });

  test.each([
    'istio/proxyv2',
    'localhost:5000/proxyv2@sha256:0123456789012345678901234567890123456789012345678901234567890123',
    'gcr.io/a_b/c--d/proxyv2:1.31.1@sha256:0123456789012345678901234567890123456789012345678901234567890123',
  ])('take the image %s', (image) => {
    expect(new SidecarSettings({ image }).metadata().annotations).toEqual({ 'sidecar.istio.io/proxyImage': image });
  });
});
