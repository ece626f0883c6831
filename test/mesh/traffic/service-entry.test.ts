import {
  MeshNamespace,
  Resolution,
  ServiceEntry,
  ServiceLocation,
  type ServiceEndpoint,
  type ServiceEntryPort,
  type ServiceEntryProps,
} from 'istio-module';
import { emptyChart, named, synthesized } from '../synthesis';

const TLS: ServiceEntryPort = { number: 443, protocol: 'TLS' };
const TCP: ServiceEntryPort = { number: 5432, protocol: 'TCP' };

function entry(props: Partial<ServiceEntryProps>) {
  const chart = emptyChart();
  new ServiceEntry(chart, 'api', {
    namespace: 'shop',
    hosts: ['api.example.com'],
    ports: [TLS],
    resolution: Resolution.dns(),
    ...props,
  });
  return named(synthesized(chart), 'ServiceEntry/shop/api');
}

describe('ServiceEntry', () => {
  test('makes a host outside the mesh known', () => {
    expect(entry({})).toEqual({
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: { name: 'api', namespace: 'shop' },
      spec: {
        hosts: ['api.example.com'],
        ports: [{ number: 443, name: 'tls-443', protocol: 'TLS' }],
        location: 'MESH_EXTERNAL',
        resolution: 'DNS',
      },
    });
  });

  test('writes all of its props', () => {
    const chart = emptyChart();
    const namespace = new MeshNamespace(chart, 'shop', { name: 'shop' });
    const api = new ServiceEntry(chart, 'entry', {
      name: 'api',
      namespace,
      hosts: ['api.example.com'],
      ports: [{ number: 80, protocol: 'HTTP', name: 'web', targetPort: 443 }],
      addresses: ['198.51.100.7'],
      location: ServiceLocation.MESH_INTERNAL,
      resolution: Resolution.workloads({ app: 'api' }),
      subjectAltNames: ['spiffe://api'],
      exportTo: [namespace, 'books'],
    });
    expect(named(synthesized(chart), 'ServiceEntry/shop/api').spec).toEqual({
      hosts: ['api.example.com'],
      ports: [{ number: 80, name: 'web', protocol: 'HTTP', targetPort: 443 }],
      addresses: ['198.51.100.7'],
      location: 'MESH_INTERNAL',
      resolution: 'STATIC',
      workloadSelector: { labels: { app: 'api' } },
      subjectAltNames: ['spiffe://api'],
      exportTo: ['shop', 'books'],
    });
    expect(api.serviceEntryObject.node.dependencies).toEqual([namespace.namespaceObject]);
  });

  const endpoint: ServiceEndpoint = {
    address: '192.0.2.1',
    ports: { 'tls-443': 8443 },
    labels: { version: 'v1' },
    locality: 'eu/a',
    weight: 3,
    network: 'vpn',
    serviceAccount: 'api',
  };
  test.each<[string, Resolution, object]>([
    ['not at all', Resolution.NONE, { resolution: 'NONE' }],
    ['at addresses', Resolution.static(endpoint), { resolution: 'STATIC', endpoints: [endpoint] }],
    [
      'by DNS, of other names',
      Resolution.dns({ address: 'eu.example.com' }, { address: '2001:db8::1' }),
      { resolution: 'DNS', endpoints: [{ address: 'eu.example.com' }, { address: '2001:db8::1' }] },
    ],
    ['by DNS, one at a time', Resolution.dnsRoundRobin(), { resolution: 'DNS_ROUND_ROBIN' }],
    [
      'by DNS, one at a time, of another name',
      Resolution.dnsRoundRobin({ address: 'eu.example.com' }),
      { resolution: 'DNS_ROUND_ROBIN', endpoints: [{ address: 'eu.example.com' }] },
    ],
  ])('finds addresses: %s', (_, resolution, rendered) => {
    expect(entry({ resolution }).spec).toMatchObject(rendered);
  });

  test('takes wildcards where no address of theirs is asked for', () => {
    const hosts = ['*.example.com'];
    expect(entry({ hosts, resolution: Resolution.DYNAMIC_DNS }).spec).toMatchObject({ resolution: 'DYNAMIC_DNS' });
    expect(entry({ hosts, resolution: Resolution.NONE }).spec).toMatchObject({ resolution: 'NONE' });
    expect(entry({ hosts, resolution: Resolution.dns({ address: 'example.com' }) }).spec).toMatchObject({ hosts });
  });

  test('takes blocks of addresses where the application chooses one', () => {
    const addresses = ['198.51.100.0/24', '2001:db8::/32'];
    expect(entry({ addresses, ports: [TCP], resolution: Resolution.NONE }).spec).toMatchObject({ addresses });
  });

  const several = ['api.example.com', 'www.example.com'];
  test.each<[string, Partial<ServiceEntryProps>, string]>([
    ['no host', { hosts: [] }, "hosts is empty: name at least one, such as 'api.example.com'"],
    ['every host', { hosts: ['*'] }, "hosts: '*' matches every host: write '*.example.com', or a host"],
    [
      'an invalid host',
      { hosts: ['https://api.example.com'] },
      "hosts: 'https://api.example.com' is not a host: write the name of a Service or a domain name, without a port",
    ],
    ['a host twice', { hosts: ['a.b', 'a.b'] }, "hosts has 'a.b' twice: remove the duplicate"],
    [
      'a wildcard that DNS is asked for',
      { hosts: ['*.example.com'] },
      "hosts: '*.example.com' is a wildcard, which DNS cannot resolve: use Resolution.DYNAMIC_DNS or NONE, or name endpoints",
    ],
    [
      'a name where wildcards are',
      { resolution: Resolution.DYNAMIC_DNS },
      "hosts: 'api.example.com' is not a wildcard, which resolution DYNAMIC_DNS requires: use Resolution.dns()",
    ],
    [
      'a protocol without names where wildcards are',
      { hosts: ['*.example.com'], ports: [TCP], resolution: Resolution.DYNAMIC_DNS },
      'port tcp-5432 has protocol TCP, which resolution DYNAMIC_DNS does not support: write one of HTTP, HTTP2, GRPC, TLS',
    ],
    [
      'addresses where wildcards are',
      { hosts: ['*.example.com'], addresses: ['192.0.2.1'], resolution: Resolution.DYNAMIC_DNS },
      'addresses are not supported with resolution DYNAMIC_DNS, which uses host names: leave them out',
    ],
    [
      'a block where DNS is asked',
      { addresses: ['192.0.2.0/24'] },
      "addresses: '192.0.2.0/24' is a CIDR block, which resolution DNS does not support: write IP addresses",
    ],
    [
      'an invalid address',
      { addresses: ['192.0.2.256'] },
      "addresses: '192.0.2.256' is not an IP address: write one such as '203.0.113.4'",
    ],
    ['no address', { addresses: [] }, 'addresses is empty: name at least one, or leave it out'],
    [
      'several hosts that TCP cannot tell apart',
      { hosts: several, ports: [TLS, TCP] },
      'port tcp-5432 has protocol TCP, so requests may contain no host, and then 2 hosts cannot be distinguished: write a ServiceEntry for each, with addresses',
    ],
    [
      'invalid ports',
      { ports: [{ ...TLS, number: 0, targetPort: 65536 }] },
      'ports[0].number 0 is out of range: write a whole number from 1 to 65535\nServiceEntry mesh/api: ports[0].targetPort 65536 is out of range: write a whole number from 1 to 65535',
    ],
    [
      'an invalid protocol',
      { ports: [{ ...TLS, protocol: 'UDP' as 'TLS' }] },
      "ports[0].protocol 'UDP' is not supported by Istio: write one of HTTP, HTTP2, GRPC, GRPC-WEB, HTTPS, TLS, TCP, MONGO, MYSQL, REDIS",
    ],
    [
      'an invalid name of a port',
      { ports: [{ ...TLS, name: 'Web' }] },
      "ports[0].name 'Web' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
    ],
    [
      'a port twice',
      { ports: [TLS, TLS] },
      'ports[1].number 443 is already the number of ports[0]: leave out one of them',
    ],
    [
      'a name of a port twice',
      { ports: [TLS, { number: 80, protocol: 'HTTP', name: 'tls-443' }] },
      "ports[1].name 'tls-443' is already the name of ports[0]: write another",
    ],
    [
      'no label of workloads',
      { resolution: Resolution.workloads({}) },
      'resolution workloads {} has no labels: name at least one',
    ],
    [
      'an invalid label of workloads',
      { resolution: Resolution.workloads({ app: '?' }) },
      "resolution workloads { app: '?' } is not a valid label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
    ],
    [
      'a name where addresses are',
      { resolution: Resolution.static({ address: 'eu.example.com' }) },
      "endpoints[0].address 'eu.example.com' is not an IP address: write one, or use Resolution.dns(…)",
    ],
    [
      'an endpoint that is nowhere',
      { resolution: Resolution.dns({ address: '192.0.2.1' }, { address: '*.example.com' }) },
      "endpoints[1].address '*.example.com' is not an IP address or host name: write one",
    ],
    [
      'a block as an endpoint',
      { resolution: Resolution.static({ address: '192.0.2.0/24' }) },
      "endpoints[0].address '192.0.2.0/24' is not an IP address: write one, or use Resolution.dns(…)",
    ],
    [
      'a port that the entry does not have',
      { resolution: Resolution.static({ address: '192.0.2.1', ports: { web: 80 } }) },
      "endpoints[0].ports names 'web', which is not a port of the entry: write one of 'tls-443'",
    ],
    [
      'an invalid port of an endpoint',
      { resolution: Resolution.static({ address: '192.0.2.1', ports: { 'tls-443': 0 } }) },
      'endpoints[0].ports.tls-443 0 is out of range: write a whole number from 1 to 65535',
    ],
    [
      'invalid labels of an endpoint',
      { resolution: Resolution.static({ address: '192.0.2.1', labels: { '': 'x' } }) },
      "endpoints[0].labels { : 'x' } is not a valid label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
    ],
    [
      'a weight of nothing',
      { resolution: Resolution.static({ address: '192.0.2.1', weight: 0 }) },
      'endpoints[0].weight 0 is out of range: write a whole number of at least 1',
    ],
    [
      'no name of the server',
      { subjectAltNames: [] },
      'subjectAltNames is empty: name at least one, or leave it out to match any',
    ],
    [
      'visibility for no one and someone',
      { exportTo: ['~', '.'] },
      "exportTo has '~' together with other namespaces: leave out the others, or '~'",
    ],
  ])('refuses %s', (_, props, problem) => {
    expect(() => entry(props)).toThrow(new Error(`ServiceEntry mesh/api: ${problem}`));
  });

  test('reports its name and namespace too', () => {
    const rule = 'lower-case letters, digits and hyphens, starting and ending with a letter or digit';
    expect(() => entry({ name: 'The API', namespace: 'a.b' })).toThrow(
      new Error(
        [
          `ServiceEntry mesh/api: 'The API' is not a valid object name: use ${rule} in the construct id, or set the prop name`,
          `ServiceEntry mesh/api: namespace 'a.b' is not a valid name: write at most 63 ${rule}`,
        ].join('\n'),
      ),
    );
  });
});
