import { disagreements, disagreementText } from '../../../lib/engine/injector/injector-agreement';
import { leavesOf, type InjectorConfiguration } from '../../../lib/engine/istio/injector-configuration';
import type { Sidecar } from '../../../lib/engine/injector/sidecar';

const configured = (proxyConfig: object = {}, rest: Partial<InjectorConfiguration> = {}): InjectorConfiguration => ({
  image: undefined,
  resources: undefined,
  proxyConfig: leavesOf(proxyConfig),
  ...rest,
});

const probe = (proxyConfig: object = {}, fields: Record<string, unknown> = {}): Sidecar => ({
  revision: 'default',
  containers: {
    'istio-proxy': {
      placement: 'container',
      fields: { image: 'proxy:1', env: { PROXY_CONFIG: `${JSON.stringify(proxyConfig)}\n` }, ...fields },
    },
  },
  volumes: {},
});

describe('disagreements', () => {
  test('are none when the configuration leaves everything open', () => {
    expect(disagreements(configured(), probe({}, { resources: { limits: { cpu: '2' } } }))).toEqual([]);
  });

  test('name the image, unless a ProxyConfig resource decides it', () => {
    const wanted = configured({}, { image: 'proxy:2' });
    expect(disagreements(wanted, probe())).toEqual([{ what: 'image', configured: 'proxy:2', injected: 'proxy:1' }]);
    expect(disagreements(wanted, probe(), new Set(['image']))).toEqual([]);
  });

  test('name each resource, but not another notation of the same amount', () => {
    const wanted = configured(
      {},
      { resources: { limits: { cpu: '2000m', memory: '1Gi' }, requests: { cpu: '100m' } } },
    );
    const given = probe({}, { resources: { limits: { cpu: '2', memory: '512Mi' } } });
    expect(disagreements(wanted, given)).toEqual([
      { what: 'resources.limits.memory', configured: '1Gi', injected: '512Mi' },
      { what: 'resources.requests.cpu', configured: '100m', injected: '(none)' },
    ]);
  });

  test('name a field of the proxies that is new, changed or gone', () => {
    expect(
      disagreements(configured({ concurrency: 4, tracing: { sampling: 1 } }), probe({ concurrency: 2, statusPort: 1 })),
    ).toEqual([
      { what: 'defaultConfig.concurrency', configured: '4', injected: '2' },
      { what: 'defaultConfig.tracing.sampling', configured: '1', injected: '(none)' },
      { what: 'defaultConfig.statusPort', configured: '(none)', injected: '1' },
    ]);
  });

  test.each([
    [{ drainDuration: '45s' }, {}],
    [{ interceptionMode: 'REDIRECT' }, {}],
    [{ tracing: { sampling: 0 } }, { tracing: {} }],
    [{ parentShutdownDuration: '60s' }, {}],
    [{ proxyMetadata: {}, extraStatTags: [] }, {}],
    [{ terminationDrainDuration: '1m' }, { terminationDrainDuration: '60s' }],
    [{}, { discoveryAddress: 'istiod.istio-system.svc:15012' }],
  ])('are none between %j and %j, which mean the same', (wanted, given) => {
    expect(disagreements(configured(wanted), probe(given))).toEqual([]);
  });

  test.each<[object, object, string]>([
    [{ concurrency: 0 }, {}, 'concurrency'],
    [{ holdApplicationUntilProxyStarts: false }, {}, 'holdApplicationUntilProxyStarts'],
    [{ interceptionMode: 'NONE' }, {}, 'interceptionMode'],
    [{ proxyMetadata: { A: '' } }, {}, 'proxyMetadata.A'],
    [{ tracing: { sampling: 0 } }, {}, 'tracing.sampling'],
    [{ gatewayTopology: { proxyProtocol: {} } }, {}, 'gatewayTopology.proxyProtocol'],
  ])('distinguish %j from %j in both directions', (some, none, path) => {
    expect(disagreements(configured(some), probe(none)).map(({ what }) => what)).toEqual([`defaultConfig.${path}`]);
    expect(disagreements(configured(none), probe(some)).map(({ what }) => what)).toEqual([`defaultConfig.${path}`]);
  });

  test('name a limit that is gone, unless a LimitRange has added it or the request is the limit', () => {
    const wanted = configured({}, { resources: { limits: { memory: '1Gi' } } });
    const given = probe({}, { resources: { limits: { cpu: '2', memory: '1Gi' }, requests: { memory: '1Gi' } } });
    expect(disagreements(wanted, given)).toEqual([
      { what: 'resources.limits.cpu', configured: '(none)', injected: '2' },
    ]);
    expect(disagreements(wanted, given, new Set(), true)).toEqual([]);
  });

  test('leave out the fields that a ProxyConfig resource decides', () => {
    const wanted = configured({ concurrency: 4, proxyMetadata: { A: '1' } });
    expect(disagreements(wanted, probe(), new Set(['concurrency', 'proxyMetadata']))).toEqual([]);
  });

  test.each([undefined, 'not json'])('are none for proxies whose configuration is %s', (text) => {
    expect(disagreements(configured({ concurrency: 4 }), probe({}, { env: { PROXY_CONFIG: text } }))).toEqual([]);
  });

  test('show values that Istio decides, and say of all others only that they differ', () => {
    const secret = 'ghp_16C7e42F292c6912E7710c838347Ae178B4a';
    const wanted = configured(
      {
        proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true', TOKEN: secret },
        tracing: { zipkin: { address: `a:${secret}@zipkin:9411` }, customTags: { a: { literal: { value: secret } } } },
        proxyStatsMatcher: { inclusionPrefixes: ['cluster', secret] },
      },
      { image: `a/proxy@${secret}`, resources: { limits: { cpu: secret } } },
    );
    const found = disagreements(wanted, probe({ proxyMetadata: { TOKEN: 'b' }, proxyStatsMatcher: {} }));
    expect(JSON.stringify(found)).not.toContain(secret);
    expect(found.map(disagreementText)).toEqual([
      'image is (not shown) in the ConfigMaps and proxy:1 in an injected pod',
      'resources.limits.cpu is (not shown) in the ConfigMaps and (none) in an injected pod',
      'defaultConfig.proxyMetadata.ISTIO_META_DNS_CAPTURE is true in the ConfigMaps and (none) in an injected pod',
      'defaultConfig.proxyMetadata.TOKEN differs between the ConfigMaps and an injected pod',
      'defaultConfig.tracing.zipkin.address is (not shown) in the ConfigMaps and (none) in an injected pod',
      'defaultConfig.tracing.customTags.a.literal.value is (not shown) in the ConfigMaps and (none) in an injected pod',
      'defaultConfig.proxyStatsMatcher.inclusionPrefixes.0 is cluster in the ConfigMaps and (none) in an injected pod',
      'defaultConfig.proxyStatsMatcher.inclusionPrefixes.1 is (not shown) in the ConfigMaps and (none) in an injected pod',
    ]);
  });
});
