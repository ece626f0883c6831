import { App, Chart } from 'cdk8s';
import {
  Destination,
  GRPCRoute,
  HTTPRoute,
  KubernetesGateway,
  RouteParent,
  type HttpListener,
  type KubernetesGatewayProps,
} from 'istio-module';
import { emptyChart, named, synthesized } from '../synthesis';
import { warningsOf } from '../warnings-of';
import { everyGatewayApi } from './every-gateway-api';
import { problems } from './problems';

const namespace = 'shop';
const parents = [RouteParent.service('web', { port: 80 })];
const HTTP: HttpListener = { name: 'http', port: 80, protocol: 'HTTP' };

function specOf(title: string): unknown {
  const chart = emptyChart();
  everyGatewayApi(chart);
  return named(synthesized(chart), title).spec;
}

test('a Gateway verifies clients, identifies itself to backends and lets listeners be added', () => {
  expect(specOf('Gateway/shop/with-address')).toMatchObject({
    tls: {
      frontend: {
        default: {
          validation: {
            caCertificateRefs: [
              { group: '', kind: 'ConfigMap', name: 'clients' },
              { group: '', kind: 'ConfigMap', name: 'partners', namespace: 'other' },
            ],
            mode: 'AllowInsecureFallback',
          },
        },
      },
      backend: { clientCertificateRef: { group: '', kind: 'Secret', name: 'gateway-identity' } },
    },
    allowedListeners: { namespaces: { from: 'All' } },
    listeners: [
      {
        allowedRoutes: {
          namespaces: {
            from: 'Selector',
            selector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['shop'] }] },
          },
        },
      },
    ],
  });
});

test('a route has the listeners of a ListenerSet as its parent, and a time for each try', () => {
  expect(specOf('HTTPRoute/shop/added-listener')).toMatchObject({
    parentRefs: [
      {
        group: 'gateway.networking.k8s.io',
        kind: 'ListenerSet',
        name: 'more',
        namespace: 'other',
        sectionName: 'http',
      },
    ],
    rules: [{ timeouts: { backendRequest: '1s' } }],
  });
});

test('a Gateway refuses invalid authorities and certificates', () => {
  const gateway = (props: Partial<KubernetesGatewayProps>) => () =>
    new KubernetesGateway(emptyChart(), 'one', { namespace, listeners: [HTTP], ...props });
  expect(problems(gateway({ clientValidation: { authorities: [] }, backendCertificate: 'A/b' }))).toEqual([
    'clientValidation.authorities has 0 entries: write 1 to 8',
    "backendCertificate 'A/b' is not a valid object name: write lower-case letters, digits, hyphens and dots",
  ]);
  expect(problems(gateway({ allowedListeners: { team: '-' } }))).toEqual([
    "allowedListeners { team: '-' } is not a valid label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
  ]);
});

describe('what the Gateway API takes, and is rarely meant, is a warning:', () => {
  test.each<[string, (chart: Chart) => unknown, string]>([
    [
      'requests that go nowhere',
      (chart) => new HTTPRoute(chart, 'one', { namespace, parents, rules: [{ to: [] }] }),
      'HTTPRoute mesh/one: rules[0].to is empty, so every request is answered with 500: name a destination, such as Destination.otherHost(…)',
    ],
    [
      'weights that make nothing',
      (chart) =>
        new GRPCRoute(chart, 'one', { namespace, parents, rules: [{ to: [Destination.host({ weight: 0 })] }] }),
      'GRPCRoute mesh/one: rules[0].to has no weight above 0, so every request is answered with 500: raise one of them',
    ],
    [
      'routes of namespaces with no label',
      (chart) =>
        new KubernetesGateway(chart, 'one', {
          namespace,
          listeners: [{ ...HTTP, allowedRoutes: { namespaces: {} } }],
        }),
      "KubernetesGateway mesh/one: listeners[0].allowedRoutes.namespaces has no labels and allows all namespaces: name a label, or write 'All'",
    ],
    [
      'infrastructure of pods that are there already',
      (chart) =>
        new KubernetesGateway(chart, 'one', {
          namespace,
          service: 'ingress',
          infrastructure: { labels: { team: 'shop' } },
          listeners: [HTTP],
        }),
      'KubernetesGateway mesh/one: infrastructure configures what istiod deploys, but with the prop service, it deploys nothing: leave out one of them',
    ],
  ])('%s', (_, fill, warning) => {
    const app = new App();
    fill(new Chart(app, 'mesh'));
    expect(warningsOf(() => app.synthYaml())).toEqual([`warning: ${warning}`]);
  });
});
