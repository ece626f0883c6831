import { App, Chart } from 'cdk8s';
import { Service } from 'cdk8s-plus-27';
import { MeshNamespace, PlaintextService, SidecarInjection } from 'istio-module';
import { emptyChart, named, synthesized, title } from '../synthesis';

describe('PlaintextService', () => {
  test('makes clients send plain text to one Service', () => {
    const chart = emptyChart();
    new PlaintextService(chart, 'db', { namespace: 'shop', service: 'mysql' });
    expect(synthesized(chart)).toEqual([
      {
        apiVersion: 'networking.istio.io/v1',
        kind: 'DestinationRule',
        metadata: { name: 'db', namespace: 'shop' },
        spec: { host: 'mysql.shop.svc.cluster.local', trafficPolicy: { tls: { mode: 'DISABLE' } } },
      },
    ]);
  });

  test('makes its pods take it while they have a sidecar, where their labels are known', () => {
    const chart = new Chart(new App(), 'mesh', { namespace: 'shop' });
    const service = new Service(chart, 'mysql', { metadata: { name: 'mysql' }, ports: [{ port: 3306 }] });
    const namespace = new MeshNamespace(chart, 'shop', { name: 'shop' });
    const db = new PlaintextService(chart, 'db', { namespace, service, workload: { app: 'db' }, name: 'plain-db' });
    expect(db.host).toBe('mysql.shop.svc.cluster.local');
    const manifests = synthesized(chart);
    expect(named(manifests, 'DestinationRule/shop/plain-db').spec).toMatchObject({ host: db.host });
    expect(named(manifests, 'PeerAuthentication/shop/plain-db').spec).toEqual({
      selector: { matchLabels: { app: 'db' } },
      mtls: { mode: 'PERMISSIVE' },
    });
  });

  test('reports all that is wrong at once', () => {
    const chart = new Chart(new App(), 'mesh', { namespace: 'other' });
    const service = new Service(chart, 'mysql', { metadata: { name: 'mysql' }, ports: [{ port: 3306 }] });
    expect(
      () => new PlaintextService(chart, 'db', { namespace: 'shop', service, workload: {}, name: 'The DB' }),
    ).toThrow(
      new Error(
        [
          "'The DB' is not a valid object name: use lower-case letters, digits and hyphens, starting and ending with a letter or digit in the construct id, or set the prop name",
          "service 'mysql' is in namespace 'other', not in 'shop': name a Service in 'shop'",
          'workload {} has no labels: name at least one, or leave the prop out to select every workload',
        ]
          .map((line) => `PlaintextService mesh/db: ${line}`)
          .join('\n'),
      ),
    );
  });
});

describe('MeshNamespace.withoutSidecars', () => {
  test('is for single Services of a namespace with sidecars', () => {
    const chart = emptyChart();
    const namespace = new MeshNamespace(chart, 'shop', {
      name: 'shop',
      withoutSidecars: ['legacy', { service: 'db', workload: { app: 'db' } }],
    });
    expect(synthesized(chart).map(title)).toEqual([
      'Namespace/shop',
      'DestinationRule/shop/no-sidecars-legacy',
      'DestinationRule/shop/no-sidecars-db',
      'PeerAuthentication/shop/no-sidecars-db',
    ]);
    expect(namespace.plaintextServices.map(({ host }) => host)).toEqual([
      'legacy.shop.svc.cluster.local',
      'db.shop.svc.cluster.local',
    ]);
  });

  test('takes the place of what is for the whole of a namespace without them', () => {
    const chart = emptyChart();
    new MeshNamespace(chart, 'old', {
      name: 'old',
      injection: SidecarInjection.DISABLED,
      withoutSidecars: ['db'],
    });
    expect(synthesized(chart).map(title)).toEqual(['Namespace/old', 'DestinationRule/old/no-sidecars-db']);
  });

  test.each([
    [[], 'withoutSidecars is empty: name a Service, or leave it out'],
    [['db', 'db'], "withoutSidecars has service 'db' twice: name it once"],
    [
      ['db.shop'],
      "service 'db.shop' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
    ],
    [
      [{ service: 'db', workload: { app: '*' } }],
      "workload { app: '*' } is not a valid label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
    ],
  ])('refuses %j', (withoutSidecars, problem) => {
    expect(() => new MeshNamespace(emptyChart(), 'shop', { name: 'shop', withoutSidecars })).toThrow(
      new Error(`MeshNamespace mesh/shop: ${problem}`),
    );
  });
});
