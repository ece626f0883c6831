import {
  AuthorizationPolicy,
  ExistingIstio,
  Jwks,
  JwtAuthentication,
  Tokenless,
  type AuthorizationPolicyProps,
  type JwtAuthenticationProps,
} from 'istio-module';
import { emptyChart, synthesized } from '../synthesis';

type AuthorizationScope = Omit<AuthorizationPolicyProps, 'rules'>;
type AuthenticationScope = Omit<JwtAuthenticationProps, 'jwtRules'>;

const ANY_TOKEN = { rules: [{ from: [{ requestPrincipals: ['*'] }] }] };

/** Synthesizes a policy that uses tokens, and a construct that verifies them, in an app with a root namespace. */
function synthesize(policy: AuthorizationScope, authentication: AuthenticationScope, rootNamespace?: string): void {
  const chart = emptyChart();
  new AuthorizationPolicy(chart, 'policy', { ...ANY_TOKEN, ...policy });
  new JwtAuthentication(chart, 'jwt', {
    jwtRules: [{ issuer: 'https://a.example.com', jwks: Jwks.DISCOVERY }],
    ...authentication,
  });
  new ExistingIstio(chart, 'istio', { rootNamespace });
  synthesized(chart);
}

const UNVERIFIED = 'but no JwtAuthentication of the app verifies them in';
const tokenless = Tokenless.REFUSED_BY_POLICIES;
const edge = [{ kind: 'Gateway', name: 'public' }] as const;
const web = [{ kind: 'Service', name: 'web' }] as const;
const waypoints = [{ kind: 'GatewayClass', name: 'istio-waypoint' }] as const;

describe('the root namespace by its name means the whole mesh', () => {
  test('for the construct that verifies tokens', () => {
    expect(() => {
      synthesize({ namespace: 'shop' }, { namespace: 'istio-system' });
    }).not.toThrow();
  });

  test('for the policy that requires tokens', () => {
    expect(() => {
      synthesize({ namespace: 'istio-system' }, { namespace: 'shop', workload: { app: 'web' }, tokenless });
    }).not.toThrow();
  });

  test('for both, with labels of workloads in every namespace', () => {
    const workload = { app: 'web' };
    expect(() => {
      synthesize({ namespace: 'shop', workload }, { namespace: 'istio-system', workload });
    }).not.toThrow();
    expect(() => {
      synthesize({ namespace: 'shop', workload }, { namespace: 'istio-system', workload: { app: 'other' } });
    }).toThrow(`${UNVERIFIED} workload { app: 'web' } of namespace 'shop'`);
  });

  test('in messages', () => {
    expect(() => {
      synthesize({ namespace: 'shop' }, { namespace: 'istio-system', tokenless });
    }).toThrow('[mesh/jwt] verifies tokens in the mesh, but no AuthorizationPolicy of the app requires one there');
  });

  test('only if the installation of the app has this root namespace', () => {
    expect(() => {
      synthesize({ namespace: 'shop' }, { namespace: 'config' }, 'config');
    }).not.toThrow();
    expect(() => {
      synthesize({ namespace: 'shop' }, { namespace: 'istio-system' }, 'config');
    }).toThrow(`${UNVERIFIED} namespace 'shop'`);
  });

  test('also if the app declares it only after it was validated', () => {
    const chart = emptyChart();
    new AuthorizationPolicy(chart, 'policy', { ...ANY_TOKEN, namespace: 'shop' });
    const jwtRules = [{ issuer: 'https://a.example.com', jwks: Jwks.DISCOVERY }] as const;
    new JwtAuthentication(chart, 'jwt', { namespace: 'istio-system', jwtRules });
    expect(() => synthesized(chart)).toThrow(`${UNVERIFIED} namespace 'shop'`);
    new ExistingIstio(chart, 'istio');
    expect(() => synthesized(chart)).not.toThrow();
  });

  test('but not for targets, which are in that namespace', () => {
    expect(() => {
      synthesize({ namespace: 'shop' }, { namespace: 'istio-system', targets: edge });
    }).toThrow(`${UNVERIFIED} namespace 'shop'`);
    expect(() => {
      synthesize({ namespace: 'istio-system', targets: edge }, { namespace: 'shop', targets: edge, tokenless });
    }).toThrow(
      "[mesh/jwt] verifies tokens in namespace 'shop', but no AuthorizationPolicy of the app requires one there",
    );
  });
});

describe('targets without a namespace are those of the root namespace', () => {
  test('which include no Gateway of another namespace', () => {
    expect(() => {
      synthesize({ targets: edge }, { namespace: 'edge', targets: edge, tokenless });
    }).toThrow(
      "[mesh/jwt] verifies tokens in namespace 'edge', but no AuthorizationPolicy of the app requires one there",
    );
    expect(() => {
      synthesize({ targets: edge }, { namespace: 'edge', targets: edge });
    }).toThrow(`${UNVERIFIED} namespace 'istio-system'`);
  });

  test.each<[string, AuthorizationScope, AuthenticationScope]>([
    ['for both', {}, {}],
    ['by its name for the policy', { namespace: 'istio-system' }, {}],
    ['by its name for the authentication', {}, { namespace: 'istio-system' }],
    ['by the prop rootNamespace', { rootNamespace: 'istio-system' }, { namespace: 'istio-system' }],
  ])('%s', (_, policy, authentication) => {
    expect(() => {
      synthesize({ ...policy, targets: edge }, { ...authentication, targets: edge, tokenless });
    }).not.toThrow();
  });
});

describe('waypoints', () => {
  test('of the class, to which a policy in the root namespace applies, are in every namespace', () => {
    for (const namespace of [undefined, 'istio-system']) {
      expect(() => {
        synthesize({ namespace, targets: waypoints }, { namespace: 'shop', targets: web });
      }).not.toThrow();
    }
  });

  test('ignore policies without targets', () => {
    for (const namespace of [undefined, 'shop']) {
      expect(() => {
        synthesize({ namespace }, { namespace: 'shop', targets: web, tokenless });
      }).toThrow(
        "[mesh/jwt] verifies tokens in namespace 'shop', but no AuthorizationPolicy of the app requires one there",
      );
      expect(() => {
        synthesize({ namespace }, { namespace: 'shop', targets: edge, tokenless });
      }).not.toThrow();
    }
  });
});
