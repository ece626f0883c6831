import { ApiObject, type Chart } from 'cdk8s';
import {
  Destination,
  ExistingIstio,
  MeshNamespace,
  Resolution,
  ServiceEntry,
  Sidecar,
  SidecarInjection,
  SidecarSettings,
  TrafficPolicy,
  WorkloadProxyConfig,
  type ServiceEntryProps,
} from 'istio-module';
import { fakeModule } from '../synthesis';
import { messagesOf } from './messages-of';
import { plain } from './problems-of';

const entry = (chart: Chart, name: string, props: Partial<ServiceEntryProps> = {}) =>
  new ServiceEntry(chart, name, {
    namespace: 'shop',
    hosts: [`${name}.db.example.com`],
    ports: [{ number: 3306, protocol: 'TCP' }],
    resolution: Resolution.dns(),
    ...props,
  });
const both = (chart: Chart, orders: Partial<ServiceEntryProps> = {}, users: Partial<ServiceEntryProps> = {}) => {
  entry(chart, 'orders', orders);
  entry(chart, 'users', users);
};
const CONFLICT =
  'ServiceEntry shop/users (mesh/users/Default) has protocol TCP on port 3306, and so does ServiceEntry shop/orders (mesh/orders/Default), and neither has addresses, so all connections to this port go to only one of them';
const REMEDY = "set addresses, or dnsCapture in the module's defaultConfig";
const single = (name: string) =>
  `warning: ServiceEntry shop/${name} (mesh/${name}/Default) has protocol TCP on port 3306 and no addresses, so all connections to unknown addresses on this port go to it: ${REMEDY}`;

describe('two ServiceEntries with the same TCP port and no addresses', () => {
  test('are refused if sidecars do not capture DNS', () => {
    expect(
      messagesOf((chart) => {
        fakeModule(chart);
        both(chart);
      }),
    ).toEqual([`[] ${CONFLICT}: ${REMEDY}`]);
    expect(
      messagesOf((chart) => {
        fakeModule(chart);
        entry(chart, 'orders', { resolution: Resolution.static({ address: '192.0.2.1' }) });
        plain(chart, 'ServiceEntry', 'shop/plain', {
          hosts: ['users.example.com'],
          ports: [{ number: 3306, name: 'db', protocol: 'mysql' }],
          resolution: 'DNS_ROUND_ROBIN',
        });
      }),
    ).toEqual([
      `[] ServiceEntry shop/plain (mesh/serviceentry-plain) has protocol mysql on port 3306, and so does ServiceEntry shop/orders (mesh/orders/Default), and neither has addresses, so all connections to this port go to only one of them: ${REMEDY}`,
    ]);
  });

  test.each<[string, (chart: Chart) => void]>([
    [
      'one of them is only exported to some namespaces',
      (chart) => {
        both(chart, { exportTo: ['front'] });
      },
    ],
    [
      'the Sidecar of the mesh only includes both in their own namespace',
      (chart) => {
        new Sidecar(chart, 'narrow', { egress: { hosts: ['./*', 'istio-system/*'] } });
        both(chart);
      },
    ],
  ])('are refused if %s', (_, fill) => {
    expect(
      messagesOf((chart) => {
        fakeModule(chart);
        fill(chart);
      }),
    ).toEqual([`[] ${CONFLICT}: ${REMEDY}`]);
  });

  test('are a warning if it is unknown whether sidecars capture DNS', () => {
    expect(
      messagesOf((chart) => {
        both(chart);
      }),
    ).toEqual([`warning: ${CONFLICT}: set addresses, unless sidecars capture DNS`]);
    expect(
      messagesOf((chart) => {
        new ExistingIstio(chart, 'istio');
        both(chart);
      }),
    ).toEqual([`warning: ${CONFLICT}: set addresses, unless sidecars capture DNS`]);
  });

  test.each<[string, (chart: Chart) => unknown]>([
    ['all sidecars capture DNS', (chart) => fakeModule(chart, { defaultConfig: { dnsCapture: true } })],
    [
      'raw values let sidecars capture DNS',
      (chart) => {
        const proxyMetadata = { ISTIO_META_DNS_CAPTURE: 'true' };
        fakeModule(chart, { values: { istiod: { meshConfig: { defaultConfig: { proxyMetadata } } } } });
      },
    ],
    [
      'a ProxyConfig lets sidecars capture DNS',
      (chart) => {
        fakeModule(chart);
        const environmentVariables = { ISTIO_META_DNS_CAPTURE: 'true' };
        new WorkloadProxyConfig(chart, 'dns', { namespace: 'shop', environmentVariables });
      },
    ],
    [
      'sidecars of a workload capture DNS',
      (chart) => {
        fakeModule(chart);
        const metadata = new SidecarSettings({ proxyConfig: { dnsCapture: true } }).metadata();
        new ApiObject(chart, 'web', {
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: 'web', namespace: 'shop' },
          spec: { template: { metadata } },
        });
      },
    ],
  ])('are fine if %s', (_, fill) => {
    expect(
      messagesOf((chart) => {
        fill(chart);
        both(chart);
      }),
    ).toEqual([]);
  });

  test.each<[string, (chart: Chart) => void]>([
    [
      'if routes of one can match other connections',
      (chart) => {
        both(chart);
        new TrafficPolicy(chart, 'users-route', {
          namespace: 'shop',
          hosts: ['users.db.example.com'],
          tcpRoutes: [{ to: [Destination.otherHost('users.db.example.com')] }],
        });
      },
    ],
    [
      'for different namespaces',
      (chart) => {
        both(chart, { exportTo: ['.'] }, { namespace: 'front', exportTo: ['.'] });
      },
    ],
    [
      'for a namespace without sidecars',
      (chart) => {
        new MeshNamespace(chart, 'shop', { name: 'shop', injection: SidecarInjection.DISABLED });
        both(chart, { exportTo: ['.'] }, { exportTo: ['.'] });
      },
    ],
    [
      'if each sidecar knows only one of them',
      (chart) => {
        new Sidecar(chart, 'orders-only', { namespace: 'shop', egress: { hosts: ['./orders.db.example.com'] } });
        new Sidecar(chart, 'users-only', { namespace: 'apart', egress: { hosts: ['shop/users.db.example.com'] } });
        both(chart);
      },
    ],
    [
      'for one host',
      (chart) => {
        both(chart, {}, { hosts: ['orders.db.example.com'] });
      },
    ],
    [
      'with different ports',
      (chart) => {
        both(chart, {}, { ports: [{ number: 3307, protocol: 'TCP' }] });
      },
    ],
  ])('are not refused %s', (_, fill) => {
    const lines = messagesOf((chart) => {
      fakeModule(chart);
      fill(chart);
    });
    expect(lines.filter((line) => !line.startsWith('warning: '))).toEqual([]);
  });
});

describe('one ServiceEntry with a TCP port and no addresses', () => {
  test('is a warning if sidecars do not capture DNS', () => {
    expect(
      messagesOf((chart) => {
        fakeModule(chart);
        entry(chart, 'orders');
      }),
    ).toEqual([single('orders')]);
  });

  test.each<[string, Partial<ServiceEntryProps>]>([
    ['addresses', { addresses: ['192.0.2.1'] }],
    ['HTTP', { ports: [{ number: 80, protocol: 'HTTP' }] }],
    ['TLS', { ports: [{ number: 443, protocol: 'TLS' }] }],
    ['a detected protocol', { ports: [{ number: 3306 }] }],
    ['no clients', { exportTo: ['~'] }],
  ])('is fine with %s', (_, props) => {
    expect(
      messagesOf((chart) => {
        fakeModule(chart);
        entry(chart, 'orders', props);
      }),
    ).toEqual([]);
  });

  test('is fine if it is unknown whether sidecars capture DNS', () => {
    expect(messagesOf((chart) => entry(chart, 'orders'))).toEqual([]);
  });
});
