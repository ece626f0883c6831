import { ApiObject, type Chart } from 'cdk8s';
import {
  AuthorizationAction,
  AuthorizationPolicy,
  Destination,
  ExternalAuthorizer,
  MeshNamespace,
  MeshTelemetry,
  Requests,
  Sidecar,
  Tracing,
  TrafficPolicy,
  type AuthorizationPolicyProps,
  type EgressHost,
  type IstioModuleProps,
} from 'istio-module';
import { fakeModule } from '../synthesis';
import { messagesOf } from './messages-of';

const HOST = 'opa.security.svc.cluster.local';
const OPA = ExternalAuthorizer.grpc({ name: 'opa', service: HOST, port: 9191 });
const LOGIN = ExternalAuthorizer.http({ name: 'login', service: 'security/login.example.com', port: 80 });
const NARROW: readonly EgressHost[] = ['./*', 'istio-system/*'];
const mesh = (chart: Chart, props: Partial<IstioModuleProps> = {}) =>
  fakeModule(chart, { externalAuthorizers: [OPA, LOGIN], ...props });
const shop = (chart: Chart, hosts?: readonly EgressHost[]) =>
  new MeshNamespace(chart, 'shop', { name: 'shop', ...(hosts ? { egress: { hosts } } : {}) });
const ask = (chart: Chart, props: Partial<AuthorizationPolicyProps> = {}) =>
  new AuthorizationPolicy(chart, 'ask', {
    namespace: 'shop',
    action: AuthorizationAction.custom(OPA),
    rules: Requests.ALL,
    ...props,
  });
const hidden = (title: string, provider: string, sidecar: string, host: string, namespace = 'shop') =>
  `${title} uses provider '${provider}', but because of ${sidecar}, sidecars of namespace '${namespace}' do not know its host and cannot reach it: add '${host}' to egress.hosts of the Sidecar`;
const SHOP_SIDECAR = 'Sidecar shop/default (mesh/shop/sidecar/Default)';
const ASK = 'AuthorizationPolicy shop/ask (mesh/ask/Default)';
const ASK_OF_MESH = 'AuthorizationPolicy istio-system/ask (mesh/ask/Default)';

describe('an external authorizer', () => {
  test('is refused if the Sidecar of the namespace that asks it hides it', () => {
    expect(
      messagesOf((chart) => {
        mesh(chart);
        shop(chart, NARROW);
        ask(chart);
      }),
    ).toEqual([`[] ${hidden(ASK, 'opa', SHOP_SIDECAR, `security/${HOST}`)}`]);
  });

  test('is refused if the Sidecar hides its ServiceEntry', () => {
    expect(
      messagesOf((chart) => {
        mesh(chart);
        shop(chart, NARROW);
        ask(chart, { action: AuthorizationAction.custom('login') });
      }),
    ).toEqual([`[] ${hidden(ASK, 'login', SHOP_SIDECAR, 'security/login.example.com')}`]);
  });

  test('is a warning for a policy of the mesh, whose requests may not reach the namespace', () => {
    expect(
      messagesOf((chart) => {
        mesh(chart);
        shop(chart, NARROW);
        ask(chart, { namespace: undefined, rules: [{ to: [{ paths: ['/admin'] }] }] });
      }),
    ).toEqual([`warning: ${hidden(ASK_OF_MESH, 'opa', SHOP_SIDECAR, `security/${HOST}`)}`]);
  });

  test('is refused for workloads with a Sidecar of their own', () => {
    expect(
      messagesOf((chart) => {
        mesh(chart);
        shop(chart);
        new Sidecar(chart, 'web', { namespace: 'shop', workload: { app: 'web' }, egress: { hosts: NARROW } });
        ask(chart, { workload: { app: 'web', version: 'v1' } });
      }),
    ).toEqual([`[] ${hidden(ASK, 'opa', 'Sidecar shop/web (mesh/web/Default)', `security/${HOST}`)}`]);
  });

  test('is a warning if the Sidecar of the mesh hides it, because the namespace may contain only gateways', () => {
    expect(
      messagesOf((chart) => {
        mesh(chart);
        shop(chart);
        new Sidecar(chart, 'narrow', { egress: { hosts: NARROW } });
        ask(chart);
      }),
    ).toEqual([
      `warning: ${hidden(ASK, 'opa', 'Sidecar istio-system/default (mesh/narrow/Default)', `security/${HOST}`)}`,
    ]);
  });

  test.each<[string, readonly EgressHost[]]>([
    ['all hosts', ['*/*']],
    ['its namespace', ['./*', 'security/*']],
    ['its host', [`security/${HOST}`]],
    ['its host in any namespace', [`*/${HOST}`]],
    ['a wildcard', ['*/*.svc.cluster.local']],
    ['all hosts except others', ['*/*', '~front/*']],
  ])('is fine if the Sidecar includes %s', (_, hosts) => {
    expect(
      messagesOf((chart) => {
        mesh(chart);
        shop(chart, hosts);
        ask(chart);
      }),
    ).toEqual([]);
  });

  test.each<[string, readonly EgressHost[]]>([
    ['excludes it', ['*/*', '~security/*']],
    ['includes its host of another namespace', [`other/${HOST}`]],
    ['excludes all hosts', ['~/*']],
  ])('is refused if the Sidecar %s', (_, hosts) => {
    expect(
      messagesOf((chart) => {
        mesh(chart);
        shop(chart, hosts);
        ask(chart);
      }),
    ).toEqual([`[] ${hidden(ASK, 'opa', SHOP_SIDECAR, `security/${HOST}`)}`]);
  });

  test.each<[string, (chart: Chart) => void]>([
    ['there is no Sidecar', (chart) => void ask(chart)],
    [
      'its own namespace asks it',
      (chart) => {
        new Sidecar(chart, 'own', { namespace: 'security', egress: { hosts: ['./*'] } });
        ask(chart, { namespace: 'security' });
      },
    ],
    [
      'a listener for its port includes it',
      (chart) => {
        const listeners = [{ port: { number: 9191, protocol: 'GRPC' as const }, hosts: ['security/*'] as const }];
        new Sidecar(chart, 'narrow', { namespace: 'shop', egress: { listeners, hosts: NARROW } });
        ask(chart);
      },
    ],
    [
      'a gateway asks it',
      (chart) => {
        new Sidecar(chart, 'narrow', { namespace: 'shop', egress: { hosts: NARROW } });
        ask(chart, { workload: { istio: 'public' } });
      },
    ],
    [
      'only gateways of the app have the labels of the policy',
      (chart) => {
        new ApiObject(chart, 'gateway', {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'public', namespace: 'shop' },
          spec: { template: { metadata: { labels: { app: 'public', istio: 'public' } } } },
        });
        new Sidecar(chart, 'narrow', { namespace: 'shop', egress: { hosts: NARROW } });
        ask(chart, { workload: { app: 'public' } });
      },
    ],
    [
      'the workloads have a Sidecar of their own that includes it',
      (chart) => {
        new Sidecar(chart, 'narrow', { namespace: 'shop', egress: { hosts: NARROW } });
        new Sidecar(chart, 'web', { namespace: 'shop', workload: { app: 'web' }, egress: { hosts: ['security/*'] } });
        ask(chart, { workload: { app: 'web' } });
      },
    ],
    [
      'only some of the workloads have a Sidecar that hides it',
      (chart) => {
        new Sidecar(chart, 'batch', { namespace: 'shop', workload: { app: 'batch' }, egress: { hosts: ['~/*'] } });
        ask(chart);
      },
    ],
    [
      'a route leads there, because sidecars know the destinations of their routes',
      (chart) => {
        new Sidecar(chart, 'narrow', { namespace: 'shop', egress: { hosts: NARROW } });
        new TrafficPolicy(chart, 'route', {
          namespace: 'shop',
          hosts: ['opa.example.com'],
          routes: [{ to: [Destination.otherHost(HOST)] }],
        });
        ask(chart);
      },
    ],
    [
      'the policy is for workloads of the mesh that may all be gateways',
      (chart) => {
        new Sidecar(chart, 'narrow', { namespace: 'shop', egress: { hosts: NARROW } });
        ask(chart, { namespace: undefined, workload: { app: 'public' } });
      },
    ],
  ])('is fine if %s', (_, fill) => {
    expect(
      messagesOf((chart) => {
        mesh(chart);
        fill(chart);
      }),
    ).toEqual([]);
  });
});

describe('a backend for spans', () => {
  const tracing = Tracing.otlp({ service: 'collector.telemetry.svc.cluster.local', port: 4317 });
  const warning = (title: string) =>
    `warning: ${hidden(title, tracing.providerName, SHOP_SIDECAR, 'telemetry/collector.telemetry.svc.cluster.local')}`;

  test('is a warning if a Sidecar hides it', () => {
    expect(
      messagesOf((chart) => {
        mesh(chart, { tracing });
        shop(chart, NARROW);
      }),
    ).toEqual([warning('Telemetry istio-system/mesh-default (mesh/istio/telemetry)')]);
    expect(
      messagesOf((chart) => {
        mesh(chart, { telemetryProviders: [tracing] });
        shop(chart, NARROW);
        new MeshTelemetry(chart, 'spans', { namespace: 'shop', tracing: { provider: tracing } });
      }),
    ).toEqual([warning('Telemetry shop/default (mesh/spans/Default)')]);
  });

  test('is fine if the Sidecar includes it, or the namespace has settings of its own', () => {
    expect(
      messagesOf((chart) => {
        mesh(chart, { tracing });
        shop(chart, ['./*', 'telemetry/*']);
      }),
    ).toEqual([]);
    expect(
      messagesOf((chart) => {
        mesh(chart, { tracing });
        shop(chart, NARROW);
        new MeshTelemetry(chart, 'spans', { namespace: 'shop', tracing: { disabled: true } });
      }),
    ).toEqual([]);
  });
});
