import { Duration } from 'cdk8s';
import {
  ForwardClientCertDetails,
  MeshNamespace,
  NamespaceOwnership,
  OutboundTrafficPolicyMode,
  SidecarInjection,
  type IstioModuleProps,
  type MeshConfig,
  type ProxyConfig,
} from 'istio-module';
import { emptyChart, fakeModule, synthesized, valuesOf, valuesText } from '../synthesis';

function istiodValues(props: Partial<IstioModuleProps>): Record<string, unknown> {
  const chart = emptyChart();
  fakeModule(chart, props);
  return valuesOf(synthesized(chart), 'istiod');
}

const failing = (props: Partial<IstioModuleProps>) => () => fakeModule(emptyChart(), props);
const lines = (...problems: string[]) => new Error(problems.map((one) => `IstioModule mesh/istio: ${one}`).join('\n'));

describe('mesh configuration of IstioModule', () => {
  test('is rendered in the terms of the reference', () => {
    const { meshConfig } = istiodValues({
      meshConfig: {
        trustDomain: 'prod.example.com',
        trustDomainAliases: ['cluster.local'],
        outboundTrafficPolicy: { mode: OutboundTrafficPolicyMode.REGISTRY_ONLY },
        discoverySelectors: [
          { matchLabels: { 'istio-injection': 'enabled' } },
          {
            matchExpressions: [
              { key: 'env', operator: 'In', values: ['prod', ''] },
              { key: 'legacy', operator: 'DoesNotExist' },
            ],
          },
        ],
        ingressSelector: 'public',
        defaultConfig: { dnsCapture: true, drainDuration: Duration.minutes(1), statNameLength: 200 },
      },
      defaultConfig: {
        holdApplicationUntilProxyStarts: false,
        terminationDrainDuration: '1m30s',
        proxyMetadata: { SHARD: '7' },
        gatewayTopology: {
          numTrustedProxies: 2,
          forwardClientCertDetails: ForwardClientCertDetails.APPEND_FORWARD,
          proxyProtocol: {},
        },
        proxyStatsMatcher: {
          inclusionPrefixes: ['cluster.outbound'],
          inclusionSuffixes: ['upstream_rq_timeout'],
          inclusionRegexps: ['.*outlier_detection.*'],
        },
      },
    });
    expect(meshConfig).toEqual({
      trustDomain: 'prod.example.com',
      trustDomainAliases: ['cluster.local'],
      outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
      discoverySelectors: [
        { matchLabels: { 'istio-injection': 'enabled' } },
        {
          matchExpressions: [
            { key: 'env', operator: 'In', values: ['prod', ''] },
            { key: 'legacy', operator: 'DoesNotExist' },
          ],
        },
      ],
      ingressSelector: 'public',
      defaultConfig: {
        holdApplicationUntilProxyStarts: false,
        proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true', SHARD: '7' },
        drainDuration: '60s',
        terminationDrainDuration: '1m30s',
        statNameLength: 200,
        gatewayTopology: { numTrustedProxies: 2, forwardClientCertDetails: 'APPEND_FORWARD', proxyProtocol: {} },
        proxyStatsMatcher: {
          inclusionPrefixes: ['cluster.outbound'],
          inclusionSuffixes: ['upstream_rq_timeout'],
          inclusionRegexps: ['.*outlier_detection.*'],
        },
      },
    });
  });

  test('lets the prop defaultConfig turn off what meshConfig.defaultConfig turns on', () => {
    const { meshConfig } = istiodValues({
      meshConfig: { defaultConfig: { dnsCapture: true, holdApplicationUntilProxyStarts: false } },
      defaultConfig: { dnsCapture: false },
    });
    expect(meshConfig).toEqual({
      defaultConfig: {
        holdApplicationUntilProxyStarts: false,
        proxyMetadata: {
          EXIT_ON_ZERO_ACTIVE_CONNECTIONS: 'true',
          MINIMUM_DRAIN_DURATION: '10s',
          ISTIO_META_DNS_CAPTURE: 'false',
        },
      },
    });
  });

  test('reports everything that is wrong at once', () => {
    expect(
      failing({
        meshConfig: {
          trustDomain: 'Prod_1',
          trustDomainAliases: ['example.com.', ''],
          discoverySelectors: [
            {},
            { matchLabels: { 'istio injection': 'enabled' } },
            { matchExpressions: [{ key: 'env', operator: 'In', values: ['a b'] }] },
          ],
          defaultConfig: { concurrency: -1, proxyMetadata: { ISTIO_META_DNS_AUTO_ALLOCATE: 'true' } },
        },
        defaultConfig: {
          dnsCapture: true,
          proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true', 'a b': 'x', QUOTED: 'say "x"' },
          gatewayTopology: { numTrustedProxies: 0.5 },
          proxyStatsMatcher: { inclusionPrefixes: [], inclusionSuffixes: [''], inclusionRegexps: ['('] },
          terminationDrainDuration: Duration.millis(1500),
          drainDuration: '1.5s',
        },
      }),
    ).toThrow(
      lines(
        "meshConfig.trustDomain 'Prod_1' is not a trust domain: write a domain name in lower case, such as 'prod.example.com'",
        "meshConfig.trustDomainAliases[1] '' is not a trust domain: write a domain name in lower case, such as 'prod.example.com'",
        'meshConfig.discoverySelectors[0] is empty and selects every namespace: write matchLabels or matchExpressions, or leave out meshConfig.discoverySelectors',
        "meshConfig.discoverySelectors[1].matchLabels { istio injection: 'enabled' } is not a valid label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
        "meshConfig.discoverySelectors[2].matchExpressions[0] { env: 'a b' } is not a valid label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
        'meshConfig.defaultConfig.concurrency -1 is out of range: write a whole number of at least 0',
        'defaultConfig.gatewayTopology.numTrustedProxies 0.5 is out of range: write a whole number of at least 0',
        'defaultConfig.proxyStatsMatcher.inclusionPrefixes is empty: name at least one, or leave it out',
        "defaultConfig.proxyStatsMatcher.inclusionSuffixes '' is not part of a statistic's name: write one such as 'cluster.outbound'",
        "defaultConfig.proxyStatsMatcher.inclusionRegexps '(' is not a valid regular expression (missing closing ): `(`): write it in RE2 syntax",
        "defaultConfig.terminationDrainDuration '1.5s' is not a whole number of seconds: write Duration.seconds(1) or more, or a string such as '1m30s'",
        "defaultConfig.drainDuration '1.5s' is not a whole number of seconds: write Duration.seconds(1) or more, or a string such as '1m30s'",
        "defaultConfig.proxyMetadata has 'a b', which cannot be an environment variable: write a name such as 'ISTIO_META_NETWORK'",
        'defaultConfig.proxyMetadata.QUOTED "say \\"x\\"" is not plain text: write a string without quotation marks, backslashes or line breaks',
        'defaultConfig.dnsCapture and defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE are the same setting: leave out the latter',
        'meshConfig.defaultConfig.proxyMetadata.ISTIO_META_DNS_AUTO_ALLOCATE is deprecated in Istio 1.31.1, because istiod assigns addresses to ServiceEntries itself: leave it out',
      ),
    );
  });

  test.each<[string, MeshConfig, ProxyConfig, string]>([
    [
      'no selector',
      { discoverySelectors: [] },
      {},
      'meshConfig.discoverySelectors is empty, which Istio treats as all namespaces: write a selector, or leave it out',
    ],
    [
      'no matcher',
      {},
      { proxyStatsMatcher: {} },
      'defaultConfig.proxyStatsMatcher is empty: set inclusionPrefixes, inclusionSuffixes or inclusionRegexps, or leave it out',
    ],
    [
      'no time',
      {},
      { drainDuration: Duration.seconds(0) },
      "defaultConfig.drainDuration '0s' is not a whole number of seconds: write Duration.seconds(1) or more, or a string such as '1m30s'",
    ],
  ])('refuses %s', (_, meshConfig, defaultConfig, problem) => {
    expect(failing({ meshConfig, defaultConfig })).toThrow(lines(problem));
  });

  test('takes automatic addresses of ServiceEntries from proxies where istiod gives none', () => {
    const proxyMetadata = { ISTIO_META_DNS_AUTO_ALLOCATE: 'true' };
    expect(istiodValues({ version: '1.24.6', defaultConfig: { proxyMetadata } }).meshConfig).toMatchObject({
      defaultConfig: { proxyMetadata },
    });
  });
});

describe('compatibilityVersion of IstioModule', () => {
  test('is a value of the chart istiod, as text', () => {
    const chart = emptyChart();
    fakeModule(chart, { compatibilityVersion: '1.30' });
    expect(valuesText(synthesized(chart), 'istiod')).toContain('compatibilityVersion: "1.30"');
  });

  test.each([
    ['1.30.2', "compatibilityVersion '1.30.2' is not a minor version: write MAJOR.MINOR, such as '1.30'"],
    [
      '1.31',
      "compatibilityVersion '1.31' is not below version '1.31.1': write an earlier minor version, or leave it out",
    ],
    [
      '0.30',
      "compatibilityVersion '0.30' is not below version '1.31.1': write an earlier minor version, or leave it out",
    ],
  ])('refuses %s', (compatibilityVersion, problem) => {
    expect(failing({ compatibilityVersion })).toThrow(lines(problem));
  });
});

describe('discoverySelectors of IstioModule', () => {
  const chartWith = (discoverySelectors: MeshConfig['discoverySelectors'], props: Partial<IstioModuleProps> = {}) => {
    const chart = emptyChart();
    fakeModule(chart, { meshConfig: { discoverySelectors }, ...props });
    new MeshNamespace(chart, 'shop', { name: 'shop', labels: { env: 'prod' } });
    new MeshNamespace(chart, 'old', { name: 'old', ownership: NamespaceOwnership.ADOPT });
    new MeshNamespace(chart, 'legacy', { name: 'legacy', injection: SidecarInjection.DISABLED });
    return chart;
  };
  const missing = (name: string, labels: string) =>
    `  [mesh/istio] meshConfig.discoverySelectors selects no namespace with labels { ${labels} }, so istiod would not see namespace '${name}' of the mesh: ` +
    `add a selector such as { matchLabels: { 'kubernetes.io/metadata.name': '${name}' } }`;
  const SYSTEM = missing('istio-system', "istio-injection: 'enabled', kubernetes.io/metadata.name: 'istio-system'");

  test.each<[string, NonNullable<MeshConfig['discoverySelectors']>]>([
    ['by one label', [{ matchLabels: { 'istio-injection': 'enabled' } }]],
    [
      'by name',
      [
        {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['istio-system', 'shop'] }],
        },
      ],
    ],
    ['by what is not there', [{ matchExpressions: [{ key: 'test', operator: 'DoesNotExist' }] }]],
    ['by another value', [{ matchExpressions: [{ key: 'env', operator: 'NotIn', values: ['test'] }] }]],
    [
      'each by its own',
      [
        { matchLabels: { env: 'prod' }, matchExpressions: [{ key: 'env', operator: 'Exists' }] },
        { matchLabels: { 'kubernetes.io/metadata.name': 'istio-system' } },
      ],
    ],
  ])('may select the namespaces of the mesh %s', (_, selectors) => {
    expect(() => synthesized(chartWith(selectors))).not.toThrow();
  });

  test('must select the namespace of the module and those of the mesh', () => {
    expect(() => synthesized(chartWith([{ matchLabels: { env: 'test' } }]))).toThrow(
      new Error(
        [
          'Validation failed with the following errors:',
          SYSTEM,
          missing('shop', "env: 'prod', istio-injection: 'enabled', kubernetes.io/metadata.name: 'shop'"),
        ].join('\n'),
      ),
    );
  });

  test('are not checked against a namespace that exists already, whose labels are unknown', () => {
    const selectors = [{ matchLabels: { env: 'prod' } }];
    expect(() => synthesized(chartWith(selectors))).toThrow(
      new Error(['Validation failed with the following errors:', SYSTEM].join('\n')),
    );
    expect(() => synthesized(chartWith(selectors, { namespaceOwnership: NamespaceOwnership.ADOPT }))).not.toThrow();
  });

  test('must select a root namespace without sidecars as well', () => {
    const chart = emptyChart();
    const meshConfig = {
      rootNamespace: 'root',
      discoverySelectors: [{ matchLabels: { 'istio-injection': 'enabled' } }],
    };
    fakeModule(chart, { meshConfig });
    new MeshNamespace(chart, 'root', { name: 'root', injection: SidecarInjection.DISABLED });
    expect(() => synthesized(chart)).toThrow(
      missing('root', "istio-injection: 'disabled', kubernetes.io/metadata.name: 'root'"),
    );
  });
});
