import {
  ClientTls,
  Destination,
  Gateway,
  Match,
  MeshNamespace,
  Resolution,
  ServerTls,
  ServiceEntry,
  TrafficPolicy,
  type GatewayServer,
  type ServiceEntryPort,
  type TrafficPolicyProps,
} from 'istio-module';
import { emptyChart, named, synthesized } from '../synthesis';

const TO = [Destination.host()];
const SIMPLE = ServerTls.simple({ credentialName: 'cert' });

function policy(props: Partial<TrafficPolicyProps>, chart = emptyChart()) {
  new TrafficPolicy(chart, 'reviews', { namespace: 'shop', host: 'reviews', ...props });
  return synthesized(chart);
}

describe("a policy's gateways", () => {
  const server = (hosts: string[], props: Partial<GatewayServer> = {}) =>
    ({ port: 80, protocol: 'HTTP', hosts, ...props }) as GatewayServer;

  /** The VirtualService of a policy whose gateways are constructs with these servers. */
  function behind(servers: readonly GatewayServer[][], props: Partial<TrafficPolicyProps>, names: string[] = []) {
    const chart = emptyChart();
    const gateways = servers.map(
      (own, index) =>
        new Gateway(chart, `gateway-${String(index)}`, {
          namespace: 'istio-system',
          selector: { istio: 'ingress' },
          servers: own,
        }),
    );
    const manifests = policy({ routes: [{ to: TO }], gateways: [...gateways, ...names], ...props }, chart);
    return named(manifests, 'VirtualService/shop/reviews').spec;
  }

  test('are named with their namespace where it is another', () => {
    const chart = emptyChart();
    const shop = new MeshNamespace(chart, 'shop', { name: 'shop' });
    const servers = [server(['*'])];
    const selector = { istio: 'ingress' };
    const own = new Gateway(chart, 'own', { namespace: shop, selector, servers });
    const border = new Gateway(chart, 'border', { namespace: 'istio-system', selector, servers });
    const match = [Match.gateways(own, 'shop/other'), Match.gateways(border, 'mesh')];
    const manifests = policy({ gateways: [own, border, 'other', 'mesh'], routes: [{ match, to: TO }] }, chart);
    expect(named(manifests, 'VirtualService/shop/reviews').spec).toMatchObject({
      gateways: ['own', 'istio-system/border', 'other', 'mesh'],
      http: [{ match: [{ gateways: ['shop/own', 'shop/other'] }, { gateways: ['istio-system/border', 'mesh'] }] }],
    });
  });

  test.each<[string, string[], string[]]>([
    ['the same', ['shop.example.com'], ['shop.example.com']],
    ['any', ['*'], ['shop.example.com']],
    ['others besides', ['www.example.com', 'shop.example.com'], ['shop.example.com']],
    ['all below one', ['*.example.com'], ['a.example.com', '*.b.example.com']],
    ['one below those of the policy', ['a.example.com'], ['*.example.com']],
    ['those for any namespace', ['*/shop.example.com'], ['shop.example.com']],
    ["those for the policy's namespace", ['shop/*.example.com'], ['shop.example.com']],
    ['the Service in full', ['*.shop.svc.cluster.local'], ['reviews']],
  ])('may serve %s', (_, served, hosts) => {
    expect(behind([[server(served)]], { hosts })).toMatchObject({ hosts });
  });

  test.each<[string, string[], string[]]>([
    ['others', ['www.example.com'], ['shop.example.com']],
    ['those below', ['*.example.com'], ['example.com']],
    ['those for other namespaces', ['books/*'], ['shop.example.com']],
    ["those for the gateway's namespace", ['./*'], ['shop.example.com']],
  ])('are refused if they serve %s', (_, served, hosts) => {
    expect(() => behind([[server(served)]], { hosts })).toThrow(
      new Error(
        `TrafficPolicy mesh/reviews: Gateway mesh/gateway-0 serves '${served.join()}', but none of the policy's hosts ('${hosts.join()}'): add them to the gateway, or name others in hosts`,
      ),
    );
  });

  test('are refused if none of them serves one of the hosts', () => {
    const servers = [[server(['a.example.com'])], [server(['b.example.com'])]];
    const hosts = ['a.example.com', 'b.example.com', 'c.example.com'];
    expect(() => behind(servers, { hosts })).toThrow(
      new Error(
        "TrafficPolicy mesh/reviews: hosts: 'c.example.com' is served by none of the policy's gateways ('a.example.com', 'b.example.com'): add it to one of them, or add 'mesh' to gateways",
      ),
    );
    expect(behind(servers, { hosts }, ['mesh'])).toMatchObject({ hosts });
    expect(behind(servers, { hosts }, ['istio-system/other'])).toMatchObject({ hosts });
  });

  const tls = (mode: ServerTls, protocol = 'TLS') =>
    server(['*'], { port: 443, protocol: protocol as 'TLS', tls: mode });
  const tlsRoutes = [{ match: [{ sniHosts: ['a.example.com'] }], to: TO }];
  const kinds: Record<string, Partial<TrafficPolicyProps>> = {
    routes: { routes: [{ to: TO }] },
    tlsRoutes: { routes: [], tlsRoutes },
    tcpRoutes: { routes: [], tcpRoutes: [{ to: TO }] },
  };
  test.each<[string, GatewayServer, string]>([
    ['HTTP', server(['*']), 'routes'],
    ['GRPC', server(['*'], { protocol: 'GRPC' } as object), 'routes'],
    ['a redirect', server(['*'], { httpsRedirect: true }), 'routes'],
    ['HTTPS', tls(SIMPLE, 'HTTPS'), 'routes'],
    ['HTTPS that goes on', tls(ServerTls.PASSTHROUGH, 'HTTPS'), 'tlsRoutes'],
    ['TLS that goes on', tls(ServerTls.PASSTHROUGH), 'tlsRoutes'],
    ['TLS that ends', tls(SIMPLE), 'tcpRoutes'],
    ['TCP', server(['*'], { protocol: 'TCP' } as object), 'tcpRoutes'],
    ['TLS that needs no routes', tls(ServerTls.AUTO_PASSTHROUGH), 'none'],
  ])('pass %s on to %s', (_, given, prop) => {
    const fitting = Object.entries(kinds).filter(([, props]) => {
      try {
        return behind([[given]], { hosts: ['a.example.com'], ...props }) !== undefined;
      } catch (error) {
        expect(String(error)).toContain('Gateway mesh/gateway-0 has no server for');
        return false;
      }
    });
    expect(fitting.map(([name]) => name)).toEqual(prop === 'none' ? [] : [prop]);
  });

  test('are refused if they pass nothing on to the routes', () => {
    expect(() => behind([[tls(ServerTls.PASSTHROUGH)]], { hosts: ['a.example.com'], tcpRoutes: [{ to: TO }] })).toThrow(
      new Error(
        'TrafficPolicy mesh/reviews: Gateway mesh/gateway-0 has no server for routes and tcpRoutes: add one (HTTP, or HTTPS that the gateway terminates; TCP, or TLS that the gateway terminates), or leave it out of gateways',
      ),
    );
    expect(() => behind([[server(['*'])]], { hosts: ['a.example.com'], routes: [], tlsRoutes })).toThrow(
      new Error(
        'TrafficPolicy mesh/reviews: Gateway mesh/gateway-0 has no server for tlsRoutes: add one (TLS with ServerTls.PASSTHROUGH), or leave it out of gateways',
      ),
    );
  });

  test('may serve some of the hosts, and pass requests on to some of the routes', () => {
    const hosts = ['a.example.com', 'b.example.com'];
    const servers = [server(['www.example.com']), server(['a.example.com']), server(['b.example.com'])];
    expect(behind([servers], { hosts, tcpRoutes: [{ to: TO }] })).toMatchObject({ hosts });
  });

  test('are refused if their names are invalid', () => {
    expect(() => policy({ gateways: ['a/b/c', 'mesh'], routes: [{ to: TO }] })).toThrow(
      new Error(
        "TrafficPolicy mesh/reviews: gateway 'a/b/c' is not a valid gateway name: write NAME or NAMESPACE/NAME",
      ),
    );
  });

  test('are refused in a match if the policy does not have them', () => {
    const chart = emptyChart();
    const border = new Gateway(chart, 'border', {
      namespace: 'istio-system',
      selector: { istio: 'ingress' },
      servers: [server(['*'])],
    });
    expect(() =>
      policy({ gateways: ['border'], routes: [{ match: [Match.gateways(border)], to: TO }] }, chart),
    ).toThrow(
      new Error(
        "TrafficPolicy mesh/reviews: routes[0].match: gateway 'istio-system/border' is not one of the policy's: add it to the prop gateways",
      ),
    );
  });
});

describe("a policy's hosts", () => {
  test.each([
    ['a.example.com', 'a.example.com'],
    ['*.example.com', 'a.example.com'],
    ['*.a.example.com', '*.example.com'],
  ])('are refused if %s and %s have names in common', (...hosts) => {
    expect(() => policy({ hosts, routes: [{ to: TO }] })).toThrow(
      new Error(
        `TrafficPolicy mesh/reviews: hosts has '${hosts[0]}' and '${hosts[1]}', which overlap: leave out one of them`,
      ),
    );
  });

  test.each(['a..b', '-a.b', `${'a'.repeat(64)}.b`, `${'a.'.repeat(127)}aa`])('are refused if invalid: %s', (host) => {
    expect(() => policy({ hosts: [host], routes: [{ to: TO }] })).toThrow(
      new Error(
        `TrafficPolicy mesh/reviews: hosts: '${host}' is not a host: write the name of a Service or a domain name, without a port`,
      ),
    );
  });
});

describe('TLS of clients', () => {
  const files = { clientCertificate: '/c.pem', privateKey: '/k.pem', caCertificates: '/ca.pem' };
  test.each<[string, ClientTls, object]>([
    ['none', ClientTls.DISABLE, { mode: 'DISABLE' }],
    ['that of the mesh', ClientTls.ISTIO_MUTUAL, { mode: 'ISTIO_MUTUAL' }],
    ['verified by the operating system', ClientTls.simple(), { mode: 'SIMPLE' }],
    [
      'verified by a file',
      ClientTls.simple({ sni: 'api.example.com', subjectAltNames: ['api'], caCertificates: '/ca.pem' }),
      { mode: 'SIMPLE', sni: 'api.example.com', subjectAltNames: ['api'], caCertificates: '/ca.pem' },
    ],
    ['verified by a Secret', ClientTls.simple({ credentialName: 'ca' }), { mode: 'SIMPLE', credentialName: 'ca' }],
    ['with a certificate', ClientTls.mutual(files), { mode: 'MUTUAL', ...files }],
    [
      'with a certificate in a Secret',
      ClientTls.mutual({ credentialName: 'client', sni: 'api.example.com' }),
      { mode: 'MUTUAL', credentialName: 'client', sni: 'api.example.com' },
    ],
  ])('is written: %s', (_, clientTls, tls) => {
    const { spec } = named(policy({ clientTls }), 'DestinationRule/shop/reviews');
    expect(spec).toEqual({ host: 'reviews', trafficPolicy: { tls } });
  });

  test.each<[string, ClientTls, string]>([
    [
      'an invalid server name',
      ClientTls.simple({ sni: 'https://api' }),
      "clientTls.sni 'https://api' is not a host: write the name of a Service or a domain name, without a port",
    ],
    ['a wildcard', ClientTls.simple({ sni: '*.a.b' }), "clientTls.sni '*.a.b' is a wildcard: write one server name"],
    [
      'no name',
      ClientTls.simple({ subjectAltNames: [] }),
      "clientTls.subjectAltNames is empty: name at least one, or leave it out to expect the names in the host's ServiceEntry, or the host itself if there are none",
    ],
    [
      'an invalid name of a Secret',
      ClientTls.simple({ credentialName: 'The CA' }),
      "clientTls.credentialName 'The CA' is not a valid object name: write lower-case letters, digits, hyphens and dots",
    ],
    [
      'no file',
      ClientTls.simple({ caCertificates: '' }),
      'clientTls.caCertificates is empty: write the path of a file, or leave it out',
    ],
    [
      'a Secret and files',
      ClientTls.simple({ credentialName: 'ca', caCertificates: '/ca.pem' } as never),
      'clientTls has both credentialName and caCertificates: leave out one of them',
    ],
    [
      'no key',
      ClientTls.mutual({ clientCertificate: '/c.pem' } as never),
      'clientTls has neither credentialName nor privateKey: set credentialName, or clientCertificate and privateKey',
    ],
  ])('is refused with %s', (_, clientTls, problem) => {
    expect(() => policy({ clientTls })).toThrow(new Error(`TrafficPolicy mesh/reviews: ${problem}`));
  });

  const entry = (ports: ServiceEntryPort[], hosts = ['api.example.com']) => {
    const chart = emptyChart();
    const host = new ServiceEntry(chart, 'api', { namespace: 'shop', hosts, ports, resolution: Resolution.dns() });
    return { chart, host };
  };

  test('originates for a ServiceEntry', () => {
    const { chart, host } = entry([{ number: 80, protocol: 'HTTP', targetPort: 443 }]);
    const manifests = policy({ host, clientTls: ClientTls.simple() }, chart);
    expect(named(manifests, 'DestinationRule/shop/reviews').spec).toEqual({
      host: 'api.example.com',
      trafficPolicy: { tls: { mode: 'SIMPLE' } },
    });
  });

  test('is refused where clients encrypt already', () => {
    const { chart, host } = entry([{ number: 443, protocol: 'HTTPS' }]);
    expect(() => policy({ host, clientTls: ClientTls.simple() }, chart)).toThrow(
      new Error(
        'TrafficPolicy mesh/reviews: clientTls SIMPLE would again encrypt the traffic that clients already encrypt on port https-443 (HTTPS): let clients use HTTP there, or leave clientTls out',
      ),
    );
    const plain = entry([{ number: 443, protocol: 'HTTPS' }]);
    expect(policy({ host: plain.host, clientTls: ClientTls.DISABLE }, plain.chart)).toHaveLength(2);
  });

  test('needs a ServiceEntry with one host', () => {
    const { chart, host } = entry([{ number: 80, protocol: 'HTTP' }], ['a.example.com', 'b.example.com']);
    expect(() => policy({ host, clientTls: ClientTls.simple() }, chart)).toThrow(
      new Error(
        "TrafficPolicy mesh/reviews: host is ServiceEntry mesh/api, which has 2 hosts ('a.example.com', 'b.example.com'): write one of them",
      ),
    );
  });
});

describe('who sees a policy', () => {
  const subsets = { v1: { version: 'v1' } };

  test('is written to both objects', () => {
    const manifests = policy({ subsets, routes: [{ to: TO }], exportTo: ['.', 'books'] });
    for (const kind of ['DestinationRule', 'VirtualService']) {
      expect(named(manifests, `${kind}/shop/reviews`).spec).toMatchObject({ exportTo: ['.', 'books'] });
    }
  });

  test('is all namespaces', () => {
    expect(named(policy({ subsets, exportTo: ['*'] }), 'DestinationRule/shop/reviews').spec).toMatchObject({
      exportTo: ['*'],
    });
  });

  test('is some clients', () => {
    const manifests = policy({ subsets, clients: { app: 'web' }, exportTo: ['.'] });
    expect(named(manifests, 'DestinationRule/shop/reviews').spec).toMatchObject({
      workloadSelector: { matchLabels: { app: 'web' } },
    });
  });

  const rule = 'write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit';
  test.each<[string, Partial<TrafficPolicyProps>, string]>([
    [
      'no namespace',
      { exportTo: [] },
      "exportTo is empty: name at least one namespace, '.' for its own, or leave it out for the default of the mesh",
    ],
    ['an invalid namespace', { exportTo: ['a.b'] }, `exportTo 'a.b' is not a valid name: ${rule}`],
    ['no one', { exportTo: ['~'] }, `exportTo '~' is not a valid name: ${rule}`],
    ['a namespace twice', { exportTo: ['.', 'shop'] }, "exportTo has namespace 'shop' twice: remove the duplicate"],
    [
      'all and one',
      { exportTo: ['books', '*'] },
      "exportTo has '*' together with other namespaces: leave out the others, or '*'",
    ],
    [
      'an invalid label of a subset',
      { subsets: { v1: { version: 'v 1' } } },
      "subset 'v1' { version: 'v 1' } is not a valid label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
    ],
    ['no label', { clients: {} }, 'clients {} has no labels: name at least one, or leave it out to select all'],
    [
      'an invalid label',
      { clients: { app: '?' } },
      "clients { app: '?' } is not a valid label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
    ],
    [
      'clients elsewhere',
      { clients: { app: 'web' }, exportTo: ['books'] },
      "clients selects pods in namespace 'shop' only, but exportTo has 'books': write '.'",
    ],
    [
      'clients, but nothing for them',
      { subsets: {}, clients: { app: 'web' }, routes: [{ to: TO }] },
      'clients has no effect without a DestinationRule: set subsets, clientTls or circuitBreaker, or leave clients out',
    ],
  ])('is refused with %s', (_, props, problem) => {
    expect(() => policy({ subsets, ...props })).toThrow(new Error(`TrafficPolicy mesh/reviews: ${problem}`));
  });
});
