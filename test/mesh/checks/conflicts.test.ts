import { JsonPatch, type Chart } from 'cdk8s';
import { Destination, MeshNamespace, StrictPeerAuthentication, TrafficPolicy } from 'istio-module';
import { fakeModule } from '../synthesis';
import { plain, problemsOf } from './problems-of';

const TO_REVIEWS = [{ route: [{ destination: { host: 'reviews' } }] }];

function policy(chart: Chart, id: string, namespace = 'shop', host = 'reviews', gateways?: string[]): TrafficPolicy {
  return new TrafficPolicy(chart, id, { namespace, host, gateways, routes: [{ to: [Destination.host()] }] });
}

describe('two objects with one identity', () => {
  test('are refused in a Chart', () => {
    expect(
      problemsOf((chart) => {
        policy(chart, 'reviews');
        plain(chart, 'VirtualService', 'shop/reviews', { hosts: ['other'], http: TO_REVIEWS });
        plain(chart, 'Service', 'shop/reviews');
        plain(chart, 'Service', 'shop/reviews', {}, '-2');
      }),
    ).toEqual([
      '[] VirtualService shop/reviews is defined twice, at mesh/reviews/virtual-service and mesh/virtualservice-reviews: give one of them another name',
      '[] Service shop/reviews is defined twice, at mesh/service-reviews and mesh/service-reviews-2: give one of them another name',
    ]);
  });

  test('are none when a patch tells them apart, or in Charts for different clusters', () => {
    expect(
      problemsOf((chart) => {
        plain(chart, 'Service', 'shop/reviews');
        plain(chart, 'Service', 'shop/reviews', {}, '-2').addJsonPatch(JsonPatch.replace('/metadata/name', 'other'));
      }),
    ).toEqual([]);
    const cluster = (chart: Chart) => policy(chart, 'reviews');
    expect(problemsOf(cluster, cluster)).toEqual([]);
    expect(
      problemsOf(
        (chart) => {
          fakeModule(chart);
          cluster(chart);
        },
        (chart) => {
          cluster(chart);
          plain(chart, 'VirtualService', 'shop/other', { hosts: ['elsewhere'] });
        },
      ),
    ).toEqual([]);
  });
});

describe('two VirtualServices for one host', () => {
  test('are refused for sidecars, however the host is written', () => {
    expect(
      problemsOf((chart) => {
        policy(chart, 'reviews');
        policy(chart, 'again', 'clients', 'reviews.shop.svc.cluster.local', ['mesh', 'edge/public']);
        plain(chart, 'VirtualService', 'shop/third', { hosts: ['other', 'reviews'], http: TO_REVIEWS });
      }),
    ).toEqual([
      "[] VirtualService clients/again (mesh/again/virtual-service) is for host 'reviews.shop.svc.cluster.local' in sidecars, and so does VirtualService shop/reviews (mesh/reviews/virtual-service), but only one of them has an effect: put the routes into one VirtualService",
      "[] VirtualService shop/third (mesh/virtualservice-third) is for host 'reviews.shop.svc.cluster.local' in sidecars, and so does VirtualService shop/reviews (mesh/reviews/virtual-service), but only one of them has an effect: put the routes into one VirtualService",
    ]);
  });

  test('are refused across the Charts of one mesh', () => {
    expect(
      problemsOf(
        (chart) => fakeModule(chart),
        (chart) => policy(chart, 'reviews'),
        (chart) => policy(chart, 'again'),
      ),
    ).toEqual([
      "[] VirtualService shop/again (mesh-2/again/virtual-service) is for host 'reviews.shop.svc.cluster.local' in sidecars, and so does VirtualService shop/reviews (mesh-1/reviews/virtual-service), but only one of them has an effect: put the routes into one VirtualService",
    ]);
  });

  test('are refused at a gateway where both take all requests', () => {
    expect(
      problemsOf((chart) => {
        policy(chart, 'reviews', 'edge', 'www.example.com', ['public']);
        policy(chart, 'again', 'shop', 'www.example.com', ['edge/public']);
      }),
    ).toEqual([
      "[] VirtualService shop/again (mesh/again/virtual-service) matches all requests for host 'www.example.com' at gateway 'edge/public', and so does VirtualService edge/reviews (mesh/reviews/virtual-service), but only one of them has an effect: put the routes into one VirtualService",
    ]);
  });

  test('are fine when different requests, clients or hosts are meant, and without hosts', () => {
    const prefix = (uri: string) => [{ ...TO_REVIEWS[0], match: [{ uri: { prefix: uri } }] }];
    expect(
      problemsOf((chart) => {
        policy(chart, 'reviews');
        policy(chart, 'elsewhere', 'other');
        plain(chart, 'VirtualService', 'shop/own', { hosts: ['reviews'], exportTo: ['.'], http: TO_REVIEWS });
        plain(chart, 'VirtualService', 'shop/delegate', { http: TO_REVIEWS });
        plain(chart, 'VirtualService', 'shop/delegate-2', { http: TO_REVIEWS });
        const atGateway = { hosts: ['www.example.com'], gateways: ['edge/public'] };
        plain(chart, 'VirtualService', 'shop/a', { ...atGateway, http: prefix('/a') });
        plain(chart, 'VirtualService', 'shop/b', { ...atGateway, http: prefix('/b') });
        plain(chart, 'VirtualService', 'shop/rest', { ...atGateway, http: prefix('/') });
      }),
    ).toEqual([]);
  });

  test('are judged by what a patch leaves of them', () => {
    expect(
      problemsOf((chart) => {
        policy(chart, 'reviews');
        policy(chart, 'again').virtualService?.addJsonPatch(JsonPatch.replace('/spec/hosts/0', 'ratings'));
      }),
    ).toEqual([]);
  });
});

describe('two DestinationRules for one host', () => {
  test('are refused where Istio drops one of two policies or subsets', () => {
    expect(
      problemsOf((chart) => {
        new TrafficPolicy(chart, 'reviews', {
          namespace: 'shop',
          host: 'reviews',
          subsets: { v1: { version: 'v1' } },
          circuitBreaker: { maxPendingRequests: 1 },
        });
        plain(chart, 'DestinationRule', 'shop/tls', {
          host: 'reviews.shop.svc.cluster.local',
          trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } },
          subsets: [{ name: 'v1', labels: { version: '1' } }],
        });
      }),
    ).toEqual([
      "[] DestinationRule shop/tls (mesh/destinationrule-tls) has a trafficPolicy for host 'reviews.shop.svc.cluster.local', and so does DestinationRule shop/reviews (mesh/reviews/destination-rule), but Istio drops one of them: put both into one DestinationRule",
      "[] DestinationRule shop/tls (mesh/destinationrule-tls) has subset 'v1' for host 'reviews.shop.svc.cluster.local', and so does DestinationRule shop/reviews (mesh/reviews/destination-rule), but Istio drops one of them: put both into one DestinationRule",
    ]);
  });

  test('are fine where Istio can put them together, and for different clients', () => {
    const trafficPolicy = { tls: { mode: 'ISTIO_MUTUAL' } };
    expect(
      problemsOf((chart) => {
        new TrafficPolicy(chart, 'reviews', { namespace: 'shop', host: 'reviews', subsets: { v1: { version: 'v1' } } });
        plain(chart, 'DestinationRule', 'shop/tls', { host: 'reviews', trafficPolicy });
        plain(chart, 'DestinationRule', 'shop/own', { host: 'reviews', trafficPolicy, exportTo: ['.'] });
        plain(chart, 'DestinationRule', 'clients/client', { host: 'reviews.shop.svc.cluster.local', trafficPolicy });
        const workloadSelector = { matchLabels: { app: 'web' } };
        plain(chart, 'DestinationRule', 'shop/web', { host: 'reviews', trafficPolicy, workloadSelector });
      }),
    ).toEqual([]);
  });
});

describe('two objects that cover the same', () => {
  test('are refused for kinds of which Istio uses only one', () => {
    expect(
      problemsOf((chart) => {
        const shop = new MeshNamespace(chart, 'shop', { name: 'shop' });
        fakeModule(chart);
        new StrictPeerAuthentication(chart, 'strict', { name: 'strict' });
        new StrictPeerAuthentication(chart, 'all', { namespace: shop });
        new StrictPeerAuthentication(chart, 'too', { namespace: shop, name: 'too' });
        new StrictPeerAuthentication(chart, 'db', { namespace: shop, workload: { app: 'db' } });
        plain(chart, 'PeerAuthentication', 'shop/db-2', { selector: { matchLabels: { app: 'db' } } });
        plain(chart, 'ProxyConfig', 'shop/one', { concurrency: 1 });
        plain(chart, 'ProxyConfig', 'shop/two', { environmentVariables: { A: '1' } });
        plain(chart, 'Sidecar', 'shop/default', {});
        plain(chart, 'Sidecar', 'shop/egress', { egress: [{ hosts: ['./*'] }] });
      }),
    ).toEqual([
      '[] PeerAuthentication istio-system/strict (mesh/strict/Default) applies to all of the mesh, and so does PeerAuthentication istio-system/default (mesh/istio/peer-authentication), but Istio uses only one of them: put both into one',
      "[] PeerAuthentication shop/too (mesh/too/Default) applies to all of namespace 'shop', and so does PeerAuthentication shop/default (mesh/all/Default), but Istio uses only one of them: put both into one",
      "[] PeerAuthentication shop/db-2 (mesh/peerauthentication-db-2) applies to workload { app: 'db' } of namespace 'shop', and so does PeerAuthentication shop/db (mesh/db/Default), but Istio uses only one of them: put both into one",
      "[] ProxyConfig shop/two (mesh/proxyconfig-two) applies to all of namespace 'shop', and so does ProxyConfig shop/one (mesh/proxyconfig-one), but Istio uses only one of them: put both into one",
      "[] Sidecar shop/egress (mesh/sidecar-egress) applies to all of namespace 'shop', and so does Sidecar shop/default (mesh/sidecar-default), but Istio uses only one of them: put both into one",
    ]);
  });

  test('are fine for different workloads, and for gateways of the Gateway API', () => {
    const targetRef = (name: string) => ({ targetRef: { kind: 'Gateway', name }, metrics: [{}] });
    expect(
      problemsOf((chart) => {
        new StrictPeerAuthentication(chart, 'all', { namespace: 'shop' });
        new StrictPeerAuthentication(chart, 'db', { namespace: 'shop', workload: { app: 'db' } });
        new StrictPeerAuthentication(chart, 'web', { namespace: 'shop', workload: { app: 'web' } });
        plain(chart, 'Telemetry', 'shop/one', targetRef('one'));
        plain(chart, 'Telemetry', 'shop/other', targetRef('other'));
      }),
    ).toEqual([]);
  });
});

describe('two Gateways', () => {
  const gateway = (chart: Chart, name: string, host: string, port = 443) =>
    plain(chart, 'Gateway', `edge/${name}`, {
      selector: { istio: 'ingress' },
      servers: [
        { port: { number: port, name: 'https', protocol: 'HTTPS' }, hosts: [host], tls: { mode: 'SIMPLE' } },
        { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [host], tls: { httpsRedirect: true } },
      ],
    });

  interface OneServer {
    readonly protocol: string;
    readonly mode?: string;
    readonly bind?: string;
    readonly hosts?: string[];
  }
  const server = (chart: Chart, name: string, { protocol, mode, bind, hosts = ['*'] }: OneServer) =>
    plain(chart, 'Gateway', `edge/${name}`, {
      selector: { istio: 'ingress' },
      servers: [{ port: { number: 8080, name: 'a', protocol }, bind, hosts, ...(mode ? { tls: { mode } } : {}) }],
    });

  test('are refused when they end TLS for one host at one port', () => {
    expect(
      problemsOf((chart) => {
        gateway(chart, 'one', '*.example.com');
        gateway(chart, 'other', '*.example.com');
      }),
    ).toEqual([
      "[] Gateway edge/other (mesh/gateway-other) accepts '*.example.com' at port 443, and so does Gateway edge/one (mesh/gateway-one) for the same selector, but only one of them has an effect: put the hosts into one server of one Gateway, or write other hosts",
    ]);
  });

  test('are refused for one host that is written in two ways', () => {
    expect(
      problemsOf((chart) => {
        gateway(chart, 'one', './www.example.com');
        gateway(chart, 'other', 'edge/www.example.com');
      }),
    ).toEqual([
      "[] Gateway edge/other (mesh/gateway-other) accepts 'edge/www.example.com' at port 443, and so does Gateway edge/one (mesh/gateway-one) for the same selector, but only one of them has an effect: put the hosts into one server of one Gateway, or write other hosts",
    ]);
  });

  test('are refused when they end TLS for one host and different namespaces', () => {
    expect(
      problemsOf((chart) => {
        gateway(chart, 'one', 'www.example.com');
        gateway(chart, 'other', 'shop/www.example.com');
      }),
    ).toEqual([
      "[] Gateway edge/other (mesh/gateway-other) terminates TLS for 'www.example.com' at port 443, and so does Gateway edge/one (mesh/gateway-one) for the same selector, but both match the same SNI, so Envoy rejects the configuration of the port: put the hosts into one server of one Gateway, or write other hosts",
    ]);
  });

  test('are fine when they pass TLS through for one host and different namespaces', () => {
    expect(
      problemsOf((chart) => {
        for (const namespace of ['shop', 'front']) {
          server(chart, namespace, { protocol: 'TLS', hosts: [`${namespace}/*.example.com`], mode: 'PASSTHROUGH' });
        }
      }),
    ).toEqual([]);
  });

  test.each<[string, OneServer, string, OneServer, string]>([
    ['TCP and HTTP', { protocol: 'TCP' }, 'TCP', { protocol: 'HTTP' }, 'HTTP'],
    ['HTTP and TCP', { protocol: 'GRPC' }, 'HTTP', { protocol: 'MONGO' }, 'TCP'],
    ['HTTP and HTTPS', { protocol: 'http2' }, 'HTTP', { protocol: 'HTTPS', mode: 'SIMPLE' }, 'TLS'],
    ['TLS and HTTP', { protocol: 'TLS', mode: 'PASSTHROUGH' }, 'TLS', { protocol: 'HTTP' }, 'HTTP'],
  ])('are refused for %s at one port', (_, first, earlier, second, later) => {
    expect(
      problemsOf((chart) => {
        server(chart, 'one', first);
        server(chart, 'other', second);
      }),
    ).toEqual([
      `[] Gateway edge/other (mesh/gateway-other) serves ${later} at port 8080, but Gateway edge/one (mesh/gateway-one) serves ${earlier} there for the same selector, and Istio supports only one of them at a port: write another port`,
    ]);
  });

  test('are fine for several protocols of one kind at a port, and for different kinds at different addresses', () => {
    expect(
      problemsOf((chart) => {
        server(chart, 'http', { protocol: 'HTTP' });
        server(chart, 'grpc', { protocol: 'GRPC' });
        server(chart, 'tcp', { protocol: 'TCP', bind: '10.0.0.1' });
        server(chart, 'https', { protocol: 'HTTPS', mode: 'SIMPLE', hosts: ['a.example.com'], bind: '10.0.0.2' });
        server(chart, 'tls', { protocol: 'TLS', mode: 'PASSTHROUGH', hosts: ['b.example.com'], bind: '10.0.0.2' });
      }),
    ).toEqual([]);
  });

  test('are fine for other hosts or ports, and in plain text', () => {
    expect(
      problemsOf((chart) => {
        gateway(chart, 'one', 'www.example.com');
        gateway(chart, 'other', 'api.example.com');
        gateway(chart, 'third', 'www.example.com', 8443);
      }),
    ).toEqual([]);
  });
});

describe('two ServiceEntries for one host', () => {
  const entry = (chart: Chart, title: string, protocol: string, exportTo?: string[]) =>
    plain(chart, 'ServiceEntry', title, {
      hosts: ['api.example.com'],
      ports: [{ number: 443, name: 'api', protocol }],
      exportTo,
    });

  test('are refused where they give a port two protocols', () => {
    expect(
      problemsOf((chart) => {
        entry(chart, 'shop/api', 'TLS');
        entry(chart, 'billing/api-again', 'HTTPS', ['.']);
      }),
    ).toEqual([
      "[] ServiceEntry billing/api-again (mesh/serviceentry-api-again) has HTTPS on port 443 of host 'api.example.com', but ServiceEntry shop/api (mesh/serviceentry-api) has TLS there, and Istio uses only one of them: give both ServiceEntries the protocol that the host speaks on this port",
    ]);
  });

  test('are none with one protocol, or where no namespace sees both', () => {
    expect(
      problemsOf((chart) => {
        entry(chart, 'shop/api', 'TLS', ['.']);
        entry(chart, 'shop/same', 'tls');
        entry(chart, 'billing/other', 'HTTPS', ['~']);
      }),
    ).toEqual([]);
    expect(
      problemsOf((chart) => {
        entry(chart, 'shop/api', 'TLS', ['.']);
        entry(chart, 'billing/other', 'HTTPS', ['.', 'clients']);
      }),
    ).toEqual([]);
  });
});
