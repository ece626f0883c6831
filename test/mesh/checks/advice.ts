import { ApiObject, Duration, type Chart } from 'cdk8s';
import {
  AuthorizationPolicy,
  ClientTls,
  Destination,
  Gateway,
  MeshNamespace,
  MutualTls,
  PeerAuthentication,
  SidecarInjection,
  TrafficPolicy,
  type GatewayServer,
} from 'istio-module';
import { fakeModule } from '../synthesis';
import { plain } from './problems-of';

const tcp = (port: number): GatewayServer => ({ port, protocol: 'TCP', hosts: ['*'] });
const gateway = (chart: Chart, id: string, ...servers: GatewayServer[]) =>
  new Gateway(chart, id, { namespace: 'edge', selector: { istio: 'ingress' }, servers });
const installed = (chart: Chart, name: string, port: number) =>
  new Gateway(chart, 'g', { namespace: 'edge', ingressGateway: { name }, servers: [tcp(port)] });
/** A namespace with a Service `web` and its pods. */
const shop = (chart: Chart, mode?: MutualTls) => {
  new MeshNamespace(chart, 'shop', { name: 'shop' });
  plain(chart, 'Service', 'shop/web', { selector: { app: 'web' } });
  new ApiObject(chart, 'pods', {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { template: { metadata: { labels: { app: 'web' } } } },
  });
  if (mode) new PeerAuthentication(chart, 'peers', { namespace: 'shop', mode });
};
const client = (chart: Chart, clientTls?: ClientTls) =>
  new TrafficPolicy(chart, 'p', {
    namespace: 'shop',
    host: 'web',
    clientTls,
    routes: [{ to: [Destination.host()] }],
  });
const everywhere = (chart: Chart, clientTls?: ClientTls) =>
  new TrafficPolicy(chart, 'all', {
    namespace: 'clients',
    host: '*.local',
    clientTls,
    connectionPool: { tcp: { connectTimeout: Duration.seconds(1) } },
  });
const byIdentity = (chart: Chart) =>
  new AuthorizationPolicy(chart, 'a', { namespace: 'shop', rules: [{ from: [{ serviceAccounts: ['shop/web'] }] }] });
const route = (chart: Chart, id: string, namespace?: string) =>
  new ApiObject(chart, id, {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: id, namespace },
    spec: { hosts: ['web'], http: [{ route: [{ destination: { host: 'web' } }] }] },
  });
const REDIRECTS = 'but only one of them has an effect';

type Fill = (chart: Chart) => void;

/**
 * Mistakes that involve several objects, each with its message and with charts that follow the advice of the message.
 */
export const ADVICE: readonly [string, Fill, string, ...Fill[]][] = [
  [
    'two Gateways with TCP at one port',
    (chart) => {
      gateway(chart, 'a', tcp(31400));
      gateway(chart, 'b', tcp(31400));
    },
    `[] Gateway edge/b (mesh/b/Default) accepts all connections at port 31400, and so does Gateway edge/a (mesh/a/Default) for the same selector, ${REDIRECTS}: write another port`,
    (chart) => {
      gateway(chart, 'a', tcp(31400));
      gateway(chart, 'b', tcp(31401));
    },
  ],
  [
    'clients that are named by their identity, where mutual TLS is off',
    (chart) => {
      shop(chart, MutualTls.DISABLE);
      byIdentity(chart);
    },
    '[] AuthorizationPolicy shop/a (mesh/a/Default) names clients by their identity in rules[0], but because of PeerAuthentication shop/default (mesh/peers/Default), the workloads do not accept mutual TLS and so know no identities: make the PeerAuthentication PERMISSIVE or STRICT, or name clients by ipBlocks',
    (chart) => {
      shop(chart, MutualTls.PERMISSIVE);
      byIdentity(chart);
    },
    (chart) => {
      shop(chart, MutualTls.DISABLE);
      new AuthorizationPolicy(chart, 'a', { namespace: 'shop', rules: [{ from: [{ ipBlocks: ['10.0.0.0/8'] }] }] });
    },
  ],
  [
    'mutual TLS toward a namespace that takes none',
    (chart) => {
      shop(chart, MutualTls.DISABLE);
      client(chart, ClientTls.ISTIO_MUTUAL);
    },
    "[] DestinationRule shop/p (mesh/p/destination-rule) has tls mode ISTIO_MUTUAL for host 'web.shop.svc.cluster.local', but because of PeerAuthentication shop/default (mesh/peers/Default), sidecars there do not accept mutual TLS: leave tls out, because proxies detect which pods have a sidecar, or make the PeerAuthentication PERMISSIVE",
    (chart) => {
      shop(chart, MutualTls.DISABLE);
      client(chart);
    },
    (chart) => {
      shop(chart, MutualTls.PERMISSIVE);
      client(chart, ClientTls.ISTIO_MUTUAL);
    },
  ],
  [
    'TLS of another kind toward a namespace that takes mutual TLS alone',
    (chart) => {
      shop(chart, MutualTls.STRICT);
      client(chart, ClientTls.simple());
    },
    "[] DestinationRule shop/p (mesh/p/destination-rule) has tls mode SIMPLE for host 'web.shop.svc.cluster.local', but because of PeerAuthentication shop/default (mesh/peers/Default), sidecars there only accept mutual TLS: leave tls out, because proxies detect which pods have a sidecar, or make the PeerAuthentication PERMISSIVE",
    (chart) => {
      shop(chart, MutualTls.STRICT);
      client(chart);
    },
    (chart) => {
      shop(chart, MutualTls.PERMISSIVE);
      client(chart, ClientTls.simple());
    },
  ],
  [
    'plain text to all of the cluster, where a namespace takes mutual TLS alone',
    (chart) => {
      shop(chart, MutualTls.STRICT);
      everywhere(chart, ClientTls.DISABLE);
    },
    "[] DestinationRule clients/all (mesh/all/destination-rule) has tls mode DISABLE for host '*.local', but because of PeerAuthentication shop/default (mesh/peers/Default), sidecars of namespace 'shop' only accept mutual TLS: leave tls out, because proxies detect which pods have a sidecar, or make the PeerAuthentication PERMISSIVE",
    (chart) => {
      shop(chart, MutualTls.STRICT);
      everywhere(chart);
    },
    (chart) => {
      shop(chart, MutualTls.PERMISSIVE);
      everywhere(chart, ClientTls.DISABLE);
    },
    // A narrower rule takes precedence, such as that of a namespace without sidecars.
    (chart) => {
      shop(chart, MutualTls.STRICT);
      everywhere(chart, ClientTls.DISABLE);
      plain(chart, 'DestinationRule', 'clients/shop', { host: '*.shop.svc.cluster.local' });
    },
    (chart) => {
      shop(chart, MutualTls.STRICT);
      new MeshNamespace(chart, 'legacy', { name: 'legacy', injection: SidecarInjection.DISABLED });
      everywhere(chart, ClientTls.ISTIO_MUTUAL);
    },
  ],
  [
    'two VirtualServices for one host in whatever namespace they are applied to',
    (chart) => {
      route(chart, 'a');
      route(chart, 'b');
    },
    `[] VirtualService b (mesh/b) is for host 'web' in sidecars, and so does VirtualService a (mesh/a), ${REDIRECTS}: put the routes into one VirtualService`,
    (chart) => route(chart, 'a'),
    (chart) => {
      route(chart, 'a', 'shop');
      route(chart, 'b');
    },
  ],
  [
    'a gateway in a namespace that the injector leaves out',
    (chart) => {
      fakeModule(chart, { ingressGateways: [{ name: 'public', namespace: 'edge' }] });
      new MeshNamespace(chart, 'edge', { name: 'edge', injection: SidecarInjection.DISABLED });
    },
    "[] Deployment edge/public (mesh/istio/gateway-public/public-deployment-edge) gets its image from the injector, but namespace 'edge' (mesh/edge/Default) has injection disabled: enable it there, or put the gateway into another namespace",
    (chart) => {
      fakeModule(chart, { ingressGateways: [{ name: 'public', namespace: 'edge' }] });
      new MeshNamespace(chart, 'edge', { name: 'edge' });
    },
    (chart) => {
      fakeModule(chart, { ingressGateways: [{ name: 'public' }] });
      new MeshNamespace(chart, 'edge', { name: 'edge', injection: SidecarInjection.DISABLED });
    },
  ],
  [
    'a Gateway for a gateway that is not installed',
    (chart) => {
      fakeModule(chart, { ingressGateways: [{ name: 'public' }] });
      installed(chart, 'pubilc', 80);
    },
    "[mesh/g] ingressGateway 'pubilc' is not one of the gateways that the app installs ('public'): name one of them, or write selector: { istio: 'pubilc' } for pods that are installed otherwise",
    (chart) => {
      fakeModule(chart, { ingressGateways: [{ name: 'public' }] });
      installed(chart, 'public', 80);
    },
    (chart) => {
      fakeModule(chart, { ingressGateways: [{ name: 'public' }] });
      new Gateway(chart, 'g', { namespace: 'edge', selector: { istio: 'pubilc' }, servers: [tcp(80)] });
    },
  ],
  [
    'a Gateway for a gateway whose pods have another label',
    (chart) => {
      fakeModule(chart, { ingressGateways: [{ name: 'public', values: { labels: { istio: 'ingressgateway' } } }] });
      installed(chart, 'public', 80);
    },
    "[mesh/g] ingressGateway 'public' has pods with the label 'istio: ingressgateway', which its values set, so they are not selected: write selector: { istio: 'ingressgateway' } instead of ingressGateway",
    (chart) => {
      fakeModule(chart, { ingressGateways: [{ name: 'public', values: { labels: { istio: 'ingressgateway' } } }] });
      new Gateway(chart, 'g', { namespace: 'edge', selector: { istio: 'ingressgateway' }, servers: [tcp(80)] });
    },
    (chart) => {
      fakeModule(chart, { ingressGateways: [{ name: 'public', values: { labels: { istio: 'public' } } }] });
      installed(chart, 'public', 80);
    },
  ],
  [
    "a port that the gateway's Service lacks",
    (chart) => {
      fakeModule(chart, { ingressGateways: [{ name: 'public' }] });
      installed(chart, 'public', 31400);
    },
    "[mesh/g] port 31400 is not a port of the Service of ingressGateway 'public', which has 15021, 80, 443: add it to values.service.ports of the gateway, or write one of those",
    (chart) => {
      const ports = [{ name: 'tcp', port: 31400 }];
      fakeModule(chart, { ingressGateways: [{ name: 'public', values: { service: { ports } } }] });
      installed(chart, 'public', 31400);
    },
    (chart) => {
      fakeModule(chart, { ingressGateways: [{ name: 'public' }] });
      installed(chart, 'public', 443);
    },
  ],
  [
    'one port with a protocol and without one',
    (chart) => {
      entry(chart, 'a', 'TLS');
      entry(chart, 'b', undefined);
    },
    "[] ServiceEntry shop/b (mesh/serviceentry-b) has no protocol on port 443 of host 'api.example.com', but ServiceEntry shop/a (mesh/serviceentry-a) has TLS there, and Istio uses only one of them: give both ServiceEntries the protocol that the host speaks on this port",
    (chart) => {
      entry(chart, 'a', 'TLS');
      entry(chart, 'b', 'TLS');
    },
  ],
];

function entry(chart: Chart, name: string, protocol: string | undefined): void {
  const ports = [{ number: 443, name: 'api', protocol }];
  plain(chart, 'ServiceEntry', `shop/${name}`, { hosts: ['api.example.com'], ports });
}
