import { graphParts } from '../../../lib/cli/graph/graph-parts';
import { trafficGraph } from '../../../lib/cli/graph/traffic-graph';
import type { TrafficSource } from '../../../lib/cli/graph/traffic-objects';
import { istio, to, virtualService } from './istio-objects';

const CART = 'cart.checkout.svc.cluster.local';
const PARTNER = istio('ServiceEntry', 'partner', {
  hosts: ['pay.example.net'],
  ports: [{ number: 443, protocol: 'TLS' }],
});

/** Each part as text: its name, its nodes with their notes, and its edges. */
function partsOf(...objects: readonly TrafficSource[]): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    graphParts(trafficGraph(objects)).map(({ namespace = '', nodes, edges }) => [
      namespace,
      [
        ...nodes.map(({ node, notes }) => [node.id, ...notes].join(', ')),
        ...edges.map(({ from, to: end }) => `${from} -> ${end}`),
      ],
    ]),
  );
}

describe('graphParts', () => {
  test('draws an edge beside its rule, and names the other namespace at both ends', () => {
    expect(
      partsOf(
        virtualService('web', { http: [{ route: [to('web')], mirror: { host: CART } }] }),
        virtualService('cart', { http: [{ route: [to('cart')] }] }, 'checkout'),
      ),
    ).toEqual({
      checkout: [
        'host:checkout/cart',
        'mesh',
        `service:${CART}, requests from shop`,
        'mesh -> host:checkout/cart',
        `host:checkout/cart -> service:${CART}`,
      ],
      shop: [
        'host:shop/web',
        'mesh',
        `service:${CART}, namespace checkout`,
        'service:web.shop.svc.cluster.local',
        'mesh -> host:shop/web',
        'host:shop/web -> service:web.shop.svc.cluster.local',
        `host:shop/web -> service:${CART}`,
      ],
    });
  });

  test('draws a gateway where it leads, and in its own namespace if it leads nowhere', () => {
    expect(
      partsOf(
        istio('Gateway', 'public', { servers: [{ hosts: ['*.example.com'] }] }, 'ingress'),
        istio('Gateway', 'unused', { servers: [{ hosts: ['*.example.org'] }] }, 'ingress'),
        virtualService('web', {
          hosts: ['web.example.com'],
          gateways: ['ingress/public'],
          http: [{ directResponse: { status: 200 } }],
        }),
      ),
    ).toEqual({
      ingress: ['gateway:ingress/unused'],
      shop: [
        'gateway:ingress/public',
        'host:shop/web',
        'response:shop/web/1',
        'gateway:ingress/public -> host:shop/web',
        'host:shop/web -> response:shop/web/1',
      ],
    });
  });

  test('draws external hosts in the namespace that uses them, and by themselves only if no rule leads there', () => {
    const rule = { match: [{ sniHosts: ['pay.example.net'] }], route: [to('pay.example.net')] };
    expect(Object.keys(partsOf(PARTNER, virtualService('pay', { hosts: ['pay.example.net'], tls: [rule] })))).toEqual([
      'shop',
    ]);
    expect(partsOf(PARTNER)).toEqual({
      '': ['mesh', 'outside:pay.example.net', 'mesh -> outside:pay.example.net'],
    });
  });
});
