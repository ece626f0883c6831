import * as kplus from 'cdk8s-plus-27';
import {
  KubernetesGateway,
  ListenerTls,
  ReferenceGrant,
  type HttpListener,
  type KubernetesGatewayProps,
  type Listener,
} from 'istio-module';
import { emptyChart, named, synthesized } from '../synthesis';
import { everyGatewayApi } from './every-gateway-api';

const namespace = 'shop';

function problems(act: () => unknown): string[] {
  try {
    act();
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace(/^\w+ mesh\/one: /, ''));
  }
}

const listenerProblems = (...listeners: Listener[]) => gatewayProblems({ listeners });
const gatewayProblems = (props: Omit<KubernetesGatewayProps, 'namespace'>) =>
  problems(() => new KubernetesGateway(emptyChart(), 'one', { namespace, ...props }));

describe('a KubernetesGateway', () => {
  test('is of the class istio, with listeners that take the routes of their namespace', () => {
    const chart = emptyChart();
    new KubernetesGateway(chart, 'public', { namespace, listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] });
    expect(synthesized(chart)).toEqual([
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'Gateway',
        metadata: { name: 'public', namespace },
        spec: { gatewayClassName: 'istio', listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] },
      },
    ]);
  });

  test('writes TLS, allowed routes and infrastructure as fields of the Gateway API', () => {
    const chart = emptyChart();
    everyGatewayApi(chart);
    const manifests = synthesized(chart);
    const mode = 'gateway.istio.io/tls-terminate-mode';
    expect(named(manifests, 'Gateway/shop/public').spec).toEqual({
      gatewayClassName: 'istio',
      infrastructure: {
        labels: { team: 'shop' },
        annotations: { 'networking.istio.io/service-type': 'ClusterIP' },
        parametersRef: { group: '', kind: 'ConfigMap', name: 'public-options' },
      },
      listeners: [
        { name: 'http', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { from: 'All' } } },
        {
          name: 'https',
          port: 443,
          protocol: 'HTTPS',
          hostname: '*.example.com',
          tls: {
            mode: 'Terminate',
            certificateRefs: [{ name: 'shop-tls', namespace: 'other' }],
            options: {
              'gateway.istio.io/tls-cipher-suites': 'ECDHE-RSA-AES128-GCM-SHA256,ECDHE-RSA-AES256-GCM-SHA384',
            },
          },
          allowedRoutes: {
            namespaces: { from: 'Selector', selector: { matchLabels: { team: 'shop' } } },
            kinds: [{ kind: 'HTTPRoute' }, { kind: 'GRPCRoute' }],
          },
        },
        {
          name: 'mutual',
          port: 8443,
          protocol: 'HTTPS',
          tls: {
            mode: 'Terminate',
            certificateRefs: [{ name: 'rsa' }, { name: 'ecdsa' }],
            options: { [mode]: 'MUTUAL' },
          },
        },
        {
          name: 'optional',
          port: 8444,
          protocol: 'HTTPS',
          tls: { mode: 'Terminate', certificateRefs: [{ name: 'own' }], options: { [mode]: 'OPTIONAL_MUTUAL' } },
        },
        {
          name: 'mesh',
          port: 8445,
          protocol: 'HTTPS',
          tls: { mode: 'Terminate', options: { [mode]: 'ISTIO_MUTUAL' } },
        },
        {
          name: 'tls',
          port: 5432,
          protocol: 'TLS',
          tls: { mode: 'Passthrough' },
          allowedRoutes: { namespaces: { from: 'Same' } },
        },
      ],
    });
  });

  test('asks for an address, or is for the pods of a Service', () => {
    const chart = emptyChart();
    everyGatewayApi(chart);
    const manifests = synthesized(chart);
    expect(named(manifests, 'Gateway/shop/with-address').spec).toMatchObject({
      addresses: [{ type: 'IPAddress', value: '203.0.113.1' }],
      listeners: [{ tls: { mode: 'Terminate', options: { 'gateway.istio.io/tls-terminate-mode': 'ISTIO_SIMPLE' } } }],
    });
    expect(named(manifests, 'Gateway/shop/behind-ingress').spec?.addresses).toEqual([
      { type: 'Hostname', value: 'ingress.shop.svc.cluster.local' },
    ]);
  });

  test('refuses listeners that clash', () => {
    expect(
      listenerProblems(
        { name: 'a', port: 80, protocol: 'HTTP' },
        { name: 'a', port: 81, protocol: 'HTTP' },
        { name: 'b', port: 80, protocol: 'HTTP' },
        { name: 'c', port: 80, protocol: 'TCP' },
        { name: 'd', port: 443, protocol: 'HTTPS', hostname: 'a.example.com', tls: ListenerTls.istioMutual() },
        { name: 'e', port: 443, protocol: 'TLS', hostname: 'a.example.com', tls: ListenerTls.PASSTHROUGH },
        { name: 'f', port: 443, protocol: 'TLS', hostname: 'b.example.com', tls: ListenerTls.PASSTHROUGH },
      ),
    ).toEqual([
      "listeners[1].name 'a' is already the name of listeners[0]: write another",
      'listeners[2] accepts any host on port 80, and so does listeners[0]: write another hostname or port',
      'listeners[3] has protocol TCP on port 80, on which listeners[0] has HTTP: write another port',
      'listeners[3] has protocol TCP on port 80, on which listeners[2] has HTTP: write another port',
      "listeners[5] accepts 'a.example.com' on port 443, and so does listeners[4]: write another hostname or port",
    ]);
  });

  test('refuses tls for a protocol without TLS, and a protocol with TLS without it', () => {
    const plain = (listener: object) => listener as HttpListener;
    expect(
      listenerProblems(
        plain({ name: 'a', port: 80, protocol: 'HTTP', tls: ListenerTls.PASSTHROUGH }),
        plain({ name: 'b', port: 443, protocol: 'HTTPS' }),
        { name: 'c', port: 444, protocol: 'HTTPS', tls: ListenerTls.PASSTHROUGH },
        plain({ name: 'd', port: 9000, protocol: 'TCP', hostname: 'a.example.com' }),
        plain({ name: 'e', port: 53, protocol: 'UDP' }),
        { name: 'f', port: 445, protocol: 'HTTPS', tls: ListenerTls.simple({ certificate: [] as never }) },
        { name: 'g', port: 446, protocol: 'HTTPS', tls: ListenerTls.simple({ certificate: 'Shop' }) },
      ),
    ).toEqual([
      "listeners[0] has protocol HTTP, but also tls: write protocol 'HTTPS' or 'TLS', or leave out tls",
      'listeners[1] has protocol HTTPS, but no tls: set it, such as ListenerTls.simple({ certificate: … })',
      "listeners[2] has protocol HTTPS, which it must terminate: write protocol 'TLS' for ListenerTls.PASSTHROUGH",
      "listeners[3] has protocol TCP, which contains no host: leave out hostname 'a.example.com'",
      "listeners[4].protocol 'UDP' is not supported by Istio: write one of HTTP, HTTPS, TLS, TCP",
      'listeners[5].tls.certificate has 0 Secrets: name one, or two for RSA and ECDSA',
      "listeners[6].tls.certificate 'Shop' is not a valid object name: write lower-case letters, digits, hyphens and dots",
    ]);
  });

  test('refuses invalid names, hosts and labels', () => {
    expect(
      gatewayProblems({
        name: 'Public',
        gatewayClass: '',
        service: 'Ingress',
        loadBalancerIp: 'a',
        infrastructure: { labels: { '-': 'x' }, annotations: { '/a': '' }, configMap: 'A' },
        listeners: [
          { name: 'A', port: 0, protocol: 'HTTP', hostname: '*' },
          { name: 'b', port: 80, protocol: 'HTTP', allowedRoutes: { namespaces: { a: '-' } } },
        ],
      }),
    ).toEqual([
      "gateway 'Public' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
      "gatewayClass '' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
      "listeners[0].name 'A' is not a valid name: write lower-case letters, digits, hyphens and dots",
      'listeners[0].port 0 is out of range: write a whole number from 1 to 65535',
      "listeners[0].hostname '*' is not a hostname: write a domain name in lower case, optionally with the prefix '*.'",
      "listeners[1].allowedRoutes.namespaces { a: '-' } is not a valid label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
      "service 'Ingress' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
      "infrastructure.labels { -: 'x' } is not a valid label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
      "infrastructure.annotations '/a' is not a valid annotation key: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit, after an optional domain name and '/'",
      "infrastructure.configMap 'A' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
      "loadBalancerIp 'a' is not an IP address: write one such as '203.0.113.1'",
      'loadBalancerIp configures what istiod deploys, but with the prop service, it deploys nothing: leave out one of them',
    ]);
    const service = new kplus.Service(emptyChart(), 'ingress', {
      metadata: { namespace: 'edge' },
      ports: [{ port: 80 }],
    });
    expect(gatewayProblems({ service, listeners: [{ name: 'http', port: 80, protocol: 'HTTP' }] })).toEqual([
      `service '${service.name}' is in namespace 'edge', not in 'shop': name a Service in 'shop'`,
    ]);
    expect(gatewayProblems({ listeners: [] })).toEqual(['listeners has 0 entries: write 1 to 64']);
  });
});

describe('a ReferenceGrant', () => {
  test('lets objects of one namespace refer to those of another', () => {
    const chart = emptyChart();
    everyGatewayApi(chart);
    const group = 'gateway.networking.k8s.io';
    expect(named(synthesized(chart), 'ReferenceGrant/other/from-shop')).toMatchObject({
      apiVersion: `${group}/v1beta1`,
      spec: {
        from: [
          { group, kind: 'HTTPRoute', namespace },
          { group, kind: 'Gateway', namespace },
        ],
        to: [
          { group: '', kind: 'Service' },
          { group: '', kind: 'Secret', name: 'shop-tls' },
        ],
      },
    });
  });

  test('refuses empty lists, and invalid names', () => {
    const props = { namespace, from: [], to: [{ kind: 'Service', name: 'A' } as const] };
    expect(problems(() => new ReferenceGrant(emptyChart(), 'one', props))).toEqual([
      'from has 0 entries: write 1 to 16',
      "to[0].name 'A' is not a valid name: write lower-case letters, digits, hyphens and dots",
    ]);
  });
});
