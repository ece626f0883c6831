import { changes, differences } from '../../../lib/engine/injector/differences';
import type { Sidecar } from '../../../lib/engine/injector/sidecar';
import { differenceLines } from '../../../lib/engine/report/difference-lines';
import { SECRET_SAMPLES } from './secret-samples';

type Fields = Readonly<Record<string, unknown>>;

const sidecar = (fields: Fields = {}, { name = 'istio-proxy', revision = 'default', volumes = {} } = {}): Sidecar => ({
  revision,
  containers: { [name]: { placement: 'container', fields } },
  volumes,
});
const env = (name: string, value: unknown) => sidecar({ env: { [name]: value } });
const config = (fields: Fields) => env('PROXY_CONFIG', JSON.stringify(fields));
const volume = (source: Fields) => sidecar({}, { volumes: { data: source } });
const linesOf = (old: Sidecar, now: Sidecar) => differenceLines(differences(old, now));

/** Places whose content is not Istio's: not even a word of it may be shown. */
const HIDDEN: Readonly<Record<string, (value: string) => Sidecar>> = {
  'a variable': (value) => env('DB_PASS', value),
  'a variable of a harmless name': (value) => env('GREETING', value),
  'a variable that is called as a property of every object': (value) => env('constructor', value),
  'a field of JSON in a variable': (value) => env('SETTINGS', JSON.stringify({ database: { key: value } })),
  'the name of a field of JSON in a variable': (value) => env('SETTINGS', JSON.stringify({ [value]: 1 })),
  'the headers of an exporter': (value) => env('OTEL_EXPORTER_OTLP_HEADERS', `x=${value}`),
  'attributes that annotations decide': (value) => env('OTEL_RESOURCE_ATTRIBUTES', `service.owner=${value}`),
  'annotations in a variable': (value) => env('ISTIO_METAJSON_ANNOTATIONS', JSON.stringify({ note: value })),
  'the settings of scraping, from annotations': (value) =>
    env('ISTIO_PROMETHEUS_ANNOTATIONS', JSON.stringify({ scrape: 'true', path: `/${value}` })),
  'the probes of the application': (value) =>
    env('ISTIO_KUBE_APP_PROBERS', JSON.stringify({ '/app-health/cart/livez': { httpGet: { path: `/${value}` } } })),
  'the source of a variable': (value) => env('KEY', { secretKeyRef: { name: 'shop', key: value } }),
  'an argument': (value) => sidecar({ args: ['proxy', 'sidecar', value] }),
  'the value of an option': (value) => sidecar({ args: ['proxy', '--user', `a:${value}`] }),
  'an option with its value': (value) => sidecar({ args: ['proxy', `--tokens=${value}`] }),
  'a variable of the proxies': (value) => config({ proxyMetadata: { DB_PASS: value } }),
  'a token of tracing': (value) => config({ tracing: { lightstep: { address: 'a:1', accessToken: value } } }),
  'a tag of tracing': (value) => config({ tracing: { customTags: { owner: { literal: { value } } } } }),
  'a certificate authority': (value) => config({ caCertificatesPem: [value] }),
  'the name of a server': (value) => config({ proxyHeaders: { server: { value } } }),
  'a field that proxies do not have': (value) => config({ further: { value } }),
  'the attributes of a volume': (value) => volume({ csi: { driver: 'a', volumeAttributes: { share: value } } }),
  'the options of a volume': (value) => volume({ flexVolume: { driver: 'a', options: { share: value } } }),
  'the user of a volume': (value) => volume({ rbd: { user: value } }),
  'a header of a probe': (value) =>
    sidecar({ readinessProbe: { httpGet: { httpHeaders: [{ name: 'x-key', value }] } } }),
  'the command of a hook': (value) => sidecar({ lifecycle: { preStop: { exec: { command: ['sh', '-c', value] } } } }),
  'the command of a probe': (value) => sidecar({ livenessProbe: { exec: { command: ['sh', value] } } }),
  'a command': (value) => sidecar({ command: ['sh', value] }),
  'a label of SELinux': (value) => sidecar({ securityContext: { seLinuxOptions: { user: value } } }),
  'a part of a volume': (value) =>
    sidecar({ volumeMounts: { '/etc/data': { name: 'data', subPath: value, subPathExpr: value } } }),
  'a directory to work in': (value) => sidecar({ workingDir: value }),
  'the image of a further container': (value) => sidecar({ image: `shop/cart:${value}` }, { name: 'helper' }),
  'a variable of a container that is called as another part': (value) =>
    sidecar({ env: { A: value }, emptyDir: { medium: value }, global: { hub: value } }, { name: 'volumes' }),
};

/** Settings of Istio, which are shown if they have a form that Istio accepts there. */
const SHAPED: Readonly<Record<string, (value: string) => Sidecar>> = {
  'the address of istiod': (value) => env('CA_ADDR', value),
  'the address of istiod with a user': (value) => env('CA_ADDR', `a:${value}@istiod.istio-system.svc:15012`),
  "the cluster's name": (value) => env('ISTIO_META_CLUSTER_ID', value),
  'the trust domain': (value) => env('TRUST_DOMAIN', value),
  'the owner of the pod': (value) => env('ISTIO_META_OWNER', `kubernetes://apis/apps/v1/${value}`),
  'the containers of the pod': (value) => env('ISTIO_META_APP_CONTAINERS', `cart,${value}`),
  'the ports of the pod': (value) => env('ISTIO_META_POD_PORTS', JSON.stringify([{ containerPort: 1, name: value }])),
  'a variable for numbers': (value) => env('GOMAXPROCS', value),
  'a level of logs': (value) => sidecar({ args: ['proxy', `--proxyLogLevel=${value}`] }),
  'levels of logs by scope': (value) => sidecar({ args: ['proxy', `--proxyComponentLogLevel=${value}:debug`] }),
  'the domain': (value) => sidecar({ args: ['proxy', '--domain', value] }),
  'ranges of addresses': (value) => sidecar({ args: ['istio-iptables', '-i', value] }),
  'ports to leave out': (value) => sidecar({ args: ['istio-iptables', '-d', `15090,${value}`] }),
  'the address of Zipkin': (value) => config({ tracing: { zipkin: { address: value } } }),
  'the address of Zipkin with a user': (value) => config({ tracing: { zipkin: { address: `${value}@zipkin:9411` } } }),
  'the address of Zipkin with a query': (value) =>
    config({ tracing: { zipkin: { address: `zipkin:9411/?${value}` } } }),
  'the address of Datadog': (value) => config({ tracing: { datadog: { address: `http://a:${value}@b` } } }),
  'a setting of the mesh in proxyMetadata': (value) => config({ proxyMetadata: { ISTIO_META_DNS_CAPTURE: value } }),
  'a name of statistics': (value) => config({ proxyStatsMatcher: { inclusionPrefixes: [value] } }),
  'the name of the service': (value) => config({ serviceCluster: value }),
  'a type of image': (value) => config({ image: { imageType: value } }),
  'a duration': (value) => config({ drainDuration: value }),
  'a file': (value) => config({ customConfigFile: `/${value}` }),
  'the directory of a node': (value) => volume({ hostPath: { path: `/${value}` } }),
  'a medium': (value) => volume({ emptyDir: { medium: value, sizeLimit: value } }),
  'the audience of a token': (value) =>
    volume({ projected: { sources: [{ serviceAccountToken: { audience: value } }] } }),
  'the path of a probe': (value) => sidecar({ readinessProbe: { httpGet: { path: `/${value}`, port: 15021 } } }),
  'where a message is left': (value) => sidecar({ terminationMessagePath: `/dev/${value}` }),
  'a resource': (value) => sidecar({ resources: { limits: { cpu: value } } }),
  'a capability': (value) => sidecar({ securityContext: { capabilities: { add: [value] } } }),
  'the revision': (value) => sidecar({}, { revision: value }),
};

/** Whether a piece of the text is shown that would help anybody to find the text. */
function isLeaked(secret: string, shown: string): boolean {
  const text = JSON.stringify(secret).slice(1, -1);
  const length = Math.min(text.length, 10);
  const pieces = Array.from({ length: text.length - length + 1 }, (_, start) => text.slice(start, start + length));
  return pieces.some((piece) => shown.includes(piece));
}

describe('of what Istio does not decide', () => {
  const OTHER = 'Tr0ub4dor3-and-b4ttery/St4ple';
  const PLAIN = { 'a plain word': 'correcthorsebatterystaple', 'a number': '314159265358' };
  const cases = (places: typeof HIDDEN, samples: typeof SECRET_SAMPLES) =>
    Object.entries(places).map(([place, at]) => [place, at, samples] as const);

  test.each([...cases(HIDDEN, { ...SECRET_SAMPLES, ...PLAIN }), ...cases(SHAPED, SECRET_SAMPLES)])(
    'nothing is shown in %s',
    (_, at, samples) => {
      const none = sidecar({}, { name: Object.keys(at('').containers).join('') });
      const leaked = Object.entries(samples).flatMap(([what, sample]) =>
        (
          [
            [at(OTHER), at(sample)],
            [none, at(sample)],
            [at(sample), none],
            [at(''), at(sample)],
          ] as const
        ).flatMap(([old, now]) => {
          const found = differences(old, now);
          const shown = JSON.stringify(found);
          return found.length === 0 || isLeaked(sample, shown) || isLeaked(OTHER, shown) ? [`${what}: ${shown}`] : [];
        }),
      );
      expect(leaked).toEqual([]);
    },
  );

  test('nothing is shown of a configuration of the injector', () => {
    const leaked = Object.values(SECRET_SAMPLES).flatMap((sample) => {
      const annotation = JSON.stringify({ proxyMetadata: { A: sample } });
      const found = [
        ...changes('annotations', {}, { note: sample, 'proxy.istio.io/config': annotation }),
        ...changes('config', {}, { templates: { sidecar: sample } }),
        ...changes(
          'values',
          { global: {} },
          { pilot: { env: { A: sample } }, global: { hub: sample, network: sample } },
        ),
        ...changes('meshConfig', {}, { rootNamespace: sample, extensionProviders: [{ name: sample }] }),
        ...changes('env', {}, { PILOT_PASS: sample }),
        ...changes('network', undefined, sample),
      ];
      const shown = JSON.stringify(found);
      return found.length < 7 || isLeaked(sample, shown) ? [shown] : [];
    });
    expect(leaked).toEqual([]);
  });

  test('only the names are shown', () => {
    expect(linesOf(env('DB_PASS', 'a'), env('DB_PASS', 'b'))).toEqual(['istio-proxy: env.DB_PASS (changed)']);
    expect(linesOf(sidecar({ env: {} }), env('DB_PASS', 'b'))).toEqual([
      'istio-proxy: env.DB_PASS (none) → (not shown)',
    ]);
    expect(linesOf(config({ proxyMetadata: { A: 'a' } }), config({ proxyMetadata: { A: 'b' } }))).toEqual([
      'istio-proxy: env.PROXY_CONFIG.proxyMetadata.A (changed)',
    ]);
    expect(linesOf(sidecar(), sidecar({ env: { DB_PASS: 'a', CA_ADDR: 'istiod:15012' } }))).toEqual([
      'istio-proxy: env (none) → {"CA_ADDR":"istiod:15012","DB_PASS":"(not shown)"}',
    ]);
  });

  test('invalid names are shown together, as a change of the object that has them', () => {
    const odd = (value: string) => sidecar({ env: { 'a b': value, ['c'.repeat(101)]: value, CA_ADDR: value } });
    expect(linesOf(odd('a:1'), odd('b:1'))).toEqual([
      'istio-proxy: env.CA_ADDR a:1 → b:1',
      'istio-proxy: env (changed)',
    ]);
  });
});

describe('of what Istio decides, the value is shown', () => {
  const zipkin = (address: string) => config({ tracing: { zipkin: { address } } });
  const iptables = (...args: readonly string[]) =>
    sidecar({ args: ['istio-iptables', ...args] }, { name: 'istio-init' });
  test.each<[string, Sidecar, Sidecar, string]>([
    [
      'another version',
      sidecar({ image: 'docker.io/istio/proxyv2:1.30.2' }),
      sidecar({ image: 'docker.io/istio/proxyv2:1.31.1' }),
      'istio-proxy: image docker.io/istio/proxyv2:1.30.2 → docker.io/istio/proxyv2:1.31.1',
    ],
    [
      'an image by its digest',
      sidecar({ image: 'localhost:5000/proxyv2' }),
      sidecar({ image: `localhost:5000/proxyv2@sha256:${'0a'.repeat(32)}` }),
      `istio-proxy: image localhost:5000/proxyv2 → localhost:5000/proxyv2@sha256:${'0a'.repeat(32)}`,
    ],
    [
      'resources',
      sidecar({ resources: { requests: { cpu: '100m' } } }),
      sidecar({ resources: { requests: { cpu: '200m' } } }),
      'istio-proxy: resources.requests.cpu 100m → 200m',
    ],
    [
      'the concurrency',
      config({ concurrency: 2 }),
      config({ concurrency: 4 }),
      'istio-proxy: env.PROXY_CONFIG.concurrency 2 → 4',
    ],
    [
      'the address of Zipkin',
      zipkin('zipkin.istio-system:9411'),
      zipkin('$(HOST_IP):9411'),
      'istio-proxy: env.PROXY_CONFIG.tracing.zipkin.address zipkin.istio-system:9411 → $(HOST_IP):9411',
    ],
    [
      'an address of IPv6',
      zipkin('10.0.0.1:9411'),
      zipkin('[fd00::1]:9411'),
      'istio-proxy: env.PROXY_CONFIG.tracing.zipkin.address 10.0.0.1:9411 → [fd00::1]:9411',
    ],
    [
      'whether the application waits',
      config({}),
      config({ holdApplicationUntilProxyStarts: true }),
      'istio-proxy: env.PROXY_CONFIG.holdApplicationUntilProxyStarts (none) → true',
    ],
    [
      'an object that comes',
      config({}),
      config({ proxyStatsMatcher: { inclusionPrefixes: ['cluster.outbound'] }, proxyMetadata: {} }),
      'istio-proxy: env.PROXY_CONFIG.proxyStatsMatcher (none) → {"inclusionPrefixes":["cluster.outbound"]}',
    ],
    [
      'a setting of the mesh in proxyMetadata',
      config({ proxyMetadata: {} }),
      config({ proxyMetadata: { ISTIO_META_DNS_CAPTURE: 'true' } }),
      'istio-proxy: env.PROXY_CONFIG.proxyMetadata.ISTIO_META_DNS_CAPTURE (none) → true',
    ],
    [
      'levels of logs',
      sidecar({ args: ['proxy', '--proxyComponentLogLevel=misc:error', '--log_output_level=default:info'] }),
      sidecar({ args: ['proxy', '--proxyComponentLogLevel=misc:error,rbac:debug', '--log_output_level=debug'] }),
      'istio-proxy: args ["--proxyComponentLogLevel=misc:error","--log_output_level=default:info"] → ["--proxyComponentLogLevel=misc:error,rbac:debug","--log_output_level=debug"]',
    ],
    [
      'the domain',
      sidecar({ args: ['proxy', '--domain', '$(POD_NAMESPACE).svc.cluster.local'] }),
      sidecar({ args: ['proxy', '--domain', '$(POD_NAMESPACE).svc.example.com'] }),
      'istio-proxy: args ["$(POD_NAMESPACE).svc.cluster.local"] → ["$(POD_NAMESPACE).svc.example.com"]',
    ],
    [
      'what is redirected',
      iptables('-i', '*', '-x', '', '-d', '15090,15021'),
      iptables('-i', '10.0.0.0/8,fd00::/8', '-x', '10.1.0.0/16', '-d', '15090,15021,15020'),
      'istio-init: args ["*","-x","","-d","15090,15021"] → ["10.0.0.0/8,fd00::/8","-x","10.1.0.0/16","-d","15090,15021,15020"]',
    ],
    [
      'a variable that comes',
      sidecar({ env: {} }),
      env('TRUST_DOMAIN', 'cluster.local'),
      'istio-proxy: env.TRUST_DOMAIN (none) → cluster.local',
    ],
    [
      'where a variable comes from',
      sidecar({ env: {} }),
      env('INSTANCE_IP', { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } }),
      'istio-proxy: env.INSTANCE_IP (none) → {"fieldRef":{"apiVersion":"v1","fieldPath":"status.podIP"}}',
    ],
    [
      'a volume',
      sidecar(),
      volume({ configMap: { name: 'istio-ca-root-cert', defaultMode: 420 } }),
      'volumes: data (none) → {"configMap":{"defaultMode":420,"name":"istio-ca-root-cert"}}',
    ],
  ])('%s', (_, old, now, line) => {
    expect(linesOf(old, now)).toContain(line);
  });

  test('unless Istio does not accept such a value there', () => {
    expect(linesOf(zipkin('zipkin:9411'), zipkin('https://zipkin:9411'))).toEqual([
      'istio-proxy: env.PROXY_CONFIG.tracing.zipkin.address zipkin:9411 → (not shown)',
    ]);
  });
});

/**
 * A pattern or a parser that takes more than linear time does not finish with these texts within the time of a test.
 */
describe('hostile text, much of it a megabyte,', () => {
  const MEGABYTE = 1_000_000;
  const texts: Readonly<Record<string, string>> = {
    words: 'secret'.repeat(MEGABYTE / 6),
    'letters and digits': 'a1'.repeat(MEGABYTE / 2),
    blanks: ' '.repeat(MEGABYTE),
    commas: ','.repeat(MEGABYTE),
    colons: 'a:'.repeat(MEGABYTE / 2),
    slashes: '/a'.repeat(MEGABYTE / 2),
    dots: 'a.'.repeat(MEGABYTE / 2),
    'at signs': 'a@'.repeat(MEGABYTE / 2),
    'lists in lists': '['.repeat(MEGABYTE),
    'closed lists in lists': '['.repeat(MEGABYTE / 2) + ']'.repeat(MEGABYTE / 2),
    'objects in objects': `${'{"a":'.repeat(MEGABYTE / 6)}1${'}'.repeat(MEGABYTE / 6)}`,
    'many fields': JSON.stringify(
      Object.fromEntries(Array.from({ length: MEGABYTE / 20 }, (_, key) => [`field-${String(key)}`, key])),
    ),
    digits: '1'.repeat(MEGABYTE),
  };
  const places = {
    ...HIDDEN,
    ...SHAPED,
    image: (value: string) => sidecar({ image: value }),
    PROXY_CONFIG: (value: string) => env('PROXY_CONFIG', value),
  };

  test.each(Object.entries(texts))('of %s is reported in a few words, wherever it is', (_, text) => {
    for (const at of Object.values(places)) {
      const found = differences(at(text), at(`${text}2`));
      expect(JSON.stringify(found).length).toBeLessThan(2_000);
      expect(isLeaked(text.slice(0, 300), JSON.stringify(found))).toBe(false);
    }
  });

  test('that a parser would take apart is compared as the text that it is', () => {
    const lists = (core: string) => '['.repeat(30_000) + core + ']'.repeat(30_000);
    const objects = (core: string) => `${'{"a":'.repeat(10_000)}${core}${'}'.repeat(10_000)}`;
    for (const deep of [lists, objects]) {
      expect(linesOf(env('A', deep('1')), env('A', deep('2')))).toEqual(['istio-proxy: env.A (changed)']);
      expect(linesOf(env('PROXY_CONFIG', deep('1')), env('PROXY_CONFIG', deep('2')))).toEqual([
        'istio-proxy: env.PROXY_CONFIG (changed)',
      ]);
    }
  });

  test('in many arguments is reported in a few words', () => {
    const many = (last: string) =>
      sidecar({ args: Array.from({ length: MEGABYTE / 10 }, (_, index) => `--${String(index)}=${last}`) });
    expect(linesOf(many('a'), many('b'))).toEqual(['istio-proxy: args (changed)']);
  });
});
