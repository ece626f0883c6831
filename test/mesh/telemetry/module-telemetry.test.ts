import { Duration } from 'cdk8s';
import {
  AccessLog,
  AccessLogFormat,
  CustomTag,
  IstioMetric,
  Tracing,
  WorkloadMode,
  type IstioModuleProps,
} from 'istio-module';
import { emptyChart, fakeModule, named, synthesized, title, valuesOf } from '../synthesis';

const collector = { service: 'collector.telemetry.svc.cluster.local', port: 4317 };

function moduleOf(props: Partial<IstioModuleProps>) {
  const chart = emptyChart();
  fakeModule(chart, props);
  const manifests = synthesized(chart);
  return { manifests, meshConfig: valuesOf(manifests, 'istiod').meshConfig as Record<string, unknown> };
}

describe('telemetry of the whole mesh, in IstioModule,', () => {
  test('is one Telemetry for traces, access logs and metrics', () => {
    const { manifests } = moduleOf({
      tracing: Tracing.otlp({ ...collector, samplingPercent: 5, customTags: { tier: CustomTag.literal('x') } }),
      accessLogs: [
        AccessLog.envoyFile(),
        AccessLog.openTelemetry(collector),
        AccessLog.envoyFile({ name: 'errors', filter: 'response.code >= 500', mode: WorkloadMode.SERVER }),
      ],
      metrics: { overrides: [{ metric: IstioMetric.REQUEST_SIZE, disabled: true }], merge: false },
    });
    expect(manifests.map(title).filter((one) => one.startsWith('Telemetry/'))).toHaveLength(1);
    expect(named(manifests, 'Telemetry/istio-system/mesh-default').spec).toEqual({
      tracing: [
        {
          providers: [{ name: 'otlp-tracing' }],
          randomSamplingPercentage: 5,
          customTags: { tier: { literal: { value: 'x' } } },
        },
      ],
      accessLogging: [
        { providers: [{ name: 'file-access-log' }, { name: 'otlp-access-log' }] },
        {
          providers: [{ name: 'errors' }],
          match: { mode: 'SERVER' },
          filter: { expression: 'response.code >= 500' },
        },
      ],
      metrics: [{ overrides: [{ match: { metric: 'REQUEST_SIZE' }, disabled: true }] }],
    });
  });

  test('registers every provider once, those of meshConfig last', () => {
    const tracing = Tracing.otlp({
      name: 'traces',
      service: 'telemetry/collector.example.com',
      port: 4318,
      http: { path: '/v1/traces', timeout: Duration.seconds(10), headers: { 'x-tenant': 'shop' } },
    });
    const text = AccessLog.envoyFile({
      path: '/var/log/access',
      format: AccessLogFormat.text('[%START_TIME(%Y-%m)%] %REQ(:PATH):30% 100%%'),
      omitEmptyValues: true,
    });
    const json = AccessLog.envoyFile({
      name: 'json',
      format: AccessLogFormat.json({ code: '%RESPONSE_CODE%', peer: { id: '%CEL(has(a.b))%' }, version: 1 }),
    });
    const otlp = AccessLog.openTelemetry({ ...collector, logName: 'shop', body: '%PROTOCOL%', attributes: { a: 'b' } });
    const { manifests, meshConfig } = moduleOf({
      tracing,
      accessLogs: [text],
      telemetryProviders: [json, otlp, text],
      meshConfig: { extensionProviders: [{ name: 'zipkin', zipkin: { service: 'zipkin.example.com', port: 9411 } }] },
    });
    expect(meshConfig.extensionProviders).toEqual([
      {
        name: 'traces',
        opentelemetry: {
          service: 'telemetry/collector.example.com',
          port: 4318,
          http: { path: '/v1/traces', timeout: '10s', headers: [{ name: 'x-tenant', value: 'shop' }] },
        },
      },
      {
        name: 'file-access-log',
        envoyFileAccessLog: {
          path: '/var/log/access',
          logFormat: { text: '[%START_TIME(%Y-%m)%] %REQ(:PATH):30% 100%%' },
          omitEmptyValues: true,
        },
      },
      {
        name: 'json',
        envoyFileAccessLog: {
          path: '/dev/stdout',
          logFormat: { labels: { code: '%RESPONSE_CODE%', peer: { id: '%CEL(has(a.b))%' }, version: 1 } },
        },
      },
      {
        name: 'otlp-access-log',
        envoyOtelAls: { ...collector, logName: 'shop', logFormat: { text: '%PROTOCOL%', labels: { a: 'b' } } },
      },
      { name: 'zipkin', zipkin: { service: 'zipkin.example.com', port: 9411 } },
    ]);
    expect(named(manifests, 'Telemetry/istio-system/mesh-default').spec).toEqual({
      tracing: [{ providers: [{ name: 'traces' }] }],
      accessLogging: [{ providers: [{ name: 'file-access-log' }] }],
    });
  });

  test('changes nothing that is injected into pods when access logs change', () => {
    const pods = (props: Partial<IstioModuleProps>) => {
      const { manifests, meshConfig } = moduleOf(props);
      const { accessLogFile, extensionProviders, ...rest } = meshConfig;
      return {
        logs: [accessLogFile, extensionProviders],
        rest: { ...valuesOf(manifests, 'istiod'), meshConfig: rest },
      };
    };
    const before = pods({});
    const after = pods({ accessLogs: [AccessLog.envoyFile({ filter: 'response.code >= 500' })] });
    expect(after.logs).not.toEqual(before.logs);
    expect(after.rest).toEqual(before.rest);
  });

  test.each([true, false])('merges metrics of applications: %s', (merge) => {
    const { manifests, meshConfig } = moduleOf({ metrics: { merge } });
    expect(meshConfig.enablePrometheusMerge).toBe(merge);
    expect(manifests.map(title)).not.toContain('Telemetry/istio-system/mesh-default');
  });

  test.each<[string, Partial<IstioModuleProps>, string]>([
    [
      'a short name of a Service',
      { tracing: Tracing.otlp({ service: 'collector', port: 4317 }) },
      "tracing service 'collector' is a short name, which Istio does not resolve: write the full one, such as 'collector.telemetry.svc.cluster.local'",
    ],
    [
      'an empty part of a host',
      { accessLogs: [AccessLog.openTelemetry({ service: 'a..b', port: 4317 })] },
      "accessLogs[0] service 'a..b' is not a host: write the name of the collector's Service, without a port",
    ],
    [
      'a port out of range',
      { telemetryProviders: [Tracing.otlp({ ...collector, port: 65536, http: { path: '/v1/traces' } })] },
      'telemetryProviders[0] port 65536 is not a port: write a whole number from 1 to 65535, such as 4318',
    ],
    [
      'an invalid path',
      { tracing: Tracing.otlp({ ...collector, http: { path: 'v1/traces' } }) },
      "tracing http path 'v1/traces' is not a path: write one such as '/v1/traces'",
    ],
    [
      'a timeout that is too short',
      { tracing: Tracing.otlp({ ...collector, http: { path: '/', timeout: Duration.millis(0) } }) },
      'tracing http timeout 0s is too short: write at least Duration.millis(1), or leave it out',
    ],
    [
      'an invalid header',
      { tracing: Tracing.otlp({ ...collector, http: { path: '/', headers: { 'x tenant': 'a' } } }) },
      "tracing http headers has 'x tenant', which is not a valid header name: write another",
    ],
    [
      'a header of several lines',
      { tracing: Tracing.otlp({ ...collector, http: { path: '/', headers: { 'x-tenant': 'a\nb' } } }) },
      "tracing http headers 'x-tenant' has a multi-line value: write one line",
    ],
    [
      'an invalid file',
      { accessLogs: [AccessLog.envoyFile({ path: 'stdout' })] },
      "accessLogs[0] path 'stdout' is not the path of a file: write one such as '/dev/stdout'",
    ],
    [
      'an empty format',
      { accessLogs: [AccessLog.envoyFile({ format: AccessLogFormat.text('') })] },
      'accessLogs[0] format is empty: write command operators such as %RESPONSE_CODE%',
    ],
    [
      'an operator that does not end',
      { accessLogs: [AccessLog.openTelemetry({ ...collector, body: '%PROTOCOL% %REQ(:PATH)' })] },
      "accessLogs[0] body has '%PROTOCOL% %REQ(:PATH)', with a '%' outside a command operator: write an operator such as %RESPONSE_CODE%, or %% for a percent sign",
    ],
    [
      'an operator that does not end in JSON',
      { accessLogs: [AccessLog.envoyFile({ format: AccessLogFormat.json({ a: { b: '%PROTOCOL' } }) })] },
      "accessLogs[0] format key 'a.b' has '%PROTOCOL', with a '%' outside a command operator: write an operator such as %RESPONSE_CODE%, or %% for a percent sign",
    ],
    [
      'a key without a name',
      { accessLogs: [AccessLog.envoyFile({ format: AccessLogFormat.json({ '': 'x' }) })] },
      'accessLogs[0] format has a key without a name: write one',
    ],
    [
      'an attribute without a name',
      { accessLogs: [AccessLog.openTelemetry({ ...collector, attributes: { a: { ' ': 'x' } } })] },
      "accessLogs[0] attributes has a key without a name below 'a': write one",
    ],
    [
      'an empty filter',
      { accessLogs: [AccessLog.envoyFile({ filter: '' })] },
      "accessLogs[0] filter is empty: write an expression such as 'response.code >= 500', or leave it out",
    ],
    [
      'an invalid provider name',
      { accessLogs: [AccessLog.envoyFile({ name: 'my logs' })] },
      "accessLogs[0] provider name 'my logs' is not a valid name: write one without spaces, such as 'otlp-tracing'",
    ],
    [
      'two providers of one name',
      { accessLogs: [AccessLog.envoyFile(), AccessLog.envoyFile({ path: '/dev/stderr' })] },
      "extension provider 'file-access-log' is defined twice: give each a different name",
    ],
    [
      'two providers whose names differ by case',
      { meshConfig: { extensionProviders: [{ name: 'Envoy', envoyFileAccessLog: {} }] } },
      "extension provider 'Envoy' and 'envoy' differ only in case: give each a different name",
    ],
    [
      'a metrics provider that is not defined',
      { metrics: { providers: ['graphite'] } },
      "metrics provider 'graphite' is not defined for metrics in this module (it knows 'prometheus', 'stackdriver'): add it to the module's meshConfig.extensionProviders, or write another",
    ],
    [
      'a file for access logs beside access logs',
      { accessLogFile: '/dev/stdout', accessLogs: [AccessLog.envoyFile()] },
      "accessLogFile '/dev/stdout' has no effect with accessLogs: add AccessLog.envoyFile() to accessLogs instead",
    ],
    [
      'two settings for the merge of metrics',
      { metrics: { merge: true }, meshConfig: { enablePrometheusMerge: false } },
      'metrics.merge and meshConfig.enablePrometheusMerge are the same setting: leave out the latter',
    ],
  ])('refuses %s', (_, props, problem) => {
    expect(() => fakeModule(emptyChart(), props)).toThrow(new Error(`IstioModule mesh/istio: ${problem}`));
  });
});
