import { readFileSync } from 'node:fs';
import { Duration } from 'cdk8s';
import {
  ClusterSize,
  ForwardClientCertDetails,
  IstioCharts,
  MeshNamespace,
  OutboundTrafficPolicyMode,
  PodInjection,
  ProxyLogLevel,
  SidecarSettings,
  type SidecarSettingsOptions,
} from 'istio-module';
import { parse } from 'yaml';
import { isOfIstio } from '../../control-plane/apply-in-order';
import { until, type KubeClient } from '../../control-plane/kube-client';
import { MeshCluster } from '../../e2e/mesh-cluster';
import { EVERY_AUTHORIZER } from '../security/every-external-authorizer';
import { emptyChart, fakeModule, synthesized, type Manifest } from '../synthesis';

interface Container {
  readonly name: string;
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly resources?: object;
  readonly lifecycle?: { readonly postStart?: object };
  readonly restartPolicy?: string;
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string; readonly readOnly?: boolean }[];
}

interface Pod {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: {
    readonly containers: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly volumes?: readonly { readonly name: string; readonly emptyDir?: object }[];
  };
}

describe('sidecars that a real istiod injects', () => {
  let cluster: MeshCluster;
  let client: KubeClient;

  beforeAll(async () => {
    cluster = await MeshCluster.start({ seed: false });
    ({ client } = cluster);
    const { programs } = cluster.controlPlane;
    const chart = emptyChart();
    fakeModule(chart, {
      helmExecutable: programs.helm,
      charts: IstioCharts.directory(programs.istioCharts),
      clusterSize: ClusterSize.SMALL,
      compatibilityVersion: '1.30',
      meshConfig: {
        trustDomain: 'prod.example.com',
        trustDomainAliases: ['cluster.local'],
        outboundTrafficPolicy: { mode: OutboundTrafficPolicyMode.REGISTRY_ONLY },
        discoverySelectors: [
          { matchLabels: { 'istio-injection': 'enabled' } },
          { matchExpressions: [{ key: 'env', operator: 'In', values: ['prod'] }] },
          { matchExpressions: [{ key: 'env', operator: 'Exists' }] },
        ],
      },
      defaultConfig: {
        dnsCapture: true,
        drainDuration: Duration.seconds(90),
        terminationDrainDuration: '1m30s',
        gatewayTopology: {
          numTrustedProxies: 2,
          forwardClientCertDetails: ForwardClientCertDetails.APPEND_FORWARD,
        },
        proxyStatsMatcher: {
          inclusionPrefixes: ['cluster.outbound'],
          inclusionSuffixes: ['upstream_rq_timeout'],
          inclusionRegexps: ['.*outlier_detection.*'],
        },
      },
      externalAuthorizers: EVERY_AUTHORIZER,
    });
    new MeshNamespace(chart, 'shop', { name: 'shop' });
    const manifests = synthesized(chart).filter((one) => !isOfIstio(one));
    for (const manifest of manifests) await client.apply(manifest);
    await cluster.istiod.ready();
  }, 1_800_000);

  afterAll(async () => {
    await cluster.stop();
  });

  /** The pod as the API server and its webhooks would return it; it is not stored. */
  async function injected(metadata: object): Promise<Pod> {
    const pod = { metadata: { name: 'db', ...metadata }, spec: { containers: [{ name: 'db', image: 'db' }] } };
    let made: Pod | undefined;
    await until(async () => {
      // Until istiod has set its certificate authority in the webhook configuration, the API server cannot call the
      // webhook.
      made = await client
        .raw<Pod>('POST', '/api/v1/namespaces/shop/pods?dryRun=All', { apiVersion: 'v1', kind: 'Pod', ...pod })
        .catch((error: unknown) => {
          if (String(error).includes('webhook')) return undefined;
          throw error;
        });
      return made !== undefined;
    }, 'an answer of the injector');
    return made as Pod;
  }

  const settings = async (options: SidecarSettingsOptions) => {
    const pod = await injected(new SidecarSettings(options).metadata({ labels: { app: 'db' } }));
    const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
    const proxy = all.find(({ name }) => name === 'istio-proxy');
    const env = (name: string) => proxy?.env?.find((one) => one.name === name)?.value;
    return { pod, proxy, env, config: JSON.parse(env('PROXY_CONFIG') ?? '{}') as Record<string, unknown> };
  };

  test('carry the mesh configuration, which istiod accepts', async () => {
    const { config, env, proxy } = await settings({ logLevel: ProxyLogLevel.WARNING });
    expect(config).toMatchObject({
      drainDuration: '90s',
      terminationDrainDuration: '90s',
      holdApplicationUntilProxyStarts: true,
      proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true' },
      gatewayTopology: { numTrustedProxies: 2, forwardClientCertDetails: 'APPEND_FORWARD' },
      proxyStatsMatcher: {
        inclusionPrefixes: ['cluster.outbound'],
        inclusionSuffixes: ['upstream_rq_timeout'],
        inclusionRegexps: ['.*outlier_detection.*'],
      },
    });
    expect(env('ISTIO_META_DNS_CAPTURE')).toBe('true');
    expect(env('TRUST_DOMAIN')).toBe('prod.example.com');
    expect(proxy?.resources).toEqual({
      requests: { cpu: '20m', memory: '64Mi' },
      limits: { cpu: '2', memory: '1Gi' },
    });
    const log = readFileSync(cluster.istiod.logFile, 'utf8');
    const [, read = ''] = /mesh configuration: (.*?)^\d{4}-/ms.exec(log) ?? [];
    expect(parse(read)).toMatchObject({
      trustDomain: 'prod.example.com',
      trustDomainAliases: ['cluster.local'],
      // istiod does not print the mode REGISTRY_ONLY, because it is the first value of its enum; the default would be
      // ALLOW_ANY.
      outboundTrafficPolicy: {},
      discoverySelectors: [
        { matchLabels: { 'istio-injection': 'enabled' } },
        { matchExpressions: [{ key: 'env', operator: 'In', values: ['prod'] }] },
        { matchExpressions: [{ key: 'env', operator: 'Exists' }] },
      ],
      extensionProviders: expect.arrayContaining(
        EVERY_AUTHORIZER.map((authorizer) => authorizer.extensionProvider()),
      ) as unknown,
    });
    expect(/ALLOW_ANY|invalid (mesh config|extension provider)|deprecated/.exec(log)).toBeNull();
  }, 60_000);

  test('are what the settings of a workload say', async () => {
    const { pod, proxy, config, env } = await settings({
      injection: PodInjection.ENABLED,
      resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '1', memory: '512Mi' } },
      image: 'registry.example.com/istio/proxyv2:1.31.1-fips',
      includeInboundPorts: '*',
      excludeInboundPorts: [9090, 9091],
      includeOutboundPorts: [5432],
      excludeOutboundPorts: [3306],
      includeOutboundIPRanges: '*',
      excludeOutboundIPRanges: ['10.0.0.0/8', '2001:db8::/32'],
      proxyConfig: {
        holdApplicationUntilProxyStarts: false,
        terminationDrainDuration: Duration.seconds(20),
        concurrency: 2,
        dnsCapture: false,
      },
      nativeSidecar: false,
      logLevel: ProxyLogLevel.INFO,
      componentLogLevels: { http: ProxyLogLevel.DEBUG, ext_authz: ProxyLogLevel.TRACE },
      volumes: [{ name: 'certs', source: { emptyDir: {} }, mountPath: '/etc/certs' }],
    });
    expect(pod.spec.containers.map(({ name }) => name)).toContain('istio-proxy');
    expect(proxy).toMatchObject({
      image: 'registry.example.com/istio/proxyv2:1.31.1-fips',
      resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '1', memory: '512Mi' } },
    });
    expect(proxy?.args).toEqual(
      expect.arrayContaining(['--proxyLogLevel=info', '--proxyComponentLogLevel=http:debug,ext_authz:trace']),
    );
    expect(proxy?.lifecycle?.postStart).toBeUndefined();
    expect(config).toMatchObject({
      concurrency: 2,
      holdApplicationUntilProxyStarts: false,
      terminationDrainDuration: '20s',
      drainDuration: '90s',
    });
    expect(env('ISTIO_META_DNS_CAPTURE')).toBe('false');
    expect(proxy?.volumeMounts).toContainEqual({ name: 'certs', mountPath: '/etc/certs', readOnly: true });
    expect(pod.spec.volumes).toContainEqual({ name: 'certs', emptyDir: {} });
    // The CNI node agent reads the annotations; the arguments show what the injector made of them.
    expect(pod.spec.initContainers?.find(({ name }) => name === 'istio-validation')?.args?.join(' ')).toContain(
      '-i * -x 10.0.0.0/8,2001:db8::/32 -b * -d 15090,15021,9090,9091,15020 -q 5432 -o 3306',
    );
  }, 60_000);

  test('redirect listed ports and blocks alone, or none', async () => {
    const args = async (options: SidecarSettingsOptions) =>
      (await settings(options)).pod.spec.initContainers?.find(({ name }) => name === 'istio-validation')?.args;
    expect(await args({ includeInboundPorts: [80, 8080], includeOutboundIPRanges: ['10.96.0.0/12'] })).toEqual(
      expect.arrayContaining(['80,8080', '10.96.0.0/12']),
    );
    const none = (await args({ includeInboundPorts: [], includeOutboundIPRanges: [] })) ?? [];
    expect([none[none.indexOf('-b') + 1], none[none.indexOf('-i') + 1]]).toEqual(['', '']);
  }, 60_000);

  test('hold the application by default, and are native where a setting says so', async () => {
    const held = await settings({ nativeSidecar: false });
    expect(held.proxy?.lifecycle?.postStart).toBeDefined();
    expect(held.proxy?.restartPolicy).toBeUndefined();
    const native = await settings({ nativeSidecar: true });
    expect(native.pod.spec.containers.map(({ name }) => name)).toEqual(['db']);
    expect(native.proxy?.restartPolicy).toBe('Always');
  }, 60_000);

  test('are left out of a pod without injection', async () => {
    const { pod, proxy } = await settings({ injection: PodInjection.DISABLED });
    expect(proxy).toBeUndefined();
    expect(pod.spec.containers.map(({ name }) => name)).toEqual(['db']);
  }, 60_000);

  test('would be refused with an invalid value', async () => {
    const annotations: Manifest['metadata']['annotations'] = { 'traffic.sidecar.istio.io/excludeInboundPorts': 'http' };
    await expect(
      client.raw('POST', '/api/v1/namespaces/shop/pods?dryRun=All', {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'db', annotations },
        spec: { containers: [{ name: 'db', image: 'db' }] },
      }),
    ).rejects.toThrow("invalid value 'http' for annotation 'traffic.sidecar.istio.io/excludeInboundPorts'");
  }, 60_000);
});
