import {
  AuthorizationAction,
  AuthorizationPolicy,
  Condition,
  Jwks,
  JwtAuthentication,
  MeshNamespace,
  Requests,
  Tokenless,
  type AuthorizationOperation,
  type AuthorizationPolicyProps,
  type AuthorizationRule,
  type AuthorizationSource,
} from 'istio-module';
import { emptyChart, fakeModule, named, synthesized, title } from '../synthesis';

function specOf(props: AuthorizationPolicyProps): unknown {
  const chart = emptyChart();
  new AuthorizationPolicy(chart, 'policy', { namespace: 'shop', tokensVerifiedElsewhere: true, ...props });
  return named(synthesized(chart), 'AuthorizationPolicy/shop/policy').spec;
}

describe('AuthorizationPolicy', () => {
  test('lets in what its rules say', () => {
    const chart = emptyChart();
    const namespace = new MeshNamespace(chart, 'shop', { name: 'shop' });
    new AuthorizationPolicy(chart, 'reviews', {
      namespace,
      workload: { app: 'reviews' },
      tokensVerifiedElsewhere: true,
      rules: [
        {
          from: [
            {
              principals: ['cluster.local/ns/shop/sa/frontend', 'other.example/ns/shop/*'],
              notPrincipals: ['*/sa/guest'],
              namespaces: [namespace, 'cart'],
              notNamespaces: ['test-*'],
              requestPrincipals: ['*'],
              notRequestPrincipals: ['https://accounts.example.com/eve'],
              ipBlocks: ['10.0.0.0/8', '2001:db8::/32'],
              notIpBlocks: ['10.0.0.1'],
              remoteIpBlocks: ['203.0.113.0/24'],
              notRemoteIpBlocks: ['203.0.113.4', '::1'],
            },
            { serviceAccounts: ['shop/frontend'], notServiceAccounts: ['shop/guest'] },
          ],
          to: [
            {
              hosts: ['*.example.com'],
              notHosts: ['admin.example.com'],
              ports: [80, 8080],
              notPorts: [9090],
              methods: ['GET', 'P*'],
              notMethods: ['PUT'],
              paths: ['/info*', '*.html', '/{*}/reviews/{**}'],
              notPaths: ['/info/secret'],
            },
          ],
          when: [
            Condition.claim('realm_access', 'roles').values('admin', 'editor'),
            Condition.claim('group').notValues('guest'),
            Condition.audience().values('shop'),
            Condition.presenter().values('web'),
            Condition.header('x-tier').values('gold*'),
            Condition.destinationIp().values('10.1.0.0/16'),
            Condition.sni().notValues('www.example.com'),
          ],
        },
      ],
    });
    expect(synthesized(chart)[1]).toEqual({
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: { name: 'reviews', namespace: 'shop' },
      spec: {
        selector: { matchLabels: { app: 'reviews' } },
        action: 'ALLOW',
        rules: [
          {
            from: [
              {
                source: {
                  principals: ['cluster.local/ns/shop/sa/frontend', 'other.example/ns/shop/*'],
                  notPrincipals: ['*/sa/guest'],
                  namespaces: ['shop', 'cart'],
                  notNamespaces: ['test-*'],
                  requestPrincipals: ['*'],
                  notRequestPrincipals: ['https://accounts.example.com/eve'],
                  ipBlocks: ['10.0.0.0/8', '2001:db8::/32'],
                  notIpBlocks: ['10.0.0.1'],
                  remoteIpBlocks: ['203.0.113.0/24'],
                  notRemoteIpBlocks: ['203.0.113.4', '::1'],
                },
              },
              { source: { principals: ['*/ns/shop/sa/frontend'], notPrincipals: ['*/ns/shop/sa/guest'] } },
            ],
            to: [
              {
                operation: {
                  hosts: ['*.example.com'],
                  notHosts: ['admin.example.com'],
                  ports: ['80', '8080'],
                  notPorts: ['9090'],
                  methods: ['GET', 'P*'],
                  notMethods: ['PUT'],
                  paths: ['/info*', '*.html', '/{*}/reviews/{**}'],
                  notPaths: ['/info/secret'],
                },
              },
            ],
            when: [
              { key: 'request.auth.claims[realm_access][roles]', values: ['admin', 'editor'] },
              { key: 'request.auth.claims[group]', notValues: ['guest'] },
              { key: 'request.auth.audiences', values: ['shop'] },
              { key: 'request.auth.presenter', values: ['web'] },
              { key: 'request.headers[x-tier]', values: ['gold*'] },
              { key: 'destination.ip', values: ['10.1.0.0/16'] },
              { key: 'connection.sni', notValues: ['www.example.com'] },
            ],
          },
        ],
      },
    });
  });

  const rules = [{ to: [{ paths: ['/admin*'] }] }];
  const rendered = [{ to: [{ operation: { paths: ['/admin*'] } }] }];
  test.each<[string, AuthorizationAction, object]>([
    ['refuses', AuthorizationAction.DENY, { action: 'DENY' }],
    ['marks', AuthorizationAction.AUDIT, { action: 'AUDIT' }],
    ['asks about', AuthorizationAction.custom('opa'), { action: 'CUSTOM', provider: { name: 'opa' } }],
  ])('%s what its rules say', (_, action, fields) => {
    expect(specOf({ action, rules })).toEqual({ ...fields, rules: rendered });
  });

  test('lets nothing or everything in with Requests.NONE or Requests.ALL', () => {
    expect(specOf({ rules: Requests.NONE })).toEqual({ action: 'ALLOW' });
    expect(specOf({ rules: Requests.ALL })).toEqual({ action: 'ALLOW', rules: [{}] });
    expect(specOf({ action: AuthorizationAction.DENY, rules: Requests.ALL })).toEqual({ action: 'DENY', rules: [{}] });
  });

  test('covers the mesh, or its workloads with a label, from the root namespace', () => {
    const chart = emptyChart();
    fakeModule(chart, { namespace: 'mesh-system' });
    new AuthorizationPolicy(chart, 'nothing', { rules: Requests.NONE });
    new AuthorizationPolicy(chart, 'public', { workload: { tier: 'public' }, rules: Requests.ALL, name: 'open' });
    const manifests = synthesized(chart);
    expect(manifests.map(title)).toContain('AuthorizationPolicy/mesh-system/nothing');
    expect(named(manifests, 'AuthorizationPolicy/mesh-system/open').spec).toHaveProperty('selector');
  });

  test('asks for the root namespace when nothing tells it', () => {
    const chart = emptyChart();
    new AuthorizationPolicy(chart, 'nothing', { rules: Requests.NONE });
    expect(() => synthesized(chart)).toThrow(
      '[mesh/nothing] applies to the whole mesh, but the app has no IstioModule or ExistingIstio that sets its root namespace: set the prop rootNamespace',
    );
  });

  describe('that looks at tokens', () => {
    const looking: AuthorizationPolicyProps = {
      namespace: 'shop',
      workload: { app: 'reviews' },
      rules: [{ when: [Condition.claim('group').values('admin')] }],
    };
    const jwtRules = [{ issuer: 'https://accounts.example.com', jwks: Jwks.DISCOVERY }];
    const unverified =
      "[mesh/policy] uses tokens of requests, but no JwtAuthentication of the app verifies them in workload { app: 'reviews' } of namespace 'shop': " +
      'add one, or set the prop tokensVerifiedElsewhere';

    test.each<[string, object]>([
      ['of the namespace', { namespace: 'shop' }],
      ['of the mesh', { rootNamespace: 'istio-system' }],
      ['of some of the workloads', { namespace: 'shop', workload: { version: 'v1' } }],
    ])('accepts verification in workloads %s', (_, scope) => {
      const chart = emptyChart();
      new AuthorizationPolicy(chart, 'policy', looking);
      new JwtAuthentication(chart, 'jwt', { ...scope, jwtRules, tokenless: Tokenless.ALLOWED });
      expect(synthesized(chart)).toHaveLength(2);
    });

    test.each<[string, object]>([
      ['of another namespace', { namespace: 'cart' }],
      ['with other labels', { namespace: 'shop', workload: { app: 'frontend' } }],
    ])('refuses verification in workloads %s alone', (_, scope) => {
      const chart = emptyChart();
      new AuthorizationPolicy(chart, 'policy', looking);
      new JwtAuthentication(chart, 'jwt', { ...scope, jwtRules });
      expect(() => synthesized(chart)).toThrow(unverified);
    });

    test('accepts the declaration that others verify them', () => {
      const chart = emptyChart();
      new AuthorizationPolicy(chart, 'policy', { ...looking, tokensVerifiedElsewhere: true });
      expect(synthesized(chart)).toHaveLength(1);
    });
  });

  const refuses = (props: Partial<AuthorizationPolicyProps>, problem: string) => {
    expect(
      () => new AuthorizationPolicy(emptyChart(), 'policy', { namespace: 'shop', rules: Requests.ALL, ...props }),
    ).toThrow(new Error(`AuthorizationPolicy mesh/policy: ${problem}`));
  };

  test.each<[string, Partial<AuthorizationPolicyProps>, string]>([
    [
      'ALLOW without rules',
      { rules: [] },
      'rules is empty, and ALLOW without rules allows no request: write rules: Requests.NONE if that is intended, or a rule',
    ],
    [
      'DENY without rules',
      { action: AuthorizationAction.DENY, rules: [] },
      'rules is empty, so DENY has no effect: write a rule, or rules: Requests.ALL',
    ],
    [
      'CUSTOM for no request',
      { action: AuthorizationAction.custom('opa'), rules: Requests.NONE },
      'rules Requests.NONE matches no request, so CUSTOM has no effect: write rules, or Requests.ALL',
    ],
    [
      'CUSTOM without a provider',
      { action: AuthorizationAction.custom('') },
      "action CUSTOM has no provider: write its name in the mesh configuration's extensionProviders",
    ],
    [
      'CUSTOM by namespace',
      {
        action: AuthorizationAction.custom('opa'),
        rules: [{ from: [{ namespaces: ['shop'], ipBlocks: ['10.0.0.1'] }] }],
      },
      'rules[0].from[0].namespaces is not supported with CUSTOM: leave it out, and let the provider check the source',
    ],
    [
      'CUSTOM by claim',
      { action: AuthorizationAction.custom('opa'), rules: [{ when: [Condition.claim('group').values('admin')] }] },
      'rules[0].when[0]: request.auth.claims[group] is not supported with CUSTOM: let the provider check it',
    ],
    [
      'a workload without labels',
      { workload: {} },
      'workload {} has no labels: name at least one, or leave the prop out to select every workload',
    ],
    [
      'an invalid name',
      { name: 'The policy' },
      "'The policy' is not a valid object name: use lower-case letters, digits and hyphens, starting and ending with a letter or digit in the construct id, or set the prop name",
    ],
  ])('refuses %s', (_, props, problem) => {
    refuses(props, problem);
  });

  test.each<[string, AuthorizationRule, string]>([
    [
      'that says nothing',
      {},
      ' is empty and matches every request: write rules: Requests.ALL if that is intended, or a condition',
    ],
    ['from nowhere', { from: [] }, '.from is empty: name at least one, or leave it out to match any'],
    ['to nothing', { to: [] }, '.to is empty: name at least one, or leave it out to match any'],
    ['under no condition', { when: [] }, '.when is empty: name at least one, or leave it out to match any'],
    [
      'with an invalid claim',
      { when: [Condition.claim('realm', 'a]b').values('x')] },
      ".when[0]: request.auth.claims has the invalid name 'a]b': write one that is not empty, without brackets or spaces",
    ],
    [
      'with an invalid header',
      { when: [Condition.header('x tier').values('x')] },
      ".when[0]: request.headers has the invalid name 'x tier': write one that is not empty, without brackets or spaces",
    ],
    [
      'with an empty value',
      { when: [Condition.header('x-tier').values('')] },
      ".when[0]: request.headers[x-tier] has no value, or an empty one: write a value, or '*' for any non-empty value",
    ],
    [
      'with an invalid destination',
      { when: [Condition.destinationIp().values('10.0.0.0/33')] },
      ".when[0]: destination.ip '10.0.0.0/33' is not an IP address or CIDR block: write one such as '203.0.113.4' or '10.0.0.0/8'",
    ],
  ])('refuses a rule %s', (_, rule, problem) => {
    refuses({ rules: [{ to: [{ ports: [80] }] }, rule] }, `rules[1]${problem}`);
  });

  test('reports everything that is wrong at once', () => {
    refuses(
      { rules: [{ from: [{}], to: [{}] }] },
      "rules[0].from[0] is empty: set a field of the source, such as principals, or, to match any, leave out the prop 'from'\n" +
        "AuthorizationPolicy mesh/policy: rules[0].to[0] is empty: set a field of the operation, such as paths, or, to match any, leave out the prop 'to'",
    );
  });

  test.each<[string, AuthorizationSource, string]>([
    ['no principal', { principals: [] }, '.principals is empty: name at least one, or leave it out to match any'],
    ['an empty namespace', { namespaces: [''] }, '.namespaces has an empty string: write a value'],
    [
      'a principal with its scheme',
      { principals: ['spiffe://cluster.local/ns/shop/sa/frontend'] },
      ".principals 'spiffe://cluster.local/ns/shop/sa/frontend' has the scheme spiffe://, which Istio adds itself: write TRUST_DOMAIN/ns/NAMESPACE/sa/NAME, such as 'cluster.local/ns/shop/sa/frontend'",
    ],
    [
      'a wildcard in the middle',
      { notPrincipals: ['cluster.local/ns/*/sa/frontend'] },
      ".notPrincipals 'cluster.local/ns/*/sa/frontend' has a * in an unsupported place: write one * at the start or end, or several values",
    ],
    [
      'an invalid namespace',
      { notNamespaces: ['The Shop'] },
      ".notNamespaces 'The Shop' is not a namespace: write its name, such as 'shop'",
    ],
    [
      'an invalid service account',
      { serviceAccounts: ['shop/*'] },
      ".serviceAccounts 'shop/*' is not a service account: write NAMESPACE/NAME, such as 'shop/frontend'",
    ],
    [
      'a service account and a namespace',
      { notServiceAccounts: ['shop/guest'], namespaces: ['shop'] } as unknown as AuthorizationSource,
      '.notServiceAccounts cannot be combined with namespaces: write two sources, or leave out one of them',
    ],
    ...[
      '10.0.0.256',
      '10.0.0',
      '010.0.0.1',
      '10.0.0.1.',
      '10.0.0.0/33',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      '::1/129',
      'fe80::1%eth0',
      ':::',
      'shop',
    ].map((block): [string, AuthorizationSource, string] => [
      `the address ${block}`,
      { notRemoteIpBlocks: [block] },
      `.notRemoteIpBlocks '${block}' is not an IP address or CIDR block: write one such as '203.0.113.4' or '10.0.0.0/8'`,
    ]),
  ])('refuses a source with %s', (_, source, problem) => {
    refuses({ action: AuthorizationAction.DENY, rules: [{ from: [source] }] }, `rules[0].from[0]${problem}`);
  });

  test.each<[string, AuthorizationOperation, string]>([
    ['no port', { ports: [] }, '.ports is empty: name at least one, or leave it out to match any'],
    ...[0, 65536, 80.5, NaN].map((port): [string, AuthorizationOperation, string] => [
      `port ${String(port)}`,
      { notPorts: [port] },
      `.notPorts ${String(port)} is not a port: write a whole number from 1 to 65535`,
    ]),
    ['an invalid method', { methods: ['GET /'] }, ".methods 'GET /' is not a method: write one such as 'GET'"],
    [
      'an invalid host',
      { hosts: ['https://shop.example.com'] },
      ".hosts 'https://shop.example.com' is not a host: write one such as 'shop.example.com', without scheme or path",
    ],
    [
      'a wildcard within a host',
      { notHosts: ['shop.*.com'] },
      ".notHosts 'shop.*.com' has a * in an unsupported place: write one * at the start or end, or several values",
    ],
    ...['admin', '/admin?x=1'].map((path): [string, AuthorizationOperation, string] => [
      `the path ${path}`,
      { paths: [path] },
      `.paths '${path}' is not a valid path: start it with '/' or '*', and leave out query parameters`,
    ]),
    [
      'two wildcards in a path',
      { notPaths: ['*admin*'] },
      ".notPaths '*admin*' has a * in an unsupported place: write one * at the start or end, or several values",
    ],
    ...['/{**}/a/{*}', '/a/{*}.txt', '/{id}', '/a*/{*}', '/{*}//a'].map(
      (path): [string, AuthorizationOperation, string] => [
        `the path template ${path}`,
        { paths: [path] },
        `.paths '${path}' is not a valid path template: use {*} and {**} only as whole segments, neither of them after {**}, and no other * or braces`,
      ],
    ),
  ])('refuses an operation with %s', (_, operation, problem) => {
    refuses({ rules: [{ to: [operation] }] }, `rules[0].to[0]${problem}`);
  });
});
