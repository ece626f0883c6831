import type { Chart } from 'cdk8s';
import {
  ClientTls,
  Destination,
  Gateway,
  Match,
  Resolution,
  ServerTls,
  ServiceEntry,
  ServiceLocation,
  TrafficPolicy,
  type MeshNamespace,
  type TlsParameters,
} from 'istio-module';

const SUBSETS = { v1: { version: 'v1' }, v2: { version: 'v2' } };
const SPLIT = [Destination.subset('v1', { weight: 80, port: 9000 }), Destination.subset('v2', { weight: 20 })];

/** Gateways, external hosts, and policies with every kind of route between them. */
export function everyBorder(chart: Chart, shop: MeshNamespace): void {
  const border = everyGateway(chart, shop);
  everyServiceEntry(chart, shop);
  everyConnectionRoute(chart, shop, border);
  everyDelegate(chart, shop, border);
}

function everyGateway(chart: Chart, shop: MeshNamespace): Gateway {
  const legacy: TlsParameters = {
    minProtocolVersion: 'TLSV1_0',
    maxProtocolVersion: 'TLSV1_2',
    cipherSuites: [
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES128-GCM-SHA256',
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-RSA-AES256-GCM-SHA384',
      'ECDHE-ECDSA-CHACHA20-POLY1305',
      'ECDHE-RSA-CHACHA20-POLY1305',
      'ECDHE-ECDSA-AES128-SHA',
      'ECDHE-RSA-AES128-SHA',
      'ECDHE-ECDSA-AES256-SHA',
      'ECDHE-RSA-AES256-SHA',
      'AES128-GCM-SHA256',
      'AES256-GCM-SHA384',
      'AES128-SHA',
      'AES256-SHA',
      'DES-CBC3-SHA',
    ],
  };
  const mutual = {
    credentialName: 'mutual-cert',
    caCertCredentialName: 'clients-ca',
    subjectAltNames: ['spiffe://partner/client'],
  };
  new Gateway(chart, 'protocols', {
    namespace: 'istio-system',
    selector: { istio: 'other', 'example.com/tier': '' },
    servers: [
      ...(['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB'] as const).map((protocol, index) => ({
        port: 8080,
        protocol,
        hosts: [`http-${String(index)}.example.com`],
      })),
      ...(['TCP', 'MONGO', 'MYSQL', 'REDIS'] as const).map((protocol, index) => ({
        port: 9000 + index,
        protocol,
        hosts: ['*'],
      })),
    ],
  });
  return new Gateway(chart, 'border', {
    namespace: 'istio-system',
    ingressGateway: { name: 'ingress' },
    servers: [
      {
        port: 80,
        protocol: 'HTTP',
        hosts: ['*.example.com', `${shop.name}/*`, './own.example.org'],
        httpsRedirect: true,
      },
      {
        port: 443,
        protocol: 'HTTPS',
        hosts: ['*.example.com'],
        tls: ServerTls.simple({ credentialName: 'cert', ...legacy }),
      },
      {
        port: 443,
        protocol: 'HTTPS',
        hosts: ['*/both.example.org'],
        tls: ServerTls.simple({ credentialName: ['rsa', 'ecdsa'], minProtocolVersion: 'TLSV1_3' }),
      },
      { port: 443, protocol: 'HTTPS', hosts: ['mutual.example.org'], tls: ServerTls.mutual(mutual) },
      {
        port: 443,
        protocol: 'HTTPS',
        hosts: ['maybe.example.org'],
        tls: ServerTls.optionalMutual({ credentialName: 'cert', caCertCredentialName: 'configmap://shop/clients-ca' }),
      },
      { port: 443, protocol: 'TLS', hosts: ['raw.example.com'], tls: ServerTls.PASSTHROUGH, name: 'raw' },
      { port: 15443, protocol: 'TLS', hosts: ['*.local'], tls: ServerTls.AUTO_PASSTHROUGH },
      { port: 8443, protocol: 'TLS', hosts: ['*'], tls: ServerTls.istioMutual({ maxProtocolVersion: 'TLSV1_3' }) },
      { port: 9000, protocol: 'TCP', hosts: ['*'] },
    ],
  });
}

function everyServiceEntry(chart: Chart, shop: MeshNamespace): void {
  const tcp = { number: 5432, protocol: 'TCP', name: 'db', targetPort: 15432 } as const;
  const endpoint = {
    address: '192.0.2.1',
    ports: { db: 5433 },
    labels: { version: 'v1' },
    locality: 'eu-west/a',
    weight: 2,
    network: 'vpn',
    serviceAccount: 'db',
  };
  const api = new ServiceEntry(chart, 'api', {
    namespace: shop,
    hosts: ['api.example.net'],
    ports: [{ number: 80, protocol: 'HTTP', targetPort: 443 }],
    resolution: Resolution.dns(),
    subjectAltNames: ['api.example.net'],
    exportTo: ['.'],
  });
  new ServiceEntry(chart, 'any-address', {
    namespace: shop,
    hosts: ['*.example.net'],
    ports: [{ number: 443, protocol: 'TLS' }, tcp],
    addresses: ['198.51.100.0/24', '2001:db8::1'],
    resolution: Resolution.NONE,
    exportTo: ['~'],
  });
  new ServiceEntry(chart, 'outside-db', {
    namespace: shop,
    hosts: ['db.example.net'],
    ports: [tcp],
    addresses: ['203.0.113.0/28'],
    resolution: Resolution.static(endpoint, { address: '2001:db8::2' }),
    exportTo: ['*'],
  });
  new ServiceEntry(chart, 'machines', {
    namespace: shop,
    hosts: ['machines.shop.internal'],
    ports: [
      { number: 80, protocol: 'GRPC-WEB' },
      { number: 81, protocol: 'MONGO' },
    ],
    resolution: Resolution.workloads({ app: 'machine' }),
    location: ServiceLocation.MESH_INTERNAL,
    exportTo: [shop, 'legacy'],
  });
  new ServiceEntry(chart, 'names', {
    namespace: shop,
    hosts: ['*.names.example.net', 'names.example.net'],
    ports: [{ number: 443, protocol: 'HTTPS' }],
    resolution: Resolution.dns({ address: 'eu.names.example.net' }, { address: '192.0.2.3' }),
  });
  new ServiceEntry(chart, 'first', {
    namespace: shop,
    hosts: ['first.example.net'],
    ports: [{ number: 3306, protocol: 'MYSQL' }],
    resolution: Resolution.dnsRoundRobin({ address: 'replica.example.net' }),
  });
  new ServiceEntry(chart, 'asked', {
    namespace: shop,
    hosts: ['*.asked.example.net'],
    ports: (['HTTP', 'HTTP2', 'GRPC', 'TLS'] as const).map((protocol, index) => ({ number: 80 + index, protocol })),
    resolution: Resolution.DYNAMIC_DNS,
  });
  new TrafficPolicy(chart, 'api-tls', {
    namespace: shop,
    host: api,
    clientTls: ClientTls.simple({
      sni: 'api.example.net',
      subjectAltNames: ['api.example.net'],
      caCertificates: '/ca.pem',
    }),
    clients: { app: 'web' },
    exportTo: ['.'],
  });
  const modes = {
    'tls-disable': ClientTls.DISABLE,
    'tls-istio': ClientTls.ISTIO_MUTUAL,
    'tls-secret': ClientTls.simple({ credentialName: 'authorities' }),
    'tls-mutual': ClientTls.mutual({ clientCertificate: '/c.pem', privateKey: '/k.pem' }),
    'tls-mutual-secret': ClientTls.mutual({ credentialName: 'client-cert' }),
  };
  for (const [host, clientTls] of Object.entries(modes))
    new TrafficPolicy(chart, host, { namespace: shop, host, clientTls });
}

function everyConnectionRoute(chart: Chart, shop: MeshNamespace, border: Gateway): void {
  const match = {
    destinationSubnets: ['10.1.0.0/16', '10.2.0.1'],
    port: 9000,
    sourceLabels: { app: 'web' },
    sourceNamespace: shop,
    gateways: [border, 'mesh'],
  };
  new TrafficPolicy(chart, 'connections', {
    namespace: shop,
    host: 'connections',
    hosts: ['connections', 'raw.example.com'],
    gateways: ['mesh', border],
    subsets: SUBSETS,
    routes: [{ match: [Match.gateways(border)], to: [Destination.host()] }],
    tlsRoutes: [{ match: [{ sniHosts: ['raw.example.com', 'connections'], ...match }], to: SPLIT }],
    tcpRoutes: [
      { match: [match, { port: 9001 }], to: SPLIT },
      { to: [Destination.otherHost('elsewhere', { port: 1 })] },
    ],
    exportTo: [shop, 'istio-system'],
  });
}

function everyDelegate(chart: Chart, shop: MeshNamespace, border: Gateway): void {
  const cart = new TrafficPolicy(chart, 'cart', {
    namespace: shop,
    host: 'cart',
    hosts: 'delegated',
    routes: [{ match: [Match.uri().prefix('/cart/v2')], to: [Destination.host()] }, { to: [Destination.host()] }],
  });
  new TrafficPolicy(chart, 'front', {
    namespace: 'istio-system',
    host: 'front',
    hosts: ['www.example.com'],
    gateways: [border],
    routes: [
      { name: 'cart', match: [Match.uri().prefix('/cart')], delegate: cart, rewrite: { uri: '/' } },
      { match: [Match.uri().prefix('/named')], delegate: { name: 'named', namespace: shop } },
      { delegate: { name: 'rest' } },
    ],
  });
}
