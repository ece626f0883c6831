import { Duration } from 'cdk8s';
import {
  AccessLog,
  AccessLogFormat,
  CustomTag,
  IstioMetric,
  MeshNamespace,
  MeshTelemetry,
  TagOverride,
  Tracing,
  WorkloadMode,
  type IstioModuleProps,
  type MeshTelemetryProps,
} from 'istio-module';
import { emptyChart, fakeModule, named, synthesized, title } from '../synthesis';
import { warningsOf } from '../warnings-of';

const collector = { service: 'collector.telemetry.svc.cluster.local', port: 4317 };
const tracing = Tracing.otlp(collector);
const json = AccessLog.envoyFile({ name: 'json', format: AccessLogFormat.json() });

describe('MeshTelemetry', () => {
  test('traces, logs and measures workloads in their own way', () => {
    const chart = emptyChart();
    const shop = new MeshNamespace(chart, 'shop', { name: 'shop' });
    fakeModule(chart, { telemetryProviders: [tracing, json] });
    new MeshTelemetry(chart, 'db', {
      namespace: shop,
      workload: { app: 'db' },
      tracing: {
        provider: tracing,
        samplingPercent: 12.5,
        mode: WorkloadMode.SERVER,
        disabled: false,
        customTags: {
          tier: CustomTag.literal('gold'),
          pod: CustomTag.environment('POD_NAME', { defaultValue: 'none' }),
          tenant: CustomTag.header('x-tenant'),
        },
      },
      accessLogs: [
        { providers: [json], filter: 'response.code >= 500' },
        { providers: ['envoy'], mode: WorkloadMode.CLIENT },
      ],
      metrics: {
        providers: ['prometheus'],
        reportingInterval: Duration.seconds(30),
        overrides: [
          { tags: { request_host: TagOverride.upsert('request.host'), response_flags: TagOverride.REMOVE } },
          { metric: IstioMetric.REQUEST_SIZE, mode: WorkloadMode.CLIENT, disabled: true },
          { metric: { custom: 'wasm_requests' }, disabled: false },
        ],
      },
    });
    expect(named(synthesized(chart), 'Telemetry/shop/db').spec).toEqual({
      selector: { matchLabels: { app: 'db' } },
      tracing: [
        {
          match: { mode: 'SERVER' },
          providers: [{ name: 'otlp-tracing' }],
          randomSamplingPercentage: 12.5,
          customTags: {
            tier: { literal: { value: 'gold' } },
            pod: { environment: { name: 'POD_NAME', defaultValue: 'none' } },
            tenant: { header: { name: 'x-tenant' } },
          },
          disableSpanReporting: false,
        },
      ],
      accessLogging: [
        { providers: [{ name: 'json' }], filter: { expression: 'response.code >= 500' } },
        { providers: [{ name: 'envoy' }], match: { mode: 'CLIENT' } },
      ],
      metrics: [
        {
          providers: [{ name: 'prometheus' }],
          overrides: [
            {
              match: { metric: 'ALL_METRICS' },
              tagOverrides: {
                request_host: { operation: 'UPSERT', value: 'request.host' },
                response_flags: { operation: 'REMOVE' },
              },
            },
            { match: { metric: 'REQUEST_SIZE', mode: 'CLIENT' }, disabled: true },
            { match: { customMetric: 'wasm_requests' }, disabled: false },
          ],
          reportingInterval: '30s',
        },
      ],
    });
  });

  test('says what differs in a namespace, and inherits the rest from the mesh', () => {
    const chart = emptyChart();
    fakeModule(chart, { tracing, accessLogs: [json, AccessLog.envoyFile()] });
    new MeshTelemetry(chart, 'shop', {
      namespace: 'shop',
      tracing: { samplingPercent: 100 },
      accessLogs: [{ disabled: true }],
    });
    expect(named(synthesized(chart), 'Telemetry/shop/default').spec).toEqual({
      tracing: [{ randomSamplingPercentage: 100 }],
      accessLogging: [{ disabled: true }],
    });
  });

  test('inherits in a workload from its namespace', () => {
    const chart = emptyChart();
    fakeModule(chart, { telemetryProviders: [tracing, json] });
    new MeshTelemetry(chart, 'shop', {
      namespace: 'shop',
      tracing: { provider: tracing },
      accessLogs: [{ providers: [json] }],
    });
    new MeshTelemetry(chart, 'db', {
      namespace: 'shop',
      workload: { app: 'db' },
      tracing: { samplingPercent: 5 },
      accessLogs: [{ disabled: true }],
    });
    expect(synthesized(chart).map(title)).toContain('Telemetry/shop/db');
  });

  test.each(['before', 'after'])('covers the mesh of a module made %s it, which sets no telemetry itself', (when) => {
    const chart = emptyChart();
    const props = { namespace: 'mesh-system', telemetryProviders: [json] };
    if (when === 'before') fakeModule(chart, props);
    new MeshTelemetry(chart, 'logs', { accessLogs: [{ providers: [json] }] });
    if (when === 'after') fakeModule(chart, props);
    expect(synthesized(chart).map(title)).toContain('Telemetry/mesh-system/mesh-default');
  });

  test('configures an Istio that others installed, whose providers nobody knows', () => {
    const chart = emptyChart();
    new MeshTelemetry(chart, 'mesh', {
      rootNamespace: 'istio-config',
      tracing: { provider: 'zipkin' },
      accessLogs: [{ disabled: true }],
    });
    expect(synthesized(chart).map(title)).toEqual(['Telemetry/istio-config/mesh-default']);
  });

  describe('refuses at synthesis', () => {
    const failing =
      (module: Partial<IstioModuleProps> | undefined, ...all: readonly MeshTelemetryProps[]) =>
      () => {
        const chart = emptyChart();
        if (module) fakeModule(chart, module);
        all.forEach((props, index) => new MeshTelemetry(chart, `telemetry-${String(index)}`, props));
        synthesized(chart);
      };
    const inShop = (props: MeshTelemetryProps): MeshTelemetryProps => ({ namespace: 'shop', ...props });

    test.each<[string, Partial<IstioModuleProps> | undefined, MeshTelemetryProps[], string]>([
      [
        'a tracing provider that the module does not define',
        { tracing, accessLogs: [json] },
        [inShop({ tracing: { provider: 'json' } })],
        "[mesh/telemetry-0] tracing provider 'json' is not defined for tracing in IstioModule mesh/istio (it knows 'otlp-tracing', 'stackdriver'): add it to the module's telemetryProviders, or write another",
      ],
      [
        'an access log that the module does not define',
        { meshConfig: { extensionProviders: [{ name: 'als', envoyHttpAls: {} }] } },
        [inShop({ accessLogs: [{ providers: ['als'] }, { providers: [json] }] })],
        "[mesh/telemetry-0] accessLogs[1] provider 'json' is not defined for access logs in IstioModule mesh/istio (it knows 'als', 'stackdriver', 'envoy'): add it to the module's telemetryProviders, or write another",
      ],
      [
        'a metrics provider that the module does not define',
        {},
        [inShop({ metrics: { providers: ['graphite'] } })],
        "[mesh/telemetry-0] metrics provider 'graphite' is not defined for metrics in IstioModule mesh/istio (it knows 'prometheus', 'stackdriver'): add it to the module's meshConfig.extensionProviders, or write another",
      ],
      [
        'a provider that shares a name with one of the module',
        { tracing },
        [inShop({ tracing: { provider: Tracing.otlp({ ...collector, port: 4318 }) } })],
        "[mesh/telemetry-0] tracing provider 'otlp-tracing' has other settings than the provider with the same name of IstioModule mesh/istio: give one of them another name",
      ],
      [
        'a mesh-wide one beside that of the module',
        { tracing, namespace: 'mesh-system' },
        [{ namespace: 'mesh-system', tracing: { samplingPercent: 1 } }],
        '[] Telemetry mesh-system/default (mesh/telemetry-0/Default) applies to all of the mesh, and so does Telemetry mesh-system/mesh-default (mesh/istio/telemetry), but Istio uses only one of them: put both into one',
      ],
      [
        'two for a namespace',
        undefined,
        [inShop({ tracing: { disabled: true } }), inShop({ name: 'other', tracing: { disabled: true } })],
        "[] Telemetry shop/other (mesh/telemetry-1/Default) applies to all of namespace 'shop', and so does Telemetry shop/default (mesh/telemetry-0/Default), but Istio uses only one of them: put both into one",
      ],
      [
        'two for the same workload',
        undefined,
        [
          inShop({ workload: { app: 'db', tier: 'x' }, tracing: { disabled: true } }),
          inShop({ workload: { tier: 'x', app: 'db' }, tracing: { disabled: true } }),
        ],
        "[] Telemetry shop/telemetry-1 (mesh/telemetry-1/Default) applies to workload { app: 'db', tier: 'x' } of namespace 'shop', and so does Telemetry shop/telemetry-0 (mesh/telemetry-0/Default), but Istio uses only one of them: put both into one",
      ],
      [
        'tracing without anywhere to go',
        {},
        [inShop({ tracing: { samplingPercent: 1 } })],
        "[mesh/telemetry-0] tracing has no provider, and neither does IstioModule mesh/istio: set tracing.provider, or the module's tracing",
      ],
      [
        'turning off a log that Telemetry does not turn on',
        { accessLogFile: '/dev/stdout' },
        [inShop({ accessLogs: [{ disabled: true }] })],
        "[mesh/telemetry-0] accessLogs[0] has no effect, because IstioModule mesh/istio logs nothing through Telemetry: leave it out, or replace the module's accessLogFile with accessLogs",
      ],
      [
        'access logs that go nowhere',
        {},
        [inShop({ accessLogs: [{ mode: WorkloadMode.SERVER }] })],
        '[mesh/telemetry-0] accessLogs[0] has no provider, and neither does IstioModule mesh/istio: name one in providers',
      ],
      [
        'a mesh that nothing names the root namespace of',
        undefined,
        [{ tracing: { disabled: true } }],
        '[mesh/telemetry-0] applies to the whole mesh, but the app has no IstioModule or ExistingIstio that sets its root namespace: set the prop rootNamespace',
      ],
    ])('%s', (_, module, all, problem) => {
      expect(failing(module, ...all)).toThrow(new Error(`Validation failed with the following errors:\n  ${problem}`));
    });

    test.each<[string, Partial<IstioModuleProps>]>([
      ['tracing', { meshConfig: { defaultProviders: { tracing: ['stackdriver'] } } }],
      ['access logs', { tracing, meshConfig: { defaultProviders: { accessLogging: ['envoy'] } } }],
    ])('nothing where meshConfig.defaultProviders say where %s go', (what, module) => {
      const settings: MeshTelemetryProps =
        what === 'tracing' ? { tracing: { samplingPercent: 1 } } : { accessLogs: [{ disabled: true }] };
      expect(failing(module, inShop(settings))).not.toThrow();
    });
  });

  test('warns of a switch that turns off some of several logs alone', () => {
    const chart = emptyChart();
    fakeModule(chart, { accessLogs: [json, AccessLog.envoyFile({ filter: 'response.code >= 500' })] });
    new MeshTelemetry(chart, 'shop', { namespace: 'shop', accessLogs: [{ disabled: true }] });
    expect(warningsOf(() => synthesized(chart))).toEqual([
      'warning: MeshTelemetry mesh/shop: accessLogs[0] disables only the last of several access logs: name the intended ones in providers',
    ]);
  });

  test.each<[string, MeshTelemetryProps, string]>([
    [
      'a percentage out of range',
      { namespace: 'shop', tracing: { samplingPercent: NaN } },
      'tracing samplingPercent NaN is out of range: write a number from 0 to 100',
    ],
    [
      'a tag without a name',
      { namespace: 'shop', tracing: { customTags: { ' ': CustomTag.literal('x') } } },
      "tracing customTags has a tag without a name: write one, such as 'tenant'",
    ],
    [
      'a tag without a value',
      { namespace: 'shop', tracing: { customTags: { tier: CustomTag.literal('') } } },
      "tracing customTags 'tier' has an empty literal: write a value",
    ],
    [
      'a tag of an invalid environment variable',
      { namespace: 'shop', tracing: { customTags: { pod: CustomTag.environment('POD NAME') } } },
      "tracing customTags 'pod' names environment variable 'POD NAME', which is not a valid name: write a name such as 'POD_NAME'",
    ],
    [
      'a tag of an invalid header',
      { namespace: 'shop', tracing: { customTags: { tenant: CustomTag.header('x tenant') } } },
      "tracing customTags 'tenant' names header 'x tenant', which is not a valid name: write a name such as 'x-tenant'",
    ],
    [
      'a provider without a name',
      { namespace: 'shop', tracing: { provider: '' } },
      "tracing provider name '' is not a valid name: write one without spaces, such as 'otlp-tracing'",
    ],
    [
      'a filter of access logs that go nowhere',
      { namespace: 'shop', accessLogs: [{ providers: [], filter: 'response.code >= 500' }] },
      'accessLogs[0] has no provider, so Istio ignores its filter: name one in providers, or leave out filter',
    ],
    [
      'an empty filter',
      { namespace: 'shop', accessLogs: [{ providers: ['envoy'], filter: ' ' }] },
      "accessLogs[0] filter is empty: write an expression such as 'response.code >= 500', or leave it out",
    ],
    [
      'a filter that does not end',
      { namespace: 'shop', accessLogs: [{ providers: ['envoy'], filter: "request.path.startsWith('/a)')[0" }] },
      "accessLogs[0] filter 'request.path.startsWith('/a)')[0' is not a CEL expression: write one such as 'response.code >= 500'",
    ],
    [
      'tags of metrics that are all off',
      { namespace: 'shop', metrics: { overrides: [{ disabled: true, tags: { a: TagOverride.REMOVE } }] } },
      'metrics overrides[0] is disabled, so its tags have no effect: leave out disabled or tags',
    ],
    [
      'a label without a name',
      { namespace: 'shop', metrics: { overrides: [{ tags: { '': TagOverride.REMOVE } }] } },
      "metrics overrides[0] tags has a tag without a name: write one, such as 'request_host'",
    ],
    [
      'a label without a value',
      { namespace: 'shop', metrics: { overrides: [{ tags: { host: TagOverride.upsert('') } }] } },
      "metrics overrides[0] tags 'host' is empty: write an expression such as 'request.host', or TagOverride.REMOVE",
    ],
    [
      'an invalid metric',
      { namespace: 'shop', metrics: { overrides: [{ metric: { custom: '' }, disabled: true }] } },
      "metrics overrides[0] metric '' is not a valid metric name: write letters, digits, '_' and ':'",
    ],
    [
      'an interval that is too short',
      { namespace: 'shop', metrics: { reportingInterval: Duration.millis(0) } },
      'metrics reportingInterval 0s is too short: write at least Duration.millis(1), or leave it out',
    ],
    [
      'a workload without a namespace',
      { workload: { app: 'db' }, tracing: { disabled: true } },
      "workload { app: 'db' } needs a namespace: set the prop namespace to that of the workload",
    ],
    [
      'a workload without labels',
      { namespace: 'shop', workload: {}, tracing: { disabled: true } },
      'workload {} has no labels: name at least one, or leave the prop out to select every workload',
    ],
    [
      'a workload with a wildcard',
      { namespace: 'shop', workload: { app: 'db*' }, tracing: { disabled: true } },
      "workload { app: 'db*' } is not a valid label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
    ],
    [
      'a namespace and a root namespace',
      { namespace: 'shop', rootNamespace: 'istio-system', tracing: { disabled: true } },
      "rootNamespace 'istio-system' is for the whole mesh, but namespace is set: leave out one of them",
    ],
  ])('refuses %s', (_, props, problem) => {
    const chart = emptyChart();
    expect(() => new MeshTelemetry(chart, 'db', props)).toThrow(new Error(`MeshTelemetry mesh/db: ${problem}`));
  });
});
