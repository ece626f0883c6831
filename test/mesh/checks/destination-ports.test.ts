import { App, Chart, JsonPatch } from 'cdk8s';
import { Destination, Gateway, Match, Mirror, Subset, TrafficPolicy, type GatewayServer } from 'istio-module';
import { warningsOf } from '../warnings-of';
import { plain, problemsOf } from './problems-of';

const service = (chart: Chart, title: string, ports: number[], spec: object = {}) =>
  plain(chart, 'Service', title, { ports: ports.map((port) => ({ port })), ...spec });
const entry = (chart: Chart, title: string, ports: number[]) =>
  plain(chart, 'ServiceEntry', title, { hosts: ['api.example.com'], ports: ports.map((number) => ({ number })) });
const policy = (chart: Chart, ...to: Destination[]) =>
  new TrafficPolicy(chart, 'web', { namespace: 'shop', host: 'web', routes: [{ to }] });

describe('the port of a destination', () => {
  test('is refused if the Service in the app lacks it, also for mirrors, connections and in plain objects', () => {
    expect(
      problemsOf((chart) => {
        service(chart, 'shop/web', [80, 81]);
        service(chart, 'other/audit', [90]);
        new TrafficPolicy(chart, 'web', {
          ...{ namespace: 'shop', host: 'web' },
          routes: [
            {
              to: [Destination.host({ port: 8080 })],
              mirror: Mirror.toHost('audit.other.svc.cluster.local', { port: 91 }),
            },
          ],
          tcpRoutes: [{ to: [Destination.host({ port: 8081 })] }],
        });
        const route = [{ destination: { host: 'web', port: { number: 82 } } }];
        plain(chart, 'VirtualService', 'shop/plain', { hosts: ['a'], http: [{ route }, { route }] });
      }),
    ).toEqual([
      '[] VirtualService shop/web (mesh/web/virtual-service) goes to port 8080 of Service shop/web (mesh/service-web), which has 80, 81: write one of those, or add it there',
      '[] VirtualService shop/web (mesh/web/virtual-service) goes to port 91 of Service other/audit (mesh/service-audit), which has 90: write one of those, or add it there',
      '[] VirtualService shop/web (mesh/web/virtual-service) goes to port 8081 of Service shop/web (mesh/service-web), which has 80, 81: write one of those, or add it there',
      '[] VirtualService shop/plain (mesh/virtualservice-plain) goes to port 82 of Service shop/web (mesh/service-web), which has 80, 81: write one of those, or add it there',
    ]);
  });

  test('is refused if the ServiceEntries in the app lack it', () => {
    expect(
      problemsOf((chart) => {
        entry(chart, 'shop/api', [80]);
        policy(chart, Destination.otherHost('api.example.com', { port: 443 }));
      }),
    ).toEqual([
      '[] VirtualService shop/web (mesh/web/virtual-service) goes to port 443 of ServiceEntry shop/api (mesh/serviceentry-api), which has 80: write one of those, or add it there',
    ]);
    expect(
      problemsOf((chart) => {
        entry(chart, 'shop/api', [80]);
        entry(chart, 'egress/api-tls', [443]);
        policy(chart, Destination.otherHost('api.example.com', { port: 443 }));
      }),
    ).toEqual([]);
  });

  test.each<[string, (chart: Chart) => void]>([
    ['has it', (chart) => service(chart, 'shop/web', [80, 8080])],
    ['is in another namespace', (chart) => service(chart, 'other/web', [80])],
    ['has no ports', (chart) => service(chart, 'shop/web', [])],
    [
      'stands for another host',
      (chart) => service(chart, 'shop/web', [80], { type: 'ExternalName', externalName: 'a.example.com' }),
    ],
  ])('is fine if a Service %s', (_, fill) => {
    expect(
      problemsOf((chart) => {
        fill(chart);
        policy(chart, Destination.host({ port: 8080 }));
      }),
    ).toEqual([]);
  });

  test('is checked again when the Service has changed since', () => {
    const app = new App();
    const chart = new Chart(app, 'mesh');
    const web = service(chart, 'shop/web', [80]);
    policy(chart, Destination.host({ port: 80 }));
    app.synthYaml();
    web.addJsonPatch(JsonPatch.replace('/spec/ports/0/port', 81));
    expect(() => app.synthYaml()).toThrow('goes to port 80 of Service shop/web (mesh/service-web), which has 81');
  });
});

describe('a destination without a port behind a gateway', () => {
  const behind = (chart: Chart, servers: number[], ...match: Match[]) =>
    new TrafficPolicy(chart, 'web', {
      ...{ namespace: 'shop', host: 'web', hosts: ['a.example.com'] },
      gateways: [
        new Gateway(chart, 'public', {
          ...{ namespace: 'edge', selector: { istio: 'ingress' } },
          servers: servers.map((port): GatewayServer => ({ port, protocol: 'HTTP', hosts: ['a.example.com'] })),
        }),
        'mesh',
      ],
      routes: [{ match, to: [Destination.host()] }],
    });

  test('is refused if the host has several ports, but none of the gateway', () => {
    const refused = (...ports: number[]) => [
      `[] VirtualService shop/web (mesh/web/virtual-service) names no port of Service shop/web (mesh/service-web), which has 8080, 9090, so Gateway edge/public (mesh/public/Default) uses its own port (${ports.join(', ')}), which the host does not have: write the port of the destination`,
    ];
    expect(
      problemsOf((chart) => {
        service(chart, 'shop/web', [8080, 9090]);
        behind(chart, [80, 8081]);
      }),
    ).toEqual(refused(80, 8081));
    expect(
      problemsOf((chart) => {
        service(chart, 'shop/web', [8080, 9090]);
        behind(chart, [80, 8080], Match.port(80));
      }),
    ).toEqual(refused(80));
  });

  test('is refused if the host has one port number twice, because Istio counts the ports', () => {
    expect(
      problemsOf((chart) => {
        service(chart, 'shop/web', [53, 53]);
        behind(chart, [80]);
      }),
    ).toEqual([
      '[] VirtualService shop/web (mesh/web/virtual-service) names no port of Service shop/web (mesh/service-web), which has 53, so Gateway edge/public (mesh/public/Default) uses its own port (80), which the host does not have: write the port of the destination',
    ]);
  });

  test('is fine if one of the objects that define the host has only one port', () => {
    expect(
      problemsOf((chart) => {
        service(chart, 'shop/web', [8080]);
        plain(chart, 'ServiceEntry', 'shop/more', { hosts: ['web.shop.svc.cluster.local'], ports: [{ number: 9090 }] });
        behind(chart, [80]);
      }),
    ).toEqual([]);
  });

  test.each<[string, number[], number[], Match[]]>([
    ['the host has only one port', [8080], [80], []],
    ['the host has the port of a server', [80, 9090], [80, 443], []],
    ['the route only applies in sidecars', [8080, 9090], [80], [Match.gateways('mesh')]],
    ['the route only applies at a port that both have', [80, 9090], [80, 8081], [Match.port(80)]],
  ])('is fine if %s', (_, ports, servers, match) => {
    expect(
      problemsOf((chart) => {
        service(chart, 'shop/web', ports);
        behind(chart, servers, ...match);
      }),
    ).toEqual([]);
  });
});

test('settings for a port that the Service in the app lacks are a warning', () => {
  const said = (...ports: number[]) =>
    warningsOf(() => {
      expect(
        problemsOf((chart) => {
          service(chart, 'shop/web', ports);
          const limits = { circuitBreaker: { maxRequests: 1 } };
          new TrafficPolicy(chart, 'web', {
            ...{ namespace: 'shop', host: 'web', ports: { 8080: limits } },
            subsets: { v1: Subset.labels({ version: 'v1' }, { ports: { 9090: limits } }) },
          });
        }),
      ).toEqual([]);
    });
  expect(said(80, 8080)).toEqual([
    'warning: DestinationRule shop/web (mesh/web/destination-rule) has settings for port 9090 of Service shop/web (mesh/service-web), which has 80, 8080: write one of those, or add it there',
  ]);
  expect(said(8080, 9090)).toEqual([]);
});
