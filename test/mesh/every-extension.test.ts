import { everyExtension } from './every-extension';
import { emptyChart, named, synthesized } from './synthesis';

const chart = emptyChart();
everyExtension(chart);
const manifests = synthesized(chart);

describe('what is rarely used is written in Istio’s own fields:', () => {
  test.each<[string, object]>([
    ['ProxyConfig/shop/threads', { concurrency: 2, image: { imageType: 'debug' } }],
    ['ProxyConfig/shop/variables', { environmentVariables: { A: '1' } }],
    ['WorkloadEntry/shop/vm', { address: '192.0.2.10', ports: { http: 8080 }, locality: 'eu/a', weight: 2 }],
    [
      'WorkloadGroup/shop/vms',
      {
        metadata: { labels: { app: 'vm' }, annotations: { team: 'shop' } },
        template: { ports: { http: 8080 }, serviceAccount: 'vm' },
        probe: {
          initialDelaySeconds: 5,
          periodSeconds: 10,
          failureThreshold: 2,
          httpGet: {
            port: 8080,
            path: '/ready',
            scheme: 'HTTPS',
            httpHeaders: [{ name: 'x-probe', value: '1' }],
          },
        },
      },
    ],
    ['WorkloadGroup/shop/tcp', { template: {}, probe: { tcpSocket: { port: 5432 } } }],
    [
      'EnvoyFilter/shop/patches',
      {
        workloadSelector: { labels: { app: 'web' } },
        priority: -1,
        configPatches: [
          expect.objectContaining({
            applyTo: 'HTTP_FILTER',
            match: {
              context: 'SIDECAR_INBOUND',
              listener: { filterChain: { filter: { name: 'envoy.filters.network.http_connection_manager' } } },
            },
          }),
          {
            applyTo: 'CLUSTER',
            match: { cluster: { service: 'db.shop.svc.cluster.local' } },
            patch: { operation: 'REMOVE' },
          },
        ],
      },
    ],
    [
      'WasmPlugin/shop/auth',
      {
        url: 'oci://registry.example.com/plugins/auth:1.0',
        phase: 'AUTHN',
        vmConfig: {
          env: [
            { name: 'LEVEL', value: 'debug' },
            { name: 'POD_NAME', valueFrom: 'HOST' },
          ],
        },
        match: [{ mode: 'SERVER', ports: [{ number: 8080 }] }],
      },
    ],
    [
      'TrafficExtension/shop/script',
      {
        selector: { matchLabels: { app: 'web' } },
        lua: { inlineCode: 'function envoy_on_request(handle) handle:headers():add("x-shop", "web") end' },
        phase: 'STATS',
        priority: 5,
        match: [{ mode: 'SERVER', ports: [{ number: 8080 }] }],
      },
    ],
    [
      'TrafficExtension/edge/module',
      { wasm: { url: 'oci://registry.example.com/plugins/auth:1.0', failStrategy: 'FAIL_OPEN' } },
    ],
    [
      'AuthorizationPolicy/edge/targets',
      {
        targetRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'public' }],
        rules: [{ from: [{ source: { trustDomains: ['cluster.local'] } }] }],
      },
    ],
    [
      'DestinationRule/shop/in-parts',
      {
        trafficPolicy: {
          connectionPool: { http: { http2KeepAlive: { interval: '10s', timeout: '2s' } } },
          tls: { mode: 'ISTIO_MUTUAL', sni: 'orders.example.com', subjectAltNames: ['spiffe://cluster.local/orders'] },
          portLevelSettings: [
            { port: { number: 8080 }, connectionPool: { tcp: { maxConnections: 10 } }, tls: { mode: 'DISABLE' } },
          ],
          proxyProtocol: { version: 'V2' },
        },
        subsets: [
          { name: 'v1', labels: { version: 'v1' } },
          {
            name: 'v2',
            labels: { version: 'v2' },
            trafficPolicy: { connectionPool: { http: { http2MaxRequests: 5 } } },
          },
          {
            name: 'tunneled',
            trafficPolicy: { tunnel: { targetHost: 'example.com', targetPort: 443, protocol: 'POST' } },
          },
        ],
      },
    ],
    [
      'Sidecar/shop/sockets',
      {
        inboundConnectionPool: { tcp: { maxConnections: 100 } },
        egress: [
          { port: { number: 6379, protocol: 'REDIS' }, bind: '127.0.0.1', hosts: ['./*'] },
          { port: { number: 0 }, bind: 'unix://@egress', hosts: ['*/*'] },
        ],
      },
    ],
    ['ServiceEntry/shop/machines', { resolution: 'DNS', workloadSelector: { labels: { app: 'vm' } } }],
  ])('%s', (title, spec) => {
    expect(named(manifests, title).spec).toMatchObject(spec);
  });

  test('a policy that is tried out has an annotation', () => {
    expect(named(manifests, 'AuthorizationPolicy/shop/tried-out').metadata.annotations).toEqual({
      'istio.io/dry-run': 'true',
    });
  });
});
