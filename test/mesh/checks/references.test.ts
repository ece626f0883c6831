import { ApiObject, type Chart } from 'cdk8s';
import {
  Destination,
  MeshNamespace,
  Mirror,
  SidecarInjection,
  StrictPeerAuthentication,
  TrafficPolicy,
} from 'istio-module';
import { fakeModule } from '../synthesis';
import { messagesOf } from './messages-of';
import { plain, problemsOf } from './problems-of';

const HOST = 'ratings.shop.svc.cluster.local';

describe('a subset of another host', () => {
  const routed = (chart: Chart, host: string) =>
    new TrafficPolicy(chart, 'reviews', {
      namespace: 'shop',
      host: 'reviews',
      routes: [{ to: [Destination.otherHost(host, { subset: 'v2' })], mirror: Mirror.toHost(host, { subset: 'v3' }) }],
    });

  test('is refused when the rules of the app for that host lack it', () => {
    expect(
      problemsOf((chart) => {
        routed(chart, 'ratings');
        new TrafficPolicy(chart, 'ratings', { namespace: 'shop', host: HOST, subsets: { v1: { version: 'v1' } } });
        const http = [{ route: [{ destination: { host: HOST, subset: 'v4' } }], mirror: { host: HOST, subset: 'v1' } }];
        plain(chart, 'VirtualService', 'clients/plain', { hosts: ['other'], http });
      }),
    ).toEqual([
      `[] VirtualService shop/reviews (mesh/reviews/virtual-service) names subset 'v2' of host '${HOST}', but DestinationRule shop/ratings (mesh/ratings/destination-rule) defines only 'v1': define it there, or write another`,
      `[] VirtualService shop/reviews (mesh/reviews/virtual-service) names subset 'v3' of host '${HOST}', but DestinationRule shop/ratings (mesh/ratings/destination-rule) defines only 'v1': define it there, or write another`,
      `[] VirtualService clients/plain (mesh/virtualservice-plain) names subset 'v4' of host '${HOST}', but DestinationRule shop/ratings (mesh/ratings/destination-rule) defines only 'v1': define it there, or write another`,
    ]);
    expect(
      problemsOf((chart) => {
        plain(chart, 'DestinationRule', 'shop/ratings', { host: 'ratings' });
        const tcp = [{ route: [{ destination: { host: 'ratings', subset: 'v1' } }] }];
        plain(chart, 'VirtualService', 'shop/plain', { hosts: ['other'], tcp });
      }),
    ).toEqual([
      `[] VirtualService shop/plain (mesh/virtualservice-plain) names subset 'v1' of host '${HOST}', but DestinationRule shop/ratings (mesh/destinationrule-ratings) defines none: define it there, or write another`,
    ]);
    expect(
      problemsOf((chart) => {
        routed(chart, 'ratings');
        plain(chart, 'DestinationRule', 'shop/one', { host: 'ratings', subsets: [{ name: 'v1' }] });
        plain(chart, 'DestinationRule', 'shop/other', { host: HOST });
      }),
    ).toEqual(
      ['v2', 'v3'].map(
        (subset) =>
          `[] VirtualService shop/reviews (mesh/reviews/virtual-service) names subset '${subset}' of host '${HOST}', but DestinationRule shop/one (mesh/destinationrule-one) and DestinationRule shop/other (mesh/destinationrule-other) define only 'v1': define it there, or write another`,
      ),
    );
  });

  test('is fine when any of them has it, or the app has no rule for the host', () => {
    expect(problemsOf((chart) => routed(chart, 'ratings'))).toEqual([]);
    expect(
      problemsOf((chart) => {
        routed(chart, 'ratings');
        plain(chart, 'DestinationRule', 'shop/one', { host: 'ratings', subsets: [{ name: 'v2' }] });
        plain(chart, 'DestinationRule', 'shop/other', { host: HOST, subsets: [{ name: 'v3' }] });
      }),
    ).toEqual([]);
  });
});

describe('a gateway that a VirtualService names', () => {
  const gateway = (chart: Chart, ...hosts: string[]) =>
    plain(chart, 'Gateway', 'edge/public', { servers: [{ port: { number: 80 }, hosts }] });
  const routed = (chart: Chart, reference: string, ...hosts: string[]) =>
    new TrafficPolicy(chart, 'web', {
      namespace: 'shop',
      host: 'web',
      hosts,
      gateways: [reference],
      routes: [{ to: [Destination.host()] }],
    });

  test('is refused without the namespace, where the app has it in another', () => {
    expect(
      problemsOf((chart) => {
        gateway(chart, '*');
        routed(chart, 'public', 'www.example.com');
      }),
    ).toEqual([
      "[] VirtualService shop/web (mesh/web/virtual-service) names gateway 'public', which refers to 'shop/public', not to Gateway edge/public (mesh/gateway-public): write 'edge/public'",
    ]);
  });

  test('is refused when it takes none of the hosts', () => {
    expect(
      problemsOf((chart) => {
        gateway(chart, '*.example.com', 'edge/www.example.org');
        routed(chart, 'edge/public', 'www.example.org', 'example.com');
      }),
    ).toEqual([
      "[] VirtualService shop/web (mesh/web/virtual-service) is for 'www.example.org', 'example.com', but Gateway edge/public (mesh/gateway-public) only accepts '*.example.com', 'edge/www.example.org': add a host there, or write one of those",
    ]);
  });

  test.each([
    ['the same host', 'www.example.com', 'www.example.com'],
    ['a wildcard', '*.example.com', 'www.example.com'],
    ['a wider wildcard of the VirtualService', 'www.example.com', '*.example.com'],
    ['two wildcards', '*.example.com', '*.www.example.com'],
    ['all hosts', '*', 'www.example.com'],
    ['all hosts of any namespace', '*/*', 'www.example.com'],
    ['hosts of the namespace of the VirtualService', 'shop/*.example.com', 'www.example.com'],
  ])('is fine with %s', (_, taken, host) => {
    expect(
      problemsOf((chart) => {
        gateway(chart, taken);
        routed(chart, 'edge/public', host);
      }),
    ).toEqual([]);
  });

  test('is fine when another app may have it', () => {
    expect(
      problemsOf((chart) => {
        gateway(chart, '*');
        routed(chart, 'edge/other', 'www.example.com');
      }),
    ).toEqual([]);
  });
});

describe('a VirtualService for a gateway', () => {
  const gateway = (chart: Chart, pods?: string) => {
    plain(chart, 'Gateway', 'edge/public', { selector: { istio: 'ingress' }, servers: [] });
    if (pods === undefined) return;
    new ApiObject(chart, 'ingress', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'ingress', namespace: pods },
      spec: { template: { metadata: { labels: { app: 'ingress', istio: 'ingress' } } } },
    });
  };
  const routed = (chart: Chart, reference: string, exportTo?: string[]) =>
    plain(chart, 'VirtualService', 'shop/web', { hosts: ['a.example.com'], gateways: ['mesh', reference], exportTo });

  test('is refused when it is exported to no namespace with pods of the gateway', () => {
    expect(
      messagesOf((chart) => {
        gateway(chart, 'istio-system');
        routed(chart, 'edge/public', ['.', 'edge']);
      }),
    ).toEqual([
      "[] VirtualService shop/web (mesh/virtualservice-web) is for gateway 'edge/public', whose pods are in 'istio-system', but it is only exported to 'shop', 'edge', so the gateway does not have its routes: add 'istio-system' to exportTo",
    ]);
  });

  test('is refused for a gateway of its own namespace with pods in another one', () => {
    expect(
      messagesOf((chart) => {
        plain(chart, 'Gateway', 'shop/own', { selector: { istio: 'ingress' }, servers: [] });
        gateway(chart, 'istio-system');
        routed(chart, 'own', ['.']);
      }),
    ).toEqual([
      "[] VirtualService shop/web (mesh/virtualservice-web) is for gateway 'shop/own', whose pods are in 'istio-system', but it is only exported to 'shop', so the gateway does not have its routes: add 'istio-system' to exportTo",
    ]);
  });

  test.each([
    ['of the app without its pods', true],
    ['that is not in the app', false],
  ])('is a warning for a gateway %s in a namespace to which it is not exported', (_, isInApp) => {
    expect(
      messagesOf((chart) => {
        if (isInApp) gateway(chart);
        routed(chart, 'edge/public', ['.']);
      }),
    ).toEqual([
      "warning: VirtualService shop/web (mesh/virtualservice-web) is for gateway 'edge/public', but it is only exported to 'shop', so pods of the gateway in 'edge' do not have its routes: add 'edge' to exportTo, unless the pods are in 'shop'",
    ]);
  });

  test.each<[string, string | undefined, string, string[] | undefined]>([
    ['exported to all', 'istio-system', 'edge/public', ['*']],
    ['without exportTo', 'istio-system', 'edge/public', undefined],
    ['exported to the namespace of the pods', 'istio-system', 'edge/public', ['istio-system']],
    ['exported to its own namespace, in which the pods are', 'shop', 'edge/public', ['.']],
    ['exported to the namespace of a gateway whose pods are not known', undefined, 'edge/public', ['.', 'edge']],
    ['exported to another namespace, in which the pods may be', undefined, 'edge/public', ['istio-ingress']],
    ['exported to its own namespace, with a gateway there', undefined, 'own', ['.']],
  ])('is fine %s', (_, pods, reference, exportTo) => {
    expect(
      messagesOf((chart) => {
        gateway(chart, pods);
        routed(chart, reference, exportTo);
      }),
    ).toEqual([]);
  });
});

describe('a namespace without sidecars', () => {
  const legacy = (chart: Chart) =>
    new MeshNamespace(chart, 'legacy', { name: 'legacy', injection: SidecarInjection.DISABLED });
  const policy = (chart: Chart, host: string, gateways?: string[]) =>
    new TrafficPolicy(chart, 'reviews', {
      namespace: 'legacy',
      host,
      gateways,
      routes: [{ to: [Destination.host()] }],
    });

  test('has no TrafficPolicy for its own sidecars alone', () => {
    const exported = (exportTo: string[]) =>
      problemsOf((chart) => {
        legacy(chart);
        new TrafficPolicy(chart, 'reviews', {
          namespace: 'legacy',
          host: 'reviews',
          exportTo,
          routes: [{ to: [Destination.host()] }],
        });
      });
    expect(exported(['.'])).toEqual([
      "[] VirtualService legacy/reviews (mesh/reviews/virtual-service) is for sidecars, but namespace 'legacy' (mesh/legacy/Default) has injection disabled, and the route is not exported to any namespace with sidecars: enable injection in 'legacy', or name the namespaces of the clients in exportTo",
    ]);
    expect(exported(['.', 'clients'])).toEqual([]);
  });

  test('has routes for gateways and for sidecars elsewhere, plain VirtualServices, and is a host of policies elsewhere', () => {
    expect(
      problemsOf((chart) => {
        legacy(chart);
        policy(chart, 'reviews', ['edge/public']);
        new TrafficPolicy(chart, 'ratings', {
          namespace: 'legacy',
          host: 'ratings',
          routes: [{ to: [Destination.host()] }],
        });
        plain(chart, 'VirtualService', 'legacy/plain', { hosts: ['plain'] });
        new TrafficPolicy(chart, 'client', {
          namespace: 'shop',
          host: 'other.legacy.svc.cluster.local',
          routes: [{ to: [Destination.host()] }],
        });
      }),
    ).toEqual([]);
  });

  test('is sent no mutual TLS', () => {
    expect(
      problemsOf((chart) => {
        legacy(chart);
        plain(chart, 'DestinationRule', 'legacy/db', { host: 'db', trafficPolicy: { tls: { mode: 'ISTIO_MUTUAL' } } });
      }),
    ).toEqual([
      "[] DestinationRule legacy/db (mesh/destinationrule-db) has tls mode ISTIO_MUTUAL for host 'db.legacy.svc.cluster.local', but namespace 'legacy' (mesh/legacy/Default) has injection disabled, so nothing there accepts it: write DISABLE, or leave tls out",
    ]);
  });
});

describe('plain text', () => {
  const served = (chart: Chart) => {
    plain(chart, 'Service', 'shop/db', { selector: { app: 'db' } });
    new ApiObject(chart, 'pods', {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db', namespace: 'shop' },
      spec: { template: { metadata: { labels: { app: 'db' } } } },
    });
  };
  const rule = (chart: Chart, trafficPolicy: object = { tls: { mode: 'DISABLE' } }) =>
    plain(chart, 'DestinationRule', 'clients/db', { host: 'db.shop.svc.cluster.local', trafficPolicy });

  test.each([
    [
      'a namespace',
      (chart: Chart) => {
        new StrictPeerAuthentication(chart, 'strict', { namespace: 'shop' });
      },
      'shop/default (mesh/strict/Default)',
    ],
    ['the mesh', (chart: Chart) => void fakeModule(chart), 'istio-system/default (mesh/istio/peer-authentication)'],
  ])('is refused toward %s that takes mutual TLS alone', (_, strict, title) => {
    const expected = [
      `[] DestinationRule clients/db (mesh/destinationrule-db) has tls mode DISABLE for host 'db.shop.svc.cluster.local', but because of PeerAuthentication ${title}, sidecars there only accept mutual TLS: leave tls out, because proxies detect which pods have a sidecar, or make the PeerAuthentication PERMISSIVE`,
    ];
    const build = (trafficPolicy?: object) => (chart: Chart) => {
      new MeshNamespace(chart, 'shop', { name: 'shop' });
      strict(chart);
      served(chart);
      rule(chart, trafficPolicy);
    };
    expect(problemsOf(build())).toEqual(expected);
    const portLevelSettings = [{ port: { number: 5432 }, tls: { mode: 'DISABLE' } }];
    expect(problemsOf(build({ portLevelSettings }))).toEqual(expected);
  });

  test('is fine toward what is not known to be in the mesh, is PERMISSIVE or may be in part', () => {
    expect(
      problemsOf((chart) => {
        fakeModule(chart);
        rule(chart);
      }),
    ).toEqual([]);
    const permissive = { mtls: { mode: 'PERMISSIVE' } };
    for (const spec of [permissive, { ...permissive, selector: { matchLabels: { app: 'db' } } }]) {
      expect(
        problemsOf((chart) => {
          new MeshNamespace(chart, 'shop', { name: 'shop' });
          fakeModule(chart);
          plain(chart, 'PeerAuthentication', 'shop/own', spec);
          rule(chart);
        }),
      ).toEqual([]);
    }
  });
});

test('a Namespace with both labels of injection is refused', () => {
  const labels = { 'istio-injection': 'enabled', 'istio.io/rev': 'canary' };
  expect(
    problemsOf((chart) => {
      new ApiObject(chart, 'shop', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop', labels } });
    }),
  ).toEqual([
    "[] Namespace shop (mesh/shop) has both labels 'istio-injection: enabled' and 'istio.io/rev: canary', but the latter has no effect: leave out one of them",
  ]);
});
