import fc, { type Arbitrary } from 'fast-check';
import {
  AuthorizationAction,
  Condition,
  Jwks,
  Requests,
  TokenLocation,
  Tokenless,
  type AuthorizationOperation,
  type AuthorizationPolicyProps,
  type AuthorizationRule,
  type AuthorizationSource,
  type AuthorizationSourceFields,
  type JwtAuthenticationProps,
  type JwtRule,
  type PolicyScope,
} from 'istio-module';
import {
  byName,
  duration,
  headerName,
  host,
  labels,
  listOf,
  mostly,
  numberFrom,
  oddNumber,
  oddText,
  some,
  something,
  textOf,
} from './values';

const scope: Arbitrary<PolicyScope> = fc.oneof(
  fc.tuple(fc.constant('shop'), fc.option(labels, { nil: undefined })).map(([namespace, workload]) => {
    return { namespace, workload };
  }),
  fc.constant({ rootNamespace: 'istio-system' }),
);
const name = mostly(
  fc.constantFrom('access', 'a.b-c', 'a'.repeat(239)),
  fc.oneof(oddText, fc.constantFrom('a'.repeat(240))),
);

const address = mostly(
  fc.constantFrom('10.0.0.0/8', '203.0.113.4', '::1', '2001:db8::/32', '::ffff:1.2.3.4/96', '0.0.0.0/0'),
  fc.oneof(
    oddText,
    fc.constantFrom(
      '1.2.3.4/33',
      '::1/129',
      '::1/0',
      '01.2.3.4',
      '1::2::3',
      '::00001',
      '1.2.3.4/08',
      '::1.2.3',
      'fe80::1%eth0',
      '::ffff:1.2.3',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7::',
    ),
  ),
);
const identity = textOf('cluster.local/ns/shop/sa/web', '*', '*/ns/shop/sa/web', 'td/ns/a/*');
const namespaceName = textOf('shop', 'front', 'a-*', '*');
const account = textOf('shop/web', 'front/a.b') as Arbitrary<`${string}/${string}`>;
const claimant = textOf('https://a/*', 'issuer/subject', '*');
const source = something(
  some<AuthorizationSourceFields>({
    principals: listOf(identity),
    notPrincipals: listOf(identity),
    requestPrincipals: listOf(claimant),
    notRequestPrincipals: listOf(claimant),
    namespaces: listOf(namespaceName),
    notNamespaces: listOf(namespaceName),
    serviceAccounts: listOf(account),
    notServiceAccounts: listOf(account),
    ipBlocks: listOf(address),
    notIpBlocks: listOf(address),
    remoteIpBlocks: listOf(address),
    notRemoteIpBlocks: listOf(address),
    trustDomains: listOf(textOf('cluster.local', '*', 'a/b')),
    notTrustDomains: listOf(textOf('cluster.local', '*.b')),
  }),
) as Arbitrary<AuthorizationSource>;
const path = mostly(
  fc.constantFrom('/a', '/a*', '*.html', '*', '/{*}/a/{**}', '/a/{*}', '/%41/{*}', '/{**}/a'),
  fc.oneof(
    oddText,
    fc.constantFrom(
      '/{**}/{*}',
      '/a{b}',
      '/{*}a',
      '/{**}/{**}',
      '/{*}//a',
      '/{*}/é',
      '/a*/{*}',
      '/{*}/%zz',
      '{*}',
      '*/{*}',
      '//',
      '/{*}/',
      '/**',
    ),
  ),
);
const operation: Arbitrary<AuthorizationOperation> = something(
  some<AuthorizationOperation>({
    hosts: listOf(mostly(host, fc.constant('*'))),
    notHosts: listOf(host),
    ports: listOf(numberFrom(1, 65535)),
    notPorts: listOf(numberFrom(1, 65535)),
    methods: listOf(textOf('GET', 'P*', '*')),
    notMethods: listOf(textOf('PUT')),
    paths: listOf(path),
    notPaths: listOf(path),
  }),
);
const attribute = fc.oneof(
  textOf('group', 'a.b', 'a/b').map((claim) => Condition.claim(claim)),
  fc.tuple(textOf('a'), textOf('b')).map(([outer, inner]) => Condition.claim(outer, inner)),
  headerName.map((header) => Condition.header(header)),
  fc.constant(Condition.audience()),
  fc.constant(Condition.presenter()),
  fc.constant(Condition.sni()),
);
const condition: Arbitrary<Condition> = fc
  .tuple(
    fc.oneof(
      { arbitrary: fc.tuple(attribute, listOf(mostly(fc.constantFrom('a', '*', 'a*'), oddText))), weight: 6 },
      fc.tuple(fc.constant(Condition.destinationIp()), listOf(address)),
    ),
    fc.boolean(),
  )
  .map(([[of, values], not]) => {
    const given = values as [string, ...string[]];
    return not ? of.notValues(...given) : of.values(...given);
  });
const rule: Arbitrary<AuthorizationRule> = something(
  some<AuthorizationRule>({
    from: listOf(source, 2),
    to: listOf(operation, 2),
    when: listOf(condition, 2),
  }),
);
const action = fc.oneof(
  fc.constantFrom(AuthorizationAction.ALLOW, AuthorizationAction.DENY, AuthorizationAction.AUDIT),
  textOf('authorizer').map((provider) => AuthorizationAction.custom(provider)),
);

/** Authorization of requests. */
export const authorization: Arbitrary<AuthorizationPolicyProps> = fc
  .tuple(
    scope,
    mostly<AuthorizationPolicyProps['rules']>(listOf(rule, 2), fc.constantFrom(Requests.ALL, Requests.NONE), 8),
    some<object>({ action, name }),
  )
  .map(([where, rules, rest]) => ({ ...where, rules, ...rest, tokensVerifiedElsewhere: true }));

const URLS = ['https://a.b/c', 'https://[::1]:8443/k?a=b#c', 'https://a:443'] as const;
const url = mostly(
  textOf(...URLS),
  fc.oneof(
    fc.constantFrom('http://a.b', 'https://a b/', 'https:a'),
    fc.webUrl(),
    oddText.map((text) => `https://${text}`),
    oddText.map((text) => `https://a/${text}`),
  ),
  10,
);
const member = fc.oneof(textOf('AQAB', 'sig', 'x'), oddNumber, fc.constant(null), fc.array(oddText, { maxLength: 1 }));
const key = fc
  .tuple(
    fc.oneof(
      fc.constant({ kty: 'RSA', e: 'AQAB', n: 'xAE7eB6qugXyCAG3yhh7pkDk' }),
      fc.record({ kty: fc.constant('RSA'), e: textOf('AQAB'), n: textOf('AAAA', 'AAA', 'AA') }),
      fc.record({ kty: fc.constant('EC'), crv: textOf('P-256', 'P-384'), x: textOf('AAAA'), y: textOf('AAAA') }),
      fc.record({ kty: fc.constant('OKP'), crv: textOf('Ed25519', 'X25519'), x: textOf('AAAA') }),
      mostly(fc.constant({ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AAA' }), fc.record({ kty: textOf('oct', 'RSA') }), 6),
    ),
    mostly(
      fc.constant({}),
      byName(
        fc.constantFrom('kid', 'use', 'alg', 'x5t', 'x5t#S256', 'x5u', 'x5c', 'key_ops', 'd', 'k', 'p', 'a'),
        member,
      ),
      2,
    ),
  )
  .map(([one, rest]) => ({ ...one, ...rest }));
const jwks = fc.oneof(
  url.map((address) => Jwks.uri(address)),
  fc.constant(Jwks.DISCOVERY),
  listOf(key, 2).map((keys) => Jwks.inline({ keys })),
  mostly(fc.constant('{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AAAA"}]}'), fc.oneof(oddText, fc.json()), 4).map(
    (text) => Jwks.inline(text),
  ),
);
const location = fc.oneof(
  fc.tuple(headerName, some<object>({ prefix: textOf('Bearer ', '') })).map(([header, rest]) => {
    return TokenLocation.header(header, rest);
  }),
  textOf('token').map((param) => TokenLocation.queryParam(param)),
  headerName.map((cookie) => TokenLocation.cookie(cookie)),
);
const jwtRule: Arbitrary<JwtRule> = fc
  .tuple(
    textOf('https://accounts.example.com', 'robot@example.com'),
    jwks,
    some<Omit<JwtRule, 'issuer' | 'jwks'>>({
      audiences: listOf(textOf('shop', 'a b')),
      from: listOf(location),
      forwardOriginalToken: fc.boolean(),
      outputPayloadToHeader: textOf('x-payload', 'A_1'),
      outputClaimToHeaders: byName(textOf('x-user', 'A_1'), textOf('sub', 'a.b')),
      timeout: duration,
      spaceDelimitedClaims: listOf(textOf('roles', 'groups')),
    }),
  )
  .map(([issuer, keys, rest]) => ({ issuer, jwks: keys, ...rest }));
const tokenless = mostly(
  fc.constantFrom(Tokenless.REFUSED, Tokenless.ALLOWED),
  listOf(operation, 2).map((operations) =>
    Tokenless.refusedOn(...(operations as [AuthorizationOperation, ...AuthorizationOperation[]])),
  ),
  2,
);

/** Verification of tokens. */
export const authentication: Arbitrary<JwtAuthenticationProps> = fc
  .tuple(scope, listOf(jwtRule, 2), some<object>({ tokenless, name }))
  .map(([where, jwtRules, rest]) => ({ ...where, jwtRules, ...rest }));
