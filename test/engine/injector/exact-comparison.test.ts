import { differenceLines } from '../../../lib/engine/report/difference-lines';
import { differences } from '../../../lib/engine/injector/differences';
import type { Container, Pod } from '../../../lib/engine/cluster/objects';
import { sidecarOf } from '../../../lib/engine/injector/sidecar';

const PROXY = {
  name: 'istio-proxy',
  image: 'proxyv2:1.31.1',
  args: ['proxy', 'sidecar', '--domain', '$(POD_NAMESPACE).svc.cluster.local', '--proxyLogLevel=warning'],
  env: [
    { name: 'CA_ADDR', value: 'istiod.istio-system.svc:15012' },
    { name: 'POD_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } } },
    { name: 'PROXY_CONFIG', value: '{"concurrency":2,"proxyMetadata":{"API_TOKEN":"first"}}\n' },
    { name: 'ISTIO_META_POD_PORTS', value: '[\n  {"containerPort":8080},{"containerPort":9090}\n]' },
  ],
  resources: { limits: { cpu: '2', memory: '1Gi' }, requests: { cpu: '100m', memory: '128Mi' } },
  securityContext: { runAsUser: 1337, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  ports: [{ containerPort: 15090, name: 'http-envoy-prom', protocol: 'TCP' }],
  startupProbe: { httpGet: { path: '/healthz/ready', port: 15021 }, periodSeconds: 1, failureThreshold: 600 },
  readinessProbe: { httpGet: { path: '/healthz/ready', port: 15021 }, periodSeconds: 15 },
  lifecycle: { postStart: { exec: { command: ['pilot-agent', 'wait'] } } },
  volumeMounts: [
    { name: 'workload-socket', mountPath: '/var/run/secrets/workload-spiffe-uds' },
    { name: 'istio-token', mountPath: '/var/run/secrets/tokens' },
    { name: 'istio-envoy', mountPath: '/etc/istio/proxy' },
    { name: 'kube-api-access-x7k2p', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true },
  ],
};
const RECORD = {
  initContainers: ['istio-validation'],
  containers: ['istio-proxy'],
  volumes: ['workload-socket', 'istio-envoy', 'istio-token'],
  revision: 'default',
};

/** A pod of an application as istiod injects it, with the fields that istiod sets in its containers. */
function podWith(
  proxy: Partial<Container> = {},
  { volumes = {}, record = {}, annotations = {}, more = [] as readonly Container[], app = {}, native = false } = {},
): Pod {
  const container = { ...PROXY, ...proxy };
  const sources = {
    'workload-socket': { emptyDir: {} },
    'istio-envoy': { emptyDir: { medium: 'Memory' } },
    'istio-token': {
      projected: { sources: [{ serviceAccountToken: { audience: 'istio-ca', expirationSeconds: 43200 } }] },
    },
    ...volumes,
  };
  return {
    metadata: {
      name: 'cart-1',
      uid: 'uid',
      annotations: {
        'istio.io/rev': 'default',
        'sidecar.istio.io/status': JSON.stringify({ ...RECORD, ...record }),
        ...annotations,
      },
    },
    spec: {
      initContainers: [
        { name: 'istio-validation', image: container.image },
        ...(native ? [{ ...container, restartPolicy: 'Always' }] : []),
      ],
      containers: [{ name: 'app', image: 'app:1', ...app }, ...(native ? [] : [container]), ...more],
      volumes: Object.entries(sources).map(([name, source]) => ({ name, ...(source as object) })),
    },
  };
}

const linesOf = (running: Pod, current: Pod) => differenceLines(differences(sidecarOf(running), sidecarOf(current)));
const env = (name: string, value: string) => ({
  env: PROXY.env.map((one) => (one.name === name ? { name, value } : one)),
});

describe('a difference between a running sidecar and the one that the injector gives', () => {
  test.each<[string, Pod, readonly string[]]>([
    [
      'an image, which all containers share',
      podWith({ image: 'proxyv2:1.31.2' }),
      ['istio-proxy, istio-validation: image proxyv2:1.31.1 → proxyv2:1.31.2'],
    ],
    [
      'an argument',
      podWith({ args: [...PROXY.args.slice(0, 4), '--proxyLogLevel=debug'] }),
      ['istio-proxy: args ["--proxyLogLevel=warning"] → ["--proxyLogLevel=debug"]'],
    ],
    [
      'a further argument',
      podWith({ args: [...PROXY.args, '--log_as_json'] }),
      ['istio-proxy: args (none) → ["--log_as_json"]'],
    ],
    [
      'a variable',
      podWith(env('CA_ADDR', 'istiod-canary.istio-system.svc:15012')),
      ['istio-proxy: env.CA_ADDR istiod.istio-system.svc:15012 → istiod-canary.istio-system.svc:15012'],
    ],
    [
      'a variable that comes',
      podWith({ env: [...PROXY.env, { name: 'ISTIO_META_DNS_CAPTURE', value: 'true' }] }),
      ['istio-proxy: env.ISTIO_META_DNS_CAPTURE (none) → true'],
    ],
    [
      'a variable that goes',
      podWith({ env: PROXY.env.slice(1) }),
      ['istio-proxy: env.CA_ADDR istiod.istio-system.svc:15012 → (none)'],
    ],
    [
      'where the value of a variable comes from',
      podWith({
        env: PROXY.env.map((one) =>
          one.valueFrom ? { ...one, valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.uid' } } } : one,
        ),
      }),
      ['istio-proxy: env.POD_NAME.fieldRef.fieldPath metadata.name → metadata.uid'],
    ],
    [
      'a field of the proxy configuration',
      podWith(env('PROXY_CONFIG', '{"proxyMetadata":{"API_TOKEN":"first"},"concurrency":4}')),
      ['istio-proxy: env.PROXY_CONFIG.concurrency 2 → 4'],
    ],
    [
      'an item of a list in a variable',
      podWith(env('ISTIO_META_POD_PORTS', '[{"containerPort":8080},{"containerPort":9091}]')),
      ['istio-proxy: env.ISTIO_META_POD_PORTS [{"containerPort":9090}] → [{"containerPort":9091}]'],
    ],
    [
      'resources',
      podWith({ resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '100m' } } }),
      ['istio-proxy: resources.limits.cpu 2 → 1', 'istio-proxy: resources.requests.memory 128Mi → (none)'],
    ],
    [
      'the security context',
      podWith({ securityContext: { ...PROXY.securityContext, runAsUser: 0, capabilities: { drop: ['NET_RAW'] } } }),
      [
        'istio-proxy: securityContext.capabilities.drop ["ALL"] → ["NET_RAW"]',
        'istio-proxy: securityContext.runAsUser 1337 → 0',
      ],
    ],
    [
      'a port',
      podWith({ ports: [...PROXY.ports, { containerPort: 15021 }] }),
      ['istio-proxy: ports (none) → [{"containerPort":15021}]'],
    ],
    [
      'probes',
      podWith({ startupProbe: undefined, readinessProbe: { ...PROXY.readinessProbe, periodSeconds: 5 } }),
      [
        'istio-proxy: readinessProbe.periodSeconds 15 → 5',
        'istio-proxy: startupProbe {"failureThreshold":600,"httpGet":{"path":"/healthz/ready","port":15021},"periodSeconds":1} → (none)',
      ],
    ],
    [
      'the lifecycle',
      podWith({ lifecycle: { preStop: { exec: { command: ['sleep', '5'] } } } }),
      [
        'istio-proxy: lifecycle.postStart {"exec":{"command":["pilot-agent","wait"]}} → (none)',
        'istio-proxy: lifecycle.preStop (none) → {"exec":{"command":["sleep","5"]}}',
      ],
    ],
    [
      'a volume mount, also where secrets are',
      podWith({
        volumeMounts: [
          { name: 'workload-socket', mountPath: '/var/run/secrets/workload-spiffe-uds', readOnly: true } as never,
          { name: 'istio-token', mountPath: '/var/run/secrets/token' },
          ...PROXY.volumeMounts.slice(2),
        ],
      }),
      [
        'istio-proxy: volumeMounts./var/run/secrets/token (none) → {"name":"istio-token"}',
        'istio-proxy: volumeMounts./var/run/secrets/tokens {"name":"istio-token"} → (none)',
        'istio-proxy: volumeMounts./var/run/secrets/workload-spiffe-uds.readOnly (none) → true',
      ],
    ],
    [
      'a volume of the injector',
      podWith({}, { volumes: { 'istio-envoy': { emptyDir: {} } } }),
      ['volumes: istio-envoy.emptyDir.medium Memory → (none)'],
    ],
    [
      'a volume that the injector adds, with the name of its Secret',
      podWith(
        {},
        {
          volumes: { 'credential-socket': { secret: { secretName: 'ca', optional: true } } },
          record: { volumes: [...RECORD.volumes, 'credential-socket'] },
        },
      ),
      ['volumes: credential-socket (none) → {"secret":{"optional":true,"secretName":"ca"}}'],
    ],
    [
      'the audience of the token',
      podWith({}, { volumes: { 'istio-token': { projected: { sources: [] } } } }),
      [
        'volumes: istio-token.projected.sources [{"serviceAccountToken":{"audience":"istio-ca","expirationSeconds":43200}}] → (none)',
      ],
    ],
    ['the revision', podWith({}, { annotations: { 'istio.io/rev': 'canary' } }), ['istio.io/rev: default → canary']],
    [
      'a proxy that becomes a native sidecar',
      podWith({}, { native: true }),
      ['istio-proxy: placement container → native sidecar', 'istio-proxy: restartPolicy (none) → Always'],
    ],
    [
      'a secret, shown only as changed',
      podWith(env('PROXY_CONFIG', '{"concurrency":2,"proxyMetadata":{"API_TOKEN":"second"}}')),
      ['istio-proxy: env.PROXY_CONFIG.proxyMetadata.API_TOKEN (changed)'],
    ],
    [
      'a long value, from shortly before where it changes',
      podWith({ image: `registry.example/${'mirror/'.repeat(14)}proxyv2:1.31.2` }),
      [`istio-proxy, istio-validation: image proxyv2:1.31.1 → registry.example/${'mirror/'.repeat(11)}mirr…`],
    ],
  ])('is %s', (_, current, expected) => {
    expect(linesOf(podWith(), current)).toEqual(expected);
  });

  test.each<[string, Pod]>([
    ['the image of the application', podWith({}, { app: { image: 'app:2' } })],
    ['a variable of the application', podWith({}, { app: { env: [{ name: 'A', value: 'b' }] } })],
    ['a further container of the application', podWith({}, { more: [{ name: 'helper', image: 'helper' }] })],
    ['a volume of the application', podWith({}, { volumes: { data: { emptyDir: {} } } })],
    [
      'the random name of the token volume',
      podWith({
        volumeMounts: PROXY.volumeMounts.map((mount) =>
          mount.name.startsWith('kube-api') ? { ...mount, name: 'kube-api-access-zzzzz' } : mount,
        ),
      }),
    ],
    ['blanks in JSON', podWith(env('ISTIO_META_POD_PORTS', '[{"containerPort":8080},{"containerPort":9090}]'))],
    ['the order of the variables', podWith({ env: [...PROXY.env].reverse() })],
    ['the order of the mounts', podWith({ volumeMounts: [...PROXY.volumeMounts].reverse() })],
    ['the revision in the record', podWith({}, { record: { revision: 'canary' } })],
  ])('is not %s', (_, current) => {
    expect(linesOf(podWith(), current)).toEqual([]);
  });
});

describe('several injection templates', () => {
  const custom = (image?: string) =>
    podWith(
      {},
      {
        annotations: { 'inject.istio.io/templates': 'sidecar,helper' },
        ...(image
          ? { more: [{ name: 'helper', image }], record: { containers: ['istio-proxy', 'helper'] } }
          : { record: { containers: ['istio-proxy'] } }),
      },
    );

  test.each<[string, Pod, Pod, readonly string[]]>([
    ['is compared', custom('helper:1'), custom('helper:2'), ['helper: image (changed)']],
    ['may be added', custom(), custom('helper:1'), ['helper: (none) → container']],
    ['may be removed', custom('helper:1'), custom(), ['helper: container → (none)']],
  ])('add containers, each of which %s', (_, running, current, expected) => {
    expect(linesOf(running, current)).toEqual(expected);
  });
});

describe('a gateway, which the injector completes', () => {
  const gateway = (image: string, port: number): Pod => ({
    metadata: {
      name: 'ingress-1',
      uid: 'uid',
      annotations: {
        'inject.istio.io/templates': 'gateway',
        'istio.io/rev': 'default',
        'sidecar.istio.io/status': JSON.stringify({ ...RECORD, initContainers: null, containers: null }),
      },
    },
    spec: {
      containers: [{ ...PROXY, image, args: ['proxy', 'router'], ports: [{ containerPort: port }] }],
      volumes: [{ name: 'istio-envoy', emptyDir: { medium: 'Memory' } }],
    },
  });

  test('is compared by its image, and by a port that its user set', () => {
    expect(linesOf(gateway('proxyv2:1.31.1', 8080), gateway('proxyv2:1.31.2', 8443))).toEqual([
      'istio-proxy: image proxyv2:1.31.1 → proxyv2:1.31.2',
      'istio-proxy: ports [{"containerPort":8080}] → [{"containerPort":8443}]',
    ]);
    expect(linesOf(gateway('proxyv2:1.31.1', 8080), gateway('proxyv2:1.31.1', 8080))).toEqual([]);
  });

  test('that was not completed lacks its sidecar as a whole', () => {
    expect(linesOf(gateway('auto', 8080), gateway('proxyv2:1.31.1', 8080))).toEqual([
      'sidecar: (none) → proxyv2:1.31.1',
    ]);
  });
});
