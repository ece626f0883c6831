import type { Chart } from 'cdk8s';
import {
  Destination,
  HTTPRoute,
  Match,
  MeshNamespace,
  RouteParent,
  Routes,
  SidecarInjection,
  TrafficPolicy,
} from 'istio-module';
import { fakeModule } from '../synthesis';
import { plain } from './problems-of';
import { messagesOf } from './messages-of';
import { HOST, route, rule, said, V1 } from './subset-mesh';

const SUBSETS = { v1: { version: 'v1' }, v2: { version: 'v2' } };
const EJECTED = { consecutive5xxErrors: 5 };

/** A canary of the Service `reviews` in the namespace `shop`. */
const canary = (chart: Chart, exportTo?: string[]) =>
  new TrafficPolicy(chart, 'reviews', {
    ...{ namespace: 'shop', host: 'reviews', subsets: SUBSETS, exportTo },
    routes: Routes.canary({ stable: 'v1', canary: 'v2', percent: 10 }),
  });
const FRONT_USES =
  "VirtualService shop/reviews (mesh/reviews/virtual-service) names subsets 'v1', 'v2' of host 'reviews.shop.svc.cluster.local', but DestinationRule front/limits (mesh/destinationrule-limits), which applies to clients in namespace 'front' instead of DestinationRule shop/reviews (mesh/reviews/destination-rule), defines none";

describe('a subset that a DestinationRule in the namespace of clients lacks', () => {
  const limited = (host: string) => (chart: Chart) => {
    canary(chart);
    rule(chart, 'front/limits', { host });
  };

  test('is refused with a rule for exactly the host', () => {
    expect(said(limited(HOST))).toEqual([`[] ${FRONT_USES}: define the same subsets there`]);
  });

  test('is a warning if the root namespace, whose rules have the lowest precedence, is not known', () => {
    expect(messagesOf(limited(HOST))).toEqual([`warning: ${FRONT_USES}: define the same subsets there`]);
  });

  test.each([
    ['for all hosts of its namespace', '*.shop.svc.cluster.local'],
    ['for all hosts', '*'],
  ])('is a warning with a rule %s, because pods there may not call the host', (_, host) => {
    expect(said(limited(host))).toEqual([
      `warning: ${FRONT_USES}: add a DestinationRule for exactly this host with the same subsets to namespace 'front', or export the VirtualService only to other namespaces`,
    ]);
  });

  test('is a warning in the namespace of the host, whose rules are for all clients', () => {
    expect(
      said((chart) => {
        rule(chart, 'front/reviews', V1);
        rule(chart, 'shop/limits');
        route(chart, 'front/reviews', { exportTo: ['front', 'shop'] });
      }),
    ).toEqual([
      "warning: VirtualService front/reviews (mesh/virtualservice-reviews) names subset 'v1' of host 'reviews.shop.svc.cluster.local', but DestinationRule shop/limits (mesh/destinationrule-limits), which applies to clients in namespace 'shop' instead of DestinationRule front/reviews (mesh/destinationrule-reviews), defines none: define the same subsets there",
    ]);
  });

  test('is fine if the rule is in the root namespace of the module', () => {
    expect(
      messagesOf((chart) => {
        fakeModule(chart, { meshConfig: { rootNamespace: 'mesh-root' } });
        canary(chart);
        rule(chart, 'mesh-root/limits', { host: '*.local' });
      }),
    ).toEqual([]);
  });

  test.each<[string, (chart: Chart) => void]>([
    ['has the subsets', (chart) => rule(chart, 'front/limits', { subsets: [{ name: 'v2' }, { name: 'v1' }] })],
    ['is in the root namespace', (chart) => rule(chart, 'istio-system/limits')],
    [
      'is in a namespace whose Sidecar hides the host',
      (chart) => {
        rule(chart, 'front/limits', { host: '*.local' });
        plain(chart, 'Sidecar', 'front/default', { egress: [{ hosts: ['./*', 'istio-system/*'] }] });
      },
    ],
    [
      'is in a namespace that only knows other hosts of the mesh',
      (chart) => {
        rule(chart, 'front/limits');
        plain(chart, 'Sidecar', 'istio-system/default', { egress: [{ hosts: ['./*', 'istio-system/*'] }] });
      },
    ],
    ['is not for its own namespace', (chart) => rule(chart, 'front/limits', { exportTo: ['edge'] })],
    [
      'is in a namespace without sidecars',
      (chart) => {
        new MeshNamespace(chart, 'front', { name: 'front', injection: SidecarInjection.DISABLED });
        rule(chart, 'front/limits');
      },
    ],
    [
      'is in a namespace with routes of its own',
      (chart) => {
        rule(chart, 'front/limits');
        route(chart, 'front/own', { exportTo: ['.'], http: [{ route: [{ destination: { host: HOST } }] }] });
      },
    ],
    [
      'is in a namespace with an HTTPRoute of its own',
      (chart) => {
        rule(chart, 'front/limits');
        new HTTPRoute(chart, 'own', {
          ...{ namespace: 'front', parents: [RouteParent.service('reviews', { namespace: 'shop' })] },
          rules: [{ to: [Destination.otherHost(HOST, { port: 80 })] }],
        });
      },
    ],
    ['is for other hosts', (chart) => rule(chart, 'front/limits', { host: '*.other.svc.cluster.local' })],
  ])('is fine with a rule that %s', (_, fill) => {
    expect(
      said((chart) => {
        canary(chart);
        fill(chart);
      }),
    ).toEqual([]);
  });

  test('is fine if the route is not exported to the namespace', () => {
    expect(
      said((chart) => {
        canary(chart, ['.', 'edge']);
        rule(chart, 'front/limits');
      }),
    ).toEqual([]);
  });

  test('is fine if only clients of other namespaces reach it', () => {
    const toAll = { route: [{ destination: { host: HOST } }] };
    const toV1 = { route: [{ destination: { host: HOST, subset: 'v1' } }] };
    const fills = [
      [{ ...toAll, match: [{ sourceNamespace: 'front' }] }, toV1],
      [{ ...toAll, match: [{ sourceNamespace: 'front', statPrefix: 'front' }] }, toV1],
      [{ ...toV1, match: [{ sourceNamespace: 'shop' }] }, toAll],
    ];
    for (const http of fills) {
      expect(
        said((chart) => {
          rule(chart, 'shop/reviews', V1);
          rule(chart, 'front/limits');
          route(chart, 'shop/reviews', { http });
        }),
      ).toEqual([]);
    }
  });
});

describe('a subset that a DestinationRule for some clients lacks', () => {
  const limits = (chart: Chart) =>
    new TrafficPolicy(chart, 'limits', {
      ...{ namespace: 'shop', host: 'reviews', clients: { app: 'a' }, circuitBreaker: EJECTED },
    });

  test('is refused, because Istio does not add the subsets of rules for all clients', () => {
    expect(
      said((chart) => {
        canary(chart);
        limits(chart);
      }),
    ).toEqual([
      "[] VirtualService shop/reviews (mesh/reviews/virtual-service) names subsets 'v1', 'v2' of host 'reviews.shop.svc.cluster.local', but DestinationRule shop/limits (mesh/limits/destination-rule), which applies to clients in namespace 'shop' with the labels { app: 'a' } instead of DestinationRule shop/reviews (mesh/reviews/destination-rule), defines none: define the same subsets there",
    ]);
  });

  test("is fine if the rule for all clients is also exported to '.', so that Istio adds its subsets", () => {
    expect(
      said((chart) => {
        canary(chart, ['.', 'front']);
        limits(chart);
      }),
    ).toEqual([]);
  });

  test('is fine if only other clients reach it', () => {
    expect(
      said((chart) => {
        new TrafficPolicy(chart, 'reviews', {
          ...{ namespace: 'shop', host: 'reviews', subsets: SUBSETS },
          routes: [
            { match: [Match.sourceLabels({ app: 'b' })], to: [Destination.subset('v1')] },
            { to: [Destination.host()] },
          ],
        });
        limits(chart);
      }),
    ).toEqual([]);
  });

  test('is a warning for the other clients if only that rule has it', () => {
    expect(
      said((chart) => {
        rule(chart, 'front/reviews', { ...V1, workloadSelector: { matchLabels: { app: 'a' } } });
        rule(chart, 'shop/all', V1);
        route(chart, 'front/reviews', { exportTo: ['.'] });
      }),
    ).toEqual([
      "warning: VirtualService front/reviews (mesh/virtualservice-reviews) names subset 'v1' of host 'reviews.shop.svc.cluster.local', but DestinationRule front/reviews (mesh/destinationrule-reviews) does not apply to other clients in namespace 'front': define the same subsets there in a DestinationRule without a workloadSelector, or match the labels of the existing workloadSelector as sourceLabels in each route to these subsets",
    ]);
  });
});

describe('a subset of a DestinationRule that clients do not see', () => {
  const unseen = (namespace: string) =>
    `VirtualService edge/web (mesh/virtualservice-web) names subset 'v1' of host 'reviews.shop.svc.cluster.local', but DestinationRule ${namespace}/reviews (mesh/destinationrule-reviews) does not apply to`;

  test('is a warning for sidecars in other namespaces', () => {
    expect(
      said((chart) => {
        rule(chart, 'edge/reviews', V1);
        route(chart, 'edge/web');
      }),
    ).toEqual([
      `warning: ${unseen('edge')} clients in other namespaces: put it into namespace 'shop', that of the host, or export the VirtualService to 'edge' only`,
    ]);
    expect(
      said((chart) => {
        rule(chart, 'shop/reviews', { ...V1, exportTo: ['.'] });
        route(chart, 'edge/web', { exportTo: ['front'] });
      }),
    ).toEqual([
      `warning: ${unseen('shop')} clients in namespace 'front': give the VirtualService and the DestinationRule the same exportTo`,
    ]);
  });

  test.each<[string, string, object]>([
    ['the namespace of the host', 'shop', {}],
    ['the root namespace', 'istio-system', {}],
    ['the only namespace to which the route is exported', 'edge', { exportTo: ['.'] }],
    ['the only namespace for whose clients the route is', 'edge', { http: toV1From({ sourceNamespace: 'edge' }) }],
  ])('is fine for sidecars if the rule is in %s', (_, namespace, spec) => {
    expect(
      said((chart) => {
        rule(chart, `${namespace}/reviews`, V1);
        route(chart, 'edge/web', spec);
      }),
    ).toEqual([]);
  });

  test('is checked for an external host if the app has its ServiceEntry', () => {
    const host = 'api.example.com';
    const external = (hasEntry: boolean) =>
      said((chart) => {
        if (hasEntry) plain(chart, 'ServiceEntry', 'egress/api', { hosts: [host], ports: [{ number: 80 }] });
        rule(chart, 'edge/reviews', { ...V1, host });
        route(chart, 'edge/web', { hosts: [host], http: [{ route: [{ destination: { host, subset: 'v1' } }] }] });
      });
    expect(external(false)).toEqual([]);
    expect(external(true)).toEqual([
      "warning: VirtualService edge/web (mesh/virtualservice-web) names subset 'v1' of host 'api.example.com', but DestinationRule edge/reviews (mesh/destinationrule-reviews) does not apply to clients in other namespaces: put it into namespace 'egress', that of the host, or export the VirtualService to 'edge' only",
    ]);
  });

  test('is fine for a route to which another VirtualService delegates', () => {
    expect(
      said((chart) => {
        rule(chart, 'edge/reviews', V1);
        route(chart, 'edge/web', { hosts: undefined });
      }),
    ).toEqual([]);
  });
});

/** A route to the subset `v1` for the requests that a match selects. */
function toV1From(match: object) {
  return [{ match: [match], route: [{ destination: { host: HOST, subset: 'v1' } }] }];
}
