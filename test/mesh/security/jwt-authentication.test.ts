import { Duration } from 'cdk8s';
import {
  AuthorizationAction,
  AuthorizationPolicy,
  Condition,
  Jwks,
  JwtAuthentication,
  MeshNamespace,
  Requests,
  TokenLocation,
  Tokenless,
  type AuthorizationPolicyProps,
  type JwtAuthenticationProps,
  type JwtRule,
} from 'istio-module';
import { emptyChart, fakeModule, named, synthesized, title } from '../synthesis';

const ISSUER = 'https://accounts.example.com';
const RULE: JwtRule = { issuer: ISSUER, jwks: Jwks.uri(`${ISSUER}/jwks.json`) };
const KEY = { kty: 'RSA', e: 'AQAB', n: 'xAE7' };

function rulesOf(props: Partial<JwtRule>): unknown {
  const chart = emptyChart();
  new JwtAuthentication(chart, 'jwt', { namespace: 'shop', jwtRules: [{ ...RULE, ...props }] });
  return named(synthesized(chart), 'RequestAuthentication/shop/jwt').spec?.jwtRules;
}

describe('JwtAuthentication', () => {
  test('verifies the tokens of workloads, and refuses requests that have none', () => {
    const chart = emptyChart();
    const namespace = new MeshNamespace(chart, 'shop', { name: 'shop' });
    new JwtAuthentication(chart, 'jwt', { namespace, workload: { app: 'frontend' }, jwtRules: [RULE] });
    expect(synthesized(chart).slice(1)).toEqual([
      {
        apiVersion: 'security.istio.io/v1',
        kind: 'RequestAuthentication',
        metadata: { name: 'jwt', namespace: 'shop' },
        spec: {
          selector: { matchLabels: { app: 'frontend' } },
          jwtRules: [{ issuer: ISSUER, jwksUri: `${ISSUER}/jwks.json` }],
        },
      },
      {
        apiVersion: 'security.istio.io/v1',
        kind: 'AuthorizationPolicy',
        metadata: { name: 'jwt-require-token', namespace: 'shop' },
        spec: {
          selector: { matchLabels: { app: 'frontend' } },
          action: 'DENY',
          rules: [{ from: [{ source: { notRequestPrincipals: ['*'] } }] }],
        },
      },
    ]);
  });

  test('takes tokens from the given locations, and passes on what is configured', () => {
    expect(
      rulesOf({
        audiences: ['shop'],
        from: [
          TokenLocation.header('x-token'),
          TokenLocation.header('x-jwt', { prefix: 'Bearer ' }),
          TokenLocation.queryParam('token'),
          TokenLocation.cookie('session'),
        ],
        forwardOriginalToken: true,
        outputPayloadToHeader: 'x-payload',
        outputClaimToHeaders: { 'x-user': 'sub', 'x-role': 'realm.role' },
        timeout: Duration.millis(1500),
      }),
    ).toEqual([
      {
        issuer: ISSUER,
        jwksUri: `${ISSUER}/jwks.json`,
        audiences: ['shop'],
        fromHeaders: [{ name: 'x-token' }, { name: 'x-jwt', prefix: 'Bearer ' }],
        fromParams: ['token'],
        fromCookies: ['session'],
        forwardOriginalToken: true,
        outputPayloadToHeader: 'x-payload',
        outputClaimToHeaders: [
          { header: 'x-user', claim: 'sub' },
          { header: 'x-role', claim: 'realm.role' },
        ],
        timeout: '1.5s',
      },
    ]);
  });

  test.each<[string, Jwks, object]>([
    ['as an object', Jwks.inline({ keys: [KEY] }), { jwks: JSON.stringify({ keys: [KEY] }) }],
    ['as JSON', Jwks.inline(`{ "keys": [${JSON.stringify(KEY)}] }`), { jwks: `{ "keys": [${JSON.stringify(KEY)}] }` }],
    ['by discovery', Jwks.DISCOVERY, {}],
  ])('takes keys %s', (_, jwks, fields) => {
    expect(rulesOf({ jwks })).toEqual([{ issuer: ISSUER, ...fields }]);
  });

  test('refuses requests without a token on some operations only', () => {
    const chart = emptyChart();
    const tokenless = Tokenless.refusedOn({ ports: [8080], notPaths: ['/healthz'], notMethods: ['OPTIONS'] });
    new JwtAuthentication(chart, 'jwt', { namespace: 'shop', jwtRules: [RULE], tokenless });
    expect(named(synthesized(chart), 'AuthorizationPolicy/shop/jwt-require-token').spec).toEqual({
      action: 'DENY',
      rules: [
        {
          from: [{ source: { notRequestPrincipals: ['*'] } }],
          to: [{ operation: { ports: ['8080'], notPaths: ['/healthz'], notMethods: ['OPTIONS'] } }],
        },
      ],
    });
  });

  test('lets requests without a token in when it is told to', () => {
    const chart = emptyChart();
    new JwtAuthentication(chart, 'jwt', { namespace: 'shop', jwtRules: [RULE], tokenless: Tokenless.ALLOWED });
    expect(synthesized(chart).map(title)).toEqual(['RequestAuthentication/shop/jwt']);
  });

  test.each(['before', 'after'])('covers the mesh from the root namespace of a module made %s it', (when) => {
    const chart = emptyChart();
    if (when === 'before') fakeModule(chart, { namespace: 'mesh-system' });
    new JwtAuthentication(chart, 'jwt', { jwtRules: [RULE] });
    if (when === 'after') fakeModule(chart, { namespace: 'mesh-system' });
    expect(synthesized(chart).map(title)).toEqual(
      expect.arrayContaining([
        'RequestAuthentication/mesh-system/jwt',
        'AuthorizationPolicy/mesh-system/jwt-require-token',
      ]),
    );
  });

  test('covers the mesh from the root namespace that is named, and asks for it where nothing tells it', () => {
    const chart = emptyChart();
    new JwtAuthentication(chart, 'jwt', { rootNamespace: 'istio-config', jwtRules: [RULE], name: 'tokens' });
    expect(synthesized(chart).map(title)).toEqual([
      'RequestAuthentication/istio-config/tokens',
      'AuthorizationPolicy/istio-config/tokens-require-token',
    ]);
    const other = emptyChart();
    new JwtAuthentication(other, 'jwt', { jwtRules: [RULE] });
    expect(() => synthesized(other)).toThrow(
      '[mesh/jwt] applies to the whole mesh, but the app has no IstioModule or ExistingIstio that sets its root namespace: set the prop rootNamespace',
    );
  });

  describe('that leaves requests without a token to policies', () => {
    const withPolicies = (...policies: AuthorizationPolicyProps[]) => {
      const chart = emptyChart();
      const workload = { app: 'frontend' };
      policies.forEach((props, index) => new AuthorizationPolicy(chart, `policy-${String(index)}`, props));
      const tokenless = Tokenless.REFUSED_BY_POLICIES;
      new JwtAuthentication(chart, 'jwt', { namespace: 'shop', workload, jwtRules: [RULE], tokenless });
      return () => synthesized(chart);
    };
    const anyToken = { from: [{ requestPrincipals: ['*'] }] };

    test.each<[string, AuthorizationPolicyProps[]]>([
      ['lets in those with a token', [{ namespace: 'shop', rules: [anyToken, { to: [{ paths: ['/healthz'] }] }] }]],
      [
        'refuses those without',
        [
          {
            namespace: 'shop',
            workload: { app: 'frontend' },
            action: AuthorizationAction.DENY,
            rules: [{ from: [{ notRequestPrincipals: ['*'] }] }],
          },
        ],
      ],
      [
        'denies requests without one, whatever another policy allows',
        [
          { namespace: 'shop', rules: [anyToken] },
          { namespace: 'shop', workload: { app: 'cart' }, rules: Requests.ALL },
        ],
      ],
      [
        'requires a token, whatever a policy that is only logged allows',
        [
          { namespace: 'shop', rules: [anyToken] },
          { namespace: 'shop', dryRun: true, rules: Requests.ALL },
        ],
      ],
      ['covers the mesh', [{ rootNamespace: 'istio-system', rules: [anyToken] }]],
    ])('accepts a policy that %s', (_, policies) => {
      expect(withPolicies(...policies)().map(title)).toContain('RequestAuthentication/shop/jwt');
    });

    test.each<[string, AuthorizationPolicyProps[]]>([
      ['there is none', []],
      [
        'they are for another namespace',
        [
          { namespace: 'cart', rules: [anyToken] },
          { namespace: 'shop', rules: [{ to: [{ methods: ['GET'] }] }] },
        ],
      ],
      [
        'they are for other workloads',
        [{ namespace: 'shop', workload: { app: 'frontend', version: 'v2' }, rules: [anyToken] }],
      ],
      [
        'they need a token from some sources only',
        [{ namespace: 'shop', rules: [{ from: [{ requestPrincipals: ['*'] }, { namespaces: ['cart'] }] }] }],
      ],
      [
        'they refuse those without under a condition only',
        [
          {
            namespace: 'shop',
            action: AuthorizationAction.DENY,
            rules: [
              { from: [{ notRequestPrincipals: ['*'] }], when: [Condition.header('x-tier').values('gold')] },
              { from: [{ notRequestPrincipals: ['*'], notIpBlocks: ['10.0.0.0/8'] }] },
            ],
          },
        ],
      ],
      ['they are only logged', [{ namespace: 'shop', dryRun: true, rules: [anyToken] }]],
      [
        'they are for a gateway',
        [{ namespace: 'shop', targets: [{ kind: 'Gateway', name: 'public' }], rules: [anyToken] }],
      ],
      ['they need no token', [{ namespace: 'shop', rules: [{ to: [{ methods: ['GET'] }] }] }]],
      ['they decide nothing', [{ namespace: 'shop', action: AuthorizationAction.AUDIT, rules: [anyToken] }]],
      [
        'another one lets everything in',
        [
          { namespace: 'shop', rules: [anyToken] },
          { namespace: 'shop', rules: Requests.ALL },
        ],
      ],
    ])('fails when %s', (_, policies) => {
      expect(withPolicies(...policies)).toThrow(
        "[mesh/jwt] verifies tokens in workload { app: 'frontend' } of namespace 'shop', but no AuthorizationPolicy of the app requires one there, so requests without a token are allowed: " +
          "leave out the prop tokenless, add a policy whose rules have requestPrincipals: ['*'], or write Tokenless.ALLOWED",
      );
    });
  });

  const refuses = (props: Partial<JwtAuthenticationProps>, problem: string) => {
    expect(() => new JwtAuthentication(emptyChart(), 'jwt', { namespace: 'shop', jwtRules: [RULE], ...props })).toThrow(
      new Error(`JwtAuthentication mesh/jwt: ${problem}`),
    );
  };

  test.each<[string, Partial<JwtRule>, string]>([
    ['an empty issuer', { issuer: '' }, "issuer '' is empty: write the claim iss of the tokens"],
    [
      'an address of keys that is neither https nor http',
      { jwks: Jwks.uri('ftp://example.com/jwks') },
      "jwks 'ftp://example.com/jwks' is not an https or http URL: write one such as 'https://example.com/.well-known/jwks.json'",
    ],
    [
      'an invalid address',
      { jwks: Jwks.uri('https://exa mple.com/%zz') },
      "jwks 'https://exa mple.com/%zz' is not an https or http URL: write one such as 'https://example.com/.well-known/jwks.json'",
    ],
    [
      'an address with too many characters',
      { jwks: Jwks.uri(`https://example.com/${'a'.repeat(2029)}`) },
      'jwks has 2049 characters: write at most 2048',
    ],
    [
      'discovery at an issuer that is not an address',
      { issuer: 'robot@example.com', jwks: Jwks.DISCOVERY },
      "jwks cannot be discovered from issuer 'robot@example.com', which is not an https or http URL: write Jwks.uri(URL)",
    ],
    [
      'keys that are not JSON',
      { jwks: Jwks.inline('{') },
      'jwks is not JSON: write a JSON Web Key Set, such as { "keys": [ … ] }',
    ],
    [
      'a set without keys',
      { jwks: Jwks.inline('[]') },
      'jwks has no keys: write a JSON Web Key Set, such as { "keys": [ … ] }',
    ],
    [
      'an empty set',
      { jwks: Jwks.inline({ keys: [] }) },
      'jwks has no keys: write a JSON Web Key Set, such as { "keys": [ … ] }',
    ],
    [
      'a private key',
      { jwks: Jwks.inline({ keys: [KEY, { ...KEY, d: 'secret' }] }) },
      'jwks.keys[1] contains a private key, which everyone who can read the object would get: leave only the public part',
    ],
    [
      'a key without type',
      { jwks: Jwks.inline({ keys: [{ e: 'AQAB' }] }) },
      'jwks.keys[0] has no kty: write a public key, of kty RSA, EC or OKP',
    ],
    [
      'a key of an unknown type',
      { jwks: Jwks.inline({ keys: [{ kty: 'rsa' }] }) },
      'jwks.keys[0] has kty "rsa": write a public key, of kty RSA, EC or OKP',
    ],
    [
      'an invalid key',
      { jwks: Jwks.inline({ keys: ['RSA'] }) },
      'jwks.keys[0] is not a key: write an object, such as { "kty": "RSA", "n": …, "e": … }',
    ],
    [
      'half a key',
      { jwks: Jwks.inline({ keys: [KEY, { kty: 'EC', crv: 'P-256', x: '', y: 'a+b' }] }) },
      'jwks.keys[1] lacks x and y, which a key of kty EC requires in base64url: write the whole key',
    ],
    [
      'no audience',
      { audiences: [] },
      'audiences [] is empty or has an empty item: write each audience, or leave the prop out to accept any',
    ],
    [
      'an empty audience',
      { audiences: ['shop', ''] },
      "audiences ['shop', ''] is empty or has an empty item: write each audience, or leave the prop out to accept any",
    ],
    ['no location', { from: [] }, 'from is empty: name a location, or leave it out to use the Authorization header'],
    [
      'an invalid header',
      { from: [TokenLocation.header('x token')] },
      "header 'x token' is not a valid name: write a name without spaces",
    ],
    [
      'an invalid query parameter',
      { from: [TokenLocation.queryParam('')] },
      "query parameter '' is not a valid name: write a name without spaces",
    ],
    [
      'an invalid cookie',
      { from: [TokenLocation.cookie('a=b')] },
      "cookie 'a=b' is not a valid name: write a name without spaces",
    ],
    [
      'an invalid header for the payload',
      { outputPayloadToHeader: 'x payload' },
      "outputPayloadToHeader 'x payload' is not a valid header name: write letters, digits, '-' and '_'",
    ],
    [
      'an invalid header for a claim',
      { outputClaimToHeaders: { 'x.user': 'sub' } },
      "outputClaimToHeaders 'x.user' is not a valid header name: write letters, digits, '-' and '_'",
    ],
    [
      'an invalid claim',
      { outputClaimToHeaders: { 'x-user': '' } },
      "outputClaimToHeaders has no claim for header 'x-user': write the claim's name",
    ],
    [
      'a timeout that is too short',
      { timeout: Duration.millis(0) },
      'timeout 0s is too short: write at least Duration.millis(1), or leave it out',
    ],
  ])('refuses %s', (_, rule, problem) => {
    refuses({ jwtRules: [RULE, { ...RULE, ...rule }] }, `jwtRules[1].${problem}`);
  });

  test.each<[string, Partial<JwtAuthenticationProps>, string]>([
    [
      'invalid operations',
      { tokenless: Tokenless.refusedOn({ ports: [0] }) },
      'tokenless: operation [0].ports 0 is not a port: write a whole number from 1 to 65535',
    ],
    [
      'an operation without fields',
      { tokenless: Tokenless.refusedOn({}) },
      'tokenless: operation [0] is empty: set a field of the operation, such as paths, or, to match any, write Tokenless.REFUSED',
    ],
    [
      'a workload without labels',
      { workload: {} },
      'workload {} has no labels: name at least one, or leave the prop out to select every workload',
    ],
    [
      'an invalid label',
      { workload: { app: 'front*' } },
      "workload { app: 'front*' } is not a valid label: write at most 63 letters, digits, '-', '_' and '.', starting and ending with a letter or digit",
    ],
    [
      'an invalid namespace',
      { namespace: 'Shop' },
      "namespace 'Shop' is not a valid name: write at most 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
    ],
    [
      'a namespace and a root namespace',
      { rootNamespace: 'istio-system' },
      "rootNamespace 'istio-system' is for the whole mesh, but namespace is set: leave out one of them",
    ],
    [
      'an invalid name',
      { name: 'JWT' },
      "'JWT' is not a valid object name: use lower-case letters, digits and hyphens, starting and ending with a letter or digit in the construct id, or set the prop name",
    ],
  ])('refuses %s', (_, props, problem) => {
    refuses(props, problem);
  });
});
