import { ApiObject, type Chart } from 'cdk8s';
import { plain } from './problems-of';
import { messagesOf } from './messages-of';
import { HOST, route, rule, said, V1 } from './subset-mesh';

describe('a subset at a gateway whose pods do not use the DestinationRule that defines it', () => {
  const gateway = (chart: Chart, labels: object = {}) => {
    plain(chart, 'Service', 'shop/reviews', { ports: [{ port: 9080 }] });
    gatewayAlone(chart, labels);
  };
  const gatewayAlone = (chart: Chart, labels: object = {}) => {
    plain(chart, 'Gateway', 'edge/public', { selector: { istio: 'ingress' }, servers: [] });
    new ApiObject(chart, 'ingress', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'ingress', namespace: 'istio-system' },
      spec: { template: { metadata: { labels: { istio: 'ingress', ...labels } } } },
    });
  };
  const AT_GATEWAY = { hosts: ['a.example.com'], gateways: ['edge/public'] };
  const unseen = (namespace: string) =>
    `VirtualService edge/web (mesh/virtualservice-web) names subset 'v1' of host 'reviews.shop.svc.cluster.local', but DestinationRule ${namespace}/reviews (mesh/destinationrule-reviews) does not apply to`;

  test('is refused if they are in another namespace', () => {
    expect(
      said((chart) => {
        gateway(chart);
        rule(chart, 'edge/reviews', V1);
        route(chart, 'edge/web', AT_GATEWAY);
      }),
    ).toEqual([
      `[] ${unseen('edge')} gateway 'edge/public' in namespace 'istio-system': put it into namespace 'shop', that of the host`,
    ]);
  });

  test('is a warning if the host may belong to another app, or if the root namespace is not known', () => {
    const warning = `warning: ${unseen('edge')} gateway 'edge/public' in namespace 'istio-system': put it into namespace 'shop', that of the host`;
    const atGateway = (chart: Chart) => {
      rule(chart, 'edge/reviews', V1);
      route(chart, 'edge/web', AT_GATEWAY);
    };
    expect(
      said((chart) => {
        gatewayAlone(chart);
        atGateway(chart);
      }),
    ).toEqual([warning]);
    expect(
      messagesOf((chart) => {
        gateway(chart);
        atGateway(chart);
      }),
    ).toEqual([warning]);
  });

  test('is refused if another rule of their namespace is for exactly the host, and is a warning for a wildcard', () => {
    const replaced = (host: string) =>
      said((chart) => {
        gatewayAlone(chart);
        rule(chart, 'shop/reviews', V1);
        rule(chart, 'istio-system/limits', { host, exportTo: ['.'] });
        route(chart, 'edge/web', AT_GATEWAY);
      });
    const sentence = `VirtualService edge/web (mesh/virtualservice-web) names subset 'v1' of host 'reviews.shop.svc.cluster.local', but DestinationRule istio-system/limits (mesh/destinationrule-limits), which applies to gateway 'edge/public' in namespace 'istio-system' instead of DestinationRule shop/reviews (mesh/destinationrule-reviews), defines none`;
    expect(replaced(HOST)).toEqual([`[] ${sentence}: define the same subsets there`]);
    expect(replaced('*.local')).toEqual([
      `warning: ${sentence}: add a DestinationRule for exactly this host with the same subsets to namespace 'istio-system'`,
    ]);
  });

  test('is refused if its workload selector excludes them', () => {
    const selected = (namespace: string, labels?: object) =>
      said((chart) => {
        gateway(chart, labels);
        rule(chart, `${namespace}/reviews`, { ...V1, workloadSelector: { matchLabels: { app: 'ingress' } } });
        route(chart, 'edge/web', AT_GATEWAY);
      });
    const [own, ofHost] = [unseen('istio-system'), unseen('shop')];
    expect(selected('istio-system')).toEqual([
      `[] ${own} gateway 'edge/public' in namespace 'istio-system': define the same subsets there in a DestinationRule without a workloadSelector`,
    ]);
    expect(selected('istio-system', { app: 'ingress' })).toEqual([]);
    expect(selected('shop', { app: 'ingress' })).toEqual([
      `[] ${ofHost} gateway 'edge/public' in namespace 'istio-system': leave out its workloadSelector`,
    ]);
  });

  test('is refused if it is not exported to them', () => {
    expect(
      said((chart) => {
        gateway(chart);
        rule(chart, 'shop/reviews', { ...V1, exportTo: ['.', 'edge'] });
        route(chart, 'edge/web', AT_GATEWAY);
      }),
    ).toEqual([
      `[] ${unseen('shop')} gateway 'edge/public' in namespace 'istio-system': add 'istio-system' to its exportTo`,
    ]);
  });

  test.each<[string, string, object]>([
    ['of the host', 'shop', {}],
    ['of the pods', 'istio-system', { exportTo: ['.'] }],
    ['of the pods, which is the root namespace', 'istio-system', {}],
    ['of the host, with exportTo', 'shop', { exportTo: ['.', 'istio-system'] }],
  ])('is fine if the rule is in the namespace %s', (_, namespace, spec) => {
    expect(
      said((chart) => {
        gateway(chart);
        rule(chart, `${namespace}/reviews`, { ...V1, ...spec });
        route(chart, 'edge/web', AT_GATEWAY);
      }),
    ).toEqual([]);
  });

  test('is fine for a gateway whose pods are not in the app, and if the route is not for the gateway', () => {
    expect(
      said((chart) => {
        rule(chart, 'edge/reviews', V1);
        route(chart, 'edge/web', AT_GATEWAY);
      }),
    ).toEqual([]);
    expect(
      said((chart) => {
        gateway(chart);
        rule(chart, 'edge/reviews', V1);
        const destination = { host: HOST, subset: 'v1' };
        const http = [{ match: [{ gateways: ['edge/other'] }], route: [{ destination }] }];
        route(chart, 'edge/web', { ...AT_GATEWAY, gateways: ['edge/public', 'edge/other'], http });
      }),
    ).toEqual([]);
  });
});
