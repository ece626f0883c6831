import {
  Destination,
  Gateway,
  MeshNamespace,
  ServerTls,
  TrafficPolicy,
  type TcpMatch,
  type TlsMatch,
  type TrafficPolicyProps,
} from 'istio-module';
import { emptyChart, named, synthesized } from '../synthesis';

const SUBSETS = { v1: { version: 'v1' }, v2: { version: 'v2' } };
const TO = [Destination.host()];
const SPLIT = [Destination.subset('v1', { weight: 80, port: 5432 }), Destination.subset('v2', { weight: 20 })];

function specOf(props: Partial<TrafficPolicyProps>) {
  const chart = emptyChart();
  new TrafficPolicy(chart, 'db', { namespace: 'shop', host: 'db', ...props });
  return named(synthesized(chart), 'VirtualService/shop/db').spec;
}

describe('a TCP route', () => {
  test('splits connections by where they come from and go to', () => {
    const chart = emptyChart();
    const front = new MeshNamespace(chart, 'front', { name: 'front' });
    const border = new Gateway(chart, 'border', {
      namespace: 'istio-system',
      selector: { istio: 'ingress' },
      servers: [{ port: 5432, protocol: 'TCP', hosts: ['*'] }],
    });
    const match: TcpMatch = {
      destinationSubnets: ['10.0.0.0/8', '2001:db8::1'],
      port: 5432,
      sourceLabels: { app: 'web' },
      sourceNamespace: front,
      gateways: [border, 'istio-system/other', 'mesh'],
    };
    new TrafficPolicy(chart, 'db', {
      namespace: 'shop',
      host: 'db',
      gateways: ['mesh', border, 'istio-system/other'],
      subsets: SUBSETS,
      tcpRoutes: [{ match: [match], to: SPLIT }, { to: TO }],
    });
    expect(named(synthesized(chart), 'VirtualService/shop/db').spec).toEqual({
      hosts: ['db'],
      gateways: ['mesh', 'istio-system/border', 'istio-system/other'],
      tcp: [
        {
          match: [
            {
              destinationSubnets: ['10.0.0.0/8', '2001:db8::1'],
              port: 5432,
              sourceLabels: { app: 'web' },
              sourceNamespace: 'front',
              gateways: ['istio-system/border', 'istio-system/other', 'mesh'],
            },
          ],
          route: [
            { destination: { host: 'db', subset: 'v1', port: { number: 5432 } }, weight: 80 },
            { destination: { host: 'db', subset: 'v2' }, weight: 20 },
          ],
        },
        { route: [{ destination: { host: 'db' } }] },
      ],
    });
  });

  const match = (one: TcpMatch) => ({ tcpRoutes: [{ match: [one], to: TO }] });
  test.each<[string, Partial<TrafficPolicyProps>, string]>([
    [
      'weights of which none is above 0',
      { tcpRoutes: [{ to: [Destination.host({ weight: 0 }), Destination.otherHost('other', { weight: 0 })] }] },
      'tcpRoutes[0].to has no weight above 0, so no destination gets requests: raise one of them',
    ],
    [
      'no destination',
      { tcpRoutes: [{ to: [] }] },
      'tcpRoutes[0].to is empty: name at least one destination, such as Destination.host()',
    ],
    [
      'a subset that is not defined',
      { tcpRoutes: [{ to: [Destination.subset('v3')] }] },
      "tcpRoutes[0].to names subset 'v3', which the prop subsets does not define (it defines none): define it, or write another",
    ],
    [
      'headers',
      { tcpRoutes: [{ to: [Destination.host({ headers: { request: { remove: ['x'] } } })] }] },
      'tcpRoutes[0].to[0] changes headers, but connections have no headers: leave out headers',
    ],
    [
      'an invalid subnet',
      match({ destinationSubnets: ['10.0.0.0/33'] }),
      "tcpRoutes[0].match: destinationSubnets: '10.0.0.0/33' is not an IP address or CIDR block: write one such as '203.0.113.4' or '10.0.0.0/8'",
    ],
    [
      'no subnet',
      match({ destinationSubnets: [] }),
      'tcpRoutes[0].match: destinationSubnets is empty: name at least one, or leave it out to match any',
    ],
    [
      'no gateway',
      match({ gateways: [] }),
      'tcpRoutes[0].match: gateways is empty: name at least one, or leave it out to match any',
    ],
    [
      'no label',
      match({ sourceLabels: {} }),
      'tcpRoutes[0].match: sourceLabels is empty: name at least one, or leave it out to match any',
    ],
    [
      'an invalid label',
      match({ sourceLabels: { app: '?' } }),
      "tcpRoutes[0].match: sourceLabels { app: '?' } is not a valid label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
    ],
    [
      'an invalid namespace',
      match({ sourceNamespace: 'The front' }),
      "tcpRoutes[0].match: source namespace 'The front' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
    ],
    [
      'an invalid port',
      match({ port: 65536 }),
      'tcpRoutes[0].match: port 65536 is out of range: write a whole number from 1 to 65535',
    ],
    [
      'a gateway that the policy does not have',
      match({ gateways: ['border'] }),
      "tcpRoutes[0].match: gateway 'border' is not one of the policy's: add it to the prop gateways",
    ],
    [
      'routes after one that takes all',
      { tcpRoutes: [{ to: TO }, { match: [{ port: 80 }], to: TO }] },
      'tcpRoutes[0] has no match and therefore matches every connection, so tcpRoutes[1] is never reached: move tcpRoutes[0] to the end',
    ],
  ])('is refused for %s', (_, props, problem) => {
    expect(() => specOf(props)).toThrow(new Error(`TrafficPolicy mesh/db: ${problem}`));
  });

  test('names a gateway of the policy with or without the namespace of the policy', () => {
    expect(specOf({ gateways: ['shop/border'], ...match({ gateways: ['border'] }) })).toMatchObject({
      tcp: [{ match: [{ gateways: ['border'] }] }],
    });
  });

  const routes = (wide: TcpMatch, narrow: TcpMatch) => ({
    gateways: ['a', 'b'],
    tcpRoutes: [
      { match: [wide], to: TO },
      { match: [narrow], to: TO },
    ],
  });
  const all: TcpMatch = {
    destinationSubnets: ['10.0.0.0/8', '172.16.0.0/12'],
    port: 80,
    sourceLabels: { a: '1', b: '2' },
    sourceNamespace: 'front',
    gateways: ['a'],
  };
  test.each<[string, TcpMatch]>([
    ['nothing', {}],
    ['the same', all],
    ['a port', { port: 80 }],
    ['more subnets', { destinationSubnets: ['172.16.0.0/12', '10.0.0.0/8', '192.0.2.1'] }],
    ['fewer labels', { sourceLabels: { a: '1' } }],
    ['a namespace', { sourceNamespace: 'front' }],
    ['more gateways', { gateways: ['b', 'a'] }],
  ])('is refused after one that matches %s', (_, wide) => {
    expect(() => specOf(routes(wide, all))).toThrow(
      new Error(
        'TrafficPolicy mesh/db: tcpRoutes[1] is never reached, because everything that it matches already goes to tcpRoutes[0]: move it before tcpRoutes[0], or match less there',
      ),
    );
  });

  test.each<[string, TcpMatch]>([
    ['another port', { port: 81 }],
    ['one of the subnets', { destinationSubnets: ['10.0.0.0/8'] }],
    ['more labels', { sourceLabels: { a: '1', b: '2', c: '3' } }],
    ['another namespace', { sourceNamespace: 'back' }],
    ['another gateway', { gateways: ['b'] }],
  ])('stays after one that matches %s', (_, wide) => {
    expect(specOf(routes(wide, all))?.tcp).toHaveLength(2);
  });
});

describe('a TLS route', () => {
  const match = (...matches: TlsMatch[]) => ({
    hosts: ['db', '*.example.com'],
    tlsRoutes: [{ match: matches, to: TO }],
  });

  test('goes by the name of the server that clients ask for', () => {
    const chart = emptyChart();
    const border = new Gateway(chart, 'border', {
      namespace: 'shop',
      selector: { istio: 'ingress' },
      servers: [{ port: 443, protocol: 'TLS', hosts: ['*'], tls: ServerTls.PASSTHROUGH }],
    });
    new TrafficPolicy(chart, 'db', {
      namespace: 'shop',
      host: 'db',
      hosts: ['*.example.com', 'db.example.net'],
      gateways: [border],
      tlsRoutes: [
        { match: [{ sniHosts: ['a.example.com', '*.b.example.com'], port: 443, gateways: [border] }], to: TO },
      ],
    });
    expect(named(synthesized(chart), 'VirtualService/shop/db').spec).toEqual({
      hosts: ['*.example.com', 'db.example.net'],
      gateways: ['border'],
      tls: [
        {
          match: [{ sniHosts: ['a.example.com', '*.b.example.com'], port: 443, gateways: ['shop/border'] }],
          route: [{ destination: { host: 'db' } }],
        },
      ],
    });
  });

  test.each<[string, Partial<TrafficPolicyProps>, string]>([
    [
      'a name that is not within the hosts',
      match({ sniHosts: ['example.com'] }),
      "tlsRoutes[0].match: sniHosts: 'example.com' is not within the policy's hosts ('db', '*.example.com'): add it to the prop hosts, or write a host within them",
    ],
    [
      'a wildcard above the hosts',
      match({ sniHosts: ['*.com'] }),
      "tlsRoutes[0].match: sniHosts: '*.com' is not within the policy's hosts ('db', '*.example.com'): add it to the prop hosts, or write a host within them",
    ],
    [
      'an invalid name',
      match({ sniHosts: ['a.*.example.com'] }),
      "tlsRoutes[0].match: sniHosts: 'a.*.example.com' is not a host: write the name of a Service or a domain name, without a port",
    ],
    ['no name', match({ sniHosts: [] }), 'tlsRoutes[0].match: sniHosts is empty: name at least one'],
    ['no match', match(), "tlsRoutes[0].match is empty: name at least one match, such as { sniHosts: ['db'] }"],
    [
      'no match before others',
      {
        tlsRoutes: [
          { match: [], to: TO },
          { match: [{ sniHosts: ['db'] }], to: TO },
        ],
      },
      "tlsRoutes[0].match is empty: name at least one match, such as { sniHosts: ['db'] }",
    ],
    [
      'one that an earlier one covers',
      {
        hosts: ['*.example.com'],
        tlsRoutes: [
          { match: [{ sniHosts: ['www.example.com', '*.example.com'] }], to: TO },
          { match: [{ sniHosts: ['a.example.com', '*.b.example.com'], port: 443 }], to: TO },
        ],
      },
      'tlsRoutes[1] is never reached, because everything that it matches already goes to tlsRoutes[0]: move it before tlsRoutes[0], or match less there',
    ],
  ])('is refused for %s', (_, props, problem) => {
    expect(() => specOf(props)).toThrow(new Error(`TrafficPolicy mesh/db: ${problem}`));
  });

  test.each([
    ['fewer names', ['a.example.com'], ['*.example.com']],
    ['some of the names', ['*.a.example.com'], ['1.a.example.com', '1.b.example.com']],
  ])('stays after one for %s', (_, wide, narrow) => {
    const tlsRoutes = [wide, narrow].map((sniHosts) => ({ match: [{ sniHosts }], to: TO }));
    expect(specOf({ hosts: ['*.example.com'], tlsRoutes })?.tls).toHaveLength(2);
  });
});
