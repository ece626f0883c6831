import type { Chart } from 'cdk8s';
import { ExistingIstio, type DefaultExportTo } from '../../../lib/index';
import { fakeModule } from '../synthesis';
import { messagesOf } from './messages-of';
import { plain } from './problems-of';

const HOST = 'reviews.shop.svc.cluster.local';
const V1 = { subsets: [{ name: 'v1', labels: { version: 'v1' } }] };

/** The number of errors and warnings about objects in a mesh with this configuration. */
const found = (meshConfig: object, fill: (chart: Chart) => void): number =>
  messagesOf((chart) => {
    fakeModule(chart, { meshConfig: { ...meshConfig } });
    fill(chart);
  }).length;

describe('objects without exportTo are checked with the default of the mesh:', () => {
  const rows: readonly [string, string, (chart: Chart, spec: object) => void][] = [
    [
      'VirtualServices of two namespaces for one host',
      'defaultVirtualServiceExportTo',
      (chart, spec) => {
        const http = [{ route: [{ destination: { host: HOST } }] }];
        plain(chart, 'VirtualService', 'shop/one', { hosts: [HOST], http, ...spec });
        plain(chart, 'VirtualService', 'front/other', { hosts: [HOST], http, ...spec });
      },
    ],
    [
      'ServiceEntries of two namespaces for one port',
      'defaultServiceExportTo',
      (chart, spec) => {
        const entry = (title: string, protocol: string) => {
          const ports = [{ number: 443, name: 'api', protocol }];
          plain(chart, 'ServiceEntry', title, { hosts: ['api.example.com'], ports, ...spec });
        };
        entry('shop/one', 'HTTP');
        entry('front/other', 'TLS');
      },
    ],
  ];

  test.each(rows)('%s', (_, field, fill) => {
    const conflict = (value: readonly string[] | undefined, spec: object = {}) =>
      found(value ? { [field]: value } : {}, (chart) => {
        fill(chart, spec);
      });
    expect(conflict(undefined)).toBe(1);
    expect(conflict(['*'])).toBe(1);
    expect(conflict(['.'])).toBe(0);
    expect(conflict(['*', '.'])).toBe(0);
    expect(conflict(['~'])).toBe(0);
    expect(conflict(['.'], { exportTo: ['*'] })).toBe(1);
  });

  test.each([
    ['virtualServices', 0],
    ['services', 1],
  ] as const)('%s, for an Istio installation outside the app', (kind, index) => {
    const [, , fill] = rows[index] as (typeof rows)[0];
    const conflict = (defaultExportTo: DefaultExportTo | undefined) =>
      messagesOf((chart) => {
        new ExistingIstio(chart, 'istio', { defaultExportTo });
        fill(chart, {});
      }).length;
    expect(conflict(undefined)).toBe(1);
    expect(conflict({ [kind]: '*' })).toBe(1);
    expect(conflict({ [kind]: '.' })).toBe(0);
  });

  test('a DestinationRule with subsets for clients in another namespace', () => {
    const gaps = (value: readonly string[], exportTo?: readonly string[]) =>
      found({ defaultDestinationRuleExportTo: value }, (chart) => {
        plain(chart, 'DestinationRule', 'shop/reviews', { host: HOST, exportTo, ...V1 });
        const http = [{ route: [{ destination: { host: HOST, subset: 'v1' } }] }];
        plain(chart, 'VirtualService', 'shop/reviews', { hosts: [HOST], exportTo: ['front'], http });
      });
    expect(gaps(['*'])).toBe(0);
    expect(gaps(['~'])).toBe(0);
    expect(gaps(['.'])).toBe(1);
    expect(gaps(['.'], ['*'])).toBe(0);
  });

  test('a VirtualService for a gateway in another namespace', () => {
    const unseen = (value: readonly string[]) =>
      found({ defaultVirtualServiceExportTo: value }, (chart) => {
        plain(chart, 'VirtualService', 'shop/web', { hosts: ['a.example.com'], gateways: ['edge/public'] });
      });
    expect(unseen(['*'])).toBe(0);
    expect(unseen(['.'])).toBe(1);
  });
});
