/** What the types of security accept, and what they refuse; compiled by `npm run types`, and never run. */
import { Duration, type Chart } from 'cdk8s';
import {
  AuthorizationAction,
  AuthorizationPolicy,
  Condition,
  Jwks,
  JwtAuthentication,
  MeshNamespace,
  MutualTls,
  Requests,
  StrictPeerAuthentication,
  Tokenless,
  TokenLocation,
  type AuthorizationPolicyProps,
  type AuthorizationRule,
  type AuthorizationSourceFields,
  type JwtAuthenticationProps,
  type JwtRule,
  type NamespaceConstruct,
  type PolicyScope,
} from 'istio-module';
import type { Holds, IsReadonly, Same } from './claims';

const issuer = 'https://accounts.example.com';
const shop = { namespace: 'shop', workload: { app: 'db' } };

export function accepted(chart: Chart): void {
  const namespace = new MeshNamespace(chart, 'shop', { name: 'shop' });
  new StrictPeerAuthentication(chart, 'mesh');
  new StrictPeerAuthentication(chart, 'db', { ...shop, namespace, ports: { 9090: MutualTls.PERMISSIVE } });
  new AuthorizationPolicy(chart, 'all', { namespace, rules: Requests.ALL });
  new AuthorizationPolicy(chart, 'some', { ...shop, action: AuthorizationAction.DENY, rules: acceptedRules });
  new JwtAuthentication(chart, 'jwt', { ...shop, jwtRules: acceptedJwtRules, tokenless: Tokenless.REFUSED });
}

export const acceptedRules: readonly AuthorizationRule[] = [
  { from: [{ serviceAccounts: ['shop/frontend'] }, { namespaces: ['front'] }], to: [{ ports: [80], paths: ['/a*'] }] },
  { when: [Condition.claim('group', 'name').values('admin', 'root'), Condition.header('x-a').notValues('b')] },
];

export const acceptedJwtRules: readonly JwtRule[] = [
  {
    issuer,
    jwks: Jwks.uri(`${issuer}/jwks.json`),
    timeout: Duration.seconds(5),
    from: [TokenLocation.cookie('token')],
  },
  { issuer, jwks: Jwks.inline({ keys: [] }), outputClaimToHeaders: { 'x-user': 'sub' } },
];

export function refused(chart: Chart): void {
  // @ts-expect-error a mode of mutual TLS that Istio does not know
  new StrictPeerAuthentication(chart, 'mode', { ...shop, ports: { 9090: 'LAX' } });
  // @ts-expect-error a mode of mutual TLS is a MutualTls, not a string
  new StrictPeerAuthentication(chart, 'text', { ...shop, ports: { 9090: 'STRICT' } });
  // @ts-expect-error a mode that MutualTls does not have
  new StrictPeerAuthentication(chart, 'member', { ...shop, ports: { 9090: MutualTls.OPTIONAL } });
  // @ts-expect-error a port is a number, not a name
  new StrictPeerAuthentication(chart, 'port', { ...shop, ports: { metrics: MutualTls.PERMISSIVE } });
  // @ts-expect-error labels are strings
  new StrictPeerAuthentication(chart, 'label', { namespace: 'shop', workload: { generation: 2 } });
  // @ts-expect-error a policy needs rules: Requests.NONE or Requests.ALL where it has none of its own
  new AuthorizationPolicy(chart, 'no-rules', shop);
  // @ts-expect-error an action is an AuthorizationAction, not a string
  new AuthorizationPolicy(chart, 'action', { ...shop, action: 'DENY', rules: Requests.ALL });
  // @ts-expect-error tokens are verified according to rules
  new JwtAuthentication(chart, 'no-jwt-rules', shop);
  // @ts-expect-error `tokenless` is a Tokenless, not a flag
  new JwtAuthentication(chart, 'flag', { ...shop, jwtRules: acceptedJwtRules, tokenless: true });
}

export const refusedRules: readonly AuthorizationRule[] = [
  // @ts-expect-error a service account has a namespace, as in shop/frontend
  { from: [{ serviceAccounts: ['frontend'] }] },
  // @ts-expect-error service accounts cannot be combined with principals
  { from: [{ serviceAccounts: ['shop/frontend'], notPrincipals: ['cluster.local/ns/shop/sa/guest'] }] },
  // @ts-expect-error sources are a list, even a single one
  { from: { namespaces: ['shop'] } },
  // @ts-expect-error ports are numbers
  { to: [{ ports: ['80'] }] },
  // @ts-expect-error a condition needs values
  { when: [Condition.header('x-a').values()] },
  // @ts-expect-error a condition needs values
  { when: [Condition.audience()] },
  // @ts-expect-error a condition is not written by hand
  { when: [{ key: 'request.headers[x-a]', values: ['b'] }] },
];

export const refusedJwtRules: readonly JwtRule[] = [
  // @ts-expect-error a rule needs the issuer's keys, if only from its discovery document
  { issuer },
  // @ts-expect-error keys are a Jwks, not their address
  { issuer, jwks: `${issuer}/jwks.json` },
  // @ts-expect-error a duration is a Duration, not seconds
  { issuer, jwks: Jwks.DISCOVERY, timeout: 5 },
  // @ts-expect-error a location is a TokenLocation, not the name of a header
  { issuer, jwks: Jwks.DISCOVERY, from: ['x-token'] },
];

// @ts-expect-error conditions come from Condition's own methods
export const conditionByHand = new Condition('request.headers', ['x-a'], ['b'], []);

// @ts-expect-error an external authorizer needs a name
export const custom = AuthorizationAction.custom();

// @ts-expect-error requests without a token are refused on at least one operation
export const tokenless = Tokenless.refusedOn();

/** The rules of a policy are a list, or one of two constants. */
export function narrowed({ rules }: AuthorizationPolicyProps): readonly AuthorizationRule[] {
  switch (rules) {
    case Requests.ALL:
    case Requests.NONE:
      return [];
    default:
      return rules;
  }
}

export type Claims = [
  Holds<IsReadonly<AuthorizationPolicyProps>>,
  Holds<IsReadonly<AuthorizationRule>>,
  Holds<IsReadonly<AuthorizationSourceFields>>,
  Holds<IsReadonly<JwtAuthenticationProps>>,
  Holds<IsReadonly<JwtRule>>,
  Holds<IsReadonly<PolicyScope>>,
  Holds<Same<PolicyScope['namespace'], NamespaceConstruct | string | undefined>>,
  Holds<Same<`${MutualTls}`, 'STRICT' | 'PERMISSIVE' | 'DISABLE'>>,
];
