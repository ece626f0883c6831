import { Duration, type Chart } from 'cdk8s';
import {
  AuthorizationPolicy,
  Destination,
  EnvoyFilter,
  EnvoyPatch,
  Gateway,
  HashKey,
  Jwks,
  JwtAuthentication,
  LoadBalancingAlgorithm,
  LocalityLoadBalancing,
  Match,
  MeshNamespace,
  Mirror,
  Requests,
  Resolution,
  ServerTls,
  ServiceEntry,
  Sidecar,
  StrictPeerAuthentication,
  Tokenless,
  TrafficExtension,
  TrafficPolicy,
  WasmPlugin,
  WorkloadEntry,
  WorkloadGroup,
  WorkloadProxyConfig,
  type ContainerResources,
  type IngressListener,
  type SimpleTlsOptions,
  type TrafficExtensionProps,
  type TrafficPolicyProps,
  type TrafficRoute,
} from 'istio-module';
import { renderResources, resourceProblems } from '../../lib/mesh/installation/container-resources';
import { emptyChart } from './synthesis';

const LABEL = `write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit`;
const HOST = `is not a host: write the name of a Service or a domain name, without a port`;
const TO = [Destination.host()];
const policy = (props: Partial<TrafficPolicyProps>) => (chart: Chart) =>
  new TrafficPolicy(chart, 'one', { namespace: 'shop', host: 'reviews', routes: [{ to: TO }], ...props });
const route = (props: Partial<TrafficRoute>) => policy({ routes: [{ to: TO, ...props } as TrafficRoute] });
const keys = (member: object) => (chart: Chart) =>
  new JwtAuthentication(chart, 'one', {
    namespace: 'shop',
    jwtRules: [{ issuer: 'a', jwks: Jwks.inline({ keys: [{ kty: 'RSA', n: 'AAAA', e: 'AQAB', ...member }] }) }],
  });
const jwtNamed = (name: string, tokenless?: Tokenless) => (chart: Chart) =>
  new JwtAuthentication(chart, 'one', {
    namespace: 'shop',
    name,
    tokenless,
    jwtRules: [{ issuer: 'https://a.b', jwks: Jwks.DISCOVERY }],
  });

const numbered = (length: number) => Array.from({ length }, (_, index) => `a${String(index)}`);
const gateways = (length: number) => numbered(length).map((name) => ({ kind: 'Gateway' as const, name }));

describe('what the API server or istiod would refuse', () => {
  test.each<[string, (chart: Chart) => unknown, ...string[]]>([
    [
      'hosts',
      policy({ host: 'a..b', hosts: ['1.2.3.256', 'a-.b', `${'a'.repeat(64)}.b`, `${'a.'.repeat(127)}ab`] }),
      `TrafficPolicy mesh/one: host 'a..b' ${HOST}`,
      `TrafficPolicy mesh/one: hosts: '1.2.3.256' ${HOST}`,
      `TrafficPolicy mesh/one: hosts: 'a-.b' ${HOST}`,
      `TrafficPolicy mesh/one: hosts: '${'a'.repeat(64)}.b' ${HOST}`,
      `TrafficPolicy mesh/one: hosts: '${'a.'.repeat(127)}ab' ${HOST}`,
    ],
    [
      'hosts that have names in common',
      policy({ hosts: ['a.b', '*.b', 'c', 'c'] }),
      "TrafficPolicy mesh/one: hosts has 'a.b' and '*.b', which overlap: leave out one of them",
      "TrafficPolicy mesh/one: hosts has 'c' and 'c', which overlap: leave out one of them",
    ],
    [
      'labels of subsets and clients',
      policy({ subsets: { v1: { 'a b': 'v1' } }, routes: [{ match: [Match.sourceLabels({ app: '-' })], to: TO }] }),
      `TrafficPolicy mesh/one: subset 'v1' { a b: 'v1' } is not a valid label: ${LABEL}`,
      `TrafficPolicy mesh/one: routes[0].match: sourceLabels { app: '-' } is not a valid label: ${LABEL}`,
    ],
    [
      'a gateway that is a number',
      policy({ gateways: ['1', 'a/1', 'a.1'] }),
      "TrafficPolicy mesh/one: gateway '1' is not a valid gateway name: write NAME or NAMESPACE/NAME",
      "TrafficPolicy mesh/one: gateway 'a.1' is not a valid gateway name: write NAME or NAMESPACE/NAME",
    ],
    [
      'an endpoint of nowhere',
      (chart) => new WorkloadEntry(chart, 'one', { namespace: 'shop' }),
      'WorkloadEntry mesh/one: has neither address nor network: set one of them',
    ],
    [
      'what entries of a group cannot have in common',
      (chart) =>
        new WorkloadGroup(chart, 'one', { namespace: 'shop', template: { address: '*', labels: { app: '-' } } }),
      "WorkloadGroup mesh/one: template.address '*' is not an IP address, host name or Unix domain socket: write one",
      `WorkloadGroup mesh/one: template.labels { app: '-' } is not a valid label: ${LABEL}`,
    ],
    [
      'servers with TLS and without a certificate',
      (chart) =>
        new Gateway(chart, 'one', {
          namespace: 'edge',
          selector: { app: 'edge' },
          servers: [{ port: 443, protocol: 'HTTPS', hosts: ['*'], tls: ServerTls.simple({} as SimpleTlsOptions) }],
        }),
      'Gateway mesh/one: servers[0].tls has neither credentialName nor files: set one of them',
    ],
    [
      'an invalid target',
      (chart) =>
        new JwtAuthentication(chart, 'one', {
          namespace: 'edge',
          targets: [{ kind: 'Pod' as 'Service', name: 'a' }],
          jwtRules: [{ issuer: 'https://a.b', jwks: Jwks.DISCOVERY }],
        }),
      "JwtAuthentication mesh/one: targets: kind 'Pod' is not supported: write one of Gateway, GatewayClass, Service, ServiceEntry",
    ],
    [
      'keys of nobody',
      (chart) => new JwtAuthentication(chart, 'one', { namespace: 'shop', jwtRules: [{ jwks: Jwks.DISCOVERY }] }),
      'JwtAuthentication mesh/one: jwtRules[0].issuer is missing: write it, or set jwks to Jwks.uri(URL)',
    ],
    [
      'an ingress on no port, and a capture of no hosts',
      (chart) =>
        new Sidecar(chart, 'one', {
          namespace: 'shop',
          egress: {
            captureMode: 'NONE',
            listeners: [{ port: { number: 80, protocol: 'HTTP' }, hosts: ['*/*'] }],
          },
          ingress: [{ port: {}, bind: 'unix:///socket' } as unknown as IngressListener],
        }),
      "Sidecar mesh/one: egress.captureMode has no effect without hosts: set hosts, or a listener's captureMode",
      'Sidecar mesh/one: ingress[0].port has no number: write one from 1 to 65535',
    ],
    [
      'zones that nothing is ejected for, and an invalid size',
      policy({
        loadBalancing: {
          locality: LocalityLoadBalancing.zoneAware({ failover: [{ from: 'a', to: 'a' }], minClusterSize: -1 }),
        },
      }),
      "TrafficPolicy mesh/one: loadBalancing.locality has a failover from 'a' to itself: name another region",
      'TrafficPolicy mesh/one: loadBalancing.locality minClusterSize -1 is out of range: write a whole number of at least 0',
      'TrafficPolicy mesh/one: loadBalancing.locality fails over only when pods are ejected: set circuitBreaker, such as { consecutive5xxErrors: 5 }',
    ],
    [
      'a match with an empty name',
      route({ match: [Match.port(80).named('')] }),
      'TrafficPolicy mesh/one: routes[0].match: has an empty name: write one, or leave it out',
    ],
    [
      'invalid patches of proxies',
      (chart) =>
        new EnvoyFilter(chart, 'one', {
          namespace: 'shop',
          patches: [EnvoyPatch.cluster({}, { operation: 'REMOVE', context: 'WAYPOINT' as 'ANY' })],
        }),
      'EnvoyFilter mesh/one: patches[0] has context WAYPOINT: write one of ANY, SIDECAR_INBOUND, SIDECAR_OUTBOUND, GATEWAY',
    ],
    [
      'scripts of nothing, and modules of nowhere',
      (chart) => new TrafficExtension(chart, 'one', { namespace: 'shop', lua: ' ', traffic: [{ ports: [0] }] }),
      'TrafficExtension mesh/one: lua is empty: write a script with envoy_on_request or envoy_on_response',
      'TrafficExtension mesh/one: traffic[0].ports 0 is out of range: write a whole number from 1 to 65535',
    ],
    [
      'a script that is too long',
      (chart) => new TrafficExtension(chart, 'one', { namespace: 'shop', lua: 'a'.repeat(65_537) }),
      'TrafficExtension mesh/one: lua has 65537 bytes, more than the maximum of 65536: write a WebAssembly module instead',
    ],
    [
      'a module of nowhere, and a script beside it',
      (chart) =>
        new TrafficExtension(chart, 'one', {
          namespace: 'shop',
          lua: 'a',
          wasm: { url: 'ftp://a.example.com/b' },
        } as unknown as TrafficExtensionProps),
      'TrafficExtension mesh/one: needs either lua or wasm: set one of them',
      "TrafficExtension mesh/one: wasm.url 'ftp://a.example.com/b' is not the URL of a module: write one such as 'oci://registry.example.com/plugins/auth:1.0'",
    ],
    [
      'subsets of other hosts, and hosts that are all',
      route({
        to: [Destination.otherHost('a', { subset: 'V 1' })],
        mirror: [Mirror.toHost('b', { subset: '' }), Mirror.toHost('*')],
      }),
      "TrafficPolicy mesh/one: routes[0].to subset 'V 1' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
      "TrafficPolicy mesh/one: routes[0].mirror subset '' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
      "TrafficPolicy mesh/one: routes[0].mirror goes to host '*', which is not a host: write the name of a Service, or a domain name",
    ],
    [
      'claims without a name',
      policy({
        gateways: ['public'],
        routes: [{ match: [Match.headerPresent('@request.auth.claims').and(Match.headerAbsent('@a'))], to: TO }],
      }),
      "TrafficPolicy mesh/one: routes[0].match: header '@request.auth.claims' is not a valid reference to a claim: write '@request.auth.claims.NAME' or '@request.auth.claims[NAME]'",
      "TrafficPolicy mesh/one: routes[0].match: header '@a' is not a valid reference to a claim: write '@request.auth.claims.NAME' or '@request.auth.claims[NAME]'",
    ],
    [
      'a variable without arguments',
      route({ headers: { request: { set: { a: '%REQ( )%' } } } }),
      "TrafficPolicy mesh/one: routes[0].headers.request 'a' has the value '%REQ( )%', with a % that does not start a variable: write %% for a percent sign",
    ],
    [
      'durations that nobody counts',
      policy({
        routes: [{ to: TO, timeout: Duration.days(106_752) }],
        connectionPool: { tcp: { keepalive: { time: Duration.days(1e9) } } },
      }),
      'TrafficPolicy mesh/one: routes[0].timeout 9223372800s is too long: write at most Duration.days(106751)',
      'TrafficPolicy mesh/one: connectionPool.tcp.keepalive.time 86400000000000s is too long: write at most Duration.days(106751)',
    ],
    [
      'a cookie that lives less than a millisecond',
      policy({
        loadBalancing: { algorithm: LoadBalancingAlgorithm.maglev(HashKey.cookie('a', { ttl: Duration.millis(0.5) })) },
      }),
      'TrafficPolicy mesh/one: loadBalancing.algorithm cookie ttl 0.0005s is too short: write at least Duration.millis(1), or leave it out',
    ],
    [
      'labels and annotations of a namespace',
      (chart) =>
        new MeshNamespace(chart, 'one', { name: 'shop', labels: { team: 'a b' }, annotations: { 'a//b': 'any' } }),
      `MeshNamespace mesh/one: labels { team: 'a b' } is not a valid label: ${LABEL}`,
      `MeshNamespace mesh/one: annotations 'a//b' is not a valid annotation key: ${LABEL}, after an optional domain name and '/'`,
    ],
    [
      'labels of workloads',
      (chart) => new StrictPeerAuthentication(chart, 'one', { namespace: 'shop', workload: { app: '*' } }),
      `StrictPeerAuthentication mesh/one: workload { app: '*' } is not a valid label: ${LABEL}`,
    ],
    [
      'a name without room for the policy beside it',
      jwtNamed('a'.repeat(240)),
      `JwtAuthentication mesh/one: '${'a'.repeat(240)}' is too long for the suffix '-require-token': write at most 239 characters`,
    ],
    [
      'more rules and sources than Istio takes',
      (chart) =>
        new AuthorizationPolicy(chart, 'one', {
          namespace: 'shop',
          rules: Array.from({ length: 513 }, (_, index) => ({
            from: Array.from({ length: index === 7 ? 513 : 512 }, () => ({ principals: ['*'] })),
          })),
        }),
      'AuthorizationPolicy mesh/one: rules has 513 entries: write at most 512 in each of several policies',
      'AuthorizationPolicy mesh/one: rules[7].from has 513 entries: write at most 512 in each of several rules',
    ],
    [
      'more targets than Istio takes',
      (chart) =>
        new AuthorizationPolicy(chart, 'one', { namespace: 'edge', targets: gateways(17), rules: Requests.ALL }),
      'AuthorizationPolicy mesh/one: targets has 17 entries: write at most 16, and put the others into another policy',
    ],
    [
      'more claims and rules for tokens than Istio takes',
      (chart) =>
        new JwtAuthentication(chart, 'one', {
          namespace: 'shop',
          jwtRules: Array.from({ length: 4097 }, (_, index) => ({
            issuer: 'https://a.b',
            jwks: Jwks.DISCOVERY,
            spaceDelimitedClaims: numbered(index === 3 ? 65 : 64),
          })),
        }),
      'JwtAuthentication mesh/one: jwtRules has 4097 entries: write at most 4096, and put the others into another JwtAuthentication',
      'JwtAuthentication mesh/one: jwtRules[3].spaceDelimitedClaims has 65 entries: write at most 64',
    ],
    [
      'more of a host than Istio takes',
      (chart) =>
        new ServiceEntry(chart, 'one', {
          namespace: 'shop',
          hosts: numbered(257).map((name) => `${name}.example.com`),
          ports: Array.from({ length: 257 }, (_, index) => ({ number: index + 1, protocol: 'HTTP' as const })),
          addresses: numbered(257).map((_, index) => `10.0.${String(Math.floor(index / 256))}.${String(index % 256)}`),
          resolution: Resolution.static(...Array.from({ length: 4097 }, () => ({ address: '192.0.2.1' }))),
        }),
      ...['hosts', 'ports', 'addresses'].map(
        (prop) =>
          `ServiceEntry mesh/one: ${prop} has 257 entries: write at most 256, and put the others into another ServiceEntry`,
      ),
      'ServiceEntry mesh/one: endpoints has 4097 entries: write at most 4096',
    ],
    [
      'ports twice, and a plugin without a name',
      (chart) =>
        new WasmPlugin(chart, 'one', {
          namespace: 'shop',
          url: 'oci://a.example.com/b:1',
          pluginName: '',
          traffic: [{ ports: [80] }, { ports: [80, 81, 80, 80] }],
        }),
      'WasmPlugin mesh/one: pluginName is empty: write the name of a plugin, or leave it out',
      'WasmPlugin mesh/one: traffic[1].ports has 80 twice: remove the duplicate',
    ],
    [
      'variables of a plugin that are too many or too long',
      (chart) => {
        const environment = {
          ...Object.fromEntries(numbered(256).map((name) => [name, 'a'.repeat(2048)])),
          LONG: 'a'.repeat(2049),
        };
        new TrafficExtension(chart, 'one', {
          namespace: 'shop',
          wasm: { url: 'oci://a.example.com/b:1', pluginName: 'a'.repeat(257), environment },
        });
      },
      'TrafficExtension mesh/one: wasm.pluginName has 257 characters: write at most 256',
      'TrafficExtension mesh/one: wasm.environment has 257 entries: write at most 256',
      "TrafficExtension mesh/one: wasm.environment 'LONG' has 2049 characters: write at most 2048",
    ],
    [
      'a variable of a proxy that is too long',
      (chart) =>
        new WorkloadProxyConfig(chart, 'one', { namespace: 'shop', environmentVariables: { LONG: 'a'.repeat(2049) } }),
      "WorkloadProxyConfig mesh/one: environmentVariables 'LONG' has 2049 characters: write at most 2048",
    ],
    [
      'keys of another form',
      keys({ n: 'AAAAA', kid: 1, key_ops: 'verify', x5c: ['AAAA'] }),
      'JwtAuthentication mesh/one: jwtRules[0].jwks.keys[0] lacks n, which a key of kty RSA requires in base64url: write the whole key',
      'JwtAuthentication mesh/one: jwtRules[0].jwks.keys[0] has kid 1, which is not a string: write one, or leave it out',
      'JwtAuthentication mesh/one: jwtRules[0].jwks.keys[0] has key_ops that is not a list of strings: leave it out',
      'JwtAuthentication mesh/one: jwtRules[0].jwks.keys[0] has x5c that is not a list of certificates: write base64-encoded DER certificates, or leave it out',
    ],
    [
      'addresses that only a browser reads',
      (chart) =>
        new JwtAuthentication(chart, 'one', {
          namespace: 'shop',
          jwtRules: ['https:a.b', 'https://a\\b', 'https://a|b/', 'https://a/\u0001', 'https://?a'].map((uri) => {
            return { issuer: 'a', jwks: Jwks.uri(uri) };
          }),
        }),
      ...['https:a.b', 'https://a\\b', 'https://a|b/', 'https://a/\u0001', 'https://?a'].map(
        (uri, index) =>
          `JwtAuthentication mesh/one: jwtRules[${String(index)}].jwks '${uri}' is not an https or http URL: write one such as 'https://example.com/.well-known/jwks.json'`,
      ),
    ],
  ])('is refused at synthesis: %s', (_, construct, ...problems) => {
    expect(() => construct(emptyChart())).toThrow(new Error(problems.join('\n')));
  });

  test.each<[string, (chart: Chart) => unknown]>([
    ['names of 239 characters', jwtNamed('a'.repeat(239))],
    ['longer ones that nothing stands beside', jwtNamed('a'.repeat(253), Tokenless.ALLOWED)],
    ['the longest duration', route({ timeout: Duration.days(106_751) })],
    ['hosts that are apart', policy({ hosts: ['a.b', '*.c.b', 'b'] })],
    ['one host that is a number', policy({ host: '1' })],
    ['a key with all that belongs to it', keys({ kid: 'a', use: 'sig', alg: 'RS256', key_ops: ['verify'] })],
    [
      'as many targets as Istio takes',
      (chart) =>
        new AuthorizationPolicy(chart, 'one', { namespace: 'edge', targets: gateways(16), rules: Requests.ALL }),
    ],
    [
      'the longest value of a variable, in characters of two units',
      (chart) =>
        new WorkloadProxyConfig(chart, 'one', { namespace: 'shop', environmentVariables: { A: '😀'.repeat(2048) } }),
    ],
    ['a variable with blanks', route({ headers: { request: { set: { a: '%REQ( x )%' } } } })],
  ])('is not, where it is right: %s', (_, construct) => {
    expect(() => construct(emptyChart())).not.toThrow();
  });

  test.each<[string, ContainerResources, string[]]>([
    ['the same', { requests: { memory: '1Ki' }, limits: { memory: '1024' } }, []],
    ['the same in other units', { requests: { cpu: '1.5' }, limits: { cpu: '15e-1' } }, []],
    ['the most', { limits: { memory: '9223372036854775807' } }, []],
    [
      'one byte more',
      { requests: { memory: '9007199254740993' }, limits: { memory: '9007199254740992' } },
      [
        "r.requests.memory '9007199254740993' is above r.limits.memory '9007199254740992': set both, with the request not above the limit",
      ],
    ],
    ['too much', { limits: { cpu: '8Ei' } }, ["r.limits.cpu '8Ei' is too large: write at most '9223372036854775807'"]],
  ])('counts quantities to the last digit: %s', (_, resources, problems) => {
    expect(resourceProblems('r', resources, {})).toEqual(problems);
    expect(renderResources(resources)).toEqual(resources);
  });
});
