import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import {
  Destination,
  GRPCRoute,
  HTTPRoute,
  Jwks,
  JwtAuthentication,
  KubernetesGateway,
  ListenerTls,
  MeshNamespace,
  Mirror,
  ReferenceGrant,
  RouteParent,
  TLSRoute,
  TrafficPolicy,
  type HTTPRouteProps,
  type Listener,
} from 'istio-module';
import { warningsOf } from '../warnings-of';
import { messagesOf } from './messages-of';
import { plain, problemsOf } from './problems-of';

const namespace = 'shop';
const web80 = Destination.otherHost('web', { port: 80 });
const http: Listener = { name: 'http', port: 80, protocol: 'HTTP' };

const service = (chart: Chart, title: string, ...ports: number[]) =>
  plain(chart, 'Service', title, { ports: ports.map((port) => ({ port })) });
const gateway = (chart: Chart, ...listeners: Listener[]) =>
  new KubernetesGateway(chart, 'public', { namespace: 'edge', listeners });
const route = (chart: Chart, props: Partial<HTTPRouteProps>, id = 'web') =>
  new HTTPRoute(chart, id, {
    namespace,
    parents: [RouteParent.service('web', { port: 80 })],
    rules: [{ to: [web80] }],
    ...props,
  });

describe('a route to a Service of the app', () => {
  test('is refused for a port that the Service lacks, as a parent, a destination and a mirror', () => {
    expect(
      problemsOf((chart) => {
        service(chart, 'shop/web', 80, 81);
        service(chart, 'other/audit', 90);
        const audit = 'audit.other.svc.cluster.local';
        route(chart, {
          parents: [RouteParent.service('web', { port: 8080 })],
          rules: [{ to: [Destination.host()], mirror: Mirror.toHost(audit, { port: 91 }) }],
        });
        new GRPCRoute(chart, 'calls', {
          namespace,
          parents: [RouteParent.service('web')],
          rules: [{ to: [Destination.host({ port: 82 })] }],
        });
        new TLSRoute(chart, 'connections', {
          namespace,
          parents: [RouteParent.service('web')],
          hostnames: ['web.example.com'],
          to: [Destination.host({ port: 83 })],
        });
      }),
    ).toEqual([
      '[] HTTPRoute shop/web (mesh/web/Default) is for port 8080 of Service shop/web (mesh/service-web), which has 80, 81: write one of those, or add it there',
      '[] HTTPRoute shop/web (mesh/web/Default) goes to port 8080 of Service shop/web (mesh/service-web), which has 80, 81: write one of those, or add it there',
      '[] HTTPRoute shop/web (mesh/web/Default) goes to port 91 of Service other/audit (mesh/service-audit), which has 90: write one of those, or add it there',
      '[] GRPCRoute shop/calls (mesh/calls/Default) goes to port 82 of Service shop/web (mesh/service-web), which has 80, 81: write one of those, or add it there',
      '[] TLSRoute shop/connections (mesh/connections/Default) goes to port 83 of Service shop/web (mesh/service-web), which has 80, 81: write one of those, or add it there',
    ]);
  });

  test('is fine for its ports, for Services that others have, and in plain objects alike', () => {
    expect(
      problemsOf((chart) => {
        service(chart, 'shop/web', 80);
        route(chart, { rules: [{ to: [web80], mirror: Mirror.toHost('audit', { port: 1 }) }] });
      }),
    ).toEqual([]);
    expect(
      problemsOf((chart) => {
        service(chart, 'shop/web', 80);
        new ApiObject(chart, 'plain', {
          apiVersion: 'gateway.networking.k8s.io/v1',
          kind: 'HTTPRoute',
          metadata: { name: 'plain', namespace },
          spec: {
            parentRefs: [{ group: '', kind: 'Service', name: 'web' }],
            rules: [{ backendRefs: [{ name: 'web', port: 1 }] }],
          },
        });
      }),
    ).toEqual([
      '[] HTTPRoute shop/plain (mesh/plain) goes to port 1 of Service shop/web (mesh/service-web), which has 80: write one of those, or add it there',
    ]);
  });

  test('is checked again when the Service has changed since', () => {
    const app = new App();
    const chart = new Chart(app, 'mesh');
    const web = service(chart, 'shop/web', 80);
    route(chart, {});
    app.synthYaml();
    web.addJsonPatch(JsonPatch.replace('/spec/ports/0/port', 81));
    expect(() => app.synthYaml()).toThrow('is for port 80 of Service shop/web (mesh/service-web), which has 81');
  });

  test('is a warning where the app has a Service of that name in another namespace alone', () => {
    expect(
      warningsOf(() => {
        expect(
          problemsOf((chart) => {
            service(chart, 'other/web', 80);
            route(chart, {});
          }),
        ).toEqual([]);
      }),
    ).toEqual([
      "warning: HTTPRoute shop/web (mesh/web/Default) is for Service 'shop/web', which is not in the app, but the app has Service other/web (mesh/service-web): name its namespace, if that is the intended one",
      "warning: HTTPRoute shop/web (mesh/web/Default) goes to Service 'shop/web', which is not in the app, but the app has Service other/web (mesh/service-web): name its namespace, if that is the intended one",
    ]);
  });
});

describe('a route whose parent is a KubernetesGateway of the app', () => {
  const through = (fill: (chart: Chart, parent: KubernetesGateway) => void, ...listeners: Listener[]) =>
    problemsOf((chart) => {
      fill(chart, gateway(chart, ...listeners));
    });
  const open = { ...http, allowedRoutes: { namespaces: 'All' } } as const;

  test('is refused for listeners and ports that it lacks', () => {
    expect(
      through((chart, parent) => {
        route(chart, { parents: [RouteParent.gateway(parent, { listener: 'https' })] }, 'one');
        route(chart, { parents: [RouteParent.gateway(parent, { port: 81 })] }, 'two');
      }, open),
    ).toEqual([
      "[] HTTPRoute shop/one (mesh/one/Default) names listener 'https' of Gateway edge/public (mesh/public/Default), which has 'http': write one of those, or add it there",
      '[] HTTPRoute shop/two (mesh/two/Default) names port 81 of Gateway edge/public (mesh/public/Default), whose listeners have 80: write one of those, or add a listener there',
    ]);
  });

  test('is refused where no listener takes its kind, namespace or hosts', () => {
    const tls: Listener = { name: 'tls', port: 443, protocol: 'TLS', tls: ListenerTls.PASSTHROUGH };
    expect(through((chart, parent) => route(chart, { parents: [RouteParent.gateway(parent)] }), tls)).toEqual([
      "[] HTTPRoute shop/web (mesh/web/Default) is of a kind that no listener of Gateway edge/public (mesh/public/Default) accepts ('tls'): add a listener that does, or allow it there",
    ]);
    const grpcAlone = { ...http, allowedRoutes: { kinds: ['GRPCRoute'] } } as const;
    expect(through((chart, parent) => route(chart, { parents: [RouteParent.gateway(parent)] }), grpcAlone)).toEqual([
      "[] HTTPRoute shop/web (mesh/web/Default) is of a kind that no listener of Gateway edge/public (mesh/public/Default) accepts ('http'): add a listener that does, or allow it there",
    ]);
    expect(through((chart, parent) => route(chart, { parents: [RouteParent.gateway(parent)] }), http)).toEqual([
      "[] HTTPRoute shop/web (mesh/web/Default) is in namespace 'shop', but the listeners 'http' of Gateway edge/public (mesh/public/Default) only accept routes in 'edge': allow other namespaces in their allowedRoutes, or move the route",
    ]);
    const hostnames = ['www.example.com'];
    const other = { ...open, hostname: '*.example.org' };
    expect(
      through((chart, parent) => route(chart, { hostnames, parents: [RouteParent.gateway(parent)] }), other),
    ).toEqual([
      "[] HTTPRoute shop/web (mesh/web/Default) is for 'www.example.com', but the listeners of Gateway edge/public (mesh/public/Default) only accept '*.example.org': add a host there, or write one of those",
    ]);
  });

  test('is fine where a listener takes it', () => {
    const hostnames = ['www.example.com'];
    const wild: Listener = { ...open, name: 'wild', port: 81, hostname: '*.example.com' };
    const labelled: Listener = { ...http, name: 'labelled', port: 82, allowedRoutes: { namespaces: { a: 'b' } } };
    expect(
      through(
        (chart, parent) => {
          route(chart, { hostnames, parents: [RouteParent.gateway(parent, { listener: 'wild', port: 81 })] }, 'one');
          route(chart, { hostnames, parents: [RouteParent.gateway(parent, { listener: 'labelled' })] }, 'two');
          route(chart, { namespace: 'edge', parents: [RouteParent.gateway(parent, { listener: 'http' })] }, 'three');
          route(chart, { parents: [RouteParent.gateway({ name: 'elsewhere' }, { listener: 'any' })] }, 'four');
        },
        http,
        wild,
        labelled,
      ),
    ).toEqual([]);
  });

  test('is a warning where the app has a Gateway of that name in another namespace alone', () => {
    const found = warningsOf(() =>
      problemsOf((chart) => {
        gateway(chart, http);
        route(chart, { parents: [RouteParent.gateway({ name: 'public' })] });
      }),
    );
    expect(found).toEqual([
      "warning: HTTPRoute shop/web (mesh/web/Default) has Gateway 'shop/public' as its parent, which is not in the app, but the app has Gateway edge/public (mesh/public/Default): name its namespace, if that is the intended one",
    ]);
  });
});

describe('a policy for a KubernetesGateway that existing pods serve', () => {
  const GATEWAY_NAME = 'gateway.networking.k8s.io/gateway-name';
  const targetRef = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public' };
  const served = (chart: Chart, ...pods: Record<string, string>[]) => {
    new KubernetesGateway(chart, 'public', { namespace: 'edge', listeners: [http], service: 'ingress' });
    if (pods.length > 0) plain(chart, 'Service', 'edge/ingress', { selector: { app: 'ingress' } });
    pods.forEach((labels, index) => {
      new ApiObject(chart, `pods-${String(index)}`, {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: `pods-${String(index)}`, namespace: 'edge' },
        spec: { template: { metadata: { labels } } },
      });
    });
  };
  const REMEDY = 'add this label to the pods, or set workload to their own labels instead of targets';

  test('is refused when pods of the app lack the label of the Gateway', () => {
    const lacking = (title: string) =>
      `[] ${title} does not apply to pods of Deployment edge/pods-1 (mesh/pods-1), which serve Gateway edge/public (mesh/public/Default) but lack the label '${GATEWAY_NAME}: public': ${REMEDY}`;
    expect(
      messagesOf((chart) => {
        served(chart, { app: 'ingress', [GATEWAY_NAME]: 'public' }, { app: 'ingress', [GATEWAY_NAME]: 'other' });
        new JwtAuthentication(chart, 'tokens', {
          namespace: 'edge',
          targets: [{ kind: 'Gateway', name: 'public' }],
          jwtRules: [{ issuer: 'https://a.example.com', jwks: Jwks.DISCOVERY }],
        });
        plain(chart, 'Telemetry', 'edge/spans', { targetRef });
        plain(chart, 'EnvoyFilter', 'edge/patch', { targetRefs: [targetRef] });
      }),
    ).toEqual([
      lacking('AuthorizationPolicy edge/tokens-require-token (mesh/tokens/require-token)'),
      lacking('RequestAuthentication edge/tokens (mesh/tokens/Default)'),
      lacking('Telemetry edge/spans (mesh/telemetry-spans)'),
      lacking('EnvoyFilter edge/patch (mesh/envoyfilter-patch)'),
    ]);
  });

  test('is a warning when the pods are not in the app', () => {
    expect(
      messagesOf((chart) => {
        served(chart);
        plain(chart, 'Telemetry', 'edge/spans', { targetRefs: [targetRef] });
      }),
    ).toEqual([
      `warning: Telemetry edge/spans (mesh/telemetry-spans) has no effect on Gateway edge/public (mesh/public/Default) unless the existing pods that serve it have the label '${GATEWAY_NAME}: public': ${REMEDY}`,
    ]);
  });

  test('is fine with the label, for other objects, and when istiod deploys the pods', () => {
    expect(
      messagesOf((chart) => {
        served(chart, { app: 'ingress', [GATEWAY_NAME]: 'public' }, { app: 'other' });
        new KubernetesGateway(chart, 'deployed', { namespace: 'edge', listeners: [http], loadBalancerIp: '192.0.2.1' });
        plain(chart, 'Telemetry', 'edge/spans', { targetRefs: [targetRef] });
      }),
    ).toEqual([]);
    expect(
      messagesOf((chart) => {
        served(chart, { app: 'ingress' });
        new KubernetesGateway(chart, 'deployed', { namespace: 'edge', listeners: [http], loadBalancerIp: '192.0.2.1' });
        plain(chart, 'Telemetry', 'edge/deployed', { targetRefs: [{ ...targetRef, name: 'deployed' }] });
        plain(chart, 'Telemetry', 'edge/service', { targetRefs: [{ group: '', kind: 'Service', name: 'public' }] });
        plain(chart, 'Telemetry', 'edge/labels', { selector: { matchLabels: { app: 'ingress' } } });
      }),
    ).toEqual([]);
  });
});

describe('a reference into another namespace of the app', () => {
  const other = 'web.other.svc.cluster.local';
  const filled = (chart: Chart, parent: RouteParent) => {
    new MeshNamespace(chart, 'other', { name: 'other' });
    route(chart, { parents: [parent], rules: [{ to: [Destination.otherHost(other, { port: 80 })] }] });
    new KubernetesGateway(chart, 'public', {
      namespace: 'edge',
      listeners: [
        {
          name: 'https',
          port: 443,
          protocol: 'HTTPS',
          tls: ListenerTls.simple({ certificate: { name: 'tls', namespace: 'other' } }),
        },
      ],
    });
  };
  const elsewhere = RouteParent.gateway({ name: 'elsewhere' });
  const missing = [
    "warning: HTTPRoute shop/web (mesh/web/Default) refers to Service 'other/web', but no ReferenceGrant of the app in namespace 'other' allows this for an HTTPRoute in 'shop': add one there",
    "warning: Gateway edge/public (mesh/public/Default) refers to Secret 'other/tls', but no ReferenceGrant of the app in namespace 'other' allows this for a Gateway in 'edge': add one there",
  ];
  const grant = (chart: Chart, name?: string) =>
    new ReferenceGrant(chart, 'grant', {
      namespace: 'other',
      from: [
        { kind: 'HTTPRoute', namespace },
        { kind: 'Gateway', namespace: 'edge' },
      ],
      to: [{ kind: 'Service', name }, { kind: 'Secret' }],
    });

  test('is a warning without a ReferenceGrant for it', () => {
    expect(
      warningsOf(() =>
        problemsOf((chart) => {
          filled(chart, elsewhere);
        }),
      ),
    ).toEqual(missing);
    const another = (chart: Chart) => {
      filled(chart, elsewhere);
      grant(chart, 'another');
    };
    expect(warningsOf(() => problemsOf(another))).toEqual([missing[0]]);
  });

  test('is fine with one, where sidecars route, and in a namespace that the app does not have', () => {
    const granted = (chart: Chart) => {
      filled(chart, elsewhere);
      grant(chart);
    };
    expect(warningsOf(() => problemsOf(granted))).toEqual([]);
    expect(
      warningsOf(() =>
        problemsOf((chart) => {
          filled(chart, RouteParent.service('web'));
        }),
      ),
    ).toEqual([missing[1]]);
    const strange = (chart: Chart) =>
      route(chart, { parents: [elsewhere], rules: [{ to: [Destination.otherHost(other, { port: 80 })] }] });
    expect(warningsOf(() => problemsOf(strange))).toEqual([]);
  });
});

describe('a route for all clients of a Service beside a VirtualService for the same host', () => {
  const policy = (chart: Chart, further: object = {}) =>
    new TrafficPolicy(chart, 'policy', {
      namespace,
      host: 'web',
      routes: [{ to: [Destination.host()] }],
      ...further,
    });
  const whole = [RouteParent.service('web')];
  const both = (props: Partial<HTTPRouteProps>, further?: object, ...ports: number[]) =>
    messagesOf((chart) => {
      if (ports.length > 0) service(chart, 'shop/web', ...ports);
      route(chart, props);
      policy(chart, further);
    });
  const refused = [
    "[] HTTPRoute shop/web (mesh/web/Default) is for host 'web.shop.svc.cluster.local' in sidecars, and so is VirtualService shop/policy (mesh/policy/virtual-service), but only one of them has an effect: put the rules into one",
  ];

  test('is refused for all ports, and for the only one', () => {
    expect(both({ parents: whole })).toEqual(refused);
    expect(both({}, {}, 80)).toEqual(refused);
  });

  test('is a warning for one of several ports', () => {
    const warned = [
      "warning: HTTPRoute shop/web (mesh/web/Default) is for port 80 of host 'web.shop.svc.cluster.local' in sidecars, and VirtualService shop/policy (mesh/policy/virtual-service) is for all ports, but only one of them has an effect there: put the rules into one, or match other ports",
    ];
    expect(both({}, {}, 80, 81)).toEqual(warned);
    expect(both({})).toEqual(warned);
  });

  test('is fine where each has clients or requests of its own', () => {
    const gateways = ['edge/public'];
    expect(both({ parents: whole }, { gateways })).toEqual([]);
    expect(both({ parents: whole }, { exportTo: ['front'] })).toEqual([]);
    expect(both({ parents: whole }, { host: 'other' })).toEqual([]);
    expect(both({ namespace: 'front', parents: [RouteParent.service('web', { namespace })] })).toEqual([]);
  });
});
