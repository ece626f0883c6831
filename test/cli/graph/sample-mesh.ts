import { App, Chart, Duration } from 'cdk8s';
import {
  Destination,
  Fault,
  Gateway,
  GatewayServers,
  Match,
  MeshNamespace,
  Resolution,
  RetryOn,
  Routes,
  ServerTls,
  ServiceEntry,
  StrictPeerAuthentication,
  TrafficPolicy,
} from 'istio-module';
import type { TrafficSource } from '../../../lib/cli/graph/traffic-objects';

const VERSIONS = { v1: { version: 'v1' }, v2: { version: 'v2' } };

/**
 * A shop with a gateway, a canary release, mirrored requests, an external partner and a part that another team routes.
 */
export function sampleMesh(): readonly TrafficSource[] {
  const chart = new Chart(new App(), 'mesh');
  const ingress = new MeshNamespace(chart, 'ingress', { name: 'ingress' });
  const shop = new MeshNamespace(chart, 'shop', { name: 'shop' });
  const team = new MeshNamespace(chart, 'team', { name: 'checkout' });
  new StrictPeerAuthentication(chart, 'strict', { namespace: shop });
  const gateway = new Gateway(chart, 'public', {
    namespace: ingress,
    ingressGateway: { name: 'istio-ingressgateway' },
    servers: GatewayServers.https({ hosts: ['shop.example.com'], tls: ServerTls.simple({ credentialName: 'shop' }) }),
  });
  new TrafficPolicy(chart, 'front', {
    namespace: shop,
    host: 'web',
    hosts: ['shop.example.com'],
    gateways: [gateway],
    routes: [
      { match: [Match.uri().prefix('/old/')], redirect: { uri: '/', authority: 'www.example.com', code: 308 } },
      { match: [Match.uri().exact('/healthz')], directResponse: { status: 200, body: 'fine' } },
      { to: [Destination.host()], timeout: Duration.seconds(5) },
    ],
  });
  new TrafficPolicy(chart, 'reviews', {
    namespace: shop,
    host: 'reviews',
    subsets: VERSIONS,
    routes: [
      { match: [Match.header('end-user').exact('jason')], to: [Destination.subset('v2')] },
      {
        to: [Destination.subset('v1', { weight: 90 }), Destination.subset('v2', { weight: 10 })],
        timeout: Duration.seconds(3),
        retries: { attempts: 3, perTryTimeout: Duration.seconds(1), on: [RetryOn.GATEWAY_ERROR] },
        fault: Fault.delay(Duration.seconds(7), { percent: 10 }),
      },
    ],
    circuitBreaker: { consecutive5xxErrors: 5 },
  });
  new TrafficPolicy(chart, 'ratings', {
    namespace: shop,
    host: 'ratings',
    subsets: { ...VERSIONS, v3: { version: 'v3' } },
    routes: Routes.darkLaunch({ live: 'v1', dark: 'v2', percent: 5 }),
  });
  const partner = new ServiceEntry(chart, 'partner', {
    namespace: team,
    hosts: ['pay.example.net'],
    ports: [{ number: 443, name: 'tls', protocol: 'TLS' }],
    resolution: Resolution.dns(),
  });
  new TrafficPolicy(chart, 'pay', {
    namespace: team,
    host: partner,
    tlsRoutes: [{ match: [{ sniHosts: ['pay.example.net'] }], to: [Destination.host()] }],
  });
  new TrafficPolicy(chart, 'db', {
    namespace: team,
    host: 'db',
    tcpRoutes: [{ match: [{ port: 5432 }], to: [Destination.host({ port: 5432 })] }],
  });
  return chart.toJson() as TrafficSource[];
}
