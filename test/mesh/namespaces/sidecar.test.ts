import { Service } from 'cdk8s-plus-27';
import { MeshNamespace, OutboundTrafficPolicyMode, Sidecar, SidecarInjection, type SidecarProps } from 'istio-module';
import { emptyChart, fakeModule, named, synthesized, title } from '../synthesis';

const PORT = { number: 80, protocol: 'HTTP' } as const;

describe('Sidecar', () => {
  test('sets what workloads know, and what they listen to', () => {
    const chart = emptyChart();
    const shop = new MeshNamespace(chart, 'shop', { name: 'shop' });
    new Sidecar(chart, 'web', {
      namespace: shop,
      workload: { app: 'web' },
      egress: {
        listeners: [
          {
            port: { number: 3306, protocol: 'TCP', name: 'mysql' },
            bind: '127.0.0.1',
            captureMode: 'NONE',
            hosts: ['./db.shop.svc.cluster.local'],
          },
        ],
        hosts: ['./*', 'istio-system/*', '*/*.example.com'],
        outboundTrafficPolicy: { mode: OutboundTrafficPolicyMode.REGISTRY_ONLY },
      },
      ingress: [{ port: { number: 8080, protocol: 'HTTP' }, defaultEndpoint: '127.0.0.1:80' }],
    });
    expect(named(synthesized(chart), 'Sidecar/shop/web')).toEqual({
      apiVersion: 'networking.istio.io/v1',
      kind: 'Sidecar',
      metadata: { name: 'web', namespace: 'shop' },
      spec: {
        workloadSelector: { labels: { app: 'web' } },
        ingress: [{ port: { number: 8080, protocol: 'HTTP' }, defaultEndpoint: '127.0.0.1:80' }],
        egress: [
          {
            port: { number: 3306, protocol: 'TCP', name: 'mysql' },
            bind: '127.0.0.1',
            captureMode: 'NONE',
            hosts: ['./db.shop.svc.cluster.local'],
          },
          { hosts: ['./*', 'istio-system/*', '*/*.example.com'] },
        ],
        outboundTrafficPolicy: { mode: 'REGISTRY_ONLY' },
      },
    });
  });

  test('takes namespaces and Services as constructs', () => {
    const chart = emptyChart();
    const shop = new MeshNamespace(chart, 'shop', { name: 'shop' });
    const ports = [{ port: 80 }];
    const near = new Service(chart, 'near', { metadata: { name: 'near' }, ports });
    const far = new Service(chart, 'far', { metadata: { name: 'far', namespace: 'other' }, ports });
    new Sidecar(chart, 'sidecar', { namespace: 'front', egress: { hosts: [shop, near, far] } });
    expect(named(synthesized(chart), 'Sidecar/front/default').spec).toEqual({
      egress: [{ hosts: ['shop/*', 'front/near.front.svc.cluster.local', 'other/far.other.svc.cluster.local'] }],
    });
  });

  test('is for the mesh in the root namespace', () => {
    const chart = emptyChart();
    new Sidecar(chart, 'mesh', { egress: { hosts: ['./*'] } });
    fakeModule(chart);
    expect(synthesized(chart).map(title)).toContain('Sidecar/istio-system/default');
  });

  test('is short for a namespace', () => {
    const chart = emptyChart();
    const egress = { hosts: ['./*'], outboundTrafficPolicy: { mode: OutboundTrafficPolicyMode.ALLOW_ANY } } as const;
    const shop = new MeshNamespace(chart, 'shop', { name: 'shop', egress });
    expect(named(synthesized(chart), 'Sidecar/shop/default').spec).toEqual({
      egress: [{ hosts: ['./*'] }],
      outboundTrafficPolicy: { mode: 'ALLOW_ANY' },
    });
    expect(shop.sidecar?.sidecar.name).toBe('default');
  });

  test.each(['1.30.2', '1.24.0'])('takes no hosts away where Istio is %s', (version) => {
    const chart = emptyChart();
    fakeModule(chart, { version });
    new Sidecar(chart, 'nobody', { namespace: 'batch', egress: { hosts: ['~/*'] } });
    new Sidecar(chart, 'web', { namespace: 'shop', egress: { hosts: ['*/*', '~batch/*'] } });
    expect(() => synthesized(chart)).toThrow(
      new Error(
        `Validation failed with the following errors:\n  [mesh/web] egress excludes '~batch/*', which Istio ${version} does not support: name the remaining hosts, or use a version of at least 1.31.0`,
      ),
    );
  });

  test('takes hosts away from Istio 1.31 on', () => {
    const chart = emptyChart();
    fakeModule(chart, { version: '1.31.0' });
    new Sidecar(chart, 'web', { namespace: 'shop', egress: { hosts: ['*/*', '~batch/*', '~/*.example.com'] } });
    expect(() => synthesized(chart)).not.toThrow();
  });

  test.each<[string, SidecarProps, string]>([
    ['nothing', { namespace: 'shop' }, 'is empty: set egress, or ingress'],
    [
      'an egress of nothing',
      { namespace: 'shop', egress: {} },
      'egress is empty: set hosts, listeners or outboundTrafficPolicy, or leave it out',
    ],
    ['an ingress of nothing', { namespace: 'shop', ingress: [] }, 'ingress is empty: add a listener, or leave it out'],
    [
      'no hosts',
      { namespace: 'shop', egress: { hosts: [] } },
      "egress.hosts is empty: name at least one, or write '~/*' for workloads that call no other service",
    ],
    ...['/*', 'the shop/*', 'shop/', 'shop/*.', 'shop/r*.shop', 'a/b/c', '~~a/*', 'shop/10.0.0.1'].map(
      (host): [string, SidecarProps, string] => [
        `the host ${host}`,
        { namespace: 'shop', egress: { hosts: [host as '*/*'] } },
        `egress.hosts has '${host}', which is not NAMESPACE/HOST: write one such as 'shop/*', './reviews.shop.svc.cluster.local' or '*/*.example.com'`,
      ],
    ),
    [
      'a host without its domain',
      { namespace: 'shop', egress: { hosts: ['front/web', './db'] } },
      "egress.hosts has 'front/web', whose host is not a full domain name: write 'front/web.front.svc.cluster.local', if it is a Service\nSidecar mesh/web: egress.hosts has './db', whose host is not a full domain name: write './db.NAMESPACE.svc.cluster.local', if it is a Service",
    ],
    [
      'hosts beside none',
      { namespace: 'shop', egress: { hosts: ['~/*', 'front/*'] } },
      "egress.hosts has '~/*', which excludes all others: leave it out, or leave out the others",
    ],
    [
      'hosts taken away from none',
      { namespace: 'shop', egress: { hosts: ['~front/*'] } },
      "egress.hosts only excludes hosts, such as '~front/*': add the hosts from which they are excluded, such as '*/*'",
    ],
    [
      'an invalid port',
      { namespace: 'shop', egress: { listeners: [{ port: { number: 0, protocol: 'TCP' }, hosts: ['./*'] }] } },
      'egress.listeners[0].port.number 0 is out of range: write a whole number from 1 to 65535',
    ],
    [
      'an invalid protocol',
      { namespace: 'shop', ingress: [{ port: { number: 53, protocol: 'DNS' as 'TCP' } }] },
      "ingress[0].port.protocol 'DNS' is not a protocol: write one of HTTP, HTTPS, GRPC, GRPC-WEB, HTTP2, HTTP_PROXY, MONGO, MYSQL, REDIS, TCP, TLS",
    ],
    [
      'an invalid name of a port',
      { namespace: 'shop', ingress: [{ port: { ...PORT, name: 'The Port' } }] },
      "ingress[0].port.name 'The Port' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
    ],
    [
      'one port twice',
      { namespace: 'shop', ingress: [{ port: PORT }, { port: PORT, bind: '10.0.0.1' }] },
      'ingress has port 80 twice: put both into one listener, or give one of them another port',
    ],
    [
      'an invalid address',
      { namespace: 'shop', ingress: [{ port: PORT, bind: '10.0.0.0/8' }] },
      "ingress[0].bind '10.0.0.0/8' is not an IP address: write one such as '127.0.0.1'",
    ],
    [
      'an invalid endpoint',
      { namespace: 'shop', ingress: [{ port: PORT, defaultEndpoint: '10.0.0.1:80' }] },
      "ingress[0].defaultEndpoint '10.0.0.1:80' is not an endpoint: write 127.0.0.1:PORT, [::1]:PORT, 0.0.0.0:PORT, [::]:PORT or unix:///PATH",
    ],
    [
      'an endpoint with an invalid port',
      { namespace: 'shop', ingress: [{ port: PORT, defaultEndpoint: '127.0.0.1:65536' }] },
      "ingress[0].defaultEndpoint '127.0.0.1:65536' is not an endpoint: write 127.0.0.1:PORT, [::1]:PORT, 0.0.0.0:PORT, [::]:PORT or unix:///PATH",
    ],
    [
      'a workload of no namespace',
      { rootNamespace: 'istio-system', workload: { app: 'web' }, egress: { hosts: ['./*'] } },
      "workload { app: 'web' } needs a namespace: set the prop namespace to that of the workload",
    ],
  ])('refuses %s', (_, props, problem) => {
    expect(() => new Sidecar(emptyChart(), 'web', props)).toThrow(new Error(`Sidecar mesh/web: ${problem}`));
  });

  test('refuses a Service whose namespace is not known', () => {
    const chart = emptyChart();
    const service = new Service(chart, 'db', { metadata: { name: 'db' }, ports: [{ port: 80 }] });
    expect(() => new Sidecar(chart, 'web', { egress: { hosts: [service] } })).toThrow(
      new Error(
        "Sidecar mesh/web: egress.hosts has service 'db', whose namespace is unknown: set it in the metadata of the Service",
      ),
    );
  });

  test('refuses an egress without sidecars', () => {
    expect(
      () =>
        new MeshNamespace(emptyChart(), 'old', {
          name: 'old',
          injection: SidecarInjection.DISABLED,
          egress: { hosts: ['./*'] },
        }),
    ).toThrow(
      new Error(
        'MeshNamespace mesh/old: egress configures sidecars, but injection is disabled: leave out egress, or change injection',
      ),
    );
  });
});
