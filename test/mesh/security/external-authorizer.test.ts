import { Duration, Size } from 'cdk8s';
import {
  AuthorizationAction,
  AuthorizationPolicy,
  AuthorizerFailure,
  ExternalAuthorizer,
  Requests,
  Tracing,
  type IstioModuleProps,
} from 'istio-module';
import { emptyChart, fakeModule, named, synthesized, valuesOf } from '../synthesis';

const OPA = { name: 'opa', service: 'opa.security.svc.cluster.local', port: 9191 };
const opa = ExternalAuthorizer.grpc(OPA);

const failing =
  (...externalAuthorizers: ExternalAuthorizer[]) =>
  () =>
    fakeModule(emptyChart(), { externalAuthorizers });
const lines = (...problems: string[]) => new Error(problems.map((one) => `IstioModule mesh/istio: ${one}`).join('\n'));

describe('ExternalAuthorizer', () => {
  test('is an extension provider of the module, over gRPC or HTTP', () => {
    const chart = emptyChart();
    fakeModule(chart, {
      externalAuthorizers: [
        opa,
        ExternalAuthorizer.grpc({
          ...OPA,
          name: 'bodies',
          timeout: Duration.millis(1500),
          onFailure: AuthorizerFailure.LET_IN,
          includeRequestBodyInCheck: { maxSize: Size.kibibytes(8), allowPartialMessage: true, packAsBytes: true },
        }),
        ExternalAuthorizer.http({
          name: 'login',
          service: 'security/login.example.com',
          port: 80,
          timeout: Duration.seconds(2),
          onFailure: AuthorizerFailure.REFUSE,
          statusOnError: 503,
          pathPrefix: '/check',
          includeRequestHeadersInCheck: ['cookie', 'x-*', '*-id'],
          includeAdditionalHeadersInCheck: { 'x-mesh': 'shop' },
          includeRequestBodyInCheck: { maxSize: Size.mebibytes(1) },
          headersToUpstreamOnAllow: ['authorization'],
          headersToDownstreamOnAllow: ['set-cookie'],
          headersToDownstreamOnDeny: ['location'],
        }),
      ],
    });
    expect(valuesOf(synthesized(chart), 'istiod').meshConfig).toMatchObject({
      extensionProviders: [
        { name: 'opa', envoyExtAuthzGrpc: { service: 'opa.security.svc.cluster.local', port: 9191 } },
        {
          name: 'bodies',
          envoyExtAuthzGrpc: {
            service: 'opa.security.svc.cluster.local',
            port: 9191,
            timeout: '1.5s',
            failOpen: true,
            includeRequestBodyInCheck: { maxRequestBytes: 8192, allowPartialMessage: true, packAsBytes: true },
          },
        },
        {
          name: 'login',
          envoyExtAuthzHttp: {
            service: 'security/login.example.com',
            port: 80,
            timeout: '2s',
            failOpen: false,
            statusOnError: '503',
            pathPrefix: '/check',
            includeRequestHeadersInCheck: ['cookie', 'x-*', '*-id'],
            includeAdditionalHeadersInCheck: { 'x-mesh': 'shop' },
            includeRequestBodyInCheck: { maxRequestBytes: 1048576 },
            headersToUpstreamOnAllow: ['authorization'],
            headersToDownstreamOnAllow: ['set-cookie'],
            headersToDownstreamOnDeny: ['location'],
          },
        },
      ],
    });
  });

  test('reports everything that is wrong at once', () => {
    expect(
      failing(
        ExternalAuthorizer.grpc({
          name: 'OPA',
          service: 'opa',
          port: 0,
          timeout: Duration.millis(0),
          includeRequestBodyInCheck: { maxSize: Size.kibibytes(0) },
          statusOnError: 418,
        }),
        ExternalAuthorizer.http({
          ...OPA,
          name: 'login',
          onFailure: AuthorizerFailure.LET_IN,
          statusOnError: 503,
          pathPrefix: 'check?',
          includeRequestHeadersInCheck: [],
          includeAdditionalHeadersInCheck: { 'x mesh': 'a', 'x-mesh': 'a\nb' },
          headersToUpstreamOnAllow: ['*'],
          headersToDownstreamOnAllow: ['x-*-y'],
          headersToDownstreamOnDeny: ['*x*'],
        }),
      ),
    ).toThrow(
      lines(
        "externalAuthorizers[0] name 'OPA' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
        "externalAuthorizers[0] service 'opa' is a short name, which Istio does not resolve: write the full one, such as 'opa.security.svc.cluster.local'",
        'externalAuthorizers[0] port 0 is not a port: write a whole number from 1 to 65535, such as 9000',
        'externalAuthorizers[0] timeout 0s is too short: write at least Duration.millis(1), or leave it out',
        'externalAuthorizers[0] includeRequestBodyInCheck.maxSize (bytes) 0 is out of range: write a whole number of at least 1',
        'externalAuthorizers[0] statusOnError 418 is not an HTTP status that proxies support: write one such as 403 or 503',
        "externalAuthorizers[1] pathPrefix 'check?' is not a path: write one such as '/check'",
        "externalAuthorizers[1] includeAdditionalHeadersInCheck has 'x mesh', which is not a valid header name: write another",
        "externalAuthorizers[1] includeAdditionalHeadersInCheck 'x-mesh' has a multi-line value: write one line",
        'externalAuthorizers[1] includeRequestHeadersInCheck is empty: name at least one header, or leave it out',
        "externalAuthorizers[1] headersToUpstreamOnAllow '*' is not a valid header name: write one such as 'x-user', 'x-*' or '*-user'",
        "externalAuthorizers[1] headersToDownstreamOnAllow 'x-*-y' is not a valid header name: write one such as 'x-user', 'x-*' or '*-user'",
        "externalAuthorizers[1] headersToDownstreamOnDeny '*x*' is not a valid header name: write one such as 'x-user', 'x-*' or '*-user'",
        'externalAuthorizers[1] statusOnError 503 has no effect with AuthorizerFailure.LET_IN: leave out one of them',
      ),
    );
  });

  test('has the address of a Service', () => {
    expect(failing(ExternalAuthorizer.grpc({ ...OPA, service: 'opa:9191' }))).toThrow(
      lines(
        "externalAuthorizers[0] service 'opa:9191' is not a host: write the name of the authorizer's Service, without a port",
      ),
    );
  });

  test('has a name of its own among all providers', () => {
    expect(() =>
      fakeModule(emptyChart(), {
        tracing: Tracing.otlp({ name: 'opa', service: 'collector.telemetry.svc.cluster.local', port: 4317 }),
        externalAuthorizers: [opa],
      }),
    ).toThrow(lines("extension provider 'opa' is defined twice: give each a different name"));
  });
});

describe('action CUSTOM of AuthorizationPolicy', () => {
  const policy = (provider: ExternalAuthorizer | string, props: Partial<IstioModuleProps> = {}) => {
    const chart = emptyChart();
    new AuthorizationPolicy(chart, 'ask', {
      namespace: 'shop',
      action: AuthorizationAction.custom(provider),
      rules: Requests.ALL,
    });
    fakeModule(chart, props);
    return chart;
  };

  test.each<[string, ExternalAuthorizer | string, Partial<IstioModuleProps>]>([
    ['as an object', opa, { externalAuthorizers: [opa] }],
    ['by name', 'opa', { externalAuthorizers: [opa] }],
    ['of meshConfig', 'opa', { meshConfig: { extensionProviders: [opa.extensionProvider()] } }],
    ['of raw values', 'opa', { values: { istiod: { meshConfig: { extensionProviders: [opa.extensionProvider()] } } } }],
  ])('takes an authorizer of the module %s', (_, provider, props) => {
    expect(named(synthesized(policy(provider, props)), 'AuthorizationPolicy/shop/ask').spec).toEqual({
      action: 'CUSTOM',
      provider: { name: 'opa' },
      rules: [{}],
    });
  });

  test.each<[string, ExternalAuthorizer | string, Partial<IstioModuleProps>, string]>([
    [
      'the module does not define',
      opa,
      {},
      "action CUSTOM provider 'opa' is not defined for external authorization in IstioModule mesh/istio (it knows none): add it to the module's externalAuthorizers, or write another",
    ],
    [
      'is not an authorizer',
      'otlp-tracing',
      {
        tracing: Tracing.otlp({ service: 'collector.telemetry.svc.cluster.local', port: 4317 }),
        externalAuthorizers: [opa],
      },
      "action CUSTOM provider 'otlp-tracing' is not defined for external authorization in IstioModule mesh/istio (it knows 'opa'): add it to the module's externalAuthorizers, or write another",
    ],
    [
      'differs from the module’s provider of that name',
      ExternalAuthorizer.grpc({ ...OPA, onFailure: AuthorizerFailure.LET_IN }),
      { externalAuthorizers: [opa] },
      "action CUSTOM provider 'opa' has other settings than the provider with the same name of IstioModule mesh/istio: give one of them another name",
    ],
  ])('refuses a provider that %s', (_, provider, props, problem) => {
    expect(() => synthesized(policy(provider, props))).toThrow(
      new Error(`Validation failed with the following errors:\n  [mesh/ask] ${problem}`),
    );
  });

  test('is left to istiod where the app has no IstioModule', () => {
    const chart = emptyChart();
    const action = AuthorizationAction.custom('opa');
    new AuthorizationPolicy(chart, 'ask', { namespace: 'shop', action, rules: Requests.ALL });
    expect(() => synthesized(chart)).not.toThrow();
  });
});
