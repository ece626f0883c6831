import {
  AuthorizationAction,
  Condition,
  MutualTls,
  StrictPeerAuthentication,
  type AuthorizationOperation,
  type AuthorizationSource,
  type StrictPeerAuthenticationProps,
} from 'istio-module';
import {
  authorizationPolicy,
  authorize,
  peerAuthentication,
  rule,
  untyped,
  wrong,
  type WrongInput,
} from './wrong-input';

const allow = (one: object) => authorizationPolicy({ rules: [one] });
const custom = (one: object) => authorizationPolicy({ action: 'CUSTOM', provider: { name: 'a' }, rules: [one] });
const action = AuthorizationAction.custom('a');
const from = (name: string, source: AuthorizationSource, says: string) =>
  wrong(name, allow({ from: [{ source }] }), rule({ from: [source] }), says);
const to = (name: string, operation: AuthorizationOperation, says: string) => {
  const { ports, ...same } = operation;
  return wrong(
    name,
    allow({ to: [{ operation: { ...same, ...(ports ? { ports: ports.map(String) } : {}) } }] }),
    rule({ to: [operation] }),
    says,
  );
};
const strict = (fields: object) => peerAuthentication({ mtls: { mode: 'STRICT' }, ...fields });
const peers =
  (props: StrictPeerAuthenticationProps) => (chart: ConstructorParameters<typeof StrictPeerAuthentication>[0]) =>
    new StrictPeerAuthentication(chart, 'one', { namespace: 'shop', ...props });
const selector = { matchLabels: { app: 'a' } };
const workload = { app: 'a' };

/** Mistakes in who may do what, and how. */
export const security: readonly WrongInput[] = [
  wrong(
    'a denial of nothing',
    authorizationPolicy({ action: 'DENY' }),
    authorize({ action: AuthorizationAction.DENY }),
    'rules',
  ),
  wrong(
    'a question about nothing',
    authorizationPolicy({ action: 'CUSTOM', provider: { name: 'a' } }),
    authorize({ action }),
    'rules',
  ),
  wrong(
    'a question to nobody',
    authorizationPolicy({ action: 'CUSTOM', provider: { name: '' }, rules: [{}] }),
    authorize({ action: AuthorizationAction.custom(''), rules: [{ to: [{ paths: ['/'] }] }] }),
    'has no provider',
  ),
  wrong(
    'a question about an identity',
    custom({ from: [{ source: { principals: ['a'] } }] }),
    authorize({ action, rules: [{ from: [{ principals: ['a/ns/b/sa/c'] }] }] }),
    'is not supported with CUSTOM',
  ),
  wrong(
    'a question about a claim',
    custom({ when: [{ key: 'request.auth.claims[a]', values: ['b'] }] }),
    authorize({ action, rules: [{ when: [Condition.claim('a').values('b')] }] }),
    'is not supported with CUSTOM',
  ),
  from('a source that says nothing', {}, 'is empty'),
  to('an operation that says nothing', {}, 'is empty'),
  from('an identity without a name', { principals: [''] }, 'empty string'),
  from('a namespace without a name', { notNamespaces: [''] }, 'empty string'),
  from('an address of three parts', { ipBlocks: ['1.2.3'] }, 'is not an IP address'),
  from('a block of 33 bits', { notIpBlocks: ['10.0.0.0/33'] }, 'is not an IP address'),
  from('an address with a leading zero', { remoteIpBlocks: ['01.2.3.4'] }, 'is not an IP address'),
  from('an address with a host', { notRemoteIpBlocks: ['a.b'] }, 'is not an IP address'),
  untyped(
    'accounts and namespaces',
    allow({ from: [{ source: { serviceAccounts: ['a/b'], namespaces: ['a'] } }] }),
    // @ts-expect-error: either of them
    rule({ from: [{ serviceAccounts: ['a/b'], namespaces: ['a'] }] }),
    'cannot be combined',
  ),
  untyped(
    'an account in three parts',
    allow({ from: [{ source: { serviceAccounts: ['a/b/c'] } }] }),
    rule({ from: [{ serviceAccounts: ['a/b/c'] }] }),
    'is not a service account',
  ),
  untyped(
    'an account that is all',
    allow({ from: [{ source: { serviceAccounts: ['*'] } }] }),
    // @ts-expect-error: with its namespace
    rule({ from: [{ serviceAccounts: ['*'] }] }),
    'is not a service account',
  ),
  to('port 70000 of an operation', { ports: [70_000] }, 'is not a port'),
  to('a method without a name', { methods: [''] }, 'empty string'),
  to('a path without a text', { paths: [''] }, 'empty string'),
  to('a template whose rest is not last', { paths: ['/{**}/{*}'] }, 'is not a valid path template'),
  to('a template within a segment', { notPaths: ['/a{*}'] }, 'is not a valid path template'),
  to('braces that are no template', { paths: ['/{id}'] }, 'is not a valid path template'),
  to('a template beside a star', { paths: ['/{*}/a*'] }, 'is not a valid path template'),
  untyped(
    'a condition without values',
    allow({ when: [{ key: 'connection.sni' }] }),
    // @ts-expect-error: at least one value
    rule({ when: [Condition.sni().values()] }),
    'has no value',
  ),
  wrong(
    'a condition of nothing',
    allow({ when: [{ key: 'request.auth.audiences', values: [''] }] }),
    rule({ when: [Condition.audience().values('')] }),
    'or an empty one',
  ),
  wrong(
    'a condition of a header without a name',
    allow({ when: [{ key: 'request.headers[]', values: ['a'] }] }),
    rule({ when: [Condition.header('').values('a')] }),
    "has the invalid name ''",
  ),
  wrong(
    'a condition on an invalid address',
    allow({ when: [{ key: 'destination.ip', values: ['a'] }] }),
    rule({ when: [Condition.destinationIp().values('a')] }),
    'is not an IP address',
  ),
  untyped(
    'a condition that Istio does not know',
    allow({ when: [{ key: 'source.labels[app]', values: ['a'] }] }),
    // @ts-expect-error: one of the attributes
    () => Condition.sourceLabels('app').values('a'),
  ),
  untyped(
    'an action that Istio does not know',
    authorizationPolicy({ action: 'LOG', rules: [{}] }),
    // @ts-expect-error: one of the actions
    authorize({ action: 'LOG' }),
  ),
  wrong(
    'workloads by a pattern',
    authorizationPolicy({ selector: { matchLabels: { app: 'a*' } }, rules: [{}] }),
    authorize({ workload: { app: 'a*' }, rules: [{ to: [{ paths: ['/'] }] }] }),
    'is not a valid label',
  ),
  wrong(
    'more rules than Istio takes',
    authorizationPolicy({ rules: Array.from({ length: 513 }, () => ({ to: [{ operation: { paths: ['/'] } }] })) }),
    authorize({ rules: Array.from({ length: 513 }, () => ({ to: [{ paths: ['/'] }] })) }),
    '513',
  ),
  wrong(
    'ports without a workload',
    strict({ portLevelMtls: { 80: { mode: 'DISABLE' } } }),
    peers({ ports: { 80: MutualTls.DISABLE } }),
    'needs a workload',
  ),
  wrong(
    'mutual TLS on port 0',
    strict({ selector, portLevelMtls: { 0: { mode: 'DISABLE' } } }),
    peers({ workload, ports: { 0: MutualTls.DISABLE } }),
    'is not a port',
  ),
  wrong(
    'mutual TLS on port 70000',
    strict({ selector, portLevelMtls: { 70000: { mode: 'DISABLE' } } }),
    peers({ workload, ports: { 70000: MutualTls.DISABLE } }),
    'is not a port',
  ),
  wrong(
    'peers by a pattern',
    strict({ selector: { matchLabels: { 'a*': 'b' } } }),
    peers({ workload: { 'a*': 'b' } }),
    'is not a valid label',
  ),
  untyped(
    'a mode that Istio does not know',
    strict({ selector, portLevelMtls: { 80: { mode: 'LAX' } } }),
    // @ts-expect-error: one of the modes
    peers({ workload, ports: { 80: MutualTls.LAX } }),
  ),
];
