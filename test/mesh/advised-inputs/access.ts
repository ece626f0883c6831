import {
  AuthorizationAction,
  AuthorizationPolicy,
  AuthorizerFailure,
  Condition,
  ExistingIstio,
  ExternalAuthorizer,
  Jwks,
  JwtAuthentication,
  MeshTelemetry,
  MutualTls,
  PeerAuthentication,
  Requests,
  TagOverride,
  type AuthorizationPolicyProps,
  type AuthorizationRule,
  type AuthorizationSource,
  type JwtAuthenticationProps,
  type JwtRule,
  type MeshTelemetryProps,
  type PeerAuthenticationProps,
  RestartQuestions,
  SidecarRestartAccess,
  type RestartSubject,
  type SidecarRestartAccessProps,
} from 'istio-module';
import { advice, anyProps, type AdvisedInput } from './advised-input';

const policy = advice(
  (props: Partial<AuthorizationPolicyProps>) => (chart) =>
    new AuthorizationPolicy(chart, 'one', { namespace: 'shop', rules: [{ to: [{ paths: ['/'] }] }], ...props }),
);
const rule = advice(
  (one: AuthorizationRule) => (chart) =>
    new AuthorizationPolicy(chart, 'one', { namespace: 'shop', rules: [one], tokensVerifiedElsewhere: true }),
);
const source = advice(
  (one: AuthorizationSource) => (chart) =>
    new AuthorizationPolicy(chart, 'one', { namespace: 'shop', rules: [{ from: [one] }] }),
);
const tokens = advice(
  (props: Partial<JwtAuthenticationProps>) => (chart) =>
    new JwtAuthentication(chart, 'one', {
      namespace: 'shop',
      jwtRules: [{ issuer: 'https://a.b', jwks: Jwks.DISCOVERY }],
      ...props,
    }),
);
const token = advice(
  (one: Partial<JwtRule>) => (chart) =>
    new JwtAuthentication(chart, 'one', {
      namespace: 'shop',
      jwtRules: [{ issuer: 'https://a.b', jwks: Jwks.DISCOVERY, ...one }],
    }),
);
const peers = advice(
  (props: PeerAuthenticationProps) => (chart) => new PeerAuthentication(chart, 'one', { namespace: 'shop', ...props }),
);
const telemetry = advice(
  (props: MeshTelemetryProps) => (chart) => new MeshTelemetry(chart, 'one', { namespace: 'shop', ...props }),
);
const workload = { app: 'web' };
const KEY = { kty: 'RSA', n: 'AAAA', e: 'AQAB' };

const subject = (kind: string, name: string, namespace?: string): RestartSubject => ({
  toSubjectConfiguration: () => ({ kind, name, namespace }),
});
const restart = advice(
  (props: Partial<SidecarRestartAccessProps>) => (chart) =>
    new SidecarRestartAccess(chart, 'one', { subjects: [subject('ServiceAccount', 'ci', 'ci')], ...props }),
);
const held: readonly AdvisedInput[] = [
  restart(
    'set its metadata.namespace',
    { admissionPolicy: true, subjects: [subject('ServiceAccount', 'ci')] },
    { admissionPolicy: true },
  ),
  restart(
    'name a ServiceAccount, or users and groups of your own',
    { admissionPolicy: true, subjects: [subject('Group', 'system:masters')] },
    { admissionPolicy: true },
    { admissionPolicy: true, subjects: [subject('User', 'ci'), subject('Group', 'operators')] },
  ),
  restart(
    'name a ServiceAccount, a User or a Group',
    { admissionPolicy: true, subjects: [subject('Robot', 'ci')] },
    { admissionPolicy: true },
    { admissionPolicy: true, subjects: [subject('User', 'ci')] },
    { admissionPolicy: true, subjects: [subject('Group', 'operators')] },
  ),
  restart(
    'name the Services of the injectors',
    { asks: RestartQuestions.INJECTOR_ALONE, injectorServices: [] },
    { asks: RestartQuestions.INJECTOR_ALONE, injectorServices: ['istiod'] },
  ),
];

/** Advice about who may do what, and about telemetry. */
export const access: readonly AdvisedInput[] = [
  policy(
    'leave out one of them',
    { rootNamespace: 'istio-system' },
    {},
    { namespace: undefined, rootNamespace: 'istio-system' },
  ),
  policy('name at least one, or leave the prop out to select every workload', { workload: {} }, { workload }, {}),
  policy('name at least one, or leave it out', { targets: [] }, { targets: [{ kind: 'Gateway', name: 'edge' }] }, {}),
  policy(
    'leave out one of them',
    { workload, targets: [{ kind: 'Gateway', name: 'edge' }] },
    { workload },
    { targets: [{ kind: 'Gateway', name: 'edge' }] },
  ),
  policy(
    'write one of Gateway, GatewayClass, Service, ServiceEntry',
    anyProps({ targets: [{ kind: 'Pod', name: 'edge' }] }),
    ...(['Gateway', 'Service', 'ServiceEntry'] as const).map((kind) => ({ targets: [{ kind, name: 'edge' }] })),
    { targets: [{ kind: 'GatewayClass', name: 'istio-waypoint' }] },
  ),
  policy(
    "write 'istio-waypoint', or name a Gateway",
    { targets: [{ kind: 'GatewayClass', name: 'istio' }] },
    { targets: [{ kind: 'GatewayClass', name: 'istio-waypoint' }] },
    { targets: [{ kind: 'Gateway', name: 'edge' }] },
  ),
  policy('leave it out', { dryRun: true, action: AuthorizationAction.AUDIT }, { action: AuthorizationAction.AUDIT }),
  policy(
    'write rules, or Requests.ALL',
    { action: AuthorizationAction.DENY, rules: Requests.NONE },
    { action: AuthorizationAction.DENY },
    { action: AuthorizationAction.DENY, rules: Requests.ALL },
  ),
  policy(
    'write rules: Requests.NONE if that is intended, or a rule',
    { rules: [] },
    { rules: Requests.NONE },
    { rules: [{ to: [{ paths: ['/'] }] }] },
  ),
  rule('write rules: Requests.ALL if that is intended, or a condition', {}, { to: [{ paths: ['/'] }] }),
  rule(
    'name at least one, or leave it out to match any',
    { from: [], to: [{ paths: ['/'] }] },
    { to: [{ paths: ['/'] }] },
    { from: [{ namespaces: ['shop'] }], to: [{ paths: ['/'] }] },
  ),
  rule("write one such as 'GET'", { to: [{ methods: ['G T'] }] }, { to: [{ methods: ['GET'] }] }),
  rule(
    "write one such as 'shop.example.com', without scheme or path",
    { to: [{ hosts: ['https://shop.example.com/'] }] },
    { to: [{ hosts: ['shop.example.com'] }] },
  ),
  rule(
    "write its name, such as 'envoy.filters.network.mysql_proxy'",
    { when: [Condition.envoyFilter('', 'a').values('b')] },
    { when: [Condition.envoyFilter('envoy.filters.network.mysql_proxy', 'a').values('b')] },
  ),
  rule(
    'write a whole number from 1 to 65535',
    { when: [Condition.destinationPort().values('http')] },
    { when: [Condition.destinationPort().values('80')] },
  ),
  source("write its name, such as 'shop'", { namespaces: ['shop/web'] }, { namespaces: ['shop'] }),
  source(
    "write it without a path, such as 'cluster.local'",
    { trustDomains: ['cluster.local/ns'] },
    { trustDomains: ['cluster.local'] },
  ),
  source(
    "write TRUST_DOMAIN/ns/NAMESPACE/sa/NAME, such as 'cluster.local/ns/shop/sa/frontend'",
    { principals: ['spiffe://cluster.local/ns/shop/sa/frontend'] },
    { principals: ['cluster.local/ns/shop/sa/frontend'] },
  ),
  tokens('write at most 239 characters', { name: 'a'.repeat(240) }, { name: 'a'.repeat(239) }),
  tokens('leave out one of them', { rootNamespace: 'istio-system' }, {}),
  token(
    'write it, or set jwks to Jwks.uri(URL)',
    { issuer: undefined },
    {},
    { issuer: undefined, jwks: Jwks.uri('https://a.b/keys') },
  ),
  token('write Jwks.uri(URL)', { issuer: 'shop' }, { issuer: 'shop', jwks: Jwks.uri('https://a.b/keys') }),
  token('name a location, or leave it out to use the Authorization header', { from: [] }, {}),
  token('write the names of claims', { spaceDelimitedClaims: [''] }, { spaceDelimitedClaims: ['roles'] }),
  token(
    'write an object, such as { "kty": "RSA", "n": …, "e": … }',
    { jwks: Jwks.inline({ keys: ['a'] }) },
    { jwks: Jwks.inline({ keys: [KEY] }) },
  ),
  token(
    'leave only the public part',
    { jwks: Jwks.inline({ keys: [{ ...KEY, d: 'AAAA' }] }) },
    { jwks: Jwks.inline({ keys: [KEY] }) },
  ),
  peers(
    'write one of STRICT, PERMISSIVE, DISABLE',
    anyProps({ mode: 'LAX' }),
    ...Object.values(MutualTls).map((mode) => ({ mode })),
  ),
  telemetry(
    'set the prop namespace to that of the workload',
    { namespace: undefined, workload, tracing: { samplingPercent: 1 } },
    { workload, tracing: { samplingPercent: 1 } },
  ),
  telemetry(
    "write one, such as 'request_host'",
    { metrics: { overrides: [{ tags: { '': TagOverride.REMOVE } }] } },
    { metrics: { overrides: [{ tags: { request_host: TagOverride.REMOVE } }] } },
  ),
  telemetry(
    'name one in providers, or leave out filter',
    anyProps({ accessLogs: [{ filter: 'response.code >= 500' }] }),
    { accessLogs: [{ providers: ['envoy'], filter: 'response.code >= 500' }] },
  ),
  ...[
    ['write one such as 403 or 503', { statusOnError: 99 }, { statusOnError: 403 }, { statusOnError: 503 }],
    [
      'leave out one of them',
      { statusOnError: 403, onFailure: AuthorizerFailure.LET_IN },
      { statusOnError: 403 },
      { onFailure: AuthorizerFailure.LET_IN },
    ],
    ["write one such as '/check'", { pathPrefix: 'check' }, { pathPrefix: '/check' }],
    [
      'name at least one header, or leave it out',
      { includeRequestHeadersInCheck: [] },
      { includeRequestHeadersInCheck: ['cookie'] },
      {},
    ],
    [
      "write one such as 'x-user', 'x-*' or '*-user'",
      { headersToUpstreamOnAllow: ['x user'] },
      ...['x-user', 'x-*', '*-user'].map((header) => ({ headersToUpstreamOnAllow: [header] })),
    ],
    [
      'write another',
      { includeAdditionalHeadersInCheck: { 'x a': 'b' } },
      { includeAdditionalHeadersInCheck: { 'x-a': 'b' } },
    ],
    [
      'write one line',
      { includeAdditionalHeadersInCheck: { a: 'b\nc' } },
      { includeAdditionalHeadersInCheck: { a: 'b c' } },
    ],
  ].map(([text, wrong, ...mended]) =>
    advice((options: object) => (chart) => {
      const authorizer = ExternalAuthorizer.http({
        name: 'opa',
        service: 'opa.auth.svc.cluster.local',
        port: 8181,
        ...options,
      });
      const problems = authorizer.problems('externalAuthorizers[0]');
      if (problems.length > 0) throw new Error(problems.join('\n'));
      new ExistingIstio(chart, 'istio', { extensionProviders: [authorizer.extensionProvider()] });
      new AuthorizationPolicy(chart, 'one', {
        namespace: 'shop',
        action: AuthorizationAction.custom(authorizer),
        rules: Requests.ALL,
      });
    })(text as string, wrong as object, ...(mended as object[])),
  ),
  rule(
    "start it with '/' or '*', and leave out query parameters",
    { to: [{ paths: ['shop?a=b'] }] },
    { to: [{ paths: ['/shop'] }] },
    { to: [{ paths: ['*/shop'] }] },
  ),
  source(
    'write one * at the start or end, or several values',
    { principals: ['a*b'] },
    { principals: ['cluster.local/ns/shop/*'] },
    { principals: ['cluster.local/ns/shop/sa/a', 'cluster.local/ns/shop/sa/b'] },
  ),
  restart(
    "name at least one subject, such as ServiceAccount.fromServiceAccountName(this, 'ci', 'ci')",
    { subjects: [] },
    {},
  ),
  ...held,
];
