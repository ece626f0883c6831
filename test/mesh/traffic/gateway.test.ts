import {
  Gateway,
  GatewayServers,
  MeshNamespace,
  ServerTls,
  type GatewayProps,
  type GatewayServer,
  type SelectedGatewayProps,
} from 'istio-module';
import { emptyChart, named, synthesized } from '../synthesis';

const HTTP: GatewayServer = { port: 80, protocol: 'HTTP', hosts: ['*'] };
const SIMPLE = ServerTls.simple({ credentialName: 'cert' });
const HTTPS: GatewayServer = { port: 443, protocol: 'HTTPS', hosts: ['shop.example.com'], tls: SIMPLE };

function gateway(props: Partial<SelectedGatewayProps>) {
  const chart = emptyChart();
  new Gateway(chart, 'border', { namespace: 'shop', selector: { istio: 'ingress' }, servers: [HTTP], ...props });
  return named(synthesized(chart), `Gateway/shop/${props.name ?? 'border'}`);
}

function servers(...given: GatewayServer[]) {
  return gateway({ servers: given }).spec?.servers;
}

describe('Gateway', () => {
  test('selects pods by labels, and says what they take', () => {
    expect(gateway({ name: 'public', servers: [HTTP, { ...HTTPS, name: 'shop' }] })).toEqual({
      apiVersion: 'networking.istio.io/v1',
      kind: 'Gateway',
      metadata: { name: 'public', namespace: 'shop' },
      spec: {
        selector: { istio: 'ingress' },
        servers: [
          { port: { number: 80, name: 'http-80', protocol: 'HTTP' }, hosts: ['*'] },
          {
            port: { number: 443, name: 'shop', protocol: 'HTTPS' },
            hosts: ['shop.example.com'],
            tls: { mode: 'SIMPLE', credentialName: 'cert' },
          },
        ],
      },
    });
  });

  test.each([
    ['ingress', 'ingress'],
    ['istio-ingressgateway', 'ingressgateway'],
  ])('selects the pods of the installed gateway %s', (name, istio) => {
    const chart = emptyChart();
    const namespace = new MeshNamespace(chart, 'shop', { name: 'shop' });
    const border = new Gateway(chart, 'border', { namespace, ingressGateway: { name }, servers: [HTTP] });
    expect(named(synthesized(chart), 'Gateway/shop/border').spec?.selector).toEqual({ istio });
    expect(border.gatewayObject.node.dependencies).toEqual([namespace.namespaceObject]);
  });

  test('redirects to HTTPS', () => {
    expect(servers(...GatewayServers.https({ hosts: ['*.example.com'], tls: SIMPLE }))).toEqual([
      {
        port: { number: 80, name: 'http-80', protocol: 'HTTP' },
        hosts: ['*.example.com'],
        tls: { httpsRedirect: true },
      },
      {
        port: { number: 443, name: 'https-443', protocol: 'HTTPS' },
        hosts: ['*.example.com'],
        tls: { mode: 'SIMPLE', credentialName: 'cert' },
      },
    ]);
  });

  test('gives servers of one port names of their own', () => {
    const other = { ...HTTPS, hosts: ['a.example.com'] };
    const third = { ...HTTPS, hosts: ['b.example.com'] };
    expect(servers(HTTPS, other, third)).toMatchObject([
      { port: { name: 'https-443' } },
      { port: { name: 'https-443-2' } },
      { port: { name: 'https-443-3' } },
    ]);
  });

  test.each<[string, ServerTls, object]>([
    ['several certificates', ServerTls.simple({ credentialName: ['rsa', 'ec'] }), { credentialNames: ['rsa', 'ec'] }],
    [
      'versions and ciphers',
      ServerTls.simple({
        credentialName: 'cert',
        minProtocolVersion: 'TLSV1_1',
        maxProtocolVersion: 'TLSV1_2',
        cipherSuites: ['AES128-SHA'],
      }),
      {
        mode: 'SIMPLE',
        credentialName: 'cert',
        minProtocolVersion: 'TLSV1_1',
        maxProtocolVersion: 'TLSV1_2',
        cipherSuites: ['AES128-SHA'],
      },
    ],
    [
      'certificates of clients',
      ServerTls.mutual({
        credentialName: 'cert',
        caCertCredentialName: 'configmap://shop/ca.bundle',
        subjectAltNames: ['partner'],
      }),
      {
        mode: 'MUTUAL',
        credentialName: 'cert',
        caCertCredentialName: 'configmap://shop/ca.bundle',
        subjectAltNames: ['partner'],
      },
    ],
    ['certificates that may lack', ServerTls.optionalMutual({ credentialName: 'cert' }), { mode: 'OPTIONAL_MUTUAL' }],
    ['the mesh', ServerTls.istioMutual({ minProtocolVersion: 'TLSV1_3' }), { mode: 'ISTIO_MUTUAL' }],
    ['passing on', ServerTls.PASSTHROUGH, { mode: 'PASSTHROUGH' }],
    ['passing on without routes', ServerTls.AUTO_PASSTHROUGH, { mode: 'AUTO_PASSTHROUGH' }],
  ])('takes TLS with %s', (_, tls, rendered) => {
    expect(servers({ port: 443, protocol: 'TLS', hosts: ['*'], tls })).toMatchObject([{ tls: rendered }]);
  });

  test('takes hosts of one port in several servers, and one host on several ports', () => {
    expect(
      servers(HTTPS, { ...HTTPS, protocol: 'TLS', hosts: ['*.example.com'] }, { ...HTTPS, port: 8443 }, HTTP),
    ).toHaveLength(4);
  });

  test('takes a host for several namespaces without TLS, passed through, and in one server', () => {
    const [shop, front] = ['shop/a.example.com', 'front/a.example.com'] as const;
    const raw = { ...HTTPS, protocol: 'TLS', tls: ServerTls.PASSTHROUGH } as const;
    expect(servers({ ...HTTP, hosts: [shop] }, { ...HTTP, hosts: [front] })).toHaveLength(2);
    expect(servers({ ...raw, hosts: [shop] }, { ...raw, hosts: [front] })).toHaveLength(2);
    expect(servers({ ...HTTPS, hosts: [shop, front] })).toHaveLength(1);
  });

  const tls = (at: ServerTls) => ({ ...HTTPS, tls: at });
  test.each<[string, GatewayServer[], string]>([
    ['no server', [], "servers is empty: name at least one, such as { port: 80, protocol: 'HTTP', hosts: ['*'] }"],
    [
      'an invalid port',
      [{ ...HTTP, port: 0 }],
      'servers[0].port 0 is out of range: write a whole number from 1 to 65535',
    ],
    ['an invalid name', [{ ...HTTP, name: '' }], 'servers[0].name is empty: write one, or leave it out'],
    [
      'a name twice',
      [HTTP, { ...HTTPS, name: 'http-80' }],
      "servers[1].name 'http-80' is already the name of servers[0]: write another",
    ],
    ['no host', [{ ...HTTP, hosts: [] }], "servers[0].hosts is empty: name at least one host, or '*' for any"],
    ...[
      'shop',
      'shop/reviews',
      '*/x',
      'a/b/c.example',
      '*shop.example.com',
      'a.*.com',
      '/a.b',
      'The Shop/*',
      'a..b',
    ].map<[string, GatewayServer[], string]>((host) => [
      `host '${host}'`,
      [{ ...HTTP, hosts: [host] }],
      `servers[0].hosts: '${host}' is not a valid host of a Gateway: write a domain name with a dot, '*.example.com' or '*', with an optional prefix NAMESPACE/`,
    ]),
    [
      'two protocols on one port',
      [HTTP, { ...HTTPS, port: 80 }],
      'servers[1] has protocol HTTPS on port 80, on which servers[0] has HTTP: write another port',
    ],
    [
      'a second server of TCP',
      [
        { port: 9000, protocol: 'TCP', hosts: ['a.example.com'] },
        { port: 9000, protocol: 'MONGO', hosts: ['b.example.com'] },
      ],
      'servers[1] is on port 9000, on which servers[0] already accepts every connection: write another port, or leave it out',
    ],
    [
      'a host twice on one port',
      [HTTPS, { ...HTTPS, hosts: ['a.example.com', 'shop.example.com'] }],
      "servers[1].hosts has 'shop.example.com' on port 443, which servers[0] also has: name it in only one of them",
    ],
    ...[
      ['shop.example.com', '*/shop.example.com'],
      ['./shop.example.com', 'shop/shop.example.com'],
    ].map(([first = '', second = '']): [string, GatewayServer[], string] => [
      `a host twice on one port, as '${first}' and '${second}'`,
      [
        { ...HTTPS, hosts: [first] },
        { ...HTTPS, hosts: [second] },
      ],
      `servers[1].hosts has '${second}' on port 443, which servers[0] also has: name it in only one of them`,
    ]),
    [
      'a host that ends TLS twice on one port, for different namespaces',
      [
        { ...HTTPS, hosts: ['*/shop.example.com'] },
        { ...HTTPS, protocol: 'TLS', hosts: ['front/shop.example.com'] },
      ],
      "servers[1].hosts has 'front/shop.example.com' on port 443, and servers[0].hosts has '*/shop.example.com', which match the same SNI, so Envoy rejects the configuration of the port: name both in one server",
    ],
    [
      'an invalid protocol',
      [{ ...HTTP, protocol: 'UDP' } as unknown as GatewayServer],
      "servers[0].protocol 'UDP' is not supported by Istio: write one of HTTP, HTTP2, GRPC, GRPC-WEB, HTTPS, TLS, TCP, MONGO, MYSQL, REDIS",
    ],
    [
      'HTTPS without TLS',
      [{ ...HTTPS, tls: undefined } as unknown as GatewayServer],
      'servers[0] has protocol HTTPS, but no tls: set it, such as ServerTls.simple({ credentialName: … })',
    ],
    [
      'HTTP with TLS',
      [{ ...HTTP, tls: SIMPLE } as unknown as GatewayServer],
      "servers[0] has protocol HTTP, but also tls: write protocol 'HTTPS', or leave out tls",
    ],
    [
      'TCP with TLS',
      [{ ...HTTP, protocol: 'TCP', tls: SIMPLE } as unknown as GatewayServer],
      "servers[0] has protocol TCP, but also tls: write protocol 'TLS', or leave out tls",
    ],
    [
      'TCP that redirects',
      [{ ...HTTP, protocol: 'TCP', httpsRedirect: true } as unknown as GatewayServer],
      'servers[0] has httpsRedirect, which cannot redirect protocol TCP: leave it out',
    ],
    [
      'an invalid name of a Secret',
      [tls(ServerTls.simple({ credentialName: 'The Cert' }))],
      "servers[0].tls.credentialName 'The Cert' is not a valid object name: write lower-case letters, digits, hyphens and dots",
    ],
    [
      'a Secret twice',
      [tls(ServerTls.simple({ credentialName: ['cert', 'cert'] }))],
      "servers[0].tls.credentialName has 'cert' twice: remove the duplicate",
    ],
    [
      'invalid authorities',
      [tls(ServerTls.mutual({ credentialName: 'cert', caCertCredentialName: 'configmap://CA' }))],
      "servers[0].tls.caCertCredentialName 'configmap://CA' is not a valid object name: write lower-case letters, digits, hyphens and dots",
    ],
    [
      'no name of clients',
      [tls(ServerTls.mutual({ credentialName: 'cert', subjectAltNames: [] }))],
      'servers[0].tls.subjectAltNames is empty: name at least one, or leave it out to accept any client',
    ],
    [
      'versions that leave none',
      [tls(ServerTls.istioMutual({ minProtocolVersion: 'TLSV1_3', maxProtocolVersion: 'TLSV1_2' }))],
      'servers[0].tls.maxProtocolVersion TLSV1_2 is below minProtocolVersion TLSV1_3: raise the former or lower the latter',
    ],
    [
      'a newest version below the default oldest',
      [tls(ServerTls.istioMutual({ maxProtocolVersion: 'TLSV1_1' }))],
      'servers[0].tls.maxProtocolVersion TLSV1_1 is below minProtocolVersion TLSV1_2: raise the former or lower the latter',
    ],
    [
      'an old version without ciphers',
      [tls(ServerTls.istioMutual({ minProtocolVersion: 'TLSV1_1' }))],
      "servers[0].tls.minProtocolVersion TLSV1_1 is not supported by Envoy's default cipher suites: set cipherSuites, or write 'TLSV1_2'",
    ],
    [
      'ciphers for TLS 1.3',
      [tls(ServerTls.istioMutual({ minProtocolVersion: 'TLSV1_3', cipherSuites: ['AES128-SHA'] }))],
      'servers[0].tls.cipherSuites are for TLS up to 1.2, but minProtocolVersion is TLSV1_3: leave out one of them',
    ],
    [
      'a cipher twice',
      [tls(ServerTls.istioMutual({ cipherSuites: ['AES128-SHA', 'AES256-SHA', 'AES128-SHA'] }))],
      'servers[0].tls.cipherSuites has AES128-SHA twice: remove the duplicate',
    ],
  ])('refuses %s', (_, given, problem) => {
    expect(() => servers(...given)).toThrow(new Error(`Gateway mesh/border: ${problem}`));
  });

  test('reports all else that is wrong at once', () => {
    const rule = 'write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit';
    expect(() => gateway({ name: 'a.b', namespace: 'The shop', selector: { app: '?' } })).toThrow(
      new Error(
        [
          `gateway 'a.b' is not a valid name: ${rule}`,
          `namespace 'The shop' is not a valid name: ${rule}`,
          "selector { app: '?' } is not a valid label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
        ]
          .map((line) => `Gateway mesh/border: ${line}`)
          .join('\n'),
      ),
    );
  });

  test.each<[string, object, string]>([
    [
      'an installed gateway that cannot be',
      { ingressGateway: { name: 'In' } },
      "ingressGateway 'In' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
    ],
    [
      'two choices of pods',
      { ingressGateway: { name: 'in' }, selector: { app: 'in' } },
      'has both ingressGateway and selector: leave out one of them',
    ],
    ['no choice of pods', {}, 'selects no pods: set ingressGateway or selector'],
  ])('refuses %s', (_, selection, problem) => {
    const props = { namespace: 'shop', servers: [HTTP], ...selection } as unknown as GatewayProps;
    expect(() => new Gateway(emptyChart(), 'border', props)).toThrow(new Error(`Gateway mesh/border: ${problem}`));
  });
});
