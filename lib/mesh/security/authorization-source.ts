import type { AuthorizationAction } from './authorization-action';
import { ipBlockProblem } from './ip-block';
import { namespaceName, type NamespaceReference } from '../namespaces/namespace-reference';
import { listProblems, wildcardProblem } from '../string-list';

/** A service account, with its namespace. */
export type ServiceAccountName = `${string}/${string}`;

/** The properties that identify a source. */
export interface AuthorizationSourceFields {
  /**
   * Identities of workloads, as `TRUST_DOMAIN/ns/NAMESPACE/sa/SERVICE_ACCOUNT`.
   *
   * @default - any
   */
  readonly principals?: readonly string[];

  /**
   * Identities that are excluded.
   *
   * @default - none
   */
  readonly notPrincipals?: readonly string[];

  /**
   * Identities of tokens, as `ISSUER/SUBJECT`; `['*']` requires a valid token.
   *
   * @default - any, and requests without a token
   */
  readonly requestPrincipals?: readonly string[];

  /**
   * Identities of tokens that are excluded; `['*']` matches only requests without a token.
   *
   * @default - none
   */
  readonly notRequestPrincipals?: readonly string[];

  /**
   * Namespaces of the clients.
   *
   * @default - any
   */
  readonly namespaces?: readonly NamespaceReference[];

  /**
   * Namespaces that are excluded.
   *
   * @default - none
   */
  readonly notNamespaces?: readonly NamespaceReference[];

  /**
   * Service accounts of the clients, in any trust domain. They cannot be combined with principals or namespaces. They
   * are rendered as principals, which every supported version of Istio has.
   *
   * @default - any
   */
  readonly serviceAccounts?: readonly ServiceAccountName[];

  /**
   * Service accounts that are excluded.
   *
   * @default - none
   */
  readonly notServiceAccounts?: readonly ServiceAccountName[];

  /**
   * Trust domains of the clients. Older versions of Istio do not have the field, and drop it.
   *
   * @default - any
   */
  readonly trustDomains?: readonly string[];

  /**
   * Trust domains that are excluded.
   *
   * @default - none
   */
  readonly notTrustDomains?: readonly string[];

  /**
   * Source addresses of connections, as IP addresses or CIDR blocks.
   *
   * @default - any
   */
  readonly ipBlocks?: readonly string[];

  /**
   * Addresses that are excluded.
   *
   * @default - none
   */
  readonly notIpBlocks?: readonly string[];

  /**
   * Addresses of the original client, as IP addresses or CIDR blocks. They are taken from `X-Forwarded-For` or the
   * PROXY protocol.
   *
   * @default - any
   */
  readonly remoteIpBlocks?: readonly string[];

  /**
   * Addresses of original clients that are excluded.
   *
   * @default - none
   */
  readonly notRemoteIpBlocks?: readonly string[];
}

type Field = keyof AuthorizationSourceFields;

/**
 * The source of requests. All given fields must match. Principals, namespaces and service accounts are known only for
 * clients with mutual TLS. A leading or trailing `*` matches anything, and a single `*` matches any known value, except
 * in service accounts and addresses.
 *
 * @see https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source
 */
export type AuthorizationSource = AuthorizationSourceFields &
  (
    | Readonly<Partial<Record<'serviceAccounts' | 'notServiceAccounts', never>>>
    | Readonly<Partial<Record<'principals' | 'notPrincipals' | 'namespaces' | 'notNamespaces', never>>>
  );

const ADDRESSES: readonly Field[] = ['ipBlocks', 'notIpBlocks', 'remoteIpBlocks', 'notRemoteIpBlocks'];
const ACCOUNTS: readonly Field[] = ['serviceAccounts', 'notServiceAccounts'];
const WORKLOADS: readonly Field[] = ['principals', 'notPrincipals', 'namespaces', 'notNamespaces'];

/** A source in the format of Istio's API. */
export function renderSource(source: AuthorizationSource): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    given(source).map(([field, values]) => {
      if (!ACCOUNTS.includes(field)) return [field, values];
      const principals = values.map((account) => `*/ns/${account.replace('/', '/sa/')}`);
      return [field === 'serviceAccounts' ? 'principals' : 'notPrincipals', principals];
    }),
  );
}

/** The problems with a source of a policy with this action, as phrases that follow the source's path. */
export function sourceProblems(source: AuthorizationSource, action: AuthorizationAction): string[] {
  const fields = given(source);
  if (fields.length === 0) {
    return [" is empty: set a field of the source, such as principals, or, to match any, leave out the prop 'from'"];
  }
  const accounts = fields.find(([field]) => ACCOUNTS.includes(field));
  const workloads = fields.find(([field]) => WORKLOADS.includes(field));
  return [
    ...(accounts && workloads
      ? [`.${accounts[0]} cannot be combined with ${workloads[0]}: write two sources, or leave out one of them`]
      : []),
    ...fields.flatMap(([field, values]) => {
      if (action.name === 'CUSTOM' && !ADDRESSES.includes(field)) {
        return [`.${field} is not supported with CUSTOM: leave it out, and let the provider check the source`];
      }
      return [...listProblems(field, values), ...values.flatMap((value) => valueProblem(field, value))];
    }),
  ];
}

function given(source: AuthorizationSource): (readonly [Field, readonly string[]])[] {
  return (Object.entries(source) as [Field, readonly NamespaceReference[] | undefined][]).flatMap(([field, values]) =>
    values ? [[field, values.map(namespaceName)] as const] : [],
  );
}

function valueProblem(field: Field, value: string): string[] {
  if (value === '') return [];
  if (ADDRESSES.includes(field)) return ipBlockProblem(`.${field}`, value);
  switch (field) {
    case 'serviceAccounts':
    case 'notServiceAccounts':
      return /^[a-z0-9]([-a-z0-9]*[a-z0-9])?\/[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(value)
        ? []
        : [`.${field} '${value}' is not a service account: write NAMESPACE/NAME, such as 'shop/frontend'`];
    case 'namespaces':
    case 'notNamespaces':
      return /^(?=.{1,63}$)[-a-z0-9*]+$/.test(value)
        ? []
        : [`.${field} '${value}' is not a namespace: write its name, such as 'shop'`];
    case 'trustDomains':
    case 'notTrustDomains':
      return value.includes('/')
        ? [`.${field} '${value}' is not a trust domain: write it without a path, such as 'cluster.local'`]
        : wildcardProblem(field, value);
    case 'principals':
    case 'notPrincipals':
      return value.startsWith('spiffe:')
        ? [
            `.${field} '${value}' has the scheme spiffe://, which Istio adds itself: write TRUST_DOMAIN/ns/NAMESPACE/sa/NAME, such as 'cluster.local/ns/shop/sa/frontend'`,
          ]
        : wildcardProblem(field, value);
    default:
      return wildcardProblem(field, value);
  }
}

/** Likely mistakes in a source, as phrases that follow the source's path. */
export function sourceWarnings(source: AuthorizationSource): string[] {
  return given(source).flatMap(([field, values]) =>
    values.filter((value) => value !== '' && !value.includes('*')).flatMap((value) => valueWarning(field, value)),
  );
}

function valueWarning(field: Field, value: string): string[] {
  switch (field) {
    case 'principals':
    case 'notPrincipals':
      return /^[^/]+\/ns\/[^/]+\/sa\/[^/]+$/.test(value)
        ? []
        : [
            `.${field} '${value}' is not the identity of a workload: write TRUST_DOMAIN/ns/NAMESPACE/sa/NAME, such as 'cluster.local/ns/shop/sa/frontend', unless clients have certificates of another kind`,
          ];
    case 'requestPrincipals':
    case 'notRequestPrincipals':
      return /.\/./.test(value)
        ? []
        : [`.${field} '${value}' is not the identity of a token: write ISSUER/SUBJECT, ISSUER/* or '*' for any token`];
    default:
      return [];
  }
}
