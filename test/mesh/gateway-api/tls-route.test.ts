import { Destination, RouteParent, TLSRoute } from 'istio-module';
import { emptyChart, named, synthesized } from '../synthesis';
import { everyGatewayApi } from './every-gateway-api';
import { problems } from './problems';

const namespace = 'shop';
const parents = [RouteParent.service('reviews', { port: 80 })];

describe('a TLSRoute', () => {
  test('sends connections by their SNI', () => {
    const chart = emptyChart();
    everyGatewayApi(chart);
    expect(named(synthesized(chart), 'TLSRoute/shop/connections')).toMatchObject({
      apiVersion: 'gateway.networking.k8s.io/v1',
      spec: {
        parentRefs: [{ name: 'public', sectionName: 'tls' }],
        hostnames: ['db.example.com', '*.db.example.com'],
        rules: [
          {
            backendRefs: [
              { name: 'db', port: 5432, weight: 3 },
              { name: 'db-new', port: 5432, weight: 1 },
            ],
          },
        ],
      },
    });
  });

  test('refuses no hostnames, and changes of headers', () => {
    const headers = { request: { set: { 'x-a': '1' } } };
    expect(
      problems(
        () =>
          new TLSRoute(emptyChart(), 'one', { namespace, parents, hostnames: [], to: [Destination.host({ headers })] }),
      ),
    ).toEqual([
      'hostnames is empty: name at least one',
      'to[0].headers applies to requests, but this route is for connections: leave it out',
    ]);
  });
});
