import { fieldsAt, listAt, textAt, textsAt } from '../checks/spec-fields';

type Fields = Readonly<Record<string, unknown>>;

const NAMED = ['principals', 'namespaces', 'serviceAccounts', 'trustDomains'];
const EXCLUDED = ['notPrincipals', 'notNamespaces', 'notServiceAccounts', 'notTrustDomains'];
const ATTRIBUTES = ['source.principal', 'source.namespace', 'source.serviceAccount', 'source.trustDomain'];

/** Whether a rule of an AuthorizationPolicy names identities, at least in one of its sources or conditions. */
export function namesIdentities(rule: Fields): boolean {
  return sourcesOf(rule).some(isNamed) || conditionsOf(rule).some(hasValues);
}

/** Whether a rule of an AuthorizationPolicy matches only clients with a known identity. */
export function needsIdentity(rule: Fields): boolean {
  const sources = sourcesOf(rule);
  return (sources.length > 0 && sources.every(isNamed)) || conditionsOf(rule).some(hasValues);
}

/** Whether a rule of an AuthorizationPolicy excludes identities, and so matches clients without a known identity. */
export function excludesIdentities(rule: Fields): boolean {
  return !needsIdentity(rule) && (sourcesOf(rule).some(isExcluding) || conditionsOf(rule).length > 0);
}

/** Whether an AuthorizationPolicy is for gateways only, whose own servers authenticate clients. */
export function isForGateways(spec: Fields): boolean {
  return 'targetRefs' in spec || 'targetRef' in spec || 'istio' in fieldsAt(fieldsAt(spec, 'selector'), 'matchLabels');
}

function sourcesOf(rule: Fields): readonly Fields[] {
  return listAt(rule, 'from').map((from) => fieldsAt(from, 'source'));
}

/** The conditions on the client's identity. */
function conditionsOf(rule: Fields): readonly Fields[] {
  return listAt(rule, 'when').filter((condition) => ATTRIBUTES.includes(textAt(condition, 'key') ?? ''));
}

function isNamed(source: Fields): boolean {
  return NAMED.some((field) => textsAt(source, field).length > 0);
}

function isExcluding(source: Fields): boolean {
  return !isNamed(source) && EXCLUDED.some((field) => textsAt(source, field).length > 0);
}

function hasValues(condition: Fields): boolean {
  return textsAt(condition, 'values').length > 0;
}
